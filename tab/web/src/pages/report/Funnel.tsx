import { Body1, Caption1, makeStyles, mergeClasses, Subtitle1, Text, tokens } from "@fluentui/react-components";
import type { Report } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { hidden } from "../../ui/PageTitle";
import { percent, shareOf } from "../surveys/arithmetic";

const useStyles = makeStyles({
  head: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  table: {
    width: "100%",
    tableLayout: "fixed",
    borderCollapse: "separate",
    borderSpacing: `0 ${tokens.spacingVerticalS}`,
    "& th": { fontWeight: tokens.fontWeightRegular, textAlign: "left" },
    "& td, & th": { padding: 0, paddingRight: tokens.spacingHorizontalM },
  },
  name: { width: "30%" },
  narrow: { width: "4rem" },
  number: { textAlign: "right", fontVariantNumeric: "tabular-nums" },
  track: {
    height: tokens.lineHeightBase300,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    overflow: "hidden",
  },
  fill: {
    height: "100%",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorBrandBackground,
    forcedColorAdjust: "none",
    transitionProperty: "width",
    transitionDuration: tokens.durationSlow,
    "@media (prefers-reduced-motion: reduce)": { transitionProperty: "none" },
  },
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
  const { t, locale } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  const { reacted, snoozed } = report.engagement;
  return (
    <>
      <div className={styles.head}>
        <Subtitle1 as="h2" id="funnel">
          {t("funnel.title")}
        </Subtitle1>
        <Caption1 className={styles.quiet}>{t("funnel.text")}</Caption1>
      </div>
      <table className={styles.table} aria-labelledby="funnel">
        <colgroup>
          <col className={styles.name} />
          <col />
          <col className={styles.narrow} />
          <col className={styles.narrow} />
        </colgroup>
        <thead style={hidden}>
          <tr>
            <th scope="col">{t("funnel.stage")}</th>
            <td />
            <th scope="col">{t("funnel.people")}</th>
            <th scope="col">{t("chart.share")}</th>
          </tr>
        </thead>
        <tbody>
          {stages(report).map(({ name, count, share }) => (
            <tr key={name}>
              <th scope="row">
                <Body1>{t(`funnel.${name}`)}</Body1>
              </th>
              <td aria-hidden>
                <div className={styles.track}>
                  <div className={styles.fill} style={{ width: `${String(100 * share)}%` }} />
                </div>
              </td>
              <td className={styles.number}>{number.format(count)}</td>
              <td className={mergeClasses(styles.number, styles.quiet)}>{percent(share, locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {reacted > 0 && <Text>{t("funnel.reacted", { n: reacted })}</Text>}
      {snoozed > 0 && <Text>{t("report.snoozed", { n: snoozed })}</Text>}
    </>
  );
}
