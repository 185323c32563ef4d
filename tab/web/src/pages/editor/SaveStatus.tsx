import { Button, Caption1, makeStyles, Spinner, tokens } from "@fluentui/react-components";
import { CheckmarkCircleRegular, ErrorCircleRegular, PeopleSyncRegular } from "@fluentui/react-icons";
import { useRef } from "react";
import type { Author } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { explain, explainProblem } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { clockTime } from "../../words/moments";
import { useGoTo } from "./Steps";
import { useSaving } from "./useSaving";

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
  const { draft, state, unreadableAt } = useSaving();
  const goTo = useGoTo();
  const status = useRef<HTMLSpanElement>(null);
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
      <span className={styles.status} role="status" ref={status} tabIndex={-1}>
        <ErrorCircleRegular className={styles.failed} aria-hidden />
        <Caption1 className={styles.failed}>{t("editor.failed", { why })}</Caption1>
        {at === undefined ? (
          <Button
            size="small"
            onClick={() => {
              // The button goes while it is tried; who pressed it stays here.
              status.current?.focus();
              void draft.flush();
            }}
          >
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
    <span className={styles.status} role="status" ref={status} tabIndex={-1}>
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
export function changedWords(by: Author | undefined, at: number, myself: string, locale: string, t: Translate): string {
  const time = clockTime(at, locale);
  if (!by) return t("editor.changed", { time });
  if (by.id === myself) return t("editor.changed.me", { time });
  return by.displayName ? t("editor.changed.by", { name: by.displayName, time }) : t("editor.changed", { time });
}
