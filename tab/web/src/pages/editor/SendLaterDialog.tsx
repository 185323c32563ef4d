import { Body1, Combobox, Field, makeStyles, Option, Text, tokens } from "@fluentui/react-components";
import { type CalendarStrings, DatePicker, defaultDatePickerStrings } from "@fluentui/react-datepicker-compat";
import { useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { useNow, useSession } from "../../ui/Session";
import { now as serverNow } from "../../words/clock";
import { clockTime, dateAndTime, duration, fullMoment, timeZone, zoneName } from "../../words/moments";
import { checkLater, latestMoment, momentOf, parseTime, suggestion } from "../../words/sendLater";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  row: {
    display: "grid",
    alignItems: "start",
    gridTemplateColumns: "repeat(auto-fit, minmax(12rem, 1fr))",
    gap: tokens.spacingHorizontalM,
  },
  quiet: { color: tokens.colorNeutralForeground3 },
  list: { maxHeight: "15rem" },
});

interface Props {
  onClose: () => void;
  onSend: (at: number) => Promise<() => void>;
}

/** SEND LATER: a date and a time of the author's own, at most as far ahead as Herald allows, said back in words. */
export default function SendLaterDialog({ onClose, onSend }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { config } = useSession();
  const now = useNow();
  const [first] = useState(() => suggestion(serverNow()));
  const [date, setDate] = useState<Date | null>(() => new Date(first));
  const [time, setTime] = useState(() => clockTime(first, locale));
  const read = parseTime(time);
  const at = date && read ? momentOf(date, read) : null;
  const problem = checkLater(at, now, config.sendLaterMaxHours);
  const latest = latestMoment(now, config.sendLaterMaxHours);
  const until = dateAndTime(latest, locale);
  const zone = timeZone();
  return (
    <ConfirmDialog
      title={t("later.title")}
      confirm={t("later.do")}
      disabled={problem !== null}
      onClose={onClose}
      onConfirm={() => (at === null ? Promise.resolve(undefined) : onSend(at))}
    >
      <div className={styles.form}>
        <Body1 className={styles.quiet}>
          {t("later.text", { time: duration(config.sendLaterMaxHours * 3_600_000, locale), until })}
        </Body1>
        <div className={styles.row}>
          <Field label={t("later.date")} required>
            <DatePicker
              value={date}
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
                setDate(chosen ?? null);
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
              onOptionSelect={(_, data) => {
                // Typing something else deselects, which is not a choice.
                if (data.optionText) setTime(data.optionText);
              }}
            >
              {halfHours.map((minutes) => {
                const text = clockTime(Date.UTC(2026, 0, 1, 0, minutes), locale, "UTC");
                return <Option key={minutes}>{text}</Option>;
              })}
            </Combobox>
          </Field>
        </div>
        <Text className={styles.quiet}>{t("later.zone", { zone: zoneName(zone) })}</Text>
        <div role="status">
          {at !== null && problem === null && (
            <Text weight="semibold">{t("later.says", { moment: fullMoment(at, now, locale, t) })}</Text>
          )}
          {problem === "past" && <Text weight="semibold">{t("later.past")}</Text>}
          {problem === "cap" && <Text weight="semibold">{t("later.cap", { until })}</Text>}
        </div>
      </div>
    </ConfirmDialog>
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
