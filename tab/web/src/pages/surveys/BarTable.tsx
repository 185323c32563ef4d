import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useLanguage } from "../../i18n/Language";
import { hidden } from "../../ui/PageTitle";
import { percent } from "./arithmetic";

/** Of tables with numbers at their right, also of those without bars. */
export const useBarStyles = makeStyles({
  table: {
    width: "100%",
    borderCollapse: "separate",
    borderSpacing: `0 ${tokens.spacingVerticalXS}`,
    tableLayout: "fixed",
    "& th": { fontWeight: tokens.fontWeightRegular, textAlign: "left", overflowWrap: "anywhere" },
    "& td, & th": { padding: 0, paddingRight: tokens.spacingHorizontalM, verticalAlign: "middle" },
  },
  name: { width: "34%", "@media (max-width: 639px)": { width: "40%" } },
  narrow: { width: "4rem" },
  number: { textAlign: "right", fontVariantNumeric: "tabular-nums" },
  quiet: { color: tokens.colorNeutralForeground3 },
  track: {
    height: tokens.lineHeightBase200,
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

const useLargeStyles = makeStyles({
  table: { borderSpacing: `0 ${tokens.spacingVerticalS}` },
  name: { width: "30%", "@media (max-width: 639px)": { width: "30%" } },
  track: { height: tokens.lineHeightBase300 },
});

interface Props {
  /** What the table is about, for screen readers; or the id of the heading that says it. */
  title?: string;
  labelledBy?: string;
  /** What the rows are, and what is counted. */
  heads: { name: string; count: string };
  /** A share is 0 to 1. */
  rows: { key: string; name: string; count: number; share: number }[];
  large?: boolean;
}

/** A bar for each row, how many, and how many of a hundred. */
export function BarTable({ title, labelledBy, heads, rows, large = false }: Props) {
  const styles = useBarStyles();
  const more = useLargeStyles();
  const { t, locale } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  return (
    <table className={mergeClasses(styles.table, large && more.table)} aria-labelledby={labelledBy}>
      {title && <caption style={hidden}>{title}</caption>}
      <colgroup>
        <col className={mergeClasses(styles.name, large && more.name)} />
        <col />
        <col className={styles.narrow} />
        <col className={styles.narrow} />
      </colgroup>
      <thead style={hidden}>
        <tr>
          <th scope="col">{heads.name}</th>
          <td />
          <th scope="col">{heads.count}</th>
          <th scope="col">{t("chart.share")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, count, share }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td aria-hidden>
              <div className={mergeClasses(styles.track, large && more.track)}>
                <div className={styles.fill} style={{ width: `${String(100 * share)}%` }} />
              </div>
            </td>
            <td className={styles.number}>{number.format(count)}</td>
            <td className={mergeClasses(styles.number, styles.quiet)}>{percent(share, locale)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
