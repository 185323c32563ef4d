import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  beyondForm,
  type CardFields,
  cardOf,
  fitsForm,
  formOf,
  isWholeForm,
  type Json,
  pointerOf,
  rowNode,
  rowPointer,
  withMovedRow,
  withNewRow,
  withoutBlanks,
  withoutImage,
  withoutRow,
  withRow,
  withText,
} from "../src/content/card";
import { lineAndColumn, placeOf, readJson, rewrite } from "../src/content/json";
import { cleanPasted } from "../src/content/paste";
import { isKey, loadLanguage, translator } from "../src/i18n/translate";
import { isUnreadable, readCard } from "../src/pages/editor/cardText";
import { contentOf, fieldsOf } from "../src/pages/editor/fields";
import { explainProblem } from "../src/ui/errors";

const t = translator("en");
const image = { type: "Image", url: "https://a.example/i.png", altText: "A door", size: "Medium" };
const heading = { type: "TextBlock", text: "News", style: "heading", color: "Accent" };
const text = { type: "TextBlock", text: "Hello [FIRSTNAME]\n\n- **one**", wrap: true, spacing: "Small" };
const facts = { type: "FactSet", facts: [{ title: "When", value: "Now", id: 7 }], separator: true };
const table = { type: "Table", rows: [{ type: "TableRow", cells: [] }], "a/b~c": [1.5, null, { deep: [true] }] };
const input = { type: "Input.Text", id: "name" };
const open = (n: number) => ({
  type: "Action.OpenUrl",
  title: `B${String(n)}`,
  url: `https://a.example/${String(n)}`,
  n,
});
const submit = { type: "Action.Submit", title: "Send", data: { x: [1] } };
const frame = (body: unknown[], actions?: unknown[]): Json => ({
  type: "AdaptiveCard",
  version: "1.5",
  msteams: { width: "Full" },
  body,
  ...(actions ? { actions } : {}),
});

const cards: Record<string, Json> = {
  everything: frame([table, heading, input, image, text, facts, { ...text, text: "more" }], [open(1), submit, open(2)]),
  "text before the heading": frame([text, heading]),
  nothing: frame([]),
  "no body": { type: "AdaptiveCard", version: "1.5" },
  "all inside a container": frame([{ type: "Container", items: [heading, text, image] }], [submit]),
  "parts that are none": frame([
    null,
    5,
    "x",
    { type: "TextBlock" },
    { type: "Image", url: 1 },
    { type: "FactSet", facts: [{}] },
  ]),
};

