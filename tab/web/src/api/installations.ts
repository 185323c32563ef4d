import { type Api, path, search } from "./client";
import type { Audience, Author } from "./types";

// What only the page that installs the app asks, and so no part of the first load.

export const obstacles = ["app_not_published", "catalog_permission", "install_permission", "graph_sign_in"] as const;
export type Obstacle = (typeof obstacles)[number];

export interface InstallPreview {
  total: number;
  installed: number;
  /** Have it, and blocked the bot. */
  blocked: number;
  /** Never had it. */
  missing: number;
  /** Removed it themselves. */
  removed: number;
  /** Addresses of nobody in the directory. */
  unknown: number;
  excluded: number;
}

/** `total` is `pending` + `installed` + `already` + `failed`. */
export interface Installation {
  id: string;
  audience: { all: boolean; lists: string[]; excluded: string[]; typed: number };
  removedToo: boolean;
  state: "running" | "completed" | "stopped" | "failed";
  reason: Obstacle | "restored" | null;
  total: number;
  pending: number;
  installed: number;
  already: number;
  failed: number;
  /** Have it, and Teams has not called the bot. Only of one by itself, as long as its people are kept. */
  waiting?: number;
  /** Have it, cannot be written to, and are not waited for. Given with `waiting`. */
  unreached?: number;
  /** Its people are kept. */
  named: boolean;
  createdBy: Author;
  createdAt: string;
  endedAt: string | null;
  /** Until when it pauses. */
  resumeAt: string | null;
}

export const targetGroups = ["failed", "waiting", "unreached", "ready", "pending"] as const;
export type TargetGroup = (typeof targetGroups)[number];

export interface InstallTarget {
  id: string;
  displayName: string;
  email: string;
  state: "pending" | "installed" | "already" | "failed";
  reason:
    | "user_not_found"
    | "blocked_by_policy"
    | "install_refused"
    | "graph_failed"
    | "removed"
    | "chat_not_found"
    | "blocked_by_user"
    | "not_installed"
    | null;
  reachable: boolean;
}

interface Page<T> {
  items: T[];
  next: string | null;
}

const at = (...more: string[]) => path("admin", "installations", ...more);

export const installable = (api: Api, signal?: AbortSignal) =>
  api.json<{ obstacles: Obstacle[] }>("GET", "/admin/installable", { signal });

export const previewInstallation = (api: Api, audience: Audience, signal?: AbortSignal) =>
  api.json<InstallPreview>("POST", at("preview"), { body: audience, signal });

export const startInstallation = (api: Api, audience: Audience, removedToo: boolean) =>
  api.json<Installation>("POST", at(), { body: { audience, removedToo } });

export const installations = (api: Api, cursor: string | null, signal?: AbortSignal) =>
  api.json<Page<Installation>>("GET", `${at()}${search({ cursor })}`, { signal });

export const installation = (api: Api, id: string, signal?: AbortSignal) =>
  api.json<Installation>("GET", at(id), { signal });

export const stopInstallation = (api: Api, id: string) => api.json<Installation>("POST", at(id, "stop"));

export const installTargets = (api: Api, id: string, state: TargetGroup, cursor: string | null, signal?: AbortSignal) =>
  api.json<Page<InstallTarget>>("GET", `${at(id, "people")}${search({ state, cursor })}`, { signal });
