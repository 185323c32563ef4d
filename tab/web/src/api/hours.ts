import { type Api, path } from "./client";
import type { CampaignHours } from "./types";

// What only the report of a campaign with a window asks.

export const campaignHours = (api: Api, id: string, signal?: AbortSignal) =>
  api.json<CampaignHours>("GET", path("campaigns", id, "hours"), { signal });
