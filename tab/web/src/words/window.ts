import type { WindowDefaults, WindowPreview } from "../api/timing";
import type { Campaign, SendWindow, Span, Weekday, WeekHours } from "../api/types";
import type { Translate } from "../i18n/translate";
import { clockTime, timeZone, zoneName } from "./moments";

/** Windows in words, and what a new one begins with. Days are texts like "2026-11-30", of no time zone. */

export const weekdays: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The first day is at most so many days ahead. */
export const maxAhead = 6;
export const maxDays = 30;
export const maxHolidays = 100;
export const maxSpans = 4;
export const maxPerHour = 1_000_000;

/** A new window lasts until it has been open on so many days. */
const openDays = 3;
const day = 86_400_000;

/** The same window, always written the same way, so that two can be compared. */
export function normalWindow(window: SendWindow): SendWindow {
  const hours: WeekHours = {};
  for (const each of weekdays) {
    const spans = window.hours[each] ?? [];
    if (spans.length > 0) hours[each] = spans.map(({ from, to }) => ({ from, to }));
  }
  const { firstDay, days, holidays = [], timeZone, ownTimeZone = false, perHour = 0 } = window;
  const { presence, presenceUnknown } = window;
  return {
    firstDay,
    days,
    hours,
    ...(holidays.length > 0 ? { holidays: [...holidays].sort() } : {}),
    timeZone,
    ...(ownTimeZone ? { ownTimeZone } : {}),
    ...(perHour > 0 ? { perHour } : {}),
    presence,
    presenceUnknown,
  };
}

/** The zone itself, unless this browser does not know it: then its own. Herald's list of zones may be newer. */
export function usableZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return timeZone();
  }
}

/** Which day it is somewhere. */
export function dayIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone: usableZone(zone),
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(at);
}

export function addDays(from: string, days: number): string {
  return new Date(Date.parse(from) + days * day).toISOString().slice(0, 10);
}

export function weekdayOf(text: string): Weekday {
  return weekdays[(new Date(text).getUTCDay() + 6) % 7] ?? "mon";
}

/** All days of a window, open or not. */
export function daysOf({ firstDay, days }: Pick<SendWindow, "firstDay" | "days">): string[] {
  if (Number.isNaN(Date.parse(firstDay))) return [];
  return Array.from({ length: Math.min(Math.max(days, 0), maxDays) }, (_, index) => addDays(firstDay, index));
}

export function isOpenOn(window: Pick<SendWindow, "hours" | "holidays">, each: string): boolean {
  return (window.hours[weekdayOf(each)] ?? []).length > 0 && !(window.holidays ?? []).includes(each);
}

/** A window that an author can take as it is: from the next open day on, over three of them. */
export function newWindow({ timeZone, hours, presence }: WindowDefaults, now: number): SendWindow {
  const week = { hours };
  const tomorrow = addDays(dayIn(timeZone, now), 1);
  const firstDay = daysOf({ firstDay: tomorrow, days: maxAhead }).find((each) => isOpenOn(week, each)) ?? tomorrow;
  let days = openDays;
  const open = (length: number) => daysOf({ firstDay, days: length }).filter((each) => isOpenOn(week, each)).length;
  while (days < 2 * openDays && open(days) < openDays) days++;
  return normalWindow({
    firstDay,
    days,
    hours,
    timeZone,
    presence: presence.available ? "available" : "any",
    presenceUnknown: "send",
  });
}

/** "Mon 30 Nov", or "Monday 30 November" when there is room. */
export function dayWords(text: string, locale: string, style: "short" | "long" = "short"): string {
  const at = Date.parse(text);
  if (Number.isNaN(at)) return text;
  return new Intl.DateTimeFormat(locale, { weekday: style, day: "numeric", month: style, timeZone: "UTC" }).format(at);
}

/** "30 Nov" */
export function dateWords(text: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(Date.parse(text));
}

export function weekdayName(each: Weekday, locale: string, style: "short" | "long" = "long"): string {
  const monday = Date.UTC(2026, 10, 30);
  return new Intl.DateTimeFormat(locale, { weekday: style, timeZone: "UTC" }).format(
    monday + weekdays.indexOf(each) * day,
  );
}

/** A time of day like "09:00" as the locale writes it. */
export function timeWords(time: string, locale: string): string {
  return clockTime(Date.parse(`2026-01-01T${time === "24:00" ? "00:00" : time}:00Z`), locale, "UTC");
}

function spanWords(spans: Span[], locale: string): string {
  const words = spans.map(({ from, to }) => `${timeWords(from, locale)}–${timeWords(to, locale)}`);
  return new Intl.ListFormat(locale).format(words);
}

