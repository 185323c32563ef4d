import { describe, expect, it } from "vitest";
import type { Doc, Inline, Mark } from "../src/content/document";
import { fromMarkdown } from "../src/content/parse";
import { toMarkdown } from "../src/content/serialise";

const bold: Mark = { type: "bold" };
const italic: Mark = { type: "italic" };
const link = (href: string): Mark => ({ type: "link", attrs: { href } });
const text = (value: string, ...marks: Mark[]): Inline =>
  marks.length > 0 ? { type: "text", text: value, marks } : { type: "text", text: value };
const doc = (...content: Doc["content"]): Doc => ({ type: "doc", content });
const p = (...content: Inline[]) => ({ type: "paragraph" as const, content });
const li = (...content: Inline[]) => ({ type: "listItem" as const, content: [p(...content)] });

const both: [name: string, markdown: string, document: Doc][] = [
  ["a paragraph", "Hello", doc(p(text("Hello")))],
  ["two paragraphs", "One\n\nTwo", doc(p(text("One")), p(text("Two")))],
  ["a line break", "One\nTwo", doc(p(text("One"), { type: "hardBreak" }, text("Two")))],
  ["bold", "a **b** c", doc(p(text("a "), text("b", bold), text(" c")))],
  ["italic", "a *b* c", doc(p(text("a "), text("b", italic), text(" c")))],
  ["bold and italic", "***b***", doc(p(text("b", bold, italic)))],
  ["bold inside a word", "foo**bar**baz", doc(p(text("foo"), text("bar", bold), text("baz")))],
  ["a link", "[our page](https://contoso.example/a)", doc(p(text("our page", link("https://contoso.example/a"))))],
  ["a bold link", "[**x**](https://a.example)", doc(p(text("x", link("https://a.example"), bold)))],
  ["a link with a parenthesis", "[x](https://a.example/%28b%29)", doc(p(text("x", link("https://a.example/%28b%29"))))],
  ["a bulleted list", "- one\n- two", doc({ type: "bulletList", content: [li(text("one")), li(text("two"))] })],
  [
    "a numbered list",
    "1. one\n2. two",
    doc({ type: "orderedList", attrs: { start: 1 }, content: [li(text("one")), li(text("two"))] }),
  ],
  [
    "a line break in a list",
    "- one\n  more\n- two",
    doc({ type: "bulletList", content: [li(text("one"), { type: "hardBreak" }, text("more")), li(text("two"))] }),
  ],
  [
    "a list between paragraphs",
    "Before\n\n- one\n\nAfter",
    doc(p(text("Before")), { type: "bulletList", content: [li(text("one"))] }, p(text("After"))),
  ],
  ["a variable", "Hello, [FIRSTNAME] [LASTNAME].", doc(p(text("Hello, [FIRSTNAME] [LASTNAME].")))],
  ["a variable with a fallback", "Hello [FIRSTNAME|there]", doc(p(text("Hello [FIRSTNAME|there]")))],
  ["a bold variable", "**[FIRSTNAME]**", doc(p(text("[FIRSTNAME]", bold)))],
  ["a variable before a parenthesis", "[FIRSTNAME]\\(x)", doc(p(text("[FIRSTNAME](x)")))],
  [
    "a variable in a link",
    "[Hi [FIRSTNAME]](https://a.example)",
    doc(p(text("Hi [FIRSTNAME]", link("https://a.example")))),
  ],
  ["stars", "2 \\* 3 \\*\\*x\\*\\*", doc(p(text("2 * 3 **x**")))],
  ["backslashes", "C:\\\\temp \\\\\\*", doc(p(text("C:\\temp \\*")))],
  [
    "brackets that are no variable",
    "\\[see below\\](https://x.example)",
    doc(p(text("[see below](https://x.example)"))),
  ],
  ["a dash that is no list", "\\- no list", doc(p(text("- no list")))],
  ["a number that is no list", "1\\. no list", doc(p(text("1. no list")))],
  ["a year is not escaped", "2026 was fine", doc(p(text("2026 was fine")))],
  ["underscores", "snake_case _and_ more", doc(p(text("snake_case _and_ more")))],
  ["angle brackets and entities", "<b>x</b> &amp; y", doc(p(text("<b>x</b> &amp; y")))],
  ["quotes and headings are plain", "# not a heading", doc(p(text("# not a heading")))],
];

