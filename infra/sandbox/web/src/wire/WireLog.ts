import { cloud } from "../api/cloud";
import { calmly } from "../api/calmly";
import { follow } from "../api/live";
import type { WireEntry } from "../api/types";
import { readHead, type WireHead } from "./WireHead";

/** How many requests are shown first, and how many more each time somebody asks. */
export const WIRE_STEP = 30;
/** How many requests the sandbox keeps. */
const KEEP = 500;
/** Milliseconds between two redraws: a campaign makes more requests a second than anybody reads. */
const REDRAW_MS = 250;

export interface WireSnapshot {
  /** Newest first, no more than somebody asked to see. */
  entries: WireHead[];
  /** How many requests there were since the sandbox started. */
  total: number;
  /** Whether the sandbox still has older ones. */
  more: boolean;
  /** Until the first answer: loading. */
  state: "loading" | "ready" | "failed";
  error: string;
}

/** The last requests between Teams and Herald, kept up to date. A store for useSyncExternalStore. */
export class WireLog {
  private snapshot: WireSnapshot = { entries: [], total: 0, more: false, state: "loading", error: "" };
  private limit = WIRE_STEP;
  /** Events as they came: reading them waits for the redraw, and most of a burst is never read. */
  private arrived: string[] = [];
  private readonly redraw = calmly(() => this.take([]), REDRAW_MS);
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
  readonly refresh = (): Promise<void> => this.fetch(this.snapshot.entries[0]?.seq ?? 0);

  /** Fetches older ones too. */
  readonly showMore = (): Promise<void> => {
    this.limit = Math.min(this.limit + WIRE_STEP, KEEP);
    return this.fetch(0);
  };

  private async fetch(after: number): Promise<void> {
    const before = this.snapshot.entries;
    try {
      const entries = await cloud.wire(after, this.limit);
      // A sandbox that was started anew counts anew: none of what was known is among its own.
      if (
        after === 0 &&
        !before.some((old) => entries.some((one) => one.seq === old.seq && one.at === old.at))
      ) {
        this.snapshot = {
          ...this.snapshot,
          entries: this.snapshot.entries.filter((one) => !before.includes(one)),
        };
      }
      this.take(entries.map(headOf));
    } catch (error) {
      // What is shown already stays: the stream's state says that it is not live.
      if (this.snapshot.state === "ready") return;
      const text = error instanceof Error ? error.message : "";
      this.show({ ...this.snapshot, state: "failed", error: text });
    }
  }

  private open(): void {
    this.stop = follow("/api/wire/events", {
      events: ["wire"],
      onEvent: (data) => {
        this.arrived.push(data);
        if (this.arrived.length > KEEP) this.arrived.splice(0, this.arrived.length - this.limit);
        this.redraw.ask();
      },
      onOpen: () => void this.fetch(0),
      onState: (connected) => {
        if (!connected && this.snapshot.state === "loading") void this.refresh();
      },
    });
  }

  private close(): void {
    this.stop?.();
    this.stop = null;
    this.redraw.cancel();
  }

  private take(fetched: WireHead[]): void {
    const arrived = this.arrived.slice(-this.limit).map(readHead);
    this.arrived = [];
    // An event may carry the request itself; anything else only says that there are new ones.
    if (arrived.includes(null)) void this.refresh();
    const bySeq = new Map<number, WireHead>();
    for (const head of [...fetched, ...arrived, ...this.snapshot.entries]) {
      if (head !== null) bySeq.set(head.seq, head);
    }
    const entries = [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, this.limit);
    const total = entries[0]?.seq ?? 0;
    const more = this.limit < Math.min(total, KEEP);
    this.show({ entries, total, more, state: "ready", error: "" });
  }

  private show(snapshot: WireSnapshot): void {
    this.snapshot = snapshot;
    for (const changed of this.watchers) changed();
  }
}

function headOf({ request, response, ...head }: WireEntry): WireHead {
  return { ...head, bodies: () => ({ request, response }) };
}
