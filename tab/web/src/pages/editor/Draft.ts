import { type ApiError, isTransient, toApiError } from "../../api/error";
import type { Author } from "../../api/types";

/** What can be edited and saved by several people: Herald counts its versions. */
export interface Kept {
  version: number;
  updatedAt: string;
  /** Who last wrote it, where Herald notes that. */
  updatedBy?: Author;
}

/** How one kind of thing is edited. T is what Herald gives, F the fields of its form, I what Herald takes. */
export interface Editing<T extends Kept, F extends object, I> {
  fieldsOf: (kept: T) => F;
  inputOf: (fields: F) => I;
  same: (a: T | I, b: I) => boolean;
  /** Whether it can still be edited. */
  open: (kept: T) => boolean;
}

/**
 * What is being edited, and its way to Herald.
 *
 *   saved ──edit──▶ waiting ──pause──▶ saving ──ok──▶ saved        (edited meanwhile: ──▶ waiting)
 *     ▲                ▲                 │ ├─error──▶ failed ──edit, retry──▶ waiting
 *     │                └──── mine ───────┘ └─412────▶ conflict ──mine──▶ saving, ──theirs──▶ saved
 *     └── look: changed elsewhere, nothing typed here; something typed: ──▶ conflict; no draft any more: ──▶ gone
 *
 * One request at a time, always with the version of the last answer.
 */
export type SaveState<T extends Kept> =
  /** `by`: somebody's change from elsewhere was taken over. */
  | { kind: "saved"; at: number; by?: Author }
  | { kind: "waiting" }
  | { kind: "saving" }
  | { kind: "failed"; error: ApiError }
  | { kind: "conflict"; theirs: T }
  /** Elsewhere it became something that is not edited any more, or (null) was deleted. */
  | { kind: "gone"; theirs: T | null };

export interface DraftSnapshot<T extends Kept, F> {
  fields: F;
  /** As Herald last gave it. */
  kept: T;
  state: SaveState<T>;
  /** Where something is typed that cannot be sent at all, such as JSON that does not parse; fields as in Problem. */
  unreadableAt: readonly string[];
  /** Grows when the fields were replaced from outside, so that editors with a state of their own begin anew. */
  generation: number;
}

export interface DraftOptions<T, I> {
  save: (version: number, input: I) => Promise<T>;
  /** As Herald has it now. */
  load: () => Promise<T>;
  onSaved?: (kept: T) => void;
  /** It was deleted elsewhere, or is not edited any more. */
  onGone?: () => void;
  now?: () => number;
  /** Milliseconds without typing before it is saved. */
  pause?: number;
  /** Milliseconds before a failure that passes by itself is tried again. */
  retry?: number;
}

/** What is said of a draft whatever is edited. */
export interface Saving {
  subscribe: (listener: () => void) => () => void;
  get: () => DraftSnapshot<Kept, object>;
  unsaved: () => boolean;
  flush: () => Promise<boolean>;
  look: () => Promise<void>;
  keepMine: () => Promise<void>;
  keepTheirs: () => void;
  forget: () => void;
}

export class Draft<T extends Kept, F extends object, I> implements Saving {
  private snapshot: DraftSnapshot<T, F>;
  private readonly listeners = new Set<() => void>();
  private readonly editing: Editing<T, F, I>;
  private readonly options: Required<DraftOptions<T, I>>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  /** What was typed into a field that cannot be read from the draft, so that it is still there after another step. */
  private readonly raw = new Map<string, string>();
  /** The page itself is sending or leaving it: what happens to it elsewhere is no news. */
  private leaving = false;
  private left = false;

