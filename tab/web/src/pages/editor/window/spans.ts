import type { Span, Weekday, WeekHours } from "../../../api/types";
import { parseTime } from "../../../words/sendLater";
import { maxSpans } from "../../../words/window";

/** The hours of a day as their form changes them. */

export const usual: Span = { from: "09:00", to: "17:00" };

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

function timeAt(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** "9", "9:00" or "9 am" as it is kept, "09:00"; null when it is no time. A day ends at 24:00. */
export function readTime(text: string, end: boolean): string | null {
  if (end && /^\s*24\s*([:.h]?\s*00?|h)?\s*$/i.test(text)) return "24:00";
  const read = parseTime(text);
  if (read === null) return null;
  const time = timeAt(read.hours * 60 + read.minutes);
  return end && time === "00:00" ? "24:00" : time;
}

/** Whether the longest stretch is long enough to be cut in two, and there may be more of them. */
export function takesBreak(spans: Span[]): boolean {
  return spans.length < maxSpans && spans.some((each) => lengthOf(each) >= 3 * hour);
}

const hour = 60;
const noon = 12 * hour;

function lengthOf({ from, to }: Span): number {
  const [begins, ends] = [minutesOf(from), minutesOf(to)];
  return ends < begins ? ends + 24 * hour - begins : ends - begins;
}

/** An hour less in the longest stretch: at noon when it is open then, else in the middle. */
export function withBreak(spans: Span[]): Span[] {
  const longest = spans.reduce((best, each) => (lengthOf(each) > lengthOf(best) ? each : best), spans[0] ?? usual);
  return spans.flatMap((each) => {
    if (each !== longest) return [each];
    const begins = minutesOf(each.from);
    const atNoon = begins < noon && begins + lengthOf(each) > noon + hour;
    const middle = begins + Math.floor(lengthOf(each) / 2 / 30) * 30;
    const from = atNoon ? noon : middle % (24 * hour);
    return [
      { from: each.from, to: timeAt(from) },
      { from: timeAt((from + hour) % (24 * hour)), to: each.to },
    ];
  });
}

const workdays: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri"];

/** The other weekdays are as Monday is; the weekend stays as it was. */
export function likeMonday(hours: WeekHours): WeekHours {
  return { ...hours, ...Object.fromEntries(workdays.map((each) => [each, hours.mon ?? []])) };
}

export function isLikeMonday(hours: WeekHours): boolean {
  const words = (each: Weekday) => JSON.stringify(hours[each] ?? []);
  return workdays.every((each) => words(each) === words("mon"));
}
