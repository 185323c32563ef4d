import { Body1, Button, Caption1, makeStyles, Text, tokens, useRestoreFocusTarget } from "@fluentui/react-components";
import { PeopleAddRegular, PeopleListRegular } from "@fluentui/react-icons";
import type { Reason, Report } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { isKey, type Translate } from "../../i18n/translate";
import { Why } from "../../ui/Why";

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
  },
  // The counts share a column; the words stand beside it, the buttons at the end or, on a phone, below.
  entry: {
    display: "grid",
    gridTemplateColumns: "minmax(5ch, auto) 1fr auto",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    alignItems: "start",
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(3ch, auto) 1fr" },
  },
  count: { textAlign: "right", fontVariantNumeric: "tabular-nums" },
  words: { display: "flex", flexDirection: "column", minWidth: 0 },
  advice: { color: tokens.colorNeutralForeground3, maxWidth: "70ch" },
  actions: {
    display: "flex",
    flexWrap: "wrap",
    "@media (max-width: 639px)": {
      gridColumn: "2",
      // The first button's words stand below the other words.
      marginLeft: `calc(-1 * ${tokens.spacingHorizontalS})`,
    },
    "@media print": { display: "none" },
  },
});

/** A reason in words. One that this page does not know yet is shown as Herald named it. */
export function reasonWords(reason: string, t: Translate): string {
  return isKey(`reason.${reason}`) ? t(`reason.${reason as Reason}`) : reason.replaceAll("_", " ");
}

interface Props {
  reasons: Report["reasons"];
  /** Why no list can be made now, or null. */
  noList: string | null;
  onShow: (reason: string) => void;
  onList: (reason: string, count: number) => void;
}

/** Why some people did not get it, what to do about each, and the people themselves: to look at, or as a list. */
export function Reasons({ reasons, noList, onShow, onList }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const focusBack = useRestoreFocusTarget();
  const number = new Intl.NumberFormat(locale);
  return (
    <ul className={styles.list}>
      {reasons.map(({ reason, count }) => {
        const words = reasonWords(reason, t);
        return (
          <li key={reason} className={styles.entry}>
            <Text weight="semibold" className={styles.count}>
              {number.format(count)}
            </Text>
            <span className={styles.words}>
              <Body1>{words}</Body1>
              {isKey(`reason.${reason}.do`) && (
                <Caption1 className={styles.advice}>{t(`reason.${reason}.do`)}</Caption1>
              )}
            </span>
            <span className={styles.actions}>
              <Button
                size="small"
                appearance="subtle"
                icon={<PeopleListRegular />}
                aria-label={t("reasons.show.of", { reason: words })}
                onClick={() => {
                  onShow(reason);
                }}
              >
                {t("reasons.show")}
              </Button>
              <Why reason={noList}>
                <Button
                  size="small"
                  appearance="subtle"
                  icon={<PeopleAddRegular />}
                  aria-label={t("reasons.list.of", { reason: words })}
                  disabledFocusable={noList !== null}
                  {...focusBack}
                  onClick={() => {
                    if (noList === null) onList(reason, count);
                  }}
                >
                  {t("reasons.list")}
                </Button>
              </Why>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
