import { Caption1, makeStyles, Subtitle1, Text, tokens } from "@fluentui/react-components";
import type { Report } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { shareOf } from "../surveys/arithmetic";
import { BarTable } from "../surveys/BarTable";

const useStyles = makeStyles({
  head: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

export interface Stage {
  name: "sent" | "seen" | "clicked" | "answered";
  count: number;
  /** Of those who received it, 0 to 1. */
  share: number;
}

/** How far people went with the message. A stage that it does not ask for is left out: clicks of surveys, answers to all else. */
export function stages({ campaign, counts, engagement }: Pick<Report, "campaign" | "counts" | "engagement">): Stage[] {
  const { sent } = counts;
  const asks = campaign.format === "survey";
  const all: [Stage["name"], number, boolean][] = [
    ["sent", sent, true],
    ["seen", engagement.seen, true],
    ["clicked", engagement.clickedRecipients, !asks],
    ["answered", engagement.answered, asks],
  ];
  const found = all.filter(([, count, wanted]) => wanted || count > 0);
  return found.map(([name, count]) => ({ name, count, share: Math.min(1, shareOf(count, sent)) }));
}

/** "Received, seen at least, clicked, answered", one bar each. */
export function Funnel({ report }: { report: Report }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { reacted, snoozed } = report.engagement;
  return (
    <>
      <div className={styles.head}>
        <Subtitle1 as="h2" id="funnel">
          {t("funnel.title")}
        </Subtitle1>
        <Caption1 className={styles.quiet}>{t("funnel.text")}</Caption1>
      </div>
      <BarTable
        large
        labelledBy="funnel"
        heads={{ name: t("funnel.stage"), count: t("funnel.people") }}
        rows={stages(report).map((each) => ({ ...each, key: each.name, name: t(`funnel.${each.name}`) }))}
      />
      {reacted > 0 && <Text>{t("funnel.reacted", { n: reacted })}</Text>}
      {snoozed > 0 && <Text>{t("report.snoozed", { n: snoozed })}</Text>}
    </>
  );
}
