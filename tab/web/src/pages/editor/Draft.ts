import { type ApiError, isTransient, toApiError } from "../../api/error";
import type { Campaign, CampaignInput } from "../../api/types";
import { type DraftFields, fieldsOf, inputOf, sameInput } from "./fields";

/**
 * The draft that is being edited, and its way to Herald.
 *
 *   saved ──edit──▶ waiting ──pause──▶ saving ──ok──▶ saved        (edited meanwhile: ──▶ waiting)
 *                      ▲                 │ ├─error──▶ failed ──edit, retry──▶ waiting
 *                      └──── mine ───────┘ └─412────▶ conflict ──mine──▶ saving, ──theirs──▶ saved
 *
 * One request at a time, always with the version of the last answer.
 */
export type SaveState =
  | { kind: "saved"; at: number }
  | { kind: "waiting" }
  | { kind: "saving" }
  | { kind: "failed"; error: ApiError }
  | { kind: "conflict"; theirs: Campaign };

export interface DraftSnapshot {
  fields: DraftFields;
  /** The campaign as Herald last gave it. */
  campaign: Campaign;
  state: SaveState;
  /** Something typed cannot be sent at all, such as JSON that does not parse. */
  unreadable: boolean;
  /** Grows when the fields were replaced from outside, so that editors with a state of their own begin anew. */
  generation: number;
}

export interface DraftOptions {
  save: (version: number, input: CampaignInput) => Promise<Campaign>;
  onSaved?: (campaign: Campaign) => void;
  now?: () => number;
  /** Milliseconds without typing before it is saved. */
  pause?: number;
  /** Milliseconds before a failure that passes by itself is tried again. */
  retry?: number;
}

export class Draft {
  private snapshot: DraftSnapshot;
  private readonly listeners = new Set<() => void>();
  private readonly options: Required<DraftOptions>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;

  constructor(campaign: Campaign, options: DraftOptions) {
    this.options = { onSaved: () => undefined, now: Date.now, pause: 800, retry: 5_000, ...options };
    const state: SaveState = { kind: "saved", at: Date.parse(campaign.updatedAt) };
    this.snapshot = { fields: fieldsOf(campaign), campaign, state, unreadable: false, generation: 0 };
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  get = (): DraftSnapshot => this.snapshot;

  edit = (change: Partial<DraftFields>): void => {
    this.set({ fields: { ...this.snapshot.fields, ...change } });
    // In a conflict the author decides first; while saving, the end of saving notices the change.
    if (this.snapshot.state.kind === "conflict" || this.running) return;
    if (sameInput(this.snapshot.campaign, inputOf(this.snapshot.fields))) {
      clearTimeout(this.timer);
      this.set({ state: { kind: "saved", at: Date.parse(this.snapshot.campaign.updatedAt) } });
      return;
    }
    this.set({ state: { kind: "waiting" } });
    this.schedule(this.options.pause);
  };

  setUnreadable = (unreadable: boolean): void => {
    if (unreadable !== this.snapshot.unreadable) this.set({ unreadable });
  };

  /** Saves what is not saved yet, at once. True: everything typed is with Herald. */
  flush = async (): Promise<boolean> => {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    const { kind } = this.snapshot.state;
    if (kind === "waiting" || kind === "failed") await this.save();
    return this.snapshot.state.kind === "saved" && !this.snapshot.unreadable;
  };

  /** After a conflict: overwrite the other version. */
  keepMine = async (): Promise<void> => {
    const { state } = this.snapshot;
    if (state.kind !== "conflict") return;
    this.set({ campaign: state.theirs, state: { kind: "waiting" } });
    await this.save();
  };

  /** After a conflict: forget what was typed. */
  keepTheirs = (): void => {
    const { state, generation } = this.snapshot;
    if (state.kind !== "conflict") return;
    this.set({
      fields: fieldsOf(state.theirs),
      campaign: state.theirs,
      state: { kind: "saved", at: Date.parse(state.theirs.updatedAt) },
      unreadable: false,
      generation: generation + 1,
    });
    this.options.onSaved(state.theirs);
  };

  dispose = (): void => {
    clearTimeout(this.timer);
  };

  private schedule(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), milliseconds);
  }

  private save(): Promise<void> {
    clearTimeout(this.timer);
    this.running ??= this.attempt().finally(() => {
      this.running = null;
      // Typed while the request was on its way.
      if (this.snapshot.state.kind === "waiting") this.schedule(this.options.pause);
    });
    return this.running;
  }

  private async attempt(): Promise<void> {
    const input = inputOf(this.snapshot.fields);
    this.set({ state: { kind: "saving" } });
    try {
      const campaign = await this.options.save(this.snapshot.campaign.version, input);
      const same = sameInput(input, inputOf(this.snapshot.fields));
      this.set({ campaign, state: same ? { kind: "saved", at: this.options.now() } : { kind: "waiting" } });
      this.options.onSaved(campaign);
    } catch (caught) {
      const error = toApiError(caught);
      if (error.status === 412 && error.current) {
        // Somebody saved the very same: nothing to decide.
        const same = error.current.status === "draft" && sameInput(error.current, inputOf(this.snapshot.fields));
        if (same) this.set({ campaign: error.current, state: { kind: "saved", at: this.options.now() } });
        else this.set({ state: { kind: "conflict", theirs: error.current } });
        return;
      }
      const changed = !sameInput(input, inputOf(this.snapshot.fields));
      this.set({ state: changed ? { kind: "waiting" } : { kind: "failed", error } });
      if (!changed && isTransient(error)) this.schedule(this.options.retry);
    }
  }

  private set(change: Partial<DraftSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const each of this.listeners) each();
  }
}
