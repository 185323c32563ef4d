/** How far ahead a campaign may be scheduled, and what the author's date and time mean. */

const minute = 60_000;
const hour = 60 * minute;

export type LaterProblem = "past" | "cap" | "invalid";

export interface TimeOfDay {
  hours: number;
  minutes: number;
}

/** The last whole minute that the cap allows; Herald itself checks again when it receives it. */
export function latestMoment(now: number, maxHours: number): number {
  return Math.floor((now + maxHours * hour) / minute) * minute;
}

/** What is wrong with sending at `at`, or null. */
export function checkLater(at: number | null, now: number, maxHours: number): LaterProblem | null {
  if (at === null || Number.isNaN(at)) return "invalid";
  if (at <= now) return "past";
  if (at > latestMoment(now, maxHours)) return "cap";
  return null;
}

/**
 * A date of the author's calendar and a time of day, as one moment in the author's zone: the first of two when the
 * clocks go back, and as much later as they go forward when the clocks leave the time out.
 */
export function momentOf(date: Date, time: TimeOfDay): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate(), time.hours, time.minutes).getTime();
}

/** The time of day that the author's clocks show at a moment. */
export function timeOf(at: number): TimeOfDay {
  const date = new Date(at);
  return { hours: date.getHours(), minutes: date.getMinutes() };
}

/** Whether the author's clocks leave this time of day out, since they go forward. */
export function isLeftOut(at: number, wanted: TimeOfDay): boolean {
  const { hours, minutes } = timeOf(at);
  return hours !== wanted.hours || minutes !== wanted.minutes;
}

/** The other moment at which the author's clocks show the same, when they go back that night; and which one `at` is. */
export function twin(at: number): { at: number; first: boolean } | null {
  for (const shift of [hour, hour / 2, 2 * hour]) {
    for (const other of [at + shift, at - shift]) {
      const [mine, its] = [new Date(at), new Date(other)];
      const same = mine.getDate() === its.getDate() && !isLeftOut(other, timeOf(at));
      if (same) return { at: other, first: other > at };
    }
  }
  return null;
}

/** Reads "14:30", "14.30", "14h30", "1430", "9", "2:30 pm". */
export function parseTime(text: string): TimeOfDay | null {
  const match = /^\s*(\d{1,2})(?:\s*[:.h]\s*(\d{2})?|(\d{2}))?\s*([ap])?\.?(?:m\.?)?\s*$/i.exec(text);
  if (!match) return null;
  let hours = Number(match[1]);
  const minutes = Number(match[2] ?? match[3] ?? 0);
  const half = match[4]?.toLowerCase();
  if (half) {
    if (hours < 1 || hours > 12) return null;
    hours = (hours % 12) + (half === "p" ? 12 : 0);
  }
  return hours < 24 && minutes < 60 ? { hours, minutes } : null;
}

/** What the dialog suggests first: the next full hour at least half an hour away. */
export function suggestion(now: number): number {
  const later = new Date(now + 30 * minute);
  return new Date(later.getFullYear(), later.getMonth(), later.getDate(), later.getHours() + 1).getTime();
}
