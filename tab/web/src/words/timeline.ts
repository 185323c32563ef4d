import type { Timeline } from "../api/types";
import { timeZone } from "./moments";

type Bucket = Timeline["buckets"][number];

/** The fullest step; the first of several. */
export function peak(buckets: Bucket[]): Bucket | null {
  return buckets.reduce<Bucket | null>((best, each) => (best && best.sent >= each.sent ? best : each), null);
}

/** The number at the top of the chart. */
export function ceiling(buckets: Bucket[]): number {
  return roundAbove(Math.max(1, ...buckets.map((each) => each.sent + each.failed)));
}

/** A round number, 1, 2 or 5 with noughts: at the top of a chart it seldom moves while the bars below it grow. */
export function roundAbove(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((digit) => digit * power).find((round) => round >= highest) ?? highest;
}

/** Which of n steps get a label: at most `most`, all as far from each other, beginning with the first. */
export function labelled(n: number, most: number): number[] {
  const apart = Math.max(1, Math.ceil((n - 1) / (most - 1)));
  return Array.from({ length: n }, (_, index) => index).filter((index) => index % apart === 0);
}

/** A step's length in words: "30 seconds", "1 minute", "6 hours". */
export function stepWords(seconds: number, locale: string): string {
  const units: [string, number][] = [
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const [unit, size] = units.find(([, length]) => seconds % length === 0) ?? ["second", 1];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
}

/** Writes moments as exactly as the timeline needs: seconds for short ones, the day for those that end on another one. */
export function clockOf(
  from: number,
  to: number,
  seconds: boolean,
  locale: string,
  zone = timeZone(),
): (at: number) => string {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  const twelve = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions().hour12;
  const otherDay = day.format(from) !== day.format(to);
  const format = new Intl.DateTimeFormat(locale, {
    ...(otherDay ? { day: "numeric", month: "short" } : {}),
    hour: twelve ? "numeric" : "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    timeZone: zone,
  });
  return (at) => format.format(at);
}
