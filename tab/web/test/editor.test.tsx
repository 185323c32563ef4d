import { describe, expect, it } from "vitest";
import type { CampaignInput, Problem } from "../src/api/types";
import { translator } from "../src/i18n/translate";
import { differences } from "../src/pages/editor/CompareDialog";
import { fieldsOf, inputOf, sameInput, stepOf } from "../src/pages/editor/fields";
import { timingProblems } from "../src/pages/editor/useProblems";
import { explainProblem } from "../src/ui/errors";

const t = translator("en-GB");
const input: CampaignInput = {
  name: "News",
  format: "message",
  content: { text: "Hello" },
  audience: { emails: ["a@x.example"], listIds: [], excludeListIds: [] },
  timing: { at: null },
};

describe("the time of a draft", () => {
  const now = Date.parse("2026-11-21T10:00:00Z");

  it("is sent only while later is chosen, and not forgotten on the way", () => {
    const later = fieldsOf({ ...input, timing: { at: "2026-11-22T10:00:00Z" } });
    expect(later).toMatchObject({ when: "later", at: "2026-11-22T10:00:00Z" });
    expect(inputOf(later).timing).toEqual({ at: "2026-11-22T10:00:00Z" });
    const changedMind = { ...later, when: "now" as const };
    expect(inputOf(changedMind).timing).toEqual({ at: null });
    expect(changedMind.at).toBe("2026-11-22T10:00:00Z");
  });

  it("is the same however it is written", () => {
    const at = (text: string | null) => ({ ...input, timing: { at: text } });
    expect(sameInput(at("2026-11-22T10:00:00Z"), at("2026-11-22T11:00:00.000+01:00"))).toBe(true);
    expect(sameInput(at("2026-11-22T10:00:00Z"), at("2026-11-22T10:01:00Z"))).toBe(false);
    expect(sameInput(at("2026-11-22T10:00:00Z"), at(null))).toBe(false);
  });

  it.each([
    [null, []],
    ["2026-11-21T10:01:00Z", []],
    ["2026-11-21T09:59:00Z", ["send_in_past"]],
    ["2026-11-27T10:00:00Z", []],
    ["2026-11-27T10:01:00Z", ["send_later_cap"]],
  ])("stands in the way of sending when it cannot be kept: %s", (at, codes) => {
    const found = timingProblems(at, now, 144);
    expect(found.map(({ code }) => code)).toEqual(codes);
    for (const each of found) expect(explainProblem(each, t)).toMatch(/^The planned moment/);
  });
});

describe("problems", () => {
  it("lead to the step that mends them", () => {
    expect(["/name", "/content/text", "/audience/listIds/0", "/timing/at"].map(stepOf)).toEqual([
      "message",
      "message",
      "audience",
      "time",
    ]);
  });

  it("name the variable that may have been meant", () => {
    const unknown = (params: Problem["params"]): Problem => ({
      field: "/content/text",
      code: "unknown_variable",
      value: "[FRST]",
      message: "There is no variable [FRST].",
      ...(params ? { params } : {}),
    });
    expect(explainProblem(unknown({ suggestion: "FIRSTNAME" }), t)).toBe(
      "Nobody knows [FRST]. Did you mean [FIRSTNAME]?",
    );
    expect(explainProblem(unknown(undefined), t)).toMatch(/^No chosen list knows \[FRST\]\./);
  });
});

describe("two versions of a draft", () => {
  const of = (theirs: CampaignInput) => differences(input, theirs, (id) => `List ${id}`, "en-GB", t);

  it("differ field by field, in words", () => {
    const theirs: CampaignInput = {
      ...input,
      name: "Old news",
      content: { text: "Bye" },
      audience: { all: true, excludeListIds: ["7"] },
      timing: { at: "2026-11-22T10:00:00Z" },
    };
    expect(of(input)).toEqual([]);
    expect(of(theirs).map(({ label, mine, theirs: their }) => [label, mine, their])).toEqual([
      ["Name of the campaign", "News", "Old news"],
      ["Text", "Hello", "Bye"],
      ["Who gets it?", "Chosen people", "All users"],
      ["Addresses", "a@x.example", ""],
      ["Except", "", "List 7"],
      ["Time", "Now", expect.stringMatching(/^Sunday 22 November, \d\d:00$/)],
    ]);
  });

  it("show of long texts where they begin to differ", () => {
    const long = "x".repeat(5_000);
    const [row] = differences(
      { ...input, content: { text: `${long}mine` } },
      { ...input, content: { text: `${long}theirs` } },
      String,
      "en",
      t,
    );
    expect(row?.mine).toMatch(/^…x{120}mine$/);
    expect(row?.theirs).toMatch(/^…x{120}theirs$/);
  });
});
