import { Body1, Caption1, makeStyles, Text, tokens } from "@fluentui/react-components";
import type { Reason, Report } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { isKey, type Translate } from "../../i18n/translate";

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
  },
  entry: { display: "grid", gridTemplateColumns: "minmax(3ch, auto) 1fr", columnGap: tokens.spacingHorizontalM },
  count: { textAlign: "right", fontVariantNumeric: "tabular-nums" },
  words: { display: "flex", flexDirection: "column" },
  advice: { color: tokens.colorNeutralForeground3 },
});

/** A reason in words. One that this page does not know yet is shown as Herald named it. */
export function reasonWords(reason: string, t: Translate): string {
  return isKey(`reason.${reason}`) ? t(`reason.${reason as Reason}`) : reason.replaceAll("_", " ");
}

/** Why some people did not get it, and what to do about each. */
export function Reasons({ reasons }: { reasons: Report["reasons"] }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  return (
    <ul className={styles.list}>
      {reasons.map(({ reason, count }) => (
        <li key={reason} className={styles.entry}>
          <Text weight="semibold" className={styles.count}>
            {number.format(count)}
          </Text>
          <span className={styles.words}>
            <Body1>{reasonWords(reason, t)}</Body1>
            {isKey(`reason.${reason}.do`) && <Caption1 className={styles.advice}>{t(`reason.${reason}.do`)}</Caption1>}
          </span>
        </li>
      ))}
    </ul>
  );
}
