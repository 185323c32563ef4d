import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { WindowPreview } from "../../../api/timing";
import type { SendWindow } from "../../../api/types";
import { useLanguage } from "../../../i18n/Language";
import { hidden } from "../../../ui/PageTitle";
import { useNow } from "../../../ui/Session";
import {
  about,
  dateWords,
  dayIn,
  daysOf,
  hourIn,
  isOpenOn,
  timeWords,
  weekdayName,
  weekdayOf,
} from "../../../words/window";

const useStyles = makeStyles({
  // More days than there is room for are scrolled to.
  scroll: {
    overflowX: "auto",
    borderRadius: tokens.borderRadiusMedium,
    ":focus-visible": { outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}` },
  },
  table: {
    borderCollapse: "separate",
    borderSpacing: tokens.strokeWidthThick,
    fontSize: tokens.fontSizeBase200,
    fontVariantNumeric: "tabular-nums",
    // Hours and days stand in the order of time, whichever way the text runs.
    direction: "ltr",
    "& th": { fontWeight: tokens.fontWeightRegular },
  },
  day: { minWidth: "3.25rem", maxWidth: "6rem", padding: tokens.spacingHorizontalXXS, verticalAlign: "bottom" },
  name: { display: "block", fontWeight: tokens.fontWeightSemibold, whiteSpace: "nowrap" },
  date: { display: "block", whiteSpace: "nowrap" },
  note: { display: "block", color: tokens.colorNeutralForeground3 },
  hour: {
    position: "sticky",
    left: 0,
    zIndex: 1,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground3,
    textAlign: "right",
    whiteSpace: "nowrap",
    paddingRight: tokens.spacingHorizontalS,
  },
  cell: {
    position: "relative",
    height: "1.5rem",
    padding: 0,
    textAlign: "center",
    borderRadius: tokens.borderRadiusSmall,
  },
  open: { outline: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`, outlineOffset: "-1px" },
  closed: { backgroundColor: tokens.colorNeutralBackground2 },
  holiday: {
    backgroundImage: `repeating-linear-gradient(135deg, ${tokens.colorNeutralStroke1} 0 1px, transparent 1px 6px)`,
  },
  now: { outline: `${tokens.strokeWidthThick} solid ${tokens.colorCompoundBrandStroke}`, outlineOffset: "-2px" },
  shade: {
    position: "absolute",
    inset: 0,
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorBrandBackground,
    forcedColorAdjust: "none",
  },
  people: { position: "relative" },
  sum: { textAlign: "center", fontWeight: tokens.fontWeightSemibold, paddingTop: tokens.spacingVerticalXXS },
});

/** The fullest hour is shaded so much; what is written there stays readable in every theme. */
const darkest = 0.45;
const lightest = 0.06;

interface Props {
  window: SendWindow;
  preview: WindowPreview;
}

/** The window's hours as a small calendar, with how many people are to be expected in each. It is a table to those who listen. */
export function WindowPicture({ window, preview }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const { hours } = preview;
  const { days, rows } = frame(window, hours);
  if (rows.length === 0) return null;
  const today = dayIn(window.timeZone, now);
  const thisHour = hourIn(window.timeZone, now);
  const at = new Map(hours.map((each) => [`${each.day} ${String(each.hour)}`, each]));
  const most = Math.max(...hours.map((each) => each.people));
  const clock = (hour: number) => timeWords(`${String(hour).padStart(2, "0")}:00`, locale);
  const sumOf = (day: string) => hours.reduce((sum, each) => (each.day === day ? sum + each.people : sum), 0);
  const noteOf = (day: string) => {
    if ((window.holidays ?? []).includes(day)) return t("window.picture.holiday");
    if (!hours.some((each) => each.day === day) && !isOpenOn(window, day)) return t("window.picture.closed");
    return day === today ? t("window.picture.today") : null;
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- It scrolls, so the keyboard must reach it.
    <div className={styles.scroll} role="region" tabIndex={0} aria-label={t("window.picture")}>
      <table className={styles.table}>
        <caption style={hidden}>{t("window.picture.caption")}</caption>
        <thead>
          <tr>
            <td className={styles.hour} />
            {days.map((day) => (
              <th key={day} scope="col" className={styles.day}>
                <span className={styles.note}>{noteOf(day)}</span>
                <span className={styles.name}>{weekdayName(weekdayOf(day), locale, "short")}</span>
                <span className={styles.date}>{dateWords(day, locale)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((hour) => (
            <tr key={hour}>
              <th scope="row" className={styles.hour}>
                {clock(hour)}
              </th>
              {days.map((day) => {
                const each = at.get(`${day} ${String(hour)}`);
                const isNow = day === today && hour === thisHour;
                const off = (window.holidays ?? []).includes(day) ? styles.holiday : styles.closed;
                return (
                  <td key={day} className={mergeClasses(styles.cell, each ? styles.open : off, isNow && styles.now)}>
                    {each ? (
                      <>
                        <span
                          className={styles.shade}
                          aria-hidden
                          style={{
                            opacity: most > 0 ? lightest + (darkest - lightest) * (each.people / most) : lightest,
                          }}
                        />
                        <span className={styles.people}>{most > 0 && about(each.people, locale)}</span>
                      </>
                    ) : (
                      <span style={hidden}>{t("window.picture.closed")}</span>
                    )}
                    {isNow && <span style={hidden}>{t("window.picture.now")}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
        {most > 0 && (
          <tfoot>
            <tr>
              <th scope="row" className={styles.hour}>
                {t("window.picture.sum")}
              </th>
              {days.map((day) => (
                <td key={day} className={styles.sum}>
                  {sumOf(day) > 0 && about(sumOf(day), locale)}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** All days of the window, and those into which a night or somebody's own time zone reaches; the hours from the first to the last. */
export function frame(window: SendWindow, hours: WindowPreview["hours"]): { days: string[]; rows: number[] } {
  const days = [...new Set([...daysOf(window), ...hours.map((each) => each.day)])].sort();
  const all = hours.map((each) => each.hour);
  if (all.length === 0) return { days, rows: [] };
  const [first, last] = [Math.min(...all), Math.max(...all)];
  return { days, rows: Array.from({ length: last - first + 1 }, (_, index) => first + index) };
}
