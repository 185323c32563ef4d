import type { Bin, QuestionResult } from "../../api/surveyTypes";

/** What charts need to know before they can be drawn. */

/** Part of a whole, 0 to 1; 0 of nothing. */
export function shareOf(count: number, total: number): number {
  return total > 0 ? count / total : 0;
}

/** "42%", and never 0% or 100% of what is only nearly so. */
export function percent(share: number, locale: string): string {
  const rounded = share > 0 && share < 0.01 ? 0.01 : share < 1 && share > 0.99 ? 0.99 : share;
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(rounded);
}

export interface Part {
  name: "promoters" | "passives" | "detractors";
  count: number;
  share: number;
}

/** From the left of the bar to its right. The shares add up to 1, unless nobody has answered. */
export function npsParts({ promoters, passives, detractors }: NonNullable<QuestionResult["nps"]>): Part[] {
  const total = promoters + passives + detractors;
  return Object.entries({ detractors, passives, promoters }).map(([name, count]) => ({
    name: name as Part["name"],
    count,
    share: shareOf(count, total),
  }));
}

/** Where the gauge's hand points, in degrees from straight up: -100 is at the left end, 100 at the right. */
export function handAngle(score: number): number {
  return (Math.max(-100, Math.min(100, score)) / 100) * 90;
}

/** The highest bar of a histogram, at least 1. */
export function highest(bins: readonly Bin[]): number {
  return Math.max(1, ...bins.map(({ count }) => count));
}

/** "3", "10 to 20", "3 December 2026": what a bar stands for. */
export function binWords(
  { from, to }: Bin,
  type: QuestionResult["type"],
  locale: string,
  range: (from: string, to: string) => string,
): string {
  const one = type === "date" ? dayWords(locale) : numberWords(locale);
  return from === to ? one(from) : range(one(from), one(to));
}

function numberWords(locale: string): (text: string) => string {
  const format = new Intl.NumberFormat(locale, { maximumSignificantDigits: 15 });
  return (text) => format.format(Number(text));
}

function dayWords(locale: string): (text: string) => string {
  const format = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return (text) => format.format(new Date(`${text}T00:00:00Z`));
}

export function averageWords(average: number, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(average);
}