describe("JSON with places", () => {
  const source = '{\n  "type": "AdaptiveCard",\n  "body": [\n    { "a/b": "x\\n", "n": -1.5e3 },\n    "é😀"\n  ]\n}';

  it.each([
    ["", "{", 1, 1],
    ["/type", '"AdaptiveCard"', 2, 11],
    ["/body/0/a~1b", '"x\\n"', 4, 14],
    ["/body/0/n", "-1.5e3", 4, 26],
    ["/body/1", '"é😀"', 5, 5],
  ])("finds %s", (pointer, words, line, column) => {
    const { places, problem } = readJson(source);
    const { from, to } = placeOf(places, pointer);
    expect(problem).toBeNull();
    expect(source.slice(from, to).startsWith(words)).toBe(true);
    expect(lineAndColumn(source, from)).toEqual({ line, column });
  });

  it("finds the nearest thing around what is missing", () => {
    const { places } = readJson(source);
    expect(lineAndColumn(source, placeOf(places, "/body/0/text/x").from).line).toBe(4);
    expect(lineAndColumn(source, placeOf(places, "/version").from).line).toBe(1);
  });

  it.each([
    ["", "json_empty", 1],
    [" \n ", "json_empty", 1],
    ['{\n"a": tru\n}', "json_value", 2],
    ["{\n'a': 1}", "json_key", 2],
    ['{"a"\n 1}', "json_colon", 2],
    ['{"a": 1\n"b": 2}', "json_comma", 2],
    ["[1}", "json_comma", 1],
    ['{"a": 1,\n}', "json_comma_extra", 1],
    ["[1,]", "json_comma_extra", 1],
    ['{"a": "x\n}', "json_text_open", 1],
    ['["a\tb"]', "json_text_break", 1],
    ['["\\q"]', "json_escape", 1],
    ["[\n01]", "json_number", 2],
    ['{\n"a": [\n1', "json_open", 2],
    ["{} x", "json_after", 1],
    ['{"a": 1,\n"a": 2}', "duplicate_property", 2],
  ])("says what is wrong with %j", (broken, code, line) => {
    const { problem } = readJson(broken);
    expect(problem?.code).toBe(code);
    expect(lineAndColumn(broken, problem?.from ?? -1).line).toBe(line);
    expect(isKey(`problem.${code}`)).toBe(true);
  });

  it("gives up on brackets without end", () => {
    expect(readJson("[".repeat(200_000)).problem?.code).toBe("json_deep");
  });

  it("takes what JSON.parse takes, and nothing else", () => {
    const random = generator(20_261_125);
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      "0",
      "-",
      ".",
      "e",
      "true",
      "nul",
      " ",
      "\n",
      "\u0007",
      "a",
      "1e5",
    ];
    let [good, bad] = [0, 0];
    for (let round = 0; round < 4_000; round += 1) {
      const at = Math.floor(random() * source.length);
      const piece = pieces[Math.floor(random() * pieces.length)] ?? "";
      const mutant = source.slice(0, at) + piece + source.slice(at + Math.floor(random() * 3));
      let value: unknown;
      try {
        value = JSON.parse(mutant);
      } catch {
        value = undefined;
      }
      const read = readJson(mutant);
      if (read.problem?.code === "duplicate_property") continue;
      expect(read.value, mutant).toEqual(value);
      expect(read.problem === null, mutant).toBe(value !== undefined);
      if (value === undefined) bad += 1;
      else good += 1;
    }
    expect(Math.min(good, bad)).toBeGreaterThan(100);
  });

  it("is rewritten where it changed, as the author laid it out", () => {
    const laid = '{ "b" : "old",\n\t"a":[ "x",   2 ] }';
    const before = JSON.parse(laid) as Json;
    expect(rewrite(laid, before, { ...before, b: 'new "one"' })).toBe('{ "b" : "new \\"one\\"",\n\t"a":[ "x",   2 ] }');
    expect(rewrite(laid, before, { ...before, c: 1 })).toBe(JSON.stringify({ ...before, c: 1 }, null, "\t"));
  });
});

