import { type Api, path } from "./client";

/** A campaign with a window while it runs, hour by hour. */
export interface CampaignHours {
  timeZone: string;
  now: string;
  hours: HourCounts[];
  unscheduled: number;
  /** Herald did not run for a part of the window, and spread what was missed over the rest. */
  replanned: { count: number; at: string } | null;
  nextAt: string | null;
}

/** `at`: when the hour begins. `waiting`: nobody was there at their moment, or it was not known. */
export interface HourCounts {
  at: string;
  planned: number;
  waiting: number;
  sent: number;
  failed: number;
}

// What only the report of a campaign with a window asks.

export const campaignHours = (api: Api, id: string, signal?: AbortSignal) =>
  api.json<CampaignHours>("GET", path("campaigns", id, "hours"), { signal });
