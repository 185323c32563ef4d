import { type Api, path } from "./client";
import type { Audience, Campaign, Problem, SendWindow, WeekHours } from "./types";

/** What a window comes to: its picture, and what is wrong with it. */
export interface WindowPreview {
  opensAt: string | null;
  closesAt: string | null;
  openMinutes: number;
  people: number;
  /** How many messages fit into it; null: as many as there are. */
  capacity: number | null;
  timeZone: string;
  /** The hours in which it is open, in the window's own time zone. */
  hours: { day: string; hour: number; minutes: number; people: number }[];
  zones: { timeZone: string; people: number }[];
  problems: Problem[];
}

/** What a new window begins with. */
export interface WindowDefaults {
  timeZone: string;
  hours: WeekHours;
  /** All that may be chosen. */
  zones: string[];
  presence: { available: boolean; reason: string };
}

// What only the editor asks of windows, and so no part of the first load.

export const windowDefaults = (api: Api, signal?: AbortSignal) =>
  api.json<WindowDefaults>("GET", "/timing/defaults", { signal });

export const windowPreview = (api: Api, window: SendWindow, audience: Audience, signal?: AbortSignal) =>
  api.json<WindowPreview>("POST", "/timing/preview", { body: { window, audience }, signal });

export const sendOver = (api: Api, id: string, version: number, window: SendWindow) =>
  api.json<Campaign>("POST", path("campaigns", id, "send"), {
    body: { at: null, window },
    headers: { "If-Match": String(version) },
  });
