import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api/error";
import type { Question, QuestionType, Survey, SurveyInput } from "../src/api/surveyTypes";
import type { Report } from "../src/api/types";
import "../src/i18n/pages";
import { fr } from "../src/i18n/fr/index";
import { isKey, loadLanguage, translator } from "../src/i18n/translate";
import { stages } from "../src/pages/report/Funnel";
import { binWords, handAngle, highest, npsParts, percent, shareOf } from "../src/pages/surveys/arithmetic";
import { surveyDifferences } from "../src/pages/surveys/CompareSurveys";
import {
  answersOf,
  branchOf,
  end,
  newQuestion,
  optionLines,
  reached,
  tidied,
  withBranch,
  withCopy,
  withMoved,
  withMovedBack,
  withoutQuestion,
  withReturned,
} from "../src/pages/surveys/questions";
import { sameSurvey, surveyDraft, surveyFields, surveyInput } from "../src/pages/surveys/surveyDraft";
import { explainProblem } from "../src/ui/errors";

const t = translator("en-GB");

function question(id: string, type: QuestionType = "yesno", more: Partial<Question> = {}): Question {
  return { id, type, text: id, help: "", required: true, ...more };
}

const ids = (questions: Question[]) => questions.map(({ id }) => id).join("");
/** "a:yes>c" for every branch. */
const ways = (questions: Question[]) =>
  questions.flatMap(({ id, branch = [] }) => branch.map(({ option, to }) => `${id}:${option}>${to}`));

describe("the order of questions", () => {
  const list = [
    question("a", "yesno", { branch: [{ option: "yes", to: "c" }] }),
    question("b", "yesno", { branch: [{ option: "no", to: end }] }),
    question("c"),
    question("d"),
  ];

  it("keeps the branches that still lead forwards", () => {
    const { questions, cuts } = withMoved(list, 3, 1);
    expect(ids(questions)).toBe("adbc");
    expect(ways(questions)).toEqual(["a:yes>c", "b:no>end"]);
    expect(cuts).toEqual([]);
  });

  it("takes away those that would lead back, and gives them back when undone", () => {
    const { questions, cuts } = withMoved(list, 2, 0);
    expect(ids(questions)).toBe("cabd");
    expect(ways(questions)).toEqual(["b:no>end"]);
    expect(cuts).toHaveLength(1);
    const back = withMovedBack(questions, "c", 2, cuts);
    expect(back).toEqual(list);
  });

  it("does nothing beyond its ends", () => {
    expect(ids(withMoved(list, 0, -1).questions)).toBe("abcd");
    expect(ids(withMoved(list, 3, 4).questions)).toBe("abcd");
  });

  it("loses what led to a removed question, until it comes back", () => {
    const { questions, cuts } = withoutQuestion(list, 2);
    expect(ids(questions)).toBe("abd");
    expect(ways(questions)).toEqual(["b:no>end"]);
    const [, , removed] = list;
    if (!removed) throw new Error("no question");
    expect(withReturned(questions, removed, 2, cuts)).toEqual(list);
  });

  it("does not give back a branch where another one was chosen meanwhile", () => {
    const { questions, cuts } = withoutQuestion(list, 2);
    const chosen = questions.map((each) => (each.id === "a" ? withBranch(each, "yes", "d") : each));
    const [, , removed] = list;
    if (!removed) throw new Error("no question");
    expect(ways(withReturned(chosen, removed, 2, cuts))).toEqual(["a:yes>d", "b:no>end"]);
  });

  it("copies a question right behind it, with an id of its own and the same branches", () => {
    const copied = withCopy(list, 0);
    expect(copied).toHaveLength(5);
    expect(new Set(copied.map(({ id }) => id)).size).toBe(5);
    expect(branchOf(copied[1] ?? question("?"), "yes")).toBe("c");
  });
});

