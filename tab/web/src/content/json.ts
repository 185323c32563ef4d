/**
 * Reads JSON and remembers where everything stands, so that what is wrong can be shown at its line. It accepts exactly
 * what JSON.parse accepts, save two members of one name in one object: which of them counts differs from reader to reader.
 */

/** Offsets into the text, the end excluded. */
export interface Place {
  from: number;
  to: number;
}

export type JsonCode =
  | "json_empty"
  | "json_value"
  | "json_key"
  | "json_colon"
  | "json_comma"
  | "json_comma_extra"
  | "json_text_open"
  | "json_text_break"
  | "json_escape"
  | "json_number"
  | "json_open"
  | "json_after"
  | "json_deep"
  | "duplicate_property";

export interface JsonProblem extends Place {
  code: JsonCode;
  /** What stands there, or the name that is there twice. */
  value: string;
}

export interface JsonReading {
  /** The first thing that is wrong; null: the text is JSON. */
  problem: JsonProblem | null;
  /** Undefined when there is a problem. */
  value: unknown;
  /** Where each value stands, by JSON pointer; of a broken text, those before the break. */
  places: Map<string, Place>;
}

/** What Herald follows at all. */
const maxDepth = 128;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class Broken extends Error {
  readonly problem: JsonProblem;
  constructor(problem: JsonProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

export function readJson(text: string): JsonReading {
  const places = new Map<string, Place>();
  let at = 0;
  let twice: JsonProblem | null = null;

  const fail = (code: JsonCode, from = at, to = Math.min(text.length, from + 1)): never => {
    throw new Broken({ code, from, to, value: text.slice(from, to) });
  };
  const space = () => {
    while (at < text.length && " \t\n\r".includes(text.charAt(at))) at += 1;
  };

  function value(pointer: string, depth: number): void {
    space();
    const from = at;
    const character = text[at];
    if (character === undefined) fail("json_open");
    else if (character === "{") object(pointer, depth);
    else if (character === "[") list(pointer, depth);
    else if (character === '"') string();
    else if (character === "-" || (character >= "0" && character <= "9")) digits();
    else {
      const word = /^[\p{L}\p{N}_$]+/u.exec(text.slice(at, at + 40))?.[0] ?? "";
      if (word !== "true" && word !== "false" && word !== "null") fail("json_value", at, at + Math.max(1, word.length));
      at += word.length;
    }
    places.set(pointer, { from, to: at });
  }

  function digits(): void {
    const from = at;
    number.lastIndex = at;
    at += number.exec(text)?.[0].length ?? 0;
    const rest = /^[\w.+-]*/.exec(text.slice(at, at + 40))?.[0] ?? "";
    if (at === from || rest !== "") fail("json_number", from, at + rest.length);
  }

  function string(): string {
    const from = at;
    at += 1;
    for (;;) {
      const character = text[at];
      // A quotation mark that was forgotten is found at the end of the line, and meant where the text begins.
      if (character === undefined || character === "\n" || character === "\r") {
        return fail("json_text_open", from, at);
      }
      if (character < " ") return fail("json_text_break");
      if (character === '"') break;
      if (character === "\\") {
        const good = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at, at + 6));
        if (!good) return fail("json_escape", at, Math.min(text.length, at + 2));
        at += good[0].length;
      } else at += 1;
    }
    at += 1;
    return JSON.parse(text.slice(from, at)) as string;
  }

  function object(pointer: string, depth: number): void {
    const from = at;
    if (depth >= maxDepth) fail("json_deep");
    at += 1;
    const names = new Set<string>();
    space();
    if (text[at] === "}") {
      at += 1;
      return;
    }
    for (;;) {
      space();
      const key = at;
      if (text[at] === undefined) fail("json_open", from);
      if (text[at] !== '"') fail("json_key", at, at + wordLength());
      const name = string();
      if (names.has(name)) twice ??= { code: "duplicate_property", from: key, to: at, value: name };
      names.add(name);
      space();
      if (text[at] !== ":")
        fail(text[at] === undefined ? "json_open" : "json_colon", text[at] === undefined ? from : at);
      at += 1;
      space();
      if (text[at] === undefined) fail("json_open", from);
      value(`${pointer}/${escapePointer(name)}`, depth + 1);
      if (ended("}", from)) return;
    }
  }

  function list(pointer: string, depth: number): void {
    const from = at;
    if (depth >= maxDepth) fail("json_deep");
    at += 1;
    space();
    if (text[at] === "]") {
      at += 1;
      return;
    }
    for (let index = 0; ; index += 1) {
      space();
      if (text[at] === undefined) fail("json_open", from);
      value(`${pointer}/${String(index)}`, depth + 1);
      if (ended("]", from)) return;
    }
  }

  /** After a member: true at the end of what began at from, false when another member follows. */
  function ended(close: "}" | "]", from: number): boolean {
    space();
    const character = text[at];
    if (character === close) {
      at += 1;
      return true;
    }
    if (character === undefined) fail("json_open", from);
    if (character !== ",") fail("json_comma", at, at + wordLength());
    const comma = at;
    at += 1;
    space();
    if (text[at] === close) fail("json_comma_extra", comma);
    return false;
  }

  function wordLength(): number {
    return Math.max(1, /^(?:"[^"\n]*"?|[\p{L}\p{N}_$]+)/u.exec(text.slice(at, at + 80))?.[0].length ?? 1);
  }

  try {
    space();
    if (at === text.length) fail("json_empty", 0, 0);
    value("", 0);
    space();
    if (at < text.length) fail("json_after", at, at + wordLength());
  } catch (caught) {
    if (!(caught instanceof Broken)) throw caught;
    return { problem: caught.problem, value: undefined, places };
  }
  if (twice) return { problem: twice, value: undefined, places };
  return { problem: null, value: JSON.parse(text) as unknown, places };
}

export function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Where a JSON pointer leads; where it leads to nothing, the beginning of the nearest thing around it. */
export function placeOf(places: Map<string, Place>, pointer: string): Place {
  const exact = places.get(pointer);
  if (exact) return exact;
  for (let shorter = pointer; shorter !== ""; ) {
    shorter = shorter.slice(0, shorter.lastIndexOf("/"));
    const around = places.get(shorter);
    if (around) return { from: around.from, to: Math.min(around.to, around.from + 1) };
  }
  return { from: 0, to: 0 };
}

/** Counted from one, as editors do. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf("\n"); next >= 0 && next < offset; next = text.indexOf("\n", start)) {
    line += 1;
    start = next + 1;
  }
  return { line, column: offset - start + 1 };
}

/** What the lines of a text are indented by; two spaces when there is nothing to tell. */
export function indentOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1]?.slice(0, 8) ?? "  ";
}

/**
 * A text that says `after` instead of `before`, which it says now. Where only texts changed, everything around them
 * stays as the author wrote it; otherwise the whole is written anew, with the author's indentation.
 */
export function rewrite(text: string, before: unknown, after: unknown): string {
  const changes: { pointer: string; value: string }[] = [];
  const { places, problem } = readJson(text);
  if (problem || !onlyTexts(before, after, "", changes)) return `${JSON.stringify(after, null, indentOf(text))}`;
  let out = text;
  const found = changes.map(({ pointer, value }) => ({ place: placeOf(places, pointer), value }));
  for (const { place, value } of found.sort((a, b) => b.place.from - a.place.from)) {
    out = out.slice(0, place.from) + JSON.stringify(value) + out.slice(place.to);
  }
  return out;
}

function onlyTexts(a: unknown, b: unknown, pointer: string, into: { pointer: string; value: string }[]): boolean {
  if (a === b) return true;
  if (typeof a === "string" && typeof b === "string") {
    into.push({ pointer, value: b });
    return true;
  }
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length &&
    left.every(([name, value], index) => {
      const other = right[index];
      return other?.[0] === name && onlyTexts(value, other[1], `${pointer}/${escapePointer(name)}`, into);
    })
  );
}
