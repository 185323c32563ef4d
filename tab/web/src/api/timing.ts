import { type Api, path } from "./client";
import type { Audience, Campaign, SendWindow, WindowDefaults, WindowPreview } from "./types";

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
