import { Badge, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { ChatFilled, SlideTextFilled } from "@fluentui/react-icons";
import type { Campaign, Format, Report, Status } from "../api/types";
import { useLanguage } from "../i18n/Language";
import type { Translate } from "../i18n/translate";
import { shortMoment } from "../words/moments";

/** How a campaign shows itself everywhere: its format's icon, its state, its audience and its time in words. */

const useStyles = makeStyles({
  icon: { width: tokens.lineHeightBase400, height: tokens.lineHeightBase400, flexShrink: 0 },
  // The formats without a picture on their message get a disc of the same size.
  disc: {
    display: "inline-flex",
    alignItems: "center",
    justifyContent: "center",
    borderRadius: tokens.borderRadiusCircular,
    fontSize: tokens.fontSizeBase400,
    color: tokens.colorNeutralForegroundOnBrand,
    backgroundColor: tokens.colorBrandBackground,
  },
});

/** A format's picture, the same that stands on the message in the chat. */
export function FormatIcon({ format }: { format: Format }) {
  const styles = useStyles();
  if (format === "card" || format === "message") {
    return (
      <span className={mergeClasses(styles.icon, styles.disc)} aria-hidden>
        {format === "card" ? <SlideTextFilled /> : <ChatFilled />}
      </span>
    );
  }
  return <img className={styles.icon} src={`/assets/formats/${format}.png`} alt="" />;
}

const statusColours: Record<Status | "waiting", "informative" | "brand" | "success" | "warning" | "danger"> = {
  draft: "informative",
  waiting: "warning",
  scheduled: "brand",
  sending: "brand",
  completed: "success",
  stopped: "warning",
  failed: "danger",
};

export function StatusBadge({ status }: { status: Status | "waiting" }) {
  const { t } = useLanguage();
  return (
    <Badge appearance="tint" color={statusColours[status]} size="large">
      {t(`status.${status}`)}
    </Badge>
  );
}

const resultColours = { error: "danger", success: "success", rescheduled: "warning", ongoing: "brand" } as const;

export function ResultBadge({ result }: { result: Report["result"] }) {
  const { t } = useLanguage();
  return (
    <Badge appearance="tint" color={resultColours[result]} size="large">
      {t(`result.${result}`)}
    </Badge>
  );
}

/** So many lists are named; of more, one fewer, and how many others there are. */
const named = 3;

/** "Sales, Paris and 12 addresses", "All users except Interns". */
export function audienceWords(
  { audience, audienceLists = [] }: Pick<Campaign, "audience" | "audienceLists">,
  locale: string,
  t: Translate,
): string {
  const join = (parts: string[]) => new Intl.ListFormat(locale).format(parts);
  const names = (ids: string[] = []) => {
    const known = ids.flatMap((id) => audienceLists.find((list) => list.id === id)?.name ?? []);
    const parts = known.length > named ? known.slice(0, named - 1) : known;
    const more = known.length - parts.length;
    const deleted = ids.length - known.length;
    return [
      ...parts,
      ...(more > 0 ? [t("audience.more", { n: more })] : []),
      ...(deleted > 0 ? [t("audience.deleted", { n: deleted })] : []),
    ];
  };
  const people = names(audience.listIds);
  if (audience.emails?.length) people.push(t("audience.addresses", { n: audience.emails.length }));
  if (!audience.all && people.length === 0) return t("audience.none");
  const chosen = audience.all ? t("audience.all") : join(people);
  const without = names(audience.excludeListIds);
  return without.length > 0 ? t("audience.but", { people: chosen, lists: join(without) }) : chosen;
}

/** The moment that matters most about a campaign in its state. */
export function whenWords(campaign: Campaign, now: number, locale: string, t: Translate): string {
  const moment = (at: string) => shortMoment(Date.parse(at), now, locale, t);
  const { status, sendAt, startedAt, completedAt, updatedAt } = campaign;
  if (campaign.approval?.state === "waiting") return t("home.when.waiting");
  if (status === "scheduled" && sendAt) return t("home.when.sends", { when: moment(sendAt) });
  if (status === "sending" && (startedAt ?? sendAt))
    return t("home.when.started", { when: moment(startedAt ?? sendAt ?? "") });
  if (status === "stopped" && completedAt) return t("home.when.stopped", { when: moment(completedAt) });
  if (status === "failed" && completedAt) return t("home.when.failed", { when: moment(completedAt) });
  if (status === "completed" && (startedAt ?? completedAt)) {
    return t("home.when.sent", { when: moment(startedAt ?? completedAt ?? "") });
  }
  return t("home.when.edited", { when: moment(updatedAt) });
}

/** Where a click on a campaign leads. */
export function campaignPath(campaign: Pick<Campaign, "id" | "status">): string {
  return campaign.status === "draft" ? `/campaigns/${campaign.id}/edit` : `/campaigns/${campaign.id}`;
}