describe("Markdown", () => {
  it.each(both)("reads %s", (_, markdown, document) => {
    expect(fromMarkdown(markdown)).toEqual(document);
  });

  it.each(both)("writes %s", (_, markdown, document) => {
    expect(toMarkdown(document)).toBe(markdown);
  });

  it("keeps bold off the spaces at its ends", () => {
    expect(toMarkdown(doc(p(text("a"), text(" b ", bold), text("c"))))).toBe("a **b** c");
  });

  it("lets bold punctuation stand beside a letter", () => {
    const document = doc(p(text("a"), text("(b)", bold), text("c")));
    expect(toMarkdown(document)).toBe("a**\u2060(b)\u2060**c");
    expect(fromMarkdown(toMarkdown(document))).toEqual(document);
  });

  it("leaves out empty paragraphs and items", () => {
    expect(
      toMarkdown(
        doc({ type: "paragraph" }, p(text("x")), {
          type: "bulletList",
          content: [{ type: "listItem", content: [{ type: "paragraph" }] }],
        }),
      ),
    ).toBe("x");
    expect(toMarkdown(fromMarkdown(""))).toBe("");
  });

  it("flattens lists within lists", () => {
    expect(toMarkdown(fromMarkdown("- a\n  - b\n- c"))).toBe("- a\n- b\n- c");
  });

  it("does not read javascript: as a link", () => {
    const result = JSON.stringify(fromMarkdown("[x](javascript:alert(1))"));
    expect(result).not.toContain('"link"');
  });

  it("reads back whatever it wrote", () => {
    const random = generator(20_261_121);
    for (let round = 0; round < 3_000; round += 1) {
      const document = randomDoc(random);
      const markdown = toMarkdown(document);
      const again = fromMarkdown(markdown);
      expect(again, markdown).toEqual(document);
      expect(toMarkdown(again)).toBe(markdown);
    }
  });
});

/** A small seeded generator, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const words = [
  "a",
  "Zoë",
  "*",
  "**",
  "x*y",
  "[",
  "]",
  "(b)",
  "\\",
  "_u_",
  "1.",
  "-",
  "“q”",
  "!",
  "[FIRSTNAME]",
  "#",
  "é",
  "日本",
  "…",
  "&amp;",
  "<i>",
  "https://a.example/x_y",
  "[x](y)",
];

function randomDoc(random: (below: number) => number): Doc {
  const blocks: Doc["content"] = [];
  for (let count = 1 + random(3); count > 0; count -= 1) {
    const kind = random(4);
    const last = blocks.at(-1)?.type;
    if (kind === 0 && last !== "bulletList")
      blocks.push({ type: "bulletList", content: [li(...runs(random)), li(...runs(random))] });
    else if (kind === 1 && last !== "orderedList") {
      blocks.push({ type: "orderedList", attrs: { start: 1 }, content: [li(...runs(random)), li(...runs(random))] });
    } else blocks.push(p(...runs(random)));
  }
  return doc(...blocks);
}

/** Runs as the editor makes them: neighbours differ in look, no space at the edge of a look or of a line. */
function runs(random: (below: number) => number): Inline[] {
  const result: Inline[] = [];
  let before = "";
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const marks: Mark[] = [];
    if (random(4) === 0) marks.push(link(`https://${String(random(3))}.example/a_b`));
    if (random(2) === 0) marks.push(bold);
    if (random(2) === 0) marks.push(italic);
    const key = JSON.stringify(marks);
    if (key === before) continue;
    before = key;
    const many = Array.from({ length: 1 + random(3) }, () => words[random(words.length)] ?? "a");
    result.push(text(many.join(" "), ...marks));
    if (random(6) === 0 && count > 1) {
      result.push({ type: "hardBreak" });
      before = "";
    }
  }
  return result.at(-1)?.type === "hardBreak" ? result.slice(0, -1) : result;
}
