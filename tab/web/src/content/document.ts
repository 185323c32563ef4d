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