describe("branches", () => {
  it("start at the answers of each kind of question", () => {
    const options = [
      { id: "x", text: "X" },
      { id: "y", text: "Y" },
    ];
    expect(answersOf(question("q", "choice", { options }))).toEqual(["x", "y"]);
    expect(answersOf(question("q", "yesno"))).toEqual(["yes", "no"]);
    expect(answersOf(question("q", "rating"))).toEqual(["1", "2", "3", "4", "5"]);
    expect(answersOf(question("q", "nps"))).toHaveLength(11);
    expect(answersOf(question("q", "text"))).toEqual([]);
  });

  it("are in the order of the answers, and one for each", () => {
    let asked = question("q", "rating");
    for (const [option, to] of [
      ["4", "b"],
      ["2", end],
      ["4", "c"],
    ] as const)
      asked = withBranch(asked, option, to);
    expect(asked.branch).toEqual([
      { option: "2", to: end },
      { option: "4", to: "c" },
    ]);
    expect(withBranch(asked, "2", "").branch).toEqual([{ option: "4", to: "c" }]);
  });

  it.each([
    ["without branches, every question", [question("a"), question("b"), question("c")], [true, true, true]],
    [
      "all answers lead past the next one",
      [
        question("a", "yesno", {
          branch: [
            { option: "yes", to: "c" },
            { option: "no", to: end },
          ],
        }),
        question("b"),
        question("c"),
      ],
      [true, false, true],
    ],
    [
      "it may be left blank",
      [
        question("a", "yesno", {
          required: false,
          branch: [
            { option: "yes", to: "c" },
            { option: "no", to: end },
          ],
        }),
        question("b"),
        question("c"),
      ],
      [true, true, true],
    ],
    [
      "only from a question that nobody comes to",
      [
        question("a", "yesno", {
          branch: [
            { option: "yes", to: end },
            { option: "no", to: end },
          ],
        }),
        question("b"),
        question("c"),
      ],
      [true, false, false],
    ],
    [
      "branches of a question whose kind has none do not count",
      [question("a", "text", { branch: [{ option: "yes", to: end }] }), question("b")],
      [true, true],
    ],
  ])("reach: %s", (_, questions, found) => {
    expect(reached(questions)).toEqual(found);
  });
});

describe("what is sent of a question", () => {
  it("leaves out what its kind does not have, which comes back with the kind", () => {
    const options = [{ id: "x", text: " X " }];
    const asked = question("q", "choice", { options, branch: [{ option: "x", to: end }], text: " Why? " });
    expect(tidied(asked)).toMatchObject({ text: "Why?", options: [{ id: "x", text: "X" }], branch: asked.branch });
    const other = { ...asked, type: "text" as const };
    expect(tidied(other)).not.toHaveProperty("options");
    expect(tidied(other)).not.toHaveProperty("branch");
    expect(tidied({ ...asked, options: [] })).not.toHaveProperty("branch");
  });

  it("never has the id of another", () => {
    const made = Array.from({ length: 200 }, () => newQuestion("choice"));
    expect(new Set(made.map(({ id }) => id)).size).toBe(200);
    for (const { id } of made) expect(id).toMatch(/^[A-Za-z0-9_-]{1,40}$/);
  });

  it("takes options from a pasted list", () => {
    expect(optionLines("- Red\r\n• Green\n\n  2) Blue \n3. Dark red\nA\tsecond column\n")).toEqual([
      "Red",
      "Green",
      "Blue",
      "Dark red",
      "A",
    ]);
    expect(optionLines("24 hours\n1.5 litres\n-5 °C")).toEqual(["24 hours", "1.5 litres", "-5 °C"]);
  });
});

const input: SurveyInput = {
  name: "Canteen",
  intro: "",
  thanks: "",
  anonymous: false,
  allowChange: true,
  questions: [question("a"), question("b", "text")],
  closesAt: null,
};

const survey: Survey = {
  ...input,
  id: "s1",
  closedAt: null,
  status: "draft",
  createdAt: "2026-11-21T09:00:00Z",
  updatedAt: "2026-11-21T09:00:00Z",
  createdBy: { id: "u", displayName: "Ann" },
  version: 1,
  problems: [],
  campaigns: 0,
  sent: 0,
  answered: 0,
};

describe("a survey that is being written", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is the same after it was read and written", () => {
    expect(surveyInput(surveyFields(input))).toEqual(input);
    expect(sameSurvey(survey, input)).toBe(true);
    expect(sameSurvey(survey, { ...input, questions: [...input.questions].reverse() })).toBe(false);
    const at = { ...input, closesAt: "2026-11-22T10:00:00Z" };
    expect(sameSurvey(at, { ...at, closesAt: "2026-11-22T11:00:00.000+01:00" })).toBe(true);
    // The moment is kept while it does not count.
    const fields = { ...surveyFields(at), closes: false };
    expect(surveyInput(fields).closesAt).toBeNull();
    expect(surveyInput({ ...fields, closes: true })).toEqual(at);
  });

  it("is saved after a pause, and a conflict shows the other version", async () => {
    const theirs = { ...survey, name: "Their canteen", version: 2 };
    const save = vi.fn(() => Promise.reject(new ApiError(412, { code: "stale_version", current: theirs })));
    const draft = surveyDraft(survey, { save, load: () => Promise.resolve(survey) });
    draft.edit({ name: "My canteen" });
    await vi.advanceTimersByTimeAsync(800);
    expect(save).toHaveBeenCalledWith(1, { ...input, name: "My canteen" });
    expect(draft.get().state).toEqual({ kind: "conflict", theirs });
    draft.keepTheirs();
    expect(draft.get().fields.name).toBe("Their canteen");
  });

  it("says where two versions differ", () => {
    const theirs: SurveyInput = {
      ...input,
      anonymous: true,
      questions: [question("a", "yesno", { branch: [{ option: "no", to: end }] }), question("b", "text")],
    };
    const rows = surveyDifferences(input, theirs, "en-GB", t);
    expect(rows.map(({ label }) => label)).toEqual(["Question 1", "Answers are"]);
    expect(rows[0]?.theirs).toContain("No → The end of the survey");
  });
});

