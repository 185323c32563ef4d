import { Caption1, makeStyles, mergeClasses, Text, Title1, tokens } from "@fluentui/react-components";
import { useId } from "react";
import type { Bin, QuestionResult } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { hidden } from "../../ui/PageTitle";
import { useFills } from "../../ui/useFills";
import { averageWords, binWords, handAngle, highest, npsParts, percent, shareOf } from "./arithmetic";
import { BarTable, useBarStyles } from "./BarTable";

/** Charts of SVG and boxes in Fluent's colours. What is drawn also stands in a table: the bars are one, the others have one beside them. */

const useStyles = makeStyles({
  plot: {
    display: "flex",
    alignItems: "stretch",
    gap: tokens.spacingHorizontalXXS,
    height: "8rem",
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
  },
  step: {
    flexGrow: 1,
    flexBasis: 0,
    minWidth: 0,
    display: "flex",
    flexDirection: "column",
    justifyContent: "flex-end",
    alignItems: "center",
  },
  column: {
    width: "80%",
    maxWidth: "4rem",
    flexShrink: 0,
    borderRadius: `${tokens.borderRadiusSmall} ${tokens.borderRadiusSmall} 0 0`,
    backgroundColor: tokens.colorBrandBackground,
    forcedColorAdjust: "none",
    transitionProperty: "height",
    transitionDuration: tokens.durationSlow,
    "@media (prefers-reduced-motion: reduce)": { transitionProperty: "none" },
  },
  axis: { display: "flex", gap: tokens.spacingHorizontalXXS, color: tokens.colorNeutralForeground3 },
  label: { flexGrow: 1, flexBasis: 0, minWidth: 0, textAlign: "center", overflowWrap: "anywhere" },
  ends: { display: "flex", justifyContent: "space-between", color: tokens.colorNeutralForeground3 },
  lead: { display: "flex", alignItems: "baseline", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  nps: {
    display: "grid",
    gridTemplateColumns: "minmax(9rem, 1fr) 2fr",
    gap: tokens.spacingHorizontalXXL,
    alignItems: "center",
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  gauge: { maxWidth: "14rem", width: "100%", justifySelf: "center", textAlign: "center" },
  score: { marginTop: `calc(-1 * ${tokens.spacingVerticalS})` },
  parts: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  bar: {
    display: "flex",
    gap: tokens.strokeWidthThick,
    height: tokens.lineHeightBase300,
    borderRadius: tokens.borderRadiusMedium,
    overflow: "hidden",
  },
  part: { minWidth: tokens.spacingHorizontalXS },
  dot: {
    display: "inline-block",
    width: tokens.spacingHorizontalM,
    height: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusSmall,
    marginRight: tokens.spacingHorizontalS,
  },
});

const fills = { promoters: "good", passives: "open", detractors: "bad" } as const;

interface BarsProps {
  title: string;
  rows: { key: string; name: string; count: number }[];
  total: number;
}

/** A row for each answer: its bar, how many, and how many of a hundred. */
export function Bars({ title, rows, total }: BarsProps) {
  const { t } = useLanguage();
  return (
    <BarTable
      title={title}
      heads={{ name: t("chart.answer"), count: t("chart.count") }}
      rows={rows.map((each) => ({ ...each, share: shareOf(each.count, total) }))}
    />
  );
}

/** With more columns only the first and the last are named. */
const named = 11;

interface HistogramProps {
  title: string;
  bins: Bin[];
  type: QuestionResult["type"];
}

/** How many answers lie where. */
export function Histogram({ title, bins, type }: HistogramProps) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  const top = highest(bins);
  const words = (bin: Bin) => binWords(bin, type, locale, (from, to) => t("chart.range", { from, to }));
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last) return null;
  const short = bins.length <= (type === "date" ? 4 : named) && bins.every(({ from, to }) => from === to);
  return (
    <div>
      <div className={styles.plot} aria-hidden>
        {bins.map((bin) => (
          <div key={bin.from} className={styles.step} title={`${words(bin)}: ${number.format(bin.count)}`}>
            {bin.count > 0 && <Caption1>{number.format(bin.count)}</Caption1>}
            <div className={styles.column} style={{ height: `${String((80 * bin.count) / top)}%` }} />
          </div>
        ))}
      </div>
      {short ? (
        <div className={styles.axis} aria-hidden>
          {bins.map((bin) => (
            <Caption1 key={bin.from} className={styles.label}>
              {words(bin)}
            </Caption1>
          ))}
        </div>
      ) : (
        <div className={styles.ends} aria-hidden>
          <Caption1>{words({ ...first, to: first.from })}</Caption1>
          <Caption1>{words({ ...last, from: last.to })}</Caption1>
        </div>
      )}
      <div style={hidden}>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">{t("chart.answer")}</th>
              <th scope="col">{t("chart.count")}</th>
            </tr>
          </thead>
          <tbody>
            {bins.map((bin) => (
              <tr key={bin.from}>
                <th scope="row">{words(bin)}</th>
                <td>{number.format(bin.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** The average, as a sentence begins with it. */
export function Average({ average, of }: { average: number; of?: number }) {
  const bars = useBarStyles();
  const styles = useStyles();
  const { t, locale } = useLanguage();
  return (
    <div className={styles.lead}>
      <Title1>{averageWords(average, locale)}</Title1>
      <Text className={bars.quiet}>{of === undefined ? t("chart.average") : t("chart.average.of", { of })}</Text>
    </div>
  );
}

/** The score on a half circle, and whom it is made of. */
export function NpsChart({ title, nps }: { title: string; nps: NonNullable<QuestionResult["nps"]> }) {
  const bars = useBarStyles();
  const styles = useStyles();
  const fill = useFills();
  const { t, locale } = useLanguage();
  const id = useId();
  const number = new Intl.NumberFormat(locale, { signDisplay: "exceptZero" });
  const parts = npsParts(nps);
  return (
    <div className={styles.nps}>
      <div className={styles.gauge}>
        <svg viewBox="0 0 200 112" aria-hidden="true">
          <path
            d="M 12 100 A 88 88 0 0 1 188 100"
            fill="none"
            stroke={tokens.colorNeutralStroke2}
            strokeWidth="16"
            strokeLinecap="round"
          />
          <path
            d="M 12 100 A 88 88 0 0 1 188 100"
            fill="none"
            stroke={tokens.colorBrandStroke1}
            strokeWidth="16"
            strokeLinecap="round"
            pathLength="200"
            strokeDasharray={`${String(Math.max(0.01, 100 + nps.score))} 400`}
          />
          <g transform={`rotate(${String(handAngle(nps.score))} 100 100)`}>
            <path d="M 100 34 L 104 100 L 96 100 Z" fill={tokens.colorNeutralForeground1} />
          </g>
          <circle cx="100" cy="100" r="8" fill={tokens.colorNeutralForeground1} />
        </svg>
        <div className={styles.score}>
          <Title1 block align="center">
            {number.format(nps.score)}
          </Title1>
          <Caption1 className={bars.quiet}>{t("chart.nps")}</Caption1>
        </div>
      </div>
      <div className={styles.parts}>
        <div className={styles.bar} aria-hidden>
          {parts
            .filter(({ count }) => count > 0)
            .map(({ name, count }) => (
              <div key={name} className={mergeClasses(styles.part, fill(fills[name]))} style={{ flexGrow: count }} />
            ))}
        </div>
        <table className={bars.table} aria-labelledby={id}>
          <caption id={id} style={hidden}>
            {title}
          </caption>
          <colgroup>
            <col />
            <col className={bars.narrow} />
            <col className={bars.narrow} />
          </colgroup>
          <tbody>
            {parts.toReversed().map(({ name, count, share }) => (
              <tr key={name}>
                <th scope="row">
                  <span className={mergeClasses(styles.dot, fill(fills[name]))} aria-hidden />
                  {t(`chart.${name}`)}
                </th>
                <td className={bars.number}>{new Intl.NumberFormat(locale).format(count)}</td>
                <td className={mergeClasses(bars.number, bars.quiet)}>{percent(share, locale)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
