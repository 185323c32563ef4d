import type {
  BotAddress,
  BulkInstall,
  ChatEntry,
  Clock,
  Environment,
  PeoplePage,
  Person,
  SubmitBody,
  Token,
  WireEntry,
} from "./types";

/** What the sandbox answered instead of doing it: its own words, and a stable code where it gave one. */
export class CloudError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "CloudError";
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function errorOf(status: number, body: unknown): CloudError {
  const error = isRecord(body) && isRecord(body.error) ? body.error : body;
  const code = isRecord(error) && typeof error.code === "string" ? error.code : "";
  const message = isRecord(error) && typeof error.message === "string" ? error.message : "";
  return new CloudError(status, code, message === "" ? `HTTP ${status}` : message);
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: signal ?? null,
    ...(body === undefined
      ? {}
      : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown = null;
  if (text !== "") {
    try {
      parsed = JSON.parse(text);
    } catch {
      // A proxy's or a crash's plain text: the status below says enough.
      parsed = { message: text.slice(0, 300) };
    }
  }
  if (!response.ok) throw errorOf(response.status, parsed);
  return parsed as T;
}

const person = (id: string) => `/api/users/${encodeURIComponent(id)}`;

export type PersonVerb = "install" | "uninstall" | "block" | "unblock";

/** The control API, one function a call. Throws CloudError, or TypeError when the sandbox cannot be reached. */
export const cloud = {
  environment: () => call<Environment>("GET", "/api/environment"),
  bot: () => call<BotAddress>("GET", "/api/bot"),
  clock: () => call<Clock>("GET", "/api/clock"),
  advanceClock: (advance: string) => call<Clock | null>("PUT", "/api/clock", { advance }),
  /** `prompt`: Teams may ask the person, who agrees. */
  token: (upn: string, prompt: boolean) =>
    call<Token>("GET", `/api/token?user=${encodeURIComponent(upn)}&prompt=${String(prompt)}`),

  people: (q: string, limit: number, cursor?: string, signal?: AbortSignal) => {
    const query = new URLSearchParams({ limit: String(limit) });
    if (q !== "") query.set("q", q);
    if (cursor !== undefined) query.set("cursor", cursor);
    return call<PeoplePage>("GET", `/api/users?${query.toString()}`, undefined, signal);
  },
  change: (id: string, verb: PersonVerb) => call<Person | null>("POST", `${person(id)}/${verb}`, {}),
  installMany: (who: { all: true } | { count: number }) =>
    call<BulkInstall | null>("POST", "/api/install", who),
  setPresence: (id: string, availability: string) =>
    call<unknown>("PUT", `${person(id)}/presence`, { availability }),

  chat: async (id: string): Promise<ChatEntry[]> => {
    const answer = await call<ChatEntry[] | { items?: ChatEntry[] } | null>("GET", `${person(id)}/chat`);
    return Array.isArray(answer) ? answer : (answer?.items ?? []);
  },
  write: (id: string, text: string) => call<unknown>("POST", `${person(id)}/messages`, { text }),
  submit: (id: string, body: SubmitBody) => call<unknown>("POST", `${person(id)}/submit`, body),
  refresh: (id: string) => call<unknown>("POST", `${person(id)}/refresh`, {}),
  read: (id: string, activityId: string) => call<unknown>("POST", `${person(id)}/read`, { activityId }),
  react: (id: string, activityId: string, type: string) =>
    call<unknown>("POST", `${person(id)}/react`, { activityId, type }),

  wire: async (after: number, limit: number): Promise<WireEntry[]> => {
    const answer = await call<WireEntry[] | { items?: WireEntry[] } | null>(
      "GET",
      `/api/wire?after=${after}&limit=${limit}`,
    );
    return Array.isArray(answer) ? answer : (answer?.items ?? []);
  },
};
