import {
  Button,
  Caption1,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { CheckmarkCircleRegular, ErrorCircleRegular, PeopleSyncRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useState } from "react";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { navigate } from "../../router";
import { explain, explainProblem } from "../../ui/errors";
import { useNow, useSession } from "../../ui/Session";
import { clockTime, shortMoment } from "../../words/moments";
import { useGoTo } from "./Steps";
import { useCopyMine } from "./useCopyMine";
import { useDraft } from "./useDraft";

const CompareDialog = lazy(() => import("./CompareDialog"));

const useStyles = makeStyles({
  status: {
    display: "inline-flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    color: tokens.colorNeutralForeground3,
    minWidth: 0,
    "& > svg, & > button": { flexShrink: 0 },
  },
  failed: { color: tokens.colorPaletteRedForeground1 },
});

/** "Saved 10:42", or why not. */
export function SaveStatus() {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { me } = useSession();
  const { draft, state, unreadableAt } = useDraft();
  const goTo = useGoTo();
  const [field] = unreadableAt;
  if (state.kind === "failed" || field !== undefined) {
    const problem = state.kind === "failed" ? state.error.problems[0] : undefined;
    const at = problem?.field ?? (state.kind === "failed" ? undefined : field);
    const why = problem
      ? explainProblem(problem, t)
      : state.kind === "failed"
        ? explain(state.error, t)
        : t("problem.unreadable");
    return (
      <span className={styles.status} role="status">
        <ErrorCircleRegular className={styles.failed} aria-hidden />
        <Caption1 className={styles.failed}>{t("editor.failed", { why })}</Caption1>
        {at === undefined ? (
          <Button size="small" onClick={() => void draft.flush()}>
            {t("editor.failed.retry")}
          </Button>
        ) : (
          <Button
            size="small"
            onClick={() => {
              goTo(at);
            }}
          >
            {t("editor.failed.show")}
          </Button>
        )}
      </span>
    );
  }
  return (
    <span className={styles.status} role="status">
      {state.kind === "saved" &&
        (state.by ? (
          <>
            <PeopleSyncRegular aria-hidden />
            <Caption1>{changedWords(state.by, state.at, me.id, locale, t)}</Caption1>
          </>
        ) : (
          <>
            <CheckmarkCircleRegular aria-hidden />
            <Caption1>{t("editor.saved", { time: clockTime(state.at, locale) })}</Caption1>
          </>
        ))}
      {state.kind === "saving" && (
        <>
          <Spinner size="extra-tiny" aria-hidden />
          <Caption1>{t("editor.saving")}</Caption1>
        </>
      )}
      {(state.kind === "waiting" || state.kind === "conflict" || (state.kind === "gone" && draft.unsaved())) && (
        <Caption1>{t("editor.unsaved")}</Caption1>
      )}
    </span>
  );
}

/** "Anna changed this at 10:42". */
export function changedWords(
  by: Campaign["updatedBy"],
  at: number,
  myself: string,
  locale: string,
  t: Translate,
): string {
  const time = clockTime(at, locale);
  if (by.id === myself) return t("editor.changed.me", { time });
  return by.displayName ? t("editor.changed.by", { name: by.displayName, time }) : t("editor.changed", { time });
}

/** Two people, one draft: the author decides which version stays. Or it is no draft any more. */
export function ConflictBar() {
  const { t, locale } = useLanguage();
  const { me } = useSession();
  const { state } = useDraft();
  const [comparing, setComparing] = useState(false);
  if (state.kind === "gone") return <GoneBar theirs={state.theirs} />;
  if (state.kind !== "conflict") return null;
  const { theirs } = state;
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
          <CompareDialog
            theirs={theirs}
            onClose={() => {
              setComparing(false);
            }}
          />
        </Suspense>
      )}
    </>
  );
}

function GoneBar({ theirs }: { theirs: Campaign | null }) {
  const { t, locale } = useLanguage();
  const { draft } = useDraft();
  const now = useNow();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const copyMine = useCopyMine();
  const unsaved = draft.unsaved();
  return (
    <MessageBar intent={error === null ? "warning" : "error"} layout="multiline" politeness="assertive">
      <MessageBarBody>
        <MessageBarTitle>{goneWords(theirs, now, locale, t)}</MessageBarTitle>
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
        {theirs && (
          <Button
            onClick={() => {
              navigate(`/campaigns/${theirs.id}`, { replace: true });
            }}
          >
            {t("editor.gone.show")}
          </Button>
        )}
      </MessageBarActions>
    </MessageBar>
  );
}

function goneWords(theirs: Campaign | null, now: number, locale: string, t: Translate): string {
  switch (theirs?.status) {
    case undefined:
      return t("editor.gone.deleted");
    case "scheduled": {
      const when = theirs.sendAt ? shortMoment(Date.parse(theirs.sendAt), now, locale, t) : "";
      return t("editor.gone.scheduled", { when });
    }
    case "stopped":
      return t("editor.gone.stopped");
    default:
      return t("editor.gone.sent");
  }
}
