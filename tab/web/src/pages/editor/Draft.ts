import { type ApiError, isTransient, toApiError } from "../../api/error";
import type { Campaign, CampaignInput } from "../../api/types";
import { type DraftFields, fieldsOf, inputOf, sameInput } from "./fields";

/**
 * The draft that is being edited, and its way to Herald.
 *
 *   saved ──edit──▶ waiting ──pause──▶ saving ──ok──▶ saved        (edited meanwhile: ──▶ waiting)
 *     ▲                ▲                 │ ├─error──▶ failed ──edit, retry──▶ waiting
 *     │                └──── mine ───────┘ └─412────▶ conflict ──mine──▶ saving, ──theirs──▶ saved
 *     └── look: changed elsewhere, nothing typed here; something typed: ──▶ conflict; no draft any more: ──▶ gone
 *
 * One request at a time, always with the version of the last answer.
 */
export type SaveState =
  /** `by`: somebody's change from elsewhere was taken over. */
  | { kind: "saved"; at: number; by?: Campaign["updatedBy"] }
  | { kind: "waiting" }
  | { kind: "saving" }
  | { kind: "failed"; error: ApiError }
  | { kind: "conflict"; theirs: Campaign }
  /** It was sent, scheduled, stopped or (null) deleted elsewhere. */
  | { kind: "gone"; theirs: Campaign | null };

export interface DraftSnapshot {
  fields: DraftFields;
  /** The campaign as Herald last gave it. */
  campaign: Campaign;
  state: SaveState;
  /** Where something is typed that cannot be sent at all, such as JSON that does not parse; fields as in Problem. */
  unreadableAt: readonly string[];
  /** Grows when the fields were replaced from outside, so that editors with a state of their own begin anew. */
  generation: number;
}

export interface DraftOptions {
  save: (version: number, input: CampaignInput) => Promise<Campaign>;
  /** The campaign as Herald has it now. */
  load: () => Promise<Campaign>;
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
  /** What was typed into a field that cannot be read from the draft, so that it is still there after another step. */
  private readonly raw = new Map<string, string>();
  /** The page itself is sending the campaign or leaving it: what happens to it elsewhere is no news. */
  private leaving = false;

  constructor(campaign: Campaign, options: DraftOptions) {
    this.options = { onSaved: () => undefined, now: Date.now, pause: 800, retry: 5_000, ...options };
    const state: SaveState = { kind: "saved", at: Date.parse(campaign.updatedAt) };
    this.snapshot = { fields: fieldsOf(campaign), campaign, state, unreadableAt: [], generation: 0 };
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
    const { kind } = this.snapshot.state;
    if (kind === "conflict" || kind === "gone" || this.running) return;
    if (!this.typed()) {
      clearTimeout(this.timer);
      this.set({ state: { kind: "saved", at: Date.parse(this.snapshot.campaign.updatedAt) } });
      return;
    }
    this.set({ state: { kind: "waiting" } });
    this.schedule(this.options.pause);
  };

  setUnreadable = (unreadable: boolean, field = "/content/card"): void => {
    const { unreadableAt } = this.snapshot;
    if (unreadableAt.includes(field) === unreadable) return;
    this.set({ unreadableAt: unreadable ? [...unreadableAt, field] : unreadableAt.filter((each) => each !== field) });
  };

  typedText = (field: string): string | undefined => this.raw.get(field);

  /** Keeps what stands in a field as it was typed; undefined: the draft says it all. */
  keepText = (field: string, text: string | undefined): void => {
    if (text === undefined) this.raw.delete(field);
    else this.raw.set(field, text);
  };

  /** Something was typed that Herald does not have. */
  unsaved = (): boolean => this.typed() || this.snapshot.unreadableAt.length > 0;

  /** Saves what is not saved yet, at once. True: everything typed is with Herald. */
  flush = async (): Promise<boolean> => {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    const { kind } = this.snapshot.state;
    if (kind === "waiting" || kind === "failed") await this.save();
    return this.snapshot.state.kind === "saved" && this.snapshot.unreadableAt.length === 0;
  };

  /** Asks Herald what became of the campaign elsewhere. That it could not be asked is no news. */
  look = async (): Promise<void> => {
    if (this.running || this.leaving) return;
    const { campaign, state } = this.snapshot;
    let theirs: Campaign | null;
    try {
      theirs = await this.options.load();
    } catch (caught) {
      if (toApiError(caught).status !== 404) return;
      theirs = null;
    }
    // Saved meanwhile: what was asked for is old.
    if (this.running || this.leaving || this.snapshot.campaign !== campaign) return;
    if (theirs?.status !== "draft") {
      clearTimeout(this.timer);
      this.set({ state: { kind: "gone", theirs } });
    } else if (state.kind === "conflict" ? theirs.version > state.theirs.version : theirs.version > campaign.version) {
      this.meet(theirs);
    }
  };

  /** Does what ends the editing, such as sending. When it fails, editing goes on. */
  leave = async <T>(run: () => Promise<T>): Promise<T> => {
    this.leaving = true;
    try {
      return await run();
    } catch (caught) {
      this.leaving = false;
      throw caught;
    }
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
    const { state } = this.snapshot;
    if (state.kind !== "conflict") return;
    this.takeOver(state.theirs);
  };

  /** Forgets what was typed here and is kept elsewhere. */
  forget = (): void => {
    clearTimeout(this.timer);
    this.leaving = true;
    this.raw.clear();
    this.set({ fields: fieldsOf(this.snapshot.campaign), unreadableAt: [] });
  };

  dispose = (): void => {
    clearTimeout(this.timer);
  };

  private typed(): boolean {
    return !sameInput(this.snapshot.campaign, inputOf(this.snapshot.fields));
  }

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
      // Refused because it is no draft any more: what is it?
      if (this.snapshot.state.kind === "failed" && isOver(this.snapshot.state.error)) void this.look();
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
        if (error.current.status === "draft") this.meet(error.current);
        else this.set({ state: { kind: "gone", theirs: error.current } });
        return;
      }
      const changed = !sameInput(input, inputOf(this.snapshot.fields));
      this.set({ state: changed ? { kind: "waiting" } : { kind: "failed", error } });
      if (!changed && isTransient(error)) this.schedule(this.options.retry);
    }
  }

  /** Another version of the draft: taken over when nothing of the author's own would be lost. */
  private meet(theirs: Campaign): void {
    clearTimeout(this.timer);
    if (sameInput(theirs, inputOf(this.snapshot.fields))) {
      // Somebody saved the very same: nothing to decide.
      this.set({ campaign: theirs, state: { kind: "saved", at: this.options.now() } });
    } else if (this.unsaved()) {
      this.set({ state: { kind: "conflict", theirs } });
    } else {
      this.takeOver(theirs, theirs.updatedBy);
    }
  }

  private takeOver(theirs: Campaign, by?: Campaign["updatedBy"]): void {
    this.raw.clear();
    this.set({
      fields: fieldsOf(theirs),
      campaign: theirs,
      state: { kind: "saved", at: Date.parse(theirs.updatedAt), ...(by ? { by } : {}) },
      unreadableAt: [],
      generation: this.snapshot.generation + 1,
    });
    this.options.onSaved(theirs);
  }

  private set(change: Partial<DraftSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const each of this.listeners) each();
  }
}

function isOver(error: ApiError): boolean {
  return error.status === 404 || error.code === "not_draft";
}