describe("a card in the form", () => {
  const full: CardFields = {
    title: "News *now* for [FIRSTNAME] <b> & 1. _x_",
    imageUrl: "https://a.example/i.png",
    imageAlt: "A *door*",
    text: "Hello **you**\n\n- one",
    facts: [
      { title: "- When", value: "# 5 [LASTNAME|all]" },
      { title: "a\\b", value: "1. x" },
    ],
    buttons: [{ title: "Go *there*", url: "https://a.example/?n=[FIRSTNAME]" }],
  };
  const none: CardFields = { title: "", imageUrl: "", imageAlt: "", text: "", facts: [], buttons: [] };

  it.each([
    ["everything", full],
    ["a title", { ...none, title: "Only" }],
    ["a text", { ...none, text: "Only" }],
    ["a button", { ...none, buttons: full.buttons }],
    ["nothing", none],
  ])("is the same after a visit to the JSON: %s", (_, fields) => {
    const card = cardOf(fields);
    expect(formOf(card)).toEqual(fields);
    expect(isWholeForm(card)).toBe(true);
    expect(beyondForm(card)).toEqual([]);
    expect(readCard(JSON.stringify(card)).card).toEqual(card);
  });

  it("escapes what the card would read as formatting, and nothing of a variable", () => {
    expect((cardOf(full).body as Json[])[0]?.text).toBe("News \\*now\\* for [FIRSTNAME] &lt;b&gt; & 1. \\_x\\_");
    expect((cardOf(full).body as Json[])[3]?.facts).toEqual([
      { title: "\\- When", value: "\\# 5 [LASTNAME|all]" },
      { title: "a\\\\b", value: "1\\. x" },
    ]);
  });

  it("shows formatting of the author's own as it is written, and keeps it", () => {
    const card = frame([{ ...heading, text: "**Big** news" }]);
    expect(formOf(card).title).toBe("**Big** news");
    expect((withText(card, "title", "**Big** day").body as Json[])[0]?.text).toBe("**Big** day");
  });

  it("names what only the JSON shows", () => {
    expect(beyondForm(cards.everything ?? {})).toEqual(["Table", "Input.Text", "TextBlock", "Action.Submit"]);
    expect(beyondForm(frame([heading, text]))).toEqual([""]);
  });

  it.each(Object.entries(cards))("loses nothing but what is edited: %s", (_, card) => {
    const before = JSON.stringify(card);
    const shown = formOf(card);
    for (const name of ["title", "text", "imageUrl"] as const) {
      const value = name === "imageUrl" ? "https://b.example/x.png" : "Changed";
      const after = withText(card, name, value);
      expect(formOf(after)).toEqual({ ...shown, [name]: value });
      expect(missing(card, after, [shown[name]])).toEqual([]);
      const again = withText(after, name, shown[name]);
      if (shown[name] !== "") expect(again).toEqual(card);
    }
    for (const kind of ["facts", "buttons"] as const) {
      const longer = withNewRow(card, kind);
      expect(formOf(longer)[kind]).toHaveLength(shown[kind].length + 1);
      expect(missing(card, longer, [])).toEqual([]);
      const named = withRow(longer, kind, shown[kind].length, { title: "New" });
      expect(formOf(named)[kind].at(-1)?.title).toBe("New");
      for (const index of shown[kind].keys()) {
        const node = rowNode(card, kind, index);
        const shorter = withoutRow(card, kind, index);
        expect(formOf(shorter)[kind]).toEqual(shown[kind].toSpliced(index, 1));
        expect(formOf(withNewRow(shorter, kind, node, index))[kind]).toEqual(shown[kind]);
        expect(missing(card, withNewRow(shorter, kind, node, index), [])).toEqual([]);
        const moved = withMovedRow(card, kind, index, shown[kind].length - 1);
        expect(missing(card, moved, [])).toEqual([]);
        expect(missing(moved, card, [])).toEqual([]);
      }
    }
    expect(missing(card, withoutImage(card), Object.values(shown.imageUrl ? image : {}))).toEqual([]);
    expect(JSON.stringify(card)).toBe(before);
  });

  it("leaves alone a card whose parts are no lists", () => {
    expect(fitsForm({ type: "AdaptiveCard", body: { text: "x" } })).toBe(false);
    expect(fitsForm({ type: "AdaptiveCard", body: [], actions: "none" })).toBe(false);
    expect(Object.values(cards).every(fitsForm)).toBe(true);
  });

  it("keeps buttons of other kinds in their places", () => {
    const card = frame([], [open(1), submit, open(2)]);
    const titles = (each: Json) => (each.actions as Json[]).map((action) => action.title);
    expect(titles(withMovedRow(card, "buttons", 0, 1))).toEqual(["B2", "Send", "B1"]);
    expect(titles(withoutRow(card, "buttons", 0))).toEqual(["B2", "Send"]);
    expect(titles(withNewRow(card, "buttons"))).toEqual(["B1", "Send", "B2", ""]);
    expect(titles(withoutBlanks(withNewRow(card, "buttons")))).toEqual(["B1", "Send", "B2"]);
  });

  it("knows where Herald's problems belong", () => {
    const card = cards.everything ?? {};
    expect(pointerOf(card, "title")).toBe("/body/1/text");
    expect(pointerOf(card, "imageAlt")).toBe("/body/3/altText");
    expect(rowPointer(card, "buttons", 1)).toBe("/actions/2");
    expect(rowPointer(card, "facts", 0)).toBe("/body/5/facts/0");
  });
});

describe("the JSON of a draft", () => {
  const base = fieldsOf({ name: "x", format: "card", content: {}, audience: {}, timing: { at: null } });

  it.each([
    ['{"type":', "json_open"],
    ["[]", "json_object"],
    ["null", "json_object"],
    ['"AdaptiveCard"', "json_object"],
    [" { } ", "json_no_card"],
  ])("is unreadable: %s", (cardText, code) => {
    const fields = { ...base, card: { type: "AdaptiveCard" }, cardText };
    expect(readCard(cardText).problem?.code).toBe(code);
    expect(isUnreadable(fields)).toBe(true);
    // What could be read last is what Herald has; the text of another format is not held up by it.
    expect(contentOf(fields)).toEqual({ card: { type: "AdaptiveCard" } });
    expect(isUnreadable({ ...fields, format: "idea" })).toBe(false);
  });

  it("is not read past Herald's limit, which counts bytes", () => {
    expect(readCard(`{"x":"${"é".repeat(140_000)}"}`).problem?.code).toBe("json_large");
    expect(readCard(`{"x":"${"x".repeat(200_000)}"}`).problem).toBeNull();
  });

  it("leaves out rows that say nothing yet", () => {
    const facts = [
      { title: " ", value: "" },
      { title: " When ", value: "" },
    ];
    expect(contentOf({ ...base, facts }).facts).toEqual([{ title: "When", value: "" }]);
    expect(contentOf(base)).not.toHaveProperty("facts");
  });
});

