import { Body1, Combobox, Field, Link, makeStyles, Option, Text, tokens } from "@fluentui/react-components";
import { type CalendarStrings, DatePicker, defaultDatePickerStrings } from "@fluentui/react-datepicker-compat";
import { useLanguage } from "../../i18n/Language";
import { useNow, useSession } from "../../ui/Session";
import { clockTime, dateAndTime, duration, plannedMoment, timeZone, zoneName } from "../../words/moments";
import { checkLater, isLeftOut, latestMoment, momentOf, parseTime, timeOf, twin } from "../../words/sendLater";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  row: {
    display: "grid",
    alignItems: "start",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(12rem, 100%), 1fr))",
    gap: tokens.spacingHorizontalM,
    maxWidth: "36rem",
  },
  quiet: { color: tokens.colorNeutralForeground3 },
  wrong: { color: tokens.colorStatusDangerForeground1 },
  list: { maxHeight: "15rem" },
  says: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
});

interface Props {
  at: number;
  /** The time as it was typed, readable or not; undefined: that of `at`. */
  typed: string | undefined;
  /** `at` stays as it was while the time cannot be read. */
  onChange: (at: number, typed: string | undefined) => void;
}

/** A date and a time of the author's own, at most as far ahead as Herald allows, said back in words. */
export function MomentPicker({ at, typed, onChange }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { config } = useSession();
  const now = useNow();
  const time = typed ?? clockTime(at, locale);
  const read = parseTime(time);
  const latest = latestMoment(now, config.sendLaterMaxHours);
  const until = dateAndTime(latest, locale);
  const setTime = (text: string) => {
    const next = parseTime(text);
    onChange(next ? momentOf(new Date(at), next) : at, text);
  };
  return (
    <div className={styles.form}>
      <Body1 className={styles.quiet}>
        {t("later.text", { time: duration(config.sendLaterMaxHours * 3_600_000, locale), until })}
      </Body1>
      <div className={styles.row} data-field="/timing/at">
        <Field label={t("later.date")} required>
          <DatePicker
            value={new Date(at)}
            minDate={new Date(now)}
            maxDate={new Date(latest)}
            strings={calendarStrings(locale)}
            firstDayOfWeek={/^en-(US|CA)$/i.test(locale) ? sunday : monday}
            formatDate={(each) =>
              each
                ? new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "long" }).format(each)
                : ""
            }
            onSelectDate={(chosen) => {
              // What cannot be read keeps standing there; the day is chosen all the same.
              if (chosen) onChange(momentOf(chosen, read ?? timeOf(at)), typed);
            }}
          />
        </Field>
        <Field
          label={t("later.time")}
          required
          validationMessage={read ? null : t("later.invalid")}
          validationState={read ? "none" : "error"}
        >
          <Combobox
            freeform
            value={time}
            selectedOptions={[time]}
            listbox={{ className: styles.list }}
            onChange={(event) => {
              setTime(event.target.value);
            }}
            onOptionSelect={(event, data) => {
              // Typing something else deselects, and Tab means to go on with what was typed: neither is a choice.
              const going = "key" in event && event.key === "Tab";
              if (data.optionText && !going) setTime(data.optionText);
            }}
          >
            {halfHours.map((minutes) => {
              const text = clockTime(Date.UTC(2026, 0, 1, 0, minutes), locale, "UTC");
              return <Option key={minutes}>{text}</Option>;
            })}
          </Combobox>
        </Field>
      </div>
      <Text className={styles.quiet}>{t("later.zone", { zone: zoneName(timeZone()) })}</Text>
      <div role="status" className={styles.says}>
        {read && <Said at={at} wanted={read} onChange={onChange} />}
      </div>
    </div>
  );
}

/** The moment in words, or why it cannot be; and what a night in which the clocks change makes of it. */
function Said({
  at,
  wanted,
  onChange,
}: {
  at: number;
  wanted: { hours: number; minutes: number };
  onChange: Props["onChange"];
}) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { config } = useSession();
  const now = useNow();
  const problem = checkLater(at, now, config.sendLaterMaxHours);
  const other = twin(at);
  if (problem === "past") {
    return (
      <Text weight="semibold" className={styles.wrong}>
        {t("later.past")}
      </Text>
    );
  }
  if (problem === "cap") {
    const until = dateAndTime(latestMoment(now, config.sendLaterMaxHours), locale);
    return (
      <Text weight="semibold" className={styles.wrong}>
        {t("later.cap", { until })}
      </Text>
    );
  }
  return (
    <>
      <Text weight="semibold">{t("later.says", { moment: plannedMoment(at, now, locale, t) })}</Text>
      {isLeftOut(at, wanted) && <Text>{t("later.leftout")}</Text>}
      {other && (
        <Text>
          {t(other.first ? "later.twice.first" : "later.twice.second")}{" "}
          <Link
            as="button"
            inline
            onClick={() => {
              onChange(other.at, undefined);
            }}
          >
            {t(other.first ? "later.twice.take.second" : "later.twice.take.first")}
          </Link>
        </Text>
      )}
    </>
  );
}

const sunday = 0;
const monday = 1;
const halfHours = Array.from({ length: 48 }, (_, index) => index * 30);

/** The calendar's words, from the browser's own knowledge of the language. */
function calendarStrings(locale: string): CalendarStrings {
  const names = (count: number, format: Intl.DateTimeFormatOptions, date: (index: number) => number) =>
    Array.from({ length: count }, (_, index) =>
      new Intl.DateTimeFormat(locale, { ...format, timeZone: "UTC" }).format(date(index)),
    );
  const month = (index: number) => Date.UTC(2026, index, 1);
  const weekday = (index: number) => Date.UTC(2026, 1, 1 + index);
  return {
    ...defaultDatePickerStrings,
    months: names(12, { month: "long" }, month),
    shortMonths: names(12, { month: "short" }, month),
    days: names(7, { weekday: "long" }, weekday),
    shortDays: names(7, { weekday: "narrow" }, weekday),
  };
}
