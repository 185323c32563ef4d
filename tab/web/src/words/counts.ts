import type { Counts, RecipientStatus } from "../api/types";

/** In the order in which the bar shows them: done well first, still open next, then what did not work. */
export const recipientStatuses: readonly RecipientStatus[] = [
  "sent",
  "sending",
  "pending",
  "rescheduled",
  "skipped",
  "failed",
  "cancelled",
  "unscheduled",
];

export interface Segment {
  status: RecipientStatus;
  count: number;
  /** Share of the whole, 0 to 1; the shares of all segments add up to 1. */
  share: number;
}

/** The states that have somebody in them. They add up to the total, and so do their shares. */
export function segments(counts: Counts): Segment[] {
  const sum = recipientStatuses.reduce((total, status) => total + counts[status], 0);
  return recipientStatuses
    .filter((status) => counts[status] > 0)
    .map((status) => ({ status, count: counts[status], share: counts[status] / sum }));
}

/** How many have no final state yet. */
export function openCount(counts: Counts): number {
  return counts.pending + counts.sending + counts.rescheduled;
}

export function doneCount(counts: Counts): number {
  return counts.total - openCount(counts);
}
