import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { type ReactNode, Suspense, useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { explain } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import type { Kept } from "./Draft";
import { changedWords } from "./SaveStatus";
import { useSaving } from "./useSaving";

interface TwoVersionsProps {
  theirs: Kept;
  /** The dialog in which the author decides. */
  compare: (onClose: () => void) => ReactNode;
}

export function TwoVersionsBar({ theirs, compare }: TwoVersionsProps) {
  const { t, locale } = useLanguage();
  const { me } = useSession();
  const [comparing, setComparing] = useState(false);
  return (
    <>
      <MessageBar intent="warning" layout="multiline" politeness="assertive">
        <MessageBarBody>
          <MessageBarTitle>
            {changedWords(theirs.updatedBy, Date.parse(theirs.updatedAt), me.id, locale, t)}
          </MessageBarTitle>
          {t("editor.conflict.text")}
        </MessageBarBody>
        <MessageBarActions>
          <Button
            onClick={() => {
              setComparing(true);
            }}
          >
            {t("editor.conflict.compare")}
          </Button>
        </MessageBarActions>
      </MessageBar>
      {comparing && (
        <Suspense fallback={null}>
          {compare(() => {
            setComparing(false);
          })}
        </Suspense>
      )}
    </>
  );
}

interface GoneProps {
  /** What became of it. */
  title: string;
  copyMine: () => Promise<() => void>;
  /** Where it can be seen now. */
  show?: string;
}

/** What stands here can no longer be saved where it came from. */
export function GoneBar({ title, copyMine, show }: GoneProps) {
  const { t } = useLanguage();
  const { draft } = useSaving();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const unsaved = draft.unsaved();
  return (
    <MessageBar intent={error === null ? "warning" : "error"} layout="multiline" politeness="assertive">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {error !== null ? explain(error, t) : t(unsaved ? "editor.gone.unsaved" : "editor.gone.text")}
      </MessageBarBody>
      <MessageBarActions>
        <Button
          disabledFocusable={busy}
          onClick={() => {
            if (busy) return;
            setBusy(true);
            copyMine().then(
              (go) => {
                go();
              },
              (caught: unknown) => {
                setError(caught);
                setBusy(false);
              },
            );
          }}
        >
          {t("editor.conflict.copy")}
        </Button>
        {show && (
          <Button
            onClick={() => {
              navigate(show, { replace: true });
            }}
          >
            {t("editor.gone.show")}
          </Button>
        )}
      </MessageBarActions>
    </MessageBar>
  );
}