/** "Mon–Fri 09:00–17:00; Sat 10:00–12:00": days in a row with the same hours are said together. */
export function hoursWords(hours: WeekHours, locale: string, t: Translate): string {
  const groups: { first: Weekday; last: Weekday; spans: string }[] = [];
  for (const [index, each] of weekdays.entries()) {
    const spans = spanWords(hours[each] ?? [], locale);
    if (spans === "") continue;
    const before = groups.at(-1);
    if (before?.spans === spans && before.last === weekdays[index - 1]) before.last = each;
    else groups.push({ first: each, last: each, spans });
  }
  if (groups.length === 0) return t("window.hours.none");
  const name = (each: Weekday) => weekdayName(each, locale, "short");
  return groups
    .map(({ first, last, spans }) => `${first === last ? name(first) : `${name(first)}–${name(last)}`} ${spans}`)
    .join("; ");
}

/** Zones are named by their place: "Paris"; what is not a place by its whole name. */
export function zoneWords({ timeZone, ownTimeZone }: SendWindow, t: Translate): string {
  const zone = zoneName(timeZone);
  return ownTimeZone ? t("window.zone.own.words", { zone }) : zone;
}

export function presenceWords({ presence, presenceUnknown }: SendWindow, t: Translate): string {
  if (presence === "any") return t("window.presence.any");
  return `${t(`window.presence.${presence}`)}. ${t(`window.unknown.${presenceUnknown}.words`)}`;
}

export function durationWords({ days }: Pick<SendWindow, "days">, t: Translate): string {
  return t("window.days.words", { n: days });
}

export function holidayWords(holidays: string[], locale: string): string {
  return new Intl.ListFormat(locale).format(holidays.map((each) => dayWords(each, locale)));
}

/** Everything that was chosen, a line each. */
export function windowLines(window: SendWindow, locale: string, t: Translate): string[] {
  const { firstDay, hours, holidays = [], perHour = 0 } = window;
  return [
    t("window.line.days", { day: dayWords(firstDay, locale, "long"), days: durationWords(window, t) }),
    hoursWords(hours, locale, t),
    ...(holidays.length > 0 ? [t("window.line.holidays", { days: holidayWords(holidays, locale) })] : []),
    t("window.line.zone", { zone: zoneWords(window, t) }),
    presenceWords(window, t),
    ...(perHour > 0 ? [t("window.line.speed", { n: perHour })] : []),
  ];
}

/** A moment on a window's clocks: "Mon 30 Nov 09:00". */
export function momentWords(at: number, zone: string, locale: string): string {
  return `${dayWords(dayIn(zone, at), locale)} ${clockTime(at, locale, usableZone(zone))}`;
}

/** A number of people that is expected and need not be whole: "52", "3.4", "< 1". */
export function about(people: number, locale: string): string {
  if (people > 0 && people < 1) return "< 1";
  return new Intl.NumberFormat(locale, { maximumFractionDigits: people < 10 ? 1 : 0 }).format(people);
}

/** The hour that the clocks show somewhere, 0 to 23. */
export function hourIn(zone: string, at: number): number {
  const format = new Intl.DateTimeFormat("en", { timeZone: usableZone(zone), hour: "numeric", hourCycle: "h23" });
  return Number(format.format(at));
}

/** "1,240 people between Mon 30 Nov 09:00 and Wed 2 Dec 17:00, about 52 an hour." */
export function previewWords(
  { opensAt, closesAt, openMinutes, people, timeZone: zone }: WindowPreview,
  locale: string,
  t: Translate,
): string | null {
  if (opensAt === null || closesAt === null || openMinutes <= 0) return null;
  const from = momentWords(Date.parse(opensAt), zone, locale);
  const until = momentWords(Date.parse(closesAt), zone, locale);
  if (people === 0) return t("window.says.nobody", { from, until });
  const rate = people / (openMinutes / 60);
  if (rate < 1) return t("window.says.few", { n: people, from, until });
  return t("window.says", { n: people, from, until, rate: about(rate, locale) });
}

/** When a scheduled campaign's window begins and ends, on its own clocks; null when it has none. */
export function windowTimes(
  { timing: { window }, sendAt, startedAt, endsAt }: Pick<Campaign, "timing" | "sendAt" | "startedAt" | "endsAt">,
  locale: string,
): { from: string; until: string; zone: string } | null {
  const from = sendAt ?? startedAt;
  if (!window || !from || !endsAt) return null;
  const words = (at: string) => momentWords(Date.parse(at), window.timeZone, locale);
  return { from: words(from), until: words(endsAt), zone: zoneName(window.timeZone) };
}
