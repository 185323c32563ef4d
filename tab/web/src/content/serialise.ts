import { type Block, type Doc, type Inline, type ListItem, variablePattern } from "./document";

/**
 * Writes the editor's document as the Markdown subset that Herald knows: paragraphs, line breaks, **bold**,
 * *italic*, lists and links, with backslash escapes for whatever only looks like that. Herald reads it by
 * CommonMark's rules, so the delimiters must stand where CommonMark accepts them.
 */
export function toMarkdown(doc: Doc): string {
  return doc.content
    .map(block)
    .filter((text) => text !== "")
    .join("\n\n");
}

/** Invisible, without width, neither space nor punctuation: lets a delimiter stand beside what it could not touch. */
export const joiner = "\u2060";

function block(node: Block): string {
  if (node.type === "paragraph") return lines(node.content ?? []).join("\n");
  const ordered = node.type === "orderedList";
  let number = ordered ? (node.attrs?.start ?? 1) : 0;
  const items: string[] = [];
  for (const item of node.content) {
    const text = itemLines(item);
    if (text.length === 0) continue;
    const marker = ordered ? `${String(number++)}. ` : "- ";
    items.push(marker + text.join(`\n${" ".repeat(marker.length)}`));
  }
  return items.join("\n");
}

function itemLines(item: ListItem): string[] {
  return item.content.flatMap((paragraph) => lines(paragraph.content ?? []));
}

/** A piece of one line with one look. */
interface Run {
  text: string;
  bold: boolean;
  italic: boolean;
  href: string;
}

function lines(content: Inline[]): string[] {
  const result: Run[][] = [[]];
  for (const node of content) {
    if (node.type === "hardBreak") result.push([]);
    else result.at(-1)?.push(...split(runOf(node)));
  }
  return result.map((runs) => line(trimmed(merged(settled(runs))))).filter((text) => text !== "");
}

function runOf(node: Extract<Inline, { type: "text" }>): Run {
  const run: Run = { text: node.text.replaceAll(joiner, ""), bold: false, italic: false, href: "" };
  for (const mark of node.marks ?? []) {
    if (mark.type === "bold") run.bold = true;
    else if (mark.type === "italic") run.italic = true;
    else run.href = mark.attrs.href;
  }
  return run;
}

/** Spaces at the ends become runs of their own: a delimiter must not stand beside one. */
function split(run: Run): Run[] {
  const match = /^(\s*)(.*?)(\s*)$/su.exec(run.text);
  return [match?.[1], match?.[2], match?.[3]].flatMap((text) => (text ? [{ ...run, text }] : []));
}

/** A space looks the same in any weight: it takes what its two neighbours have in common. */
function settled(runs: Run[]): Run[] {
  return runs.map((run, at) => {
    if (run.text.trim() !== "") return run;
    const before = runs.slice(0, at).findLast((each) => each.text.trim() !== "");
    const after = runs.slice(at + 1).find((each) => each.text.trim() !== "");
    return {
      text: run.text,
      bold: Boolean(before?.bold && after?.bold),
      italic: Boolean(before?.italic && after?.italic),
      href: before && after && before.href === after.href ? before.href : "",
    };
  });
}

function merged(runs: Run[]): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last && last.bold === run.bold && last.italic === run.italic && last.href === run.href) last.text += run.text;
    else result.push({ ...run });
  }
  return result;
}

function trimmed(runs: Run[]): Run[] {
  const first = runs[0];
  if (first) first.text = first.text.trimStart();
  const last = runs.at(-1);
  if (last) last.text = last.text.trimEnd();
  return runs.filter((run) => run.text !== "");
}

type Delimiter = { kind: "bold" | "italic" } | { kind: "link"; href: string };

