import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api/error";
import type { Campaign, CampaignInput } from "../src/api/types";
import { campaignDraft } from "../src/pages/editor/campaignDraft";
import { contentOf, fieldsOf, inputOf } from "../src/pages/editor/fields";

const campaign: Campaign = {
  id: "c1",
  name: "News",
  format: "message",
  content: { text: "Hello" },
  audience: { emails: [], listIds: [], excludeListIds: [] },
  timing: { at: null },
  status: "draft",
  sendAt: null,
  startedAt: null,
  completedAt: null,
  createdAt: "2026-11-21T09:00:00Z",
  updatedAt: "2026-11-21T09:00:00Z",
  createdBy: { id: "u", displayName: "Ann" },
  updatedBy: { id: "u", displayName: "Ann" },
  version: 1,
};

/** A Herald that answers when told to. */
function setup() {
  const calls: {
    version: number;
    input: CampaignInput;
    resolve: (c: Campaign) => void;
    reject: (e: unknown) => void;
  }[] = [];
  const saved: Campaign[] = [];
  const onGone = vi.fn();
  const elsewhere: { answer: () => Promise<Campaign> } = { answer: () => Promise.resolve(campaign) };
  const draft = campaignDraft(campaign, {
    pause: 800,
    retry: 5_000,
    now: () => 42,
    onSaved: (each) => saved.push(each),
    onGone,
    load: () => elsewhere.answer(),
    save: (version, input) =>
      new Promise((resolve, reject) => {
        calls.push({ version, input, resolve, reject });
      }),
  });
  const call = (at: number) => {
    const found = calls[at];
    if (!found) throw new Error(`there was no call ${String(at)}`);
    return found;
  };
  const accept = async (at: number) => {
    const { version, input, resolve } = call(at);
    resolve({ ...campaign, ...input, version: version + 1 });
    await vi.advanceTimersByTimeAsync(0);
  };
  const refuse = async (at: number, error: ApiError) => {
    call(at).reject(error);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { draft, calls, call, saved, onGone, elsewhere, accept, refuse, state: () => draft.get().state.kind };
}

describe("autosave", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("saves once, after a pause in typing", async () => {
    const { draft, calls, call, accept, state } = setup();
    draft.edit({ text: "Hello a" });
    await vi.advanceTimersByTimeAsync(700);
    draft.edit({ text: "Hello all" });
    await vi.advanceTimersByTimeAsync(700);
    expect([state(), calls.length]).toEqual(["waiting", 0]);
    await vi.advanceTimersByTimeAsync(100);
    expect([state(), calls.length]).toEqual(["saving", 1]);
    expect(call(0)).toMatchObject({ version: 1, input: { content: { text: "Hello all" } } });
    await accept(0);
    expect(draft.get().state).toEqual({ kind: "saved", at: 42 });
    expect(draft.get().kept.version).toBe(2);
  });

  it("saves what was typed while saving, with the new version", async () => {
    const { draft, call, accept, state } = setup();
    draft.edit({ text: "one" });
    await vi.advanceTimersByTimeAsync(800);
    draft.edit({ text: "two" });
    await accept(0);
    expect(state()).toBe("waiting");
    await vi.advanceTimersByTimeAsync(800);
    expect(call(1)).toMatchObject({ version: 2, input: { content: { text: "two" } } });
    await accept(1);
    expect(state()).toBe("saved");
  });

  it("has nothing to save when the change was taken back", async () => {
    const { draft, calls, state } = setup();
    draft.edit({ text: "x" });
    draft.edit({ text: "Hello" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect([state(), calls.length]).toEqual(["saved", 0]);
  });

  it("keeps a refusal at its field until the next change", async () => {
    const { draft, calls, refuse, accept, state } = setup();
    draft.edit({ text: "[a](x:y)" });
    await vi.advanceTimersByTimeAsync(800);
    const problems = [{ field: "/content/text", code: "link_not_allowed", message: "?" }];
    await refuse(0, new ApiError(422, { code: "invalid", problems }));
    expect(draft.get().state).toMatchObject({ kind: "failed", error: { problems } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.length).toBe(1);
    draft.edit({ text: "[FIRSTNAME]" });
    await vi.advanceTimersByTimeAsync(800);
    await accept(1);
    expect(state()).toBe("saved");
  });

  it("tries again by itself when Herald could not be reached", async () => {
    const { draft, refuse, accept, state } = setup();
    draft.edit({ text: "x" });
    await vi.advanceTimersByTimeAsync(800);
    await refuse(0, new ApiError(0, {}));
    expect(state()).toBe("failed");
    await vi.advanceTimersByTimeAsync(5_000);
    await accept(1);
    expect(state()).toBe("saved");
  });

  it("says that it failed until it has not, however often it tries again by itself", async () => {
    const { draft, refuse, accept, state, calls } = setup();
    draft.edit({ text: "x" });
    await vi.advanceTimersByTimeAsync(800);
    await refuse(0, new ApiError(0, {}));
    await vi.advanceTimersByTimeAsync(5_000);
    expect([state(), calls.length]).toEqual(["failed", 2]);
    await refuse(1, new ApiError(0, {}));
    void draft.flush();
    expect([state(), calls.length]).toEqual(["saving", 3]);
    draft.edit({ text: "xy" });
    await accept(2);
    expect(state()).toBe("waiting");
  });

  it("saves nothing any more that was left unsaved", async () => {
    const { draft, calls, refuse, accept } = setup();
    const leave = draft.live();
    draft.edit({ text: "Never mind" });
    await vi.advanceTimersByTimeAsync(800);
    leave();
    await refuse(0, new ApiError(0, {}));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.length).toBe(1);
    // React leaves and comes back at once while it looks for faults.
    draft.live();
    draft.edit({ text: "After all" });
    await vi.advanceTimersByTimeAsync(800);
    await accept(1);
    expect(draft.get().state.kind).toBe("saved");
  });

  const theirs: Campaign = { ...campaign, content: { text: "Theirs" }, version: 7 };

  it("does not take an answer that another one has overtaken for the newest", async () => {
    const { draft, elsewhere, refuse, onGone } = setup();
    let tell: (older: Campaign) => void = () => undefined;
    elsewhere.answer = () =>
      new Promise((resolve) => {
        tell = resolve;
      });
    draft.edit({ text: "Mine" });
    const looked = draft.look();
    await vi.advanceTimersByTimeAsync(800);
    await refuse(0, new ApiError(412, { code: "stale_version", current: theirs }));
    tell({ ...theirs, content: { text: "Theirs, before" }, version: 6 });
    await looked;
    expect(draft.get().state).toMatchObject({ kind: "conflict", theirs: { version: 7 } });
    // Nor is what is known told again at each look.
    elsewhere.answer = () => Promise.resolve({ ...theirs, status: "sending", version: 8 });
    await draft.look();
    await draft.look();
    expect(draft.get().state.kind).toBe("gone");
    expect(onGone).toHaveBeenCalledOnce();
  });

  it("lets the author keep their own after a conflict", async () => {
    const { draft, call, refuse, accept, state } = setup();
    draft.edit({ text: "Mine" });
    await vi.advanceTimersByTimeAsync(800);
    await refuse(0, new ApiError(412, { code: "stale_version", current: theirs }));
    draft.edit({ text: "Mine, more" });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(state()).toBe("conflict");
    void draft.keepMine();
    expect(call(1)).toMatchObject({ version: 7, input: { content: { text: "Mine, more" } } });
    await accept(1);
    expect(state()).toBe("saved");
  });

  it("lets the author take the other version after a conflict", async () => {
    const { draft, refuse, state, saved } = setup();
    draft.edit({ text: "Mine" });
    await vi.advanceTimersByTimeAsync(800);
    await refuse(0, new ApiError(412, { code: "stale_version", current: theirs }));
    draft.keepTheirs();
    expect(state()).toBe("saved");
    expect(draft.get()).toMatchObject({ fields: { text: "Theirs" }, generation: 1, kept: { version: 7 } });
    expect(saved).toEqual([theirs]);
  });

  it("sees no conflict when the other version says the same", async () => {
    const { draft, refuse, state } = setup();
    draft.edit({ text: "Theirs" });
    await vi.advanceTimersByTimeAsync(800);
    await refuse(0, new ApiError(412, { code: "stale_version", current: theirs }));
    expect(state()).toBe("saved");
    expect(draft.get().kept.version).toBe(7);
  });

  it("takes over what somebody else changed while nothing was typed, and says who", async () => {
    const { draft, elsewhere, calls, saved } = setup();
    const anna = { id: "a", displayName: "Anna" };
    elsewhere.answer = () => Promise.resolve({ ...theirs, updatedBy: anna, updatedAt: "2026-11-21T09:42:00Z" });
    await draft.look();
    expect(draft.get()).toMatchObject({ fields: { text: "Theirs" }, generation: 1, kept: { version: 7 } });
    expect(draft.get().state).toEqual({ kind: "saved", at: Date.parse("2026-11-21T09:42:00Z"), by: anna });
    expect(saved.length).toBe(1);
    draft.edit({ text: "Mine" });
    await vi.advanceTimersByTimeAsync(800);
    expect(calls[0]).toMatchObject({ version: 7 });
  });

  it("meets somebody else's change with what is being typed as a conflict, and follows the newest", async () => {
    const { draft, elsewhere, calls, state } = setup();
    draft.edit({ text: "Mine" });
    elsewhere.answer = () => Promise.resolve(theirs);
    await draft.look();
    expect(state()).toBe("conflict");
    elsewhere.answer = () => Promise.resolve({ ...theirs, content: { text: "Theirs again" }, version: 8 });
    await draft.look();
    expect(draft.get().state).toMatchObject({ theirs: { version: 8 } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual([]);
    void draft.keepMine();
    expect(calls[0]).toMatchObject({ version: 8, input: { content: { text: "Mine" } } });
  });

  it("leaves what is typed but cannot be read alone, too", async () => {
    const { draft, elsewhere, state } = setup();
    draft.setUnreadable(true);
    elsewhere.answer = () => Promise.resolve(theirs);
    await draft.look();
    expect(state()).toBe("conflict");
  });

  it.each([
    ["scheduled", () => Promise.resolve({ ...theirs, status: "scheduled" as const }), "scheduled"],
    ["deleted", () => Promise.reject(new ApiError(404, { code: "not_found" })), undefined],
  ])("notices that it was %s elsewhere, keeps what was typed, and saves nothing more", async (_, answer, status) => {
    const { draft, elsewhere, calls, onGone } = setup();
    draft.edit({ text: "Mine" });
    elsewhere.answer = answer;
    await draft.look();
    const { state, fields } = draft.get();
    expect(state.kind === "gone" ? state.theirs?.status : state.kind).toBe(status);
    expect(onGone).toHaveBeenCalledOnce();
    draft.edit({ text: "Mine, more" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([fields.text, draft.get().fields.text, draft.unsaved(), calls.length]).toEqual([
      "Mine",
      "Mine, more",
      true,
      0,
    ]);
    draft.forget();
    expect(draft.unsaved()).toBe(false);
  });

  it("finds out what it has become when a save is refused", async () => {
    const { draft, elsewhere, refuse, state } = setup();
    draft.edit({ text: "Mine" });
    await vi.advanceTimersByTimeAsync(800);
    elsewhere.answer = () => Promise.resolve({ ...theirs, status: "sending" });
    await refuse(0, new ApiError(409, { code: "not_draft" }));
    expect(state()).toBe("gone");
  });

  it("is a draft again when it was taken back elsewhere", async () => {
    const { draft, elsewhere, state } = setup();
    elsewhere.answer = () => Promise.resolve({ ...theirs, status: "scheduled" });
    await draft.look();
    expect(state()).toBe("gone");
    elsewhere.answer = () => Promise.resolve({ ...theirs, version: 8 });
    await draft.look();
    expect([state(), draft.get().fields.text]).toEqual(["saved", "Theirs"]);
  });

  it("does not look while the page itself sends it, and not when Herald cannot be reached", async () => {
    const { draft, elsewhere, state } = setup();
    elsewhere.answer = () => Promise.reject(new ApiError(0, {}));
    await draft.look();
    expect(state()).toBe("saved");
    elsewhere.answer = () => Promise.resolve({ ...theirs, status: "sending" });
    await draft.leave(() => Promise.resolve());
    await draft.look();
    expect(state()).toBe("saved");
    await expect(draft.leave(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await draft.look();
    expect(state()).toBe("gone");
  });

  it("can be told to save at once, and says whether everything is saved", async () => {
    const { draft, accept, refuse } = setup();
    draft.edit({ text: "x" });
    const first = draft.flush();
    await accept(0);
    expect(await first).toBe(true);
    draft.edit({ text: "y" });
    const second = draft.flush();
    await refuse(1, new ApiError(409, { code: "not_draft" }));
    expect(await second).toBe(false);
  });

  it("is not saved while something typed cannot be read", async () => {
    const { draft } = setup();
    draft.setUnreadable(true);
    draft.setUnreadable(true, "/timing/at");
    draft.setUnreadable(false, "/timing/at");
    expect(await draft.flush()).toBe(false);
    draft.setUnreadable(false);
    expect(await draft.flush()).toBe(true);
  });
});

describe("draft fields", () => {
  it("send only what the format uses, and lose nothing on the way", () => {
    const fields = {
      ...fieldsOf(campaign),
      title: "T",
      buttons: [
        { title: " Go ", url: "https://x.example " },
        { title: "", url: "" },
      ],
    };
    expect(contentOf(fields)).toEqual({ text: "Hello" });
    expect(contentOf({ ...fields, format: "card" })).toEqual({
      title: "T",
      imageUrl: "",
      imageAlt: "",
      text: "Hello",
      buttons: [{ title: "Go", url: "https://x.example" }],
    });
    expect(contentOf({ ...fields, format: "card", card: { type: "AdaptiveCard" } })).toEqual({
      card: { type: "AdaptiveCard" },
    });
    expect(inputOf({ ...fields, all: true, emails: ["a@x.io"] }).audience).toEqual({ all: true });
  });
});
