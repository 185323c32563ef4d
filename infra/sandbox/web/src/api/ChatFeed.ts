import { calmly } from "./calmly";
import { follow, REFRESH_MS } from "./live";

interface Reader {
  person: string;
  ask: () => void;
}

/**
 * Hears of the chats of everybody who is shown, over one stream: a browser allows six connections to one HTTP/1.1 host,
 * and each chat with a stream of its own would leave too few for the rest of the page.
 */
export class ChatFeed {
  private readonly readers = new Set<Reader>();
  private followed = "";
  private planned = false;
  private stop: (() => void) | null = null;

  /** Refreshes when the person's chat changes and whenever the stream opens. Returns the function that ends it. */
  follow(person: string, refresh: () => Promise<void>): () => void {
    const calm = calmly(refresh, REFRESH_MS);
    const reader = { person, ask: calm.ask };
    this.readers.add(reader);
    this.plan();
    return () => {
      this.readers.delete(reader);
      calm.cancel();
      this.plan();
    };
  }

  /** Several columns come and go together: the stream changes once, after them. */
  private plan(): void {
    if (this.planned) return;
    this.planned = true;
    queueMicrotask(() => {
      this.planned = false;
      this.open([...new Set([...this.readers].map((reader) => reader.person))].sort());
    });
  }

  private open(people: string[]): void {
    const query = new URLSearchParams(people.map((person) => ["user", person])).toString();
    if (query === this.followed) return;
    this.followed = query;
    this.stop?.();
    this.stop = null;
    if (people.length === 0) return;
    this.stop = follow(`/api/chats/events?${query}`, {
      events: ["chat"],
      onEvent: (data) => this.tell(personOf(data)),
      // What happened before the stream stood must be fetched.
      onOpen: () => this.tell(null),
    });
  }

  private tell(person: string | null): void {
    for (const reader of this.readers) if (person === null || person === reader.person) reader.ask();
  }
}

/** Whose chat changed; null when the event does not say, so that everybody looks. */
function personOf(data: string): string | null {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null || !("user" in value)) return null;
    return typeof value.user === "string" ? value.user : null;
  } catch {
    return null;
  }
}

/** The page's own. */
export const chatFeed = new ChatFeed();
