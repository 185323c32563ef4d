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
import { CheckmarkCircleRegular, ErrorCircleRegular } from "@fluentui/react-icons";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { explain } from "../../ui/errors";
import { clockTime } from "../../words/moments";
import { useDraft } from "./useDraft";

const useStyles = makeStyles({
  status: {
    display: "inline-flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    color: tokens.colorNeutralForeground3,
  },
  failed: { color: tokens.colorPaletteRedForeground1 },
});

/** "Saved 10:42", or why not. */
export function SaveStatus() {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { draft, state, unreadable } = useDraft();
  if (state.kind === "failed" || unreadable) {
    const atField = unreadable || (state.kind === "failed" && state.error.problems.length > 0);
    const why =
      state.kind === "failed" && !atField ? `${t("editor.failed")}: ${explain(state.error, t)}` : t("editor.fix");
    return (
      <span className={styles.status} role="status">
        <ErrorCircleRegular className={styles.failed} aria-hidden />
        <Caption1 className={styles.failed}>{why}</Caption1>
        {!atField && (
          <Button size="small" onClick={() => void draft.flush()}>
            {t("editor.failed.retry")}
          </Button>
        )}
      </span>
    );
  }
  return (
    <span className={styles.status} role="status">
      {state.kind === "saved" && (
        <>
          <CheckmarkCircleRegular aria-hidden />
          <Caption1>{t("editor.saved", { time: clockTime(state.at, locale) })}</Caption1>
        </>
      )}
      {state.kind === "saving" && (
        <>
          <Spinner size="extra-tiny" aria-hidden />
          <Caption1>{t("editor.saving")}</Caption1>
        </>
      )}
      {(state.kind === "waiting" || state.kind === "conflict") && <Caption1>{t("editor.unsaved")}</Caption1>}
    </span>
  );
}

/** Two people, one draft: the author decides which version stays. */
export function ConflictBar() {
  const { t, locale } = useLanguage();
  const { draft, state, campaign } = useDraft();
  const gone =
    (state.kind === "conflict" && state.theirs.status !== "draft") ||
    (state.kind === "failed" && state.error.code === "not_draft");
  if (gone) {
    return (
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{t("editor.conflict.gone")}</MessageBarBody>
        <MessageBarActions>
          <Button
            onClick={() => {
              draft.keepTheirs();
              navigate(`/campaigns/${campaign.id}`, { replace: true });
            }}
          >
            {t("editor.conflict.open")}
          </Button>
        </MessageBarActions>
      </MessageBar>
    );
  }
  if (state.kind !== "conflict") return null;
  return (
    <MessageBar intent="warning" layout="multiline" politeness="assertive">
      <MessageBarBody>
        <MessageBarTitle>{t("editor.conflict.title")}</MessageBarTitle>
        {t("editor.conflict.text", { time: clockTime(Date.parse(state.theirs.updatedAt), locale) })}
      </MessageBarBody>
      <MessageBarActions>
        <Button onClick={() => void draft.keepMine()}>{t("editor.conflict.mine")}</Button>
        <Button onClick={draft.keepTheirs}>{t("editor.conflict.theirs")}</Button>
      </MessageBarActions>
    </MessageBar>
  );
}