describe("problems of a message", () => {
  const folder = resolve(import.meta.dirname, "../../../campaigns/message");
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))
    .map((name) => readFileSync(resolve(folder, name), "utf8"));
  const codes = new Set(
    sources.flatMap((source) =>
      [
        // v.add(field, "code", … and v.length(field, "code", …; the field may be made up of several strings.
        ...source.matchAll(/\b[vc]\.(?:add|length)\((?:fmt\.Sprintf\([^)]*\)|[^,]*),\s*"([a-z_]+)"/g),
        ...source.matchAll(/fault\{"([a-z_]+)"/g),
        ...source.matchAll(/code:\s*"([a-z_]+)"/g),
      ].flatMap(([, code]) => code ?? []),
    ),
  );
  for (const what of ["element", "action"]) codes.add(`unknown_${what}`);
  codes.delete("unknown_");

  it("all have words", () => {
    expect(codes.size).toBeGreaterThan(35);
    expect([...codes].filter((code) => !isKey(`problem.${code}`))).toEqual([]);
  });

  it("are said in the reader's language, with their numbers", async () => {
    await loadLanguage("fr");
    const french = translator("fr");
    const problem = { field: "/content/card", message: "English.", value: "textblock" };
    expect(explainProblem({ ...problem, code: "too_large", params: { size: 41, limit: 28 } }, french)).toBe(
      "Le message est trop grand pour Teams : 41 Ko, et 28 Ko sont le maximum. Raccourcissez-le.",
    );
    const unknown = { ...problem, code: "unknown_element" };
    expect(explainProblem({ ...unknown, params: { suggestion: "TextBlock" } }, french)).toBe(
      "Teams ne connaît pas d’élément « textblock ». Vouliez-vous dire « TextBlock » ?",
    );
    expect(explainProblem(unknown, t)).toBe("Teams knows no element “textblock” in a card of version 1.5.");
    // Without its numbers the sentence would have holes, so Herald's own stands.
    expect(explainProblem({ ...problem, code: "too_large" }, french)).toBe("English.");
    expect(explainProblem({ ...problem, code: "of_tomorrow" }, french)).toBe("English.");
  });
});

describe("what is pasted", () => {
  it("makes lists of Word's paragraphs, and bold of headings", () => {
    const item = (marker: string, words: string) =>
      `<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>${marker}<span>&nbsp;&nbsp; </span></span><![endif]>${words}</p>`;
    const word = `<html><head><style>p{color:red}</style></head><body><!--StartFragment--><h1>Plan</h1>${item("·", "one")}${item("·", "two")}<p>then</p>${item("1.", "first")}<script>x()</script></body></html>`;
    expect(cleanPasted(word)).toBe(
      "<p><strong>Plan</strong></p><ul><li><p>one</p></li><li><p>two</p></li></ul><p>then</p><ol><li><p>first</p></li></ol>",
    );
  });
});

/** The leaves of one value that the other does not have, each as often as it is there. */
function missing(before: unknown, after: unknown, but: unknown[]): string[] {
  const rest = leaves(after);
  const gone = leaves(before).filter((leaf) => {
    const at = rest.indexOf(leaf);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return gone.filter((leaf) => !but.some((each) => leaf.endsWith(`=${JSON.stringify(each)}`)));
}

function leaves(value: unknown, name = ""): string[] {
  if (typeof value !== "object" || value === null) return [`${name}=${JSON.stringify(value)}`];
  if (Array.isArray(value)) return value.flatMap((each) => leaves(each, name));
  return Object.entries(value).flatMap(([key, each]) => leaves(each, key));
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
