import { cloud } from "../api/cloud";
import { follow } from "../api/live";
import type { WireEntry } from "../api/types";

/** How many requests the page keeps; the sandbox itself keeps 500. */
const KEEP = 200;
/** Milliseconds between two redraws: a campaign makes more requests a second than anybody reads. */
const REDRAW_MS = 250;

export interface WireSnapshot {
  /** Newest first. */
  entries: WireEntry[];
  /** Until the first answer: loading. */
  state: "loading" | "ready" | "failed";
  error: string;
}

/** The last requests between Teams and Herald, kept up to date. A store for useSyncExternalStore. */
export class WireLog {
  private snapshot: WireSnapshot = { entries: [], state: "loading", error: "" };
  private arrived: WireEntry[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly watchers = new Set<() => void>();
  private stop: (() => void) | null = null;

  readonly get = (): WireSnapshot => this.snapshot;

  /** The first watcher opens the stream, the last one closes it. */
  readonly subscribe = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    if (this.watchers.size === 1) this.open();
    return () => {
      this.watchers.delete(changed);
      if (this.watchers.size === 0) this.close();
    };
  };

  /** Fetches what is newer than the newest known request. */
  readonly refresh = async (): Promise<void> => {
    try {
      const after = Math.max(0, ...this.arrived.map((one) => one.seq), this.snapshot.entries[0]?.seq ?? 0);
      this.take(await cloud.wire(after, 500));
    } catch (error) {
      // What is shown already stays: the stream's state says that it is not live.
      if (this.snapshot.state === "ready") return;
      this.show({ entries: [], state: "failed", error: error instanceof Error ? error.message : "" });
    }
  };

  private open(): void {
    this.stop = follow("/api/wire/events", {
      events: ["wire"],
      onEvent: (data) => {
        const entry = parseEntry(data);
        if (entry === null) void this.refresh();
        else this.arrive(entry);
      },
      onOpen: () => void this.refresh(),
      onState: (connected) => {
        if (!connected && this.snapshot.state === "loading") void this.refresh();
      },
    });
  }

  private close(): void {
    this.stop?.();
    this.stop = null;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private arrive(entry: WireEntry): void {
    this.arrived.push(entry);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.take([]);
    }, REDRAW_MS);
  }

  private take(more: WireEntry[]): void {
    const bySeq = new Map<number, WireEntry>();
    for (const entry of [...this.snapshot.entries, ...this.arrived, ...more]) bySeq.set(entry.seq, entry);
    this.arrived = [];
    const entries = [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, KEEP);
    this.show({ entries, state: "ready", error: "" });
  }

  private show(snapshot: WireSnapshot): void {
    this.snapshot = snapshot;
    for (const changed of this.watchers) changed();
  }
}

/** An event may carry the request itself; anything else only says that there are new ones. */
function parseEntry(data: string): WireEntry | null {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null) return null;
    const entry = value as Partial<WireEntry>;
    const whole =
      typeof entry.seq === "number" && typeof entry.path === "string" && typeof entry.method === "string";
    return whole ? (entry as WireEntry) : null;
  } catch {
    return null;
  }
}
