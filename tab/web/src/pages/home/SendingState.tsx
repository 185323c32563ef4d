import { Caption1, makeStyles, ProgressBar, Text, tokens } from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { StatusBadge } from "../../ui/campaign";
import { useLiveProgress } from "../../ui/useLiveProgress";
import { doneCount } from "../../words/counts";

const useStyles = makeStyles({
  progress: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS, width: "100%" },
  badge: { display: "flex", flexDirection: "column", alignItems: "flex-start", gap: tokens.spacingVerticalXS },
});

const Until = lazy(() => import("./Until"));

/** How far a campaign is that is being sent; and until when it goes on, if it has a window. */
export default function SendingState({ campaign, live }: { campaign: Campaign; live: boolean }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const progress = useLiveProgress(campaign.id, live);
  const until = campaign.endsAt && (
    <Suspense fallback={null}>
      <Until endsAt={campaign.endsAt} />
    </Suspense>
  );
  if (campaign.status !== "sending") {
    return (
      <span className={styles.badge}>
        <StatusBadge status={campaign.status} />
        {campaign.status === "scheduled" && until}
      </span>
    );
  }
  const counts = progress?.counts ?? campaign.counts;
  if (!counts || counts.total === 0) return <Text>{t("home.preparing")}</Text>;
  const done = doneCount(counts);
  const words = t("home.progress", { done, total: counts.total });
  return (
    <span className={styles.progress}>
      <ProgressBar value={done} max={counts.total} thickness="large" aria-label={words} />
      <Caption1>{words}</Caption1>
      {until}
    </span>
  );
}