/** The delimiters that a run wants, those that last longest outermost. */
function wanted(runs: Run[], at: number): (Delimiter & { until: number })[] {
  const run = runs[at];
  if (!run) return [];
  const reach = (holds: (other: Run) => boolean) => {
    let end = at;
    for (let next = runs[end]; next && holds(next); next = runs[end]) end += 1;
    return end;
  };
  const result: (Delimiter & { until: number })[] = [];
  if (run.href) {
    result.push({ kind: "link", href: run.href, until: reach((other) => other.href === run.href) });
  }
  if (run.bold) result.push({ kind: "bold", until: reach((other) => other.bold) });
  if (run.italic) result.push({ kind: "italic", until: reach((other) => other.italic) });
  return result.sort((a, b) => b.until - a.until);
}

/** What a line is written from: text and brackets as they are, and stars, which need the right neighbours. */
type Piece = { role: "text" | "open" | "close"; text: string };

function line(runs: Run[]): string {
  const open: Delimiter[] = [];
  const pieces: Piece[] = [];
  const put = (role: Piece["role"], text: string) => {
    const last = pieces.at(-1);
    if (last?.role === role) last.text += text;
    else if (text !== "") pieces.push({ role, text });
  };
  for (let at = 0; at <= runs.length; at += 1) {
    const target = wanted(runs, at);
    const keep = open.findIndex((each) => !target.some((other) => same(each, other)));
    for (const each of keep < 0 ? [] : open.splice(keep).reverse()) {
      if (each.kind === "link") put("text", `](${destination(each.href)})`);
      else put("close", stars(each));
    }
    let until = 0;
    for (const each of target.filter((wish) => !open.some((other) => same(wish, other)))) {
      if (each.kind === "link") {
        put("text", "[");
      } else {
        // "***" that ends in two places could be closed in the wrong order: keep the two apart.
        if (pieces.at(-1)?.role === "open" && until !== each.until) put("text", joiner);
        put("open", stars(each));
        until = each.until;
      }
      open.push(each);
    }
    put("text", escaped(runs[at]?.text ?? ""));
  }
  return lineStart(joined(pieces));
}

/**
 * CommonMark takes stars for a delimiter only beside certain characters
 * (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run); where they stand elsewhere, a joiner helps.
 */
function joined(pieces: Piece[]): string {
  let out = "";
  pieces.forEach((piece, at) => {
    const before = out.at(-1);
    const next = pieces[at + 1];
    const after = next?.text[0];
    if (piece.role === "text") {
      out += piece.text;
    } else if (piece.role === "open") {
      const meets = pieces[at - 1]?.role === "close";
      if (meets) out += joiner;
      out += piece.text;
      // Even beside punctuation, where it would do: there it could also be taken for a closing one.
      if (isPunctuation(after) && (meets || !isEdge(before))) out += joiner;
    } else {
      const meets = next?.role === "open";
      if (isPunctuation(before) && (meets || !(isEdge(after) || isPunctuation(after)))) out += joiner;
      out += piece.text;
    }
  });
  return out;
}

function isEdge(character: string | undefined): boolean {
  return character === undefined || /\s/u.test(character);
}

function isPunctuation(character: string | undefined): boolean {
  return character !== undefined && /[\p{P}\p{S}]/u.test(character);
}

function same(a: Delimiter, b: Delimiter): boolean {
  return a.kind === b.kind && (a.kind !== "link" || b.kind !== "link" || a.href === b.href);
}

function stars(each: { kind: "bold" | "italic" }): string {
  return each.kind === "bold" ? "**" : "*";
}

/** Escapes what would be read as formatting; variables stay as they are. */
function escaped(text: string): string {
  let out = "";
  let end = 0;
  for (const match of text.matchAll(variablePattern)) {
    out += plain(text.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
    // "[FIRSTNAME](" would be the text of a link.
    if (text[end] === "(") out += "\\";
  }
  return out + plain(text.slice(end));
}

function plain(text: string): string {
  return text.replace(/[\\*[\]]/g, "\\$&");
}

/** "- " and "1. " at the start of a line would begin a list. */
function lineStart(text: string): string {
  return text.replace(/^([-+])(?=\s|$)/, "\\$1").replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
}

function destination(href: string): string {
  return href.replace(
    /[\s()<>\\]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