describe("charts", () => {
  it("never round something to nothing, or almost everybody to everybody", () => {
    expect(percent(shareOf(1, 1_000), "en-GB")).toBe("1%");
    expect(percent(shareOf(999, 1_000), "en-GB")).toBe("99%");
    expect(percent(shareOf(0, 10), "en-GB")).toBe("0%");
    expect(percent(shareOf(10, 10), "en-GB")).toBe("100%");
    expect(percent(shareOf(0, 0), "en-GB")).toBe("0%");
    expect(percent(shareOf(1, 8), "en-GB")).toBe("13%");
  });

  it("show a net promoter score from the left to the right", () => {
    expect([-100, 0, 50, 100, 250].map(handAngle)).toEqual([-90, 0, 45, 90, 90]);
    const parts = npsParts({ score: 25, promoters: 5, passives: 4, detractors: 3 });
    expect(parts.map(({ name }) => name)).toEqual(["detractors", "passives", "promoters"]);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(npsParts({ score: 0, promoters: 0, passives: 0, detractors: 0 }).every(({ share }) => share === 0)).toBe(
      true,
    );
  });

  it("name what a column stands for", () => {
    const range = (from: string, to: string) => `${from} to ${to}`;
    expect(binWords({ from: "3", to: "3", count: 1 }, "nps", "en-GB", range)).toBe("3");
    expect(binWords({ from: "1000", to: "2500.5", count: 1 }, "number", "en-GB", range)).toBe("1,000 to 2,500.5");
    expect(binWords({ from: "2026-12-03", to: "2026-12-03", count: 1 }, "date", "en-GB", range)).toBe("3 Dec 2026");
    expect(highest([])).toBe(1);
    expect(highest([{ from: "1", to: "1", count: 7 }])).toBe(7);
  });

  it("count nobody in the funnel who did not receive it", () => {
    const report = {
      campaign: { format: "message" },
      counts: { sent: 20 },
      engagement: { seen: 10, clickedRecipients: 5, clicks: 9, read: 10, reacted: 2, answered: 0 },
    } as Report;
    expect(stages(report).map(({ name, count, share }) => [name, count, share])).toEqual([
      ["sent", 20, 1],
      ["seen", 10, 0.5],
      ["clicked", 5, 0.25],
    ]);
    const asked = { ...report, campaign: { ...report.campaign, format: "survey" as const } };
    expect(stages({ ...asked, engagement: { ...report.engagement, clickedRecipients: 0, answered: 8 } })).toEqual([
      { name: "sent", count: 20, share: 1 },
      { name: "seen", count: 10, share: 0.5 },
      { name: "answered", count: 8, share: 0.4 },
    ]);
  });
});

describe("problems of a survey", () => {
  const folder = resolve(import.meta.dirname, "../../../campaigns/survey");
  const source = readFileSync(resolve(folder, "validate.go"), "utf8");
  const codes = new Set(
    [
      ...source.matchAll(/\bv\.(?:add|length)\((?:fmt\.Sprintf\([^)]*\)|[^,]*),\s*"([a-z_]+)"/g),
      ...source.matchAll(/\bcode\w+\s*=\s*"([a-z_]+)"/g),
    ].flatMap(([, code]) => code ?? []),
  );
  const named = readdirSync(resolve(folder, "..")).filter((name) => /^(named|surveys)\.go$/.test(name));
  for (const name of named) {
    const text = readFileSync(resolve(folder, "..", name), "utf8");
    for (const [, code] of text.matchAll(/(?:Code: |\badd\(|\bcode, words = )"([a-z_]+)"/g)) if (code) codes.add(code);
  }
  // Only a request that no page makes brings these.
  for (const code of ["unknown_view", "unknown_question"]) codes.delete(code);

  it("all have words", () => {
    expect(codes.size).toBeGreaterThan(20);
    expect([...codes].filter((code) => !isKey(`problem.${code}`))).toEqual([]);
  });

  it("are said in the reader's language, with their numbers", async () => {
    await loadLanguage("fr");
    const problem = {
      field: "/questions/1/branch/0/to",
      code: "branch_backwards",
      message: "",
      params: { number: 2, target: 1 },
    };
    expect(explainProblem(problem, t)).toBe(
      "Question 2 cannot lead back to question 1. Choose one further down, or the end.",
    );
    expect(explainProblem(problem, translator("fr-FR"))).toContain("La question 2 ne peut pas ramener à la question 1");
    expect(Object.keys(fr)).toContain("problem.branch_backwards");
  });
});
