import { Caption1, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import type { CampaignHours, HourCounts } from "../../api/hours";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { hidden } from "../../ui/PageTitle";
import { type Fill, useFills } from "../../ui/useFills";
import { clockTime } from "../../words/moments";
import { roundAbove } from "../../words/timeline";
import { dayIn, dayWords, usableZone } from "../../words/window";

const hour = 3_600_000;

const useStyles = makeStyles({
  scroll: {
    overflowX: "auto",
    display: "flex",
    gap: tokens.spacingHorizontalM,
    // Time runs this way, whichever way the text runs.
    direction: "ltr",
    borderRadius: tokens.borderRadiusMedium,
    ":focus-visible": { outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}` },
  },
  scale: {
    display: "flex",
    flexDirection: "column",
    justifyContent: "space-between",
    textAlign: "right",
    flexShrink: 0,
    height: `calc(8rem + ${tokens.lineHeightBase200})`,
    color: tokens.colorNeutralForeground3,
    fontVariantNumeric: "tabular-nums",
  },
  day: { display: "flex", flexDirection: "column", flexGrow: 1, flexShrink: 0, minWidth: "7rem", maxWidth: "20rem" },
  plot: {
    display: "flex",
    height: "8rem",
    marginTop: `calc(0.5 * ${tokens.lineHeightBase200})`,
    alignItems: "stretch",
    borderTop: `${tokens.strokeWidthThin} dashed ${tokens.colorNeutralStroke2}`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
  },
  step: {
    position: "relative",
    flexGrow: 1,
    flexBasis: 0,
    minWidth: tokens.spacingHorizontalS,
    display: "flex",
    flexDirection: "column",
    justifyContent: "flex-end",
    alignItems: "center",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  now: { backgroundColor: tokens.colorNeutralBackground1Selected },
  bar: {
    boxSizing: "border-box",
    width: "80%",
    maxWidth: "2.5rem",
    flexShrink: 0,
    transitionProperty: "height",
    transitionDuration: tokens.durationSlow,
    "@media (prefers-reduced-motion: reduce)": { transitionProperty: "none" },
  },
  label: {
    display: "flex",
    justifyContent: "space-between",
    whiteSpace: "nowrap",
    color: tokens.colorNeutralForeground3,
  },
  date: { textAlign: "center", whiteSpace: "nowrap" },
  words: { minHeight: tokens.lineHeightBase300, "@media (max-width: 639px)": { minHeight: "2.75rem" } },
  legend: { display: "flex", flexWrap: "wrap", columnGap: tokens.spacingHorizontalL, alignItems: "center" },
  entry: { display: "inline-flex", gap: tokens.spacingHorizontalS, alignItems: "center" },
  dot: {
    boxSizing: "border-box",
    width: tokens.spacingHorizontalM,
    height: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusSmall,
  },
});

/** From the top of a bar to its foot. */
const parts = ["planned", "waiting", "failed", "sent"] as const;

const fills: Record<(typeof parts)[number], Fill> = { planned: "open", waiting: "again", failed: "bad", sent: "good" };

function total(each: HourCounts): number {
  return parts.reduce((sum, part) => sum + each[part], 0);
}

/** Bars for the hours, day by day; a sentence about the whole or the hour under the pointer; and a table. */
export function HoursChart({ hours: { timeZone, now, hours }, live }: { hours: CampaignHours; live: boolean }) {
  const styles = useStyles();
  const fill = useFills();
  const { t, locale } = useLanguage();
  const [pointed, setPointed] = useState<string | null>(null);
  const zone = usableZone(timeZone);
  const number = new Intl.NumberFormat(locale);
  const top = roundAbove(Math.max(1, ...hours.map(total)));
  const clock = (at: string, later = 0) => clockTime(Date.parse(at) + later, locale, zone);
  const days = byDay(hours, zone);
  const chosen = days.flatMap(([, all]) => all).find(({ at }) => at === pointed);
  const isNow = ({ at }: HourCounts) =>
    live && Date.parse(at) <= Date.parse(now) && Date.parse(now) < Date.parse(at) + hour;
  const say = (each: HourCounts) =>
    [
      t("hours.hour", {
        day: dayWords(dayIn(zone, Date.parse(each.at)), locale),
        from: clock(each.at),
        to: clock(each.at, hour),
      }),
      countWords(each, locale, t),
    ].join(" ");
  return (
    <>
      <Text className={styles.words}>{chosen ? say(chosen) : countWords(sum(hours), locale, t)}</Text>
      <div
        className={styles.scroll}
        role="region"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- It scrolls, so the keyboard must reach it.
        tabIndex={0}
        aria-label={t("hours.title")}
        onPointerLeave={() => {
          setPointed(null);
        }}
      >
        {/* What the bars show stands in the table as well. */}
        <div className={styles.scale} aria-hidden>
          <Caption1>{number.format(top)}</Caption1>
          <Caption1>0</Caption1>
        </div>
        {days.map(([day, all]) => (
          <div
            key={day}
            className={styles.day}
            style={{ flexGrow: all.length, flexBasis: `${String(all.length)}rem` }}
            aria-hidden
          >
            <div className={styles.plot}>
              {all.map((each) => (
                <div
                  key={each.at}
                  className={mergeClasses(styles.step, isNow(each) && styles.now)}
                  onPointerEnter={() => {
                    setPointed(each.at);
                  }}
                >
                  {parts.map((part) =>
                    each[part] === 0 ? null : (
                      <div
                        key={part}
                        className={mergeClasses(styles.bar, fill(fills[part]))}
                        style={{ height: `${String((100 * each[part]) / top)}%` }}
                      />
                    ),
                  )}
                </div>
              ))}
            </div>
            <span className={styles.label}>
              <Caption1>{clock(all[0]?.at ?? "")}</Caption1>
              <Caption1>{clock(all.at(-1)?.at ?? "", hour)}</Caption1>
            </span>
            <Caption1 className={styles.date}>
              {all.some(isNow) ? t("hours.today", { day: dayWords(day, locale) }) : dayWords(day, locale)}
            </Caption1>
          </div>
        ))}
      </div>
      <div className={styles.legend} aria-hidden>
        {parts
          .filter((part) => part === "sent" || hours.some((each) => each[part] > 0))
          .toReversed()
          .map((part) => (
            <span key={part} className={styles.entry}>
              <span className={mergeClasses(styles.dot, fill(fills[part]))} />
              <Caption1>{t(`hours.${part}`)}</Caption1>
            </span>
          ))}
      </div>
      <div style={hidden}>
        <table>
          <caption>{t("hours.title")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("hours.col")}</th>
              {parts.toReversed().map((part) => (
                <th key={part} scope="col">
                  {t(`hours.${part}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hours.map((each) => (
              <tr key={each.at}>
                <th scope="row">
                  {dayWords(dayIn(zone, Date.parse(each.at)), locale)} {clock(each.at)}
                  {isNow(each) && ` (${t("hours.now")})`}
                </th>
                {parts.toReversed().map((part) => (
                  <td key={part}>{number.format(each[part])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const none: HourCounts = { at: "", planned: 0, waiting: 0, sent: 0, failed: 0 };

/** The hours of each day together, in order, and between them those in which nothing is. */
export function byDay(hours: HourCounts[], zone: string): [string, HourCounts[]][] {
  const days = new Map<string, HourCounts[]>();
  for (const each of hours) {
    const at = Date.parse(each.at);
    const day = dayIn(zone, at);
    const all = days.get(day) ?? [];
    const last = Date.parse(all.at(-1)?.at ?? each.at);
    for (let empty = last + hour; empty < at; empty += hour) all.push({ ...none, at: new Date(empty).toISOString() });
    days.set(day, [...all, each]);
  }
  return [...days];
}

function sum(hours: HourCounts[]): HourCounts {
  return hours.reduce((all, each) => {
    const next = { ...all };
    for (const part of parts) next[part] += each[part];
    return next;
  }, none);
}

/** "412 received, 800 planned, 28 were not there and are tried again"; what nobody is in is not said. */
export function countWords(counts: HourCounts, locale: string, t: Translate): string {
  const said = parts
    .toReversed()
    .filter((part) => counts[part] > 0)
    .map((part) => t(`hours.${part}.n`, { n: counts[part] }));
  return said.length > 0 ? new Intl.ListFormat(locale, { type: "unit" }).format(said) : t("hours.nothing");
}
