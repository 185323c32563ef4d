import {
  Caption1,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Skeleton,
  SkeletonItem,
  Subtitle1,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import type { CampaignHours } from "../../api/hours";
import { campaignHours } from "../../api/hours";
import { useLanguage } from "../../i18n/Language";
import { FailedFace } from "../../ui/Faces";
import { useSession } from "../../ui/Session";
import { zoneName } from "../../words/moments";
import { momentWords } from "../../words/window";
import { HoursChart } from "./HoursChart";

const useStyles = makeStyles({
  head: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  campaignId: string;
  live: boolean;
}

/** A campaign with a window, hour by hour: what is planned, who was not there, what has arrived. */
export default function Hours({ campaignId, live }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const hours = useQuery({
    queryKey: ["hours", campaignId],
    queryFn: ({ signal }) => campaignHours(api, campaignId, signal),
    refetchInterval: live ? 5_000 : false,
  });
  return (
    <>
      <div className={styles.head}>
        <Subtitle1 as="h2">{t("hours.title")}</Subtitle1>
        {hours.data && (
          <Caption1 className={styles.quiet}>{t("hours.zone", { zone: zoneName(hours.data.timeZone) })}</Caption1>
        )}
      </div>
      {hours.data ? (
        <Loaded hours={hours.data} live={live} />
      ) : hours.isError ? (
        <FailedFace title={t("hours.load.failed")} error={hours.error} onRetry={() => void hours.refetch()} />
      ) : (
        <Skeleton aria-label={t("app.loading")}>
          <SkeletonItem size={128} />
        </Skeleton>
      )}
    </>
  );
}

function Loaded({ hours, live }: { hours: CampaignHours; live: boolean }) {
  const { t, locale } = useLanguage();
  const { timeZone, replanned, nextAt } = hours;
  return (
    <>
      {replanned && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t("hours.replanned.title")}</MessageBarTitle>
            {t("hours.replanned", {
              n: replanned.count,
              when: momentWords(Date.parse(replanned.at), timeZone, locale),
            })}
          </MessageBarBody>
        </MessageBar>
      )}
      {hours.hours.length > 0 ? <HoursChart hours={hours} live={live} /> : <Text>{t("hours.none")}</Text>}
      {live && nextAt && (
        <Caption1>{t("hours.next", { when: momentWords(Date.parse(nextAt), timeZone, locale) })}</Caption1>
      )}
    </>
  );
}
