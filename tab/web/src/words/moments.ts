import type { Translate } from "../i18n/translate";

/** Dates, durations and distances in words, by locale and time zone. Pure: every function takes `now`. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** "Europe/Paris" is "Paris" to people. */
export function zoneName(zone: string): string {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}

export function clockTime(at: number, locale: string, zone = timeZone()): string {
  // "09:00" where the day has 24 hours, "9:00 AM" where it has twice twelve.
  const twelve = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions().hour12;
  const hour = twelve ? "numeric" : "2-digit";
  return new Intl.DateTimeFormat(locale, { hour, minute: "2-digit", timeZone: zone }).format(at);
}

function longDate(at: number, locale: string, zone: string): string {
  return new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: zone }).format(at);
}

/** The calendar day in that zone, as a number that grows by one a day. */
function dayNumber(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return Date.parse(`${parts.format(at)}T00:00:00Z`) / day;
}

/** "today, 14:30", "tomorrow, 09:00", "27 Nov, 14:30", and with the year when it is another one. */
export function shortMoment(at: number, now: number, locale: string, t: Translate, zone = timeZone()): string {
  const time = clockTime(at, locale, zone);
  const distance = dayNumber(at, zone) - dayNumber(now, zone);
  if (distance === 0) return t("when.today", { time });
  if (distance === 1) return t("when.tomorrow", { time });
  if (distance === -1) return t("when.yesterday", { time });
  const sameYear = new Date(at).getUTCFullYear() === new Date(now).getUTCFullYear();
  const date = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" as const }),
    timeZone: zone,
  }).format(at);
  return `${date}, ${time}`;
}

/** "Friday 27 November, 14:30 (Paris), in 5 days 3 hours". */
export function fullMoment(at: number, now: number, locale: string, t: Translate, zone = timeZone()): string {
  return t("when.moment", {
    date: longDate(at, locale, zone),
    time: clockTime(at, locale, zone),
    zone: zoneName(zone),
    distance: distance(at, now, locale, t),
  });
}

/** The same of a moment that is planned: nobody counts the seconds until then. */
export function plannedMoment(at: number, now: number, locale: string, t: Translate): string {
  return fullMoment(at, Math.floor(now / minute) * minute, locale, t);
}

/** "Friday 27 November, 14:30", for a moment that needs no distance. */
export function dateAndTime(at: number, locale: string, zone = timeZone()): string {
  return `${longDate(at, locale, zone)}, ${clockTime(at, locale, zone)}`;
}

/** "27 Nov 2026, 14:30:05", where nobody may have to guess. */
export function exactMoment(at: number, locale: string, zone = timeZone()): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone: zone }).format(at);
}

/** "Friday 14:30", which is enough within a week. */
export function weekdayAndTime(at: number, locale: string, zone = timeZone()): string {
  return `${new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: zone }).format(at)} ${clockTime(at, locale, zone)}`;
}

/** "in 5 days 3 hours", "2 minutes ago", "now". */
export function distance(at: number, now: number, locale: string, t: Translate): string {
  const difference = at - now;
  if (Math.abs(difference) < minute) return t(difference > 0 ? "when.now" : "when.justnow");
  const time = duration(Math.abs(difference), locale);
  return t(difference > 0 ? "when.in" : "when.ago", { time });
}

/** The two largest units: "5 days 3 hours", "1 minute 16 seconds", "40 seconds". */
export function duration(milliseconds: number, locale: string): string {
  const units: [string, number][] = [
    ["day", day],
    ["hour", hour],
    ["minute", minute],
    ["second", 1_000],
  ];
  let rest = Math.max(0, milliseconds);
  const words: string[] = [];
  for (const [unit, size] of units) {
    const last = words.length === 1 || unit === "second";
    const count = last ? Math.round(rest / size) : Math.floor(rest / size);
    if (count > 0) words.push(unitOf(count, unit, locale));
    else if (words.length > 0) break;
    rest -= count * size;
    if (words.length === 2) break;
  }
  return words.join(" ") || unitOf(0, "second", locale);
}

function unitOf(count: number, unit: string, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(count);
}
