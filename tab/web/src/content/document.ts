/** The author's text as the editor holds it: TipTap's JSON, limited to what Herald's Markdown subset can say. */

export type Mark = { type: "bold" } | { type: "italic" } | { type: "link"; attrs: { href: string } };

export type Inline = { type: "text"; text: string; marks?: Mark[] } | { type: "hardBreak" };

export interface Paragraph {
  type: "paragraph";
  content?: Inline[];
}

export interface ListItem {
  type: "listItem";
  content: Paragraph[];
}

export interface BulletList {
  type: "bulletList";
  content: ListItem[];
}

export interface OrderedList {
  type: "orderedList";
  attrs?: { start: number };
  content: ListItem[];
}

export type Block = Paragraph | BulletList | OrderedList;

export interface Doc {
  type: "doc";
  content: Block[];
}

export const emptyDoc: Doc = { type: "doc", content: [{ type: "paragraph" }] };

/** What counts as a variable in a text; Herald reads names without regard to case, we suggest capitals. */
export const variablePattern =
  /\[(?:\p{Lu}[\p{Lu}\p{N}_ ]{0,63}|[Ff]irst[Nn]ame|[Ll]ast[Nn]ame)(?:\|[^[\]*\\\n]{0,200})?\]/gu;

/** A variable of the text, taken apart. */
export interface Variable {
  name: string;
  /** What is written instead where somebody has no value; empty: nothing is. */
  fallback: string;
}

/** The variable around a place in a text, and where it stands. */
export function variableAt(text: string, at: number): (Variable & { from: number; to: number }) | null {
  for (const match of text.matchAll(variablePattern)) {
    const to = match.index + match[0].length;
    if (at < match.index || at > to) continue;
    const [name = "", ...fallback] = match[0].slice(1, -1).split("|");
    return { name, fallback: fallback.join("|"), from: match.index, to };
  }
  return null;
}

/** As it is written in the text; a fallback loses what would end or format it. */
export function variableText({ name, fallback }: Variable): string {
  const words = fallback
    .replace(/[[\]*\\\n|]/g, "")
    .slice(0, 200)
    .trim();
  return words ? `[${name}|${words}]` : `[${name}]`;
}
