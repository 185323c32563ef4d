/** Between a day of no time zone, "2026-11-30", and the Date of it that a calendar works with. */

export function dateOf(day: string): Date | null {
  const [year = Number.NaN, month = 1, date] = day.split("-").map(Number);
  const found = new Date(year, month - 1, date ?? 1);
  return Number.isNaN(found.getTime()) ? null : found;
}

export function textOf(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
