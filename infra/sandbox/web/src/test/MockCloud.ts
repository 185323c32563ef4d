import { vi } from "vitest";
import type { ChatEntry, Person, WireEntry } from "../api/types";

export const alva: Person = {
  id: "00000000-0000-4000-8000-000000000000",
  upn: "alva.lindstrom@contoso.example",
  mail: "alva.lindstrom@contoso.example",
  displayName: "Alva Lindström",
  givenName: "Alva",
  surname: "Lindström",
  installed: true,
  blocked: false,
  presence: "Available",
  roles: ["Author"],
  locale: "en-US",
};

export const elodie: Person = {
  ...alva,
  id: "00000000-0000-4000-8000-000000000004",
  upn: "elodie.marchand@contoso.example",
  displayName: "Élodie Marchand",
  installed: false,
  presence: "Busy",
  roles: [],
};

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** The sandbox's control API as far as the page's tests need it: answers fetch and EventSource. */
export class MockCloud {
  people: Person[] = [{ ...alva }, { ...elodie }];
  chats = new Map<string, ChatEntry[]>();
  wire: WireEntry[] = [];
  tabUrl = "http://127.0.0.1:3978/tab/";
  /** Answers for one method and path, before the usual ones. */
  overrides = new Map<string, { status: number; body: unknown }>();
  readonly calls: Call[] = [];
  readonly streams: MockStream[] = [];

  install(): void {
    vi.stubGlobal("fetch", (path: string, init?: RequestInit) => Promise.resolve(this.answer(path, init)));
    const streams = this.streams;
    vi.stubGlobal(
      "EventSource",
      class extends MockStream {
        constructor(url: string) {
          super(url);
          streams.push(this);
        }
      },
    );
  }

  /** The open stream of that address. */
  stream(url: string): MockStream {
    const found = this.streams.findLast((one) => one.url === url && !one.closed);
    if (found === undefined) throw new Error(`nobody follows ${url}`);
    return found;
  }

  call(method: string, path: string): Call | undefined {
    return this.calls.findLast((one) => one.method === method && one.path === path);
  }

  private answer(address: string, init?: RequestInit): Response {
    const url = new URL(address, "http://127.0.0.1:3979");
    const method = init?.method ?? "GET";
    const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    this.calls.push({ method, path: url.pathname, query: url.searchParams, body });
    const override = this.overrides.get(`${method} ${url.pathname}`);
    if (override !== undefined) return Response.json(override.body, { status: override.status });
    return Response.json(this.usual(method, url));
  }

  private usual(method: string, url: URL): unknown {
    if (method !== "GET")
      return url.pathname === "/api/install" ? { installed: 2, failed: 0, errors: [] } : {};
    const chat = /^\/api\/users\/(.+)\/chat$/.exec(url.pathname)?.[1];
    if (chat !== undefined) return this.chats.get(chat) ?? [];
    switch (url.pathname) {
      case "/api/bot":
        return { url: "http://127.0.0.1:3978/api/messages", tabUrl: this.tabUrl };
      case "/api/environment":
        return { appId: "app", tenantId: "tenant" };
      case "/api/clock":
        return { now: new Date().toISOString(), offsetNs: 0 };
      case "/api/token":
        return { token: `token of ${url.searchParams.get("user") ?? ""}`, expiresAt: "" };
      case "/api/wire":
        return {
          items: this.wire
            .filter((one) => one.seq > Number(url.searchParams.get("after")))
            .slice(-Number(url.searchParams.get("limit"))),
        };
      case "/api/users": {
        const q = (url.searchParams.get("q") ?? "").toLowerCase();
        const items = this.people.filter((one) => `${one.displayName} ${one.upn}`.toLowerCase().includes(q));
        return { items, next: null, total: items.length };
      }
      default:
        throw new Error(`the mock does not know ${method} ${url.pathname}`);
    }
  }
}

/** An EventSource that tests drive by hand. */
export class MockStream extends EventTarget {
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: MessageEvent<string>) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
  }

  open(): void {
    this.onopen?.();
  }
  say(event: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
  fail(): void {
    this.onerror?.();
  }
  close(): void {
    this.closed = true;
  }
}

let nextId = 1_790_000_000_000;

export function message(
  from: "bot" | "user",
  activity: ChatEntry["activity"],
  more: Partial<ChatEntry> = {},
): ChatEntry {
  nextId += 1;
  const id = String(nextId);
  return {
    id,
    from,
    activity: { type: "message", id, timestamp: "2026-11-21T09:00:00Z", ...activity },
    updatedAt: "2026-11-21T09:00:00Z",
    deleted: false,
    edited: false,
    readAt: null,
    reactions: [],
    ...more,
  };
}

export function cardMessage(content: Record<string, unknown>, more: Partial<ChatEntry> = {}): ChatEntry {
  return message(
    "bot",
    {
      attachments: [
        {
          contentType: "application/vnd.microsoft.card.adaptive",
          content: { type: "AdaptiveCard", version: "1.5", ...content },
        },
      ],
    },
    more,
  );
}
