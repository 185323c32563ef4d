import { Caption1, makeStyles, Text, tokens } from "@fluentui/react-components";
import type { Recipient } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { timeZone, zoneName } from "../../words/moments";
import { momentWords } from "../../words/window";
import { reasonWords } from "./Reasons";

const useStyles = makeStyles({
  box: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalM}`,
  },
  list: {
    display: "grid",
    gridTemplateColumns: "auto 1fr",
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalXXS,
    margin: 0,
    "& dd": { margin: 0 },
    "& dt": { fontVariantNumeric: "tabular-nums", color: tokens.colorNeutralForeground3, whiteSpace: "nowrap" },
  },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** Every look whether somebody was there, what came of it, and when the next one is. */
export function Checks({ person, zone = timeZone() }: { person: Recipient; zone?: string | undefined }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { checks = [], nextAttemptAt, sentAt, status } = person;
  const moment = (at: string) => momentWords(Date.parse(at), zone, locale);
  const last =
    status === "sent" && sentAt
      ? [moment(sentAt), t("checks.sent")]
      : status === "unscheduled"
        ? ["", person.reason ? t("checks.over", { why: reasonWords(person.reason, t) }) : ""]
        : (status === "pending" || status === "rescheduled") && nextAttemptAt
          ? [moment(nextAttemptAt), t(checks.length > 0 ? "checks.next" : "checks.first")]
          : null;
  return (
    <div className={styles.box}>
      {checks.length === 0 && last === null && <Text>{t("checks.none")}</Text>}
      <dl className={styles.list}>
        {checks.map((each) => (
          <Line key={each.at} when={moment(each.at)} what={t(`checks.${each.found}`)} />
        ))}
        {last && <Line when={last[0] ?? ""} what={last[1] ?? ""} strong />}
      </dl>
      <Caption1 className={styles.quiet}>{t("hours.zone", { zone: zoneName(zone) })}</Caption1>
    </div>
  );
}

function Line({ when, what, strong = false }: { when: string; what: string; strong?: boolean }) {
  return (
    <>
      <dt>{when}</dt>
      <dd>
        <Text weight={strong ? "semibold" : "regular"}>{what}</Text>
      </dd>
    </>
  );
}
