import { Body1, makeStyles, ProgressBar, tokens } from "@fluentui/react-components";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { doneCount } from "../../words/counts";
import { windowTimes } from "../../words/window";

const useStyles = makeStyles({
  live: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
});

/** How far a campaign with a window is, and until when it goes on: it is as quick as its window, not as Teams. */
export function LiveWindow({ campaign }: { campaign: Campaign }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { counts } = campaign;
  const times = windowTimes(campaign, locale);
  if (!counts || counts.total === 0 || !times) return null;
  const { total } = counts;
  const done = doneCount(counts);
  const words = t("hours.progress", { done, total, ...times });
  return (
    <div className={styles.live}>
      <ProgressBar value={done} max={total} thickness="large" aria-label={words} />
      <Body1>{words}</Body1>
    </div>
  );
}
