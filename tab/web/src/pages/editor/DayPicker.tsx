import {
  type CalendarStrings,
  DatePicker,
  type DatePickerProps,
  defaultDatePickerStrings,
} from "@fluentui/react-datepicker-compat";
import { useLanguage } from "../../i18n/Language";

interface Props extends Omit<DatePickerProps, "value" | "onChange"> {
  value: Date | null;
  onChange: (chosen: Date) => void;
}

/** A day of the calendar, in the reader's words. */
export function DayPicker({ value, onChange, ...field }: Props) {
  const { locale } = useLanguage();
  return (
    <DatePicker
      {...field}
      value={value}
      strings={calendarStrings(locale)}
      firstDayOfWeek={/^en-(US|CA)$/i.test(locale) ? sunday : monday}
      formatDate={(each) =>
        each ? new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "long" }).format(each) : ""
      }
      onSelectDate={(chosen) => {
        if (chosen) onChange(chosen);
      }}
    />
  );
}

const sunday = 0;
const monday = 1;

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