  constructor(kept: T, editing: Editing<T, F, I>, options: DraftOptions<T, I>) {
    this.editing = editing;
    this.options = {
      onSaved: () => undefined,
      onGone: () => undefined,
      now: Date.now,
      pause: 800,
      retry: 5_000,
      ...options,
    };
    const state: SaveState<T> = { kind: "saved", at: Date.parse(kept.updatedAt) };
    this.snapshot = { fields: editing.fieldsOf(kept), kept, state, unreadableAt: [], generation: 0 };
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  get = (): DraftSnapshot<T, F> => this.snapshot;

  edit = (change: Partial<F>): void => {
    this.set({ fields: { ...this.snapshot.fields, ...change } });
    // In a conflict the author decides first; while saving, the end of saving notices the change.
    const { kind } = this.snapshot.state;
    if (kind === "conflict" || kind === "gone" || this.running) return;
    if (!this.typed()) {
      clearTimeout(this.timer);
      this.set({ state: { kind: "saved", at: Date.parse(this.snapshot.kept.updatedAt) } });
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
    // A field must show what is typed, also when that changes nothing else.
    this.set({});
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

  /** Asks Herald what became of it elsewhere. That it could not be asked is no news. */
  look = async (): Promise<void> => {
    if (this.running || this.leaving) return;
    const { kept } = this.snapshot;
    let theirs: T | null;
    try {
      theirs = await this.options.load();
    } catch (caught) {
      if (toApiError(caught).status !== 404) return;
      theirs = null;
    }
    // Saved meanwhile: what was asked for is old.
    if (this.running || this.leaving || this.snapshot.kept !== kept) return;
    const { state } = this.snapshot;
    const known = "theirs" in state ? state.theirs : kept;
    // Deleted for good; or an answer that another one has overtaken.
    if (known === null || (theirs !== null && theirs.version < known.version)) return;
    if (theirs === null || !this.editing.open(theirs)) {
      if (state.kind === "gone" && theirs?.version === known.version) return;
      clearTimeout(this.timer);
      this.end(theirs);
    } else if (theirs.version > known.version) {
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
    this.set({ kept: state.theirs, state: { kind: "waiting" } });
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
    this.set({ fields: this.editing.fieldsOf(this.snapshot.kept), unreadableAt: [] });
  };

  /** For as long as somebody edits. What it gives back ends that: nothing is saved afterwards, or tried again. */
  live = (): (() => void) => {
    this.left = false;
    return () => {
      this.left = true;
      clearTimeout(this.timer);
    };
  };

  private input(): I {
    return this.editing.inputOf(this.snapshot.fields);
  }

  private typed(): boolean {
    return !this.editing.same(this.snapshot.kept, this.input());
  }

  private schedule(milliseconds: number): void {
    clearTimeout(this.timer);
    if (this.left) return;
    // What is tried again by itself is said to have failed until it has not: no words come and go every few seconds.
    this.timer = setTimeout(() => void this.save(this.snapshot.state.kind === "failed"), milliseconds);
  }

  private save(again = false): Promise<void> {
    clearTimeout(this.timer);
    this.running ??= this.attempt(again).finally(() => {
      this.running = null;
      // Typed while the request was on its way.
      if (this.snapshot.state.kind === "waiting") this.schedule(this.options.pause);
      // Refused because it is no draft any more: what is it?
      if (this.snapshot.state.kind === "failed" && isOver(this.snapshot.state.error)) void this.look();
    });
    return this.running;
  }

  private async attempt(again: boolean): Promise<void> {
    const input = this.input();
    if (!again) this.set({ state: { kind: "saving" } });
    try {
      const kept = await this.options.save(this.snapshot.kept.version, input);
      const same = this.editing.same(input, this.input());
      this.set({ kept, state: same ? { kind: "saved", at: this.options.now() } : { kind: "waiting" } });
      this.options.onSaved(kept);
    } catch (caught) {
      const error = toApiError(caught);
      if (error.status === 412 && error.current) {
        // Herald answers with what was to be saved.
        const theirs = error.current as unknown as T;
        if (this.editing.open(theirs)) this.meet(theirs);
        else this.end(theirs);
        return;
      }
      const changed = !this.editing.same(input, this.input());
      this.set({ state: changed ? { kind: "waiting" } : { kind: "failed", error } });
      if (!changed && isTransient(error)) this.schedule(this.options.retry);
    }
  }

  /** Elsewhere its editing ended. */
  private end(theirs: T | null): void {
    this.set({ state: { kind: "gone", theirs } });
    this.options.onGone();
  }

  /** Another version of it: taken over when nothing of the author's own would be lost. */
  private meet(theirs: T): void {
    clearTimeout(this.timer);
    if (this.editing.same(theirs, this.input())) {
      // Somebody saved the very same: nothing to decide.
      this.set({ kept: theirs, state: { kind: "saved", at: this.options.now() } });
    } else if (this.unsaved()) {
      this.set({ state: { kind: "conflict", theirs } });
    } else {
      this.takeOver(theirs, theirs.updatedBy);
    }
  }

  private takeOver(theirs: T, by?: Author): void {
    this.raw.clear();
    this.set({
      fields: this.editing.fieldsOf(theirs),
      kept: theirs,
      state: { kind: "saved", at: Date.parse(theirs.updatedAt), ...(by ? { by } : {}) },
      unreadableAt: [],
      generation: this.snapshot.generation + 1,
    });
    this.options.onSaved(theirs);
  }

  private set(change: Partial<DraftSnapshot<T, F>>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const each of this.listeners) each();
  }
}

function isOver(error: ApiError): boolean {
  return error.status === 404 || error.code === "not_draft";
}
