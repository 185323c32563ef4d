import { Caption1, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import type { Counts, RecipientStatus } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { type Fill, useFills } from "../../ui/useFills";
import { segments } from "../../words/counts";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  bar: {
    display: "flex",
    gap: tokens.strokeWidthThick,
    height: tokens.lineHeightBase300,
    borderRadius: tokens.borderRadiusMedium,
    overflow: "hidden",
  },
  segment: {
    minWidth: tokens.spacingHorizontalXS,
    transitionProperty: "flex-grow",
    transitionDuration: tokens.durationSlow,
  },
  legend: {
    display: "flex",
    flexWrap: "wrap",
    columnGap: tokens.spacingHorizontalXXL,
    rowGap: tokens.spacingVerticalS,
    listStyleType: "none",
    margin: 0,
    padding: 0,
  },
  entry: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS },
  dot: {
    width: tokens.spacingHorizontalM,
    height: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusSmall,
    flexShrink: 0,
  },
  words: { color: tokens.colorNeutralForeground3 },
});

const fills: Record<RecipientStatus, Fill> = {
  sent: "good",
  sending: "going",
  pending: "open",
  rescheduled: "again",
  skipped: "spared",
  failed: "bad",
  cancelled: "taken",
  unscheduled: "missed",
};

/** Who is where: one bar whose parts add up to everybody, and what each part means. */
export function CountBar({ counts }: { counts: Counts }) {
  const styles = useStyles();
  const fill = useFills();
  const { t, locale } = useLanguage();
  const parts = segments(counts);
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const say = (status: RecipientStatus, count: number) => `${t(`count.${status}`)}: ${number.format(count)}`;
  return (
    <div className={styles.box}>
      <div className={styles.bar} role="img" aria-label={parts.map((part) => say(part.status, part.count)).join(", ")}>
        {parts.map((part) => (
          <div
            key={part.status}
            className={mergeClasses(styles.segment, fill(fills[part.status]))}
            style={{ flexGrow: part.share, flexBasis: 0 }}
          />
        ))}
      </div>
      <ul className={styles.legend}>
        {parts.map((part) => (
          <li key={part.status} className={styles.entry}>
            <span className={mergeClasses(styles.dot, fill(fills[part.status]))} aria-hidden />
            <Text weight="semibold">{number.format(part.count)}</Text>
            <Text>{t(`count.${part.status}`)}</Text>
            <Caption1 className={styles.words}>{percent.format(part.share)}</Caption1>
          </li>
        ))}
      </ul>
    </div>
  );
}
