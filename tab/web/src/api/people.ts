import { type Api, path, search } from "./client";
import type { KnownPerson, Privacy } from "./types";

// What only the page of people's data asks, and so no part of the first load.

export const knownPeople = (api: Api, q: string, signal?: AbortSignal) =>
  api.json<{ items: KnownPerson[] }>("GET", `/admin/people${search({ q })}`, { signal });

export const knownPerson = (api: Api, id: string, signal?: AbortSignal) =>
  api.json<KnownPerson>("GET", path("admin", "people", id), { signal });

export const forgetPerson = (api: Api, id: string) => api.none("DELETE", path("admin", "people", id));

export const privacy = (api: Api, signal?: AbortSignal) => api.json<Privacy>("GET", "/admin/privacy", { signal });
