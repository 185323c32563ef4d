import type { Button, Fact } from "../api/types";
import { variablePattern } from "./document";

/**
 * An Adaptive Card and the form that shows the usual parts of one. The form writes into the card itself, node by node:
 * what it does not show stays as it is.
 */

export type Json = Record<string, unknown>;

/** What the form shows. */
export interface CardFields {
  title: string;
  imageUrl: string;
  imageAlt: string;
  text: string;
  facts: Fact[];
  buttons: Button[];
}

export type RowKind = "facts" | "buttons";

/** The form's texts that stand alone. */
export type TextName = "title" | "imageUrl" | "imageAlt" | "text";

/** The card that says what the form says. */
export function cardOf(fields: CardFields): Json {
  const body: Json[] = [];
  const facts = fields.facts.filter((each) => each.title !== "" || each.value !== "");
  const buttons = fields.buttons.filter((each) => each.title !== "" || each.url !== "");
  if (fields.title) body.push(titleNode(fields.title));
  if (fields.imageUrl) body.push(imageNode(fields.imageUrl, fields.imageAlt));
  if (fields.text) body.push(textNode(fields.text));
  if (facts.length > 0) body.push({ type: "FactSet", facts: facts.map(factNode) });
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.5",
    body,
    ...(buttons.length > 0 ? { actions: buttons.map(buttonNode) } : {}),
  };
}

const titleNode = (title: string): Json => ({
  type: "TextBlock",
  text: asMarkdown(title),
  size: "Large",
  weight: "Bolder",
  style: "heading",
  wrap: true,
});
const imageNode = (url: string, altText: string): Json => ({ type: "Image", url, altText, size: "Stretch" });
const textNode = (text: string): Json => ({ type: "TextBlock", text, wrap: true });
const factNode = ({ title, value }: Fact): Json => ({ title: asMarkdown(title), value: asMarkdown(value) });
const buttonNode = ({ title, url }: Button): Json => ({ type: "Action.OpenUrl", title, url });

/** Places in the body, and in the actions, of what the form shows; -1: not there. */
interface Parts {
  title: number;
  image: number;
  text: number;
  facts: number;
  buttons: number[];
}

function partsOf(card: Json): Parts {
  const parts: Parts = { title: -1, image: -1, text: -1, facts: -1, buttons: [] };
  const body = listOf(card.body);
  // The heading first: a text above it is the text all the same.
  parts.title = body.findIndex(isHeading);
  for (const [index, each] of body.entries()) {
    if (!isObject(each)) continue;
    if (index !== parts.title && parts.text < 0 && isText(each)) parts.text = index;
    else if (parts.image < 0 && each.type === "Image" && typeof each.url === "string" && isTextOrNone(each.altText)) {
      parts.image = index;
    } else if (parts.facts < 0 && each.type === "FactSet" && Array.isArray(each.facts) && each.facts.every(isFact)) {
      parts.facts = index;
    }
  }
  for (const [index, each] of listOf(card.actions).entries()) if (isButton(each)) parts.buttons.push(index);
  return parts;
}

/** What the form shows of a card. */
export function formOf(card: Json): CardFields {
  const parts = partsOf(card);
  const body = listOf(card.body);
  const node = (index: number) => (isObject(body[index]) ? body[index] : {});
  return {
    title: fromMarkdown(string(node(parts.title).text)),
    imageUrl: string(node(parts.image).url),
    imageAlt: string(node(parts.image).altText),
    text: string(node(parts.text).text),
    facts: listOf(node(parts.facts).facts)
      .filter(isFact)
      .map(({ title, value }) => ({ title: fromMarkdown(title), value: fromMarkdown(value) })),
    buttons: parts.buttons.map((index) => {
      const { title, url } = listOf(card.actions)[index] as Json;
      return { title: string(title), url: string(url) };
    }),
  };
}

/** Whether the form has anything to write into: a body that is no list would have to give way. */
export function fitsForm({ body, actions }: Json): boolean {
  return [body, actions].every((each) => each === undefined || Array.isArray(each));
}

/** Whether the form can say everything that the card says, so that the form alone is enough. */
export function isWholeForm(card: Json): boolean {
  return same(cardOf(formOf(card)), card);
}

/**
 * What a card holds beyond the form: types of elements and actions, each once, in the card's order. "" stands for
 * properties of the card or of what the form shows.
 */
export function beyondForm(card: Json): string[] {
  const parts = partsOf(card);
  const shown = new Set([parts.title, parts.image, parts.text, parts.facts]);
  const rest = listOf(card.body).filter((_, index) => !shown.has(index));
  const actions = listOf(card.actions).filter((_, index) => !parts.buttons.includes(index));
  const types = [...rest, ...actions].map((each) => (isObject(each) ? string(each.type) : ""));
  return types.length > 0 ? [...new Set(types)] : isWholeForm(card) ? [] : [""];
}

/** The JSON pointer, inside the card, of what a field of the form shows; of the body where there is nothing yet. */
export function pointerOf(card: Json, name: TextName | RowKind): string {
  const parts = partsOf(card);
  const at = (index: number, property: string) => (index < 0 ? "/body" : `/body/${String(index)}/${property}`);
  if (name === "title" || name === "text") return at(parts[name], "text");
  if (name === "imageUrl") return at(parts.image, "url");
  if (name === "imageAlt") return at(parts.image, "altText");
  return name === "facts" ? at(parts.facts, "facts") : "/actions";
}

/** The pointer of one row; `index` counts the rows that the form shows. */
export function rowPointer(card: Json, kind: RowKind, index: number): string {
  const place = kind === "facts" ? index : (partsOf(card).buttons[index] ?? index);
  return `${pointerOf(card, kind)}/${String(place)}`;
}

export function withText(card: Json, name: TextName, value: string): Json {
  const parts = partsOf(card);
  const body = listOf(card.body);
  const place = name === "imageUrl" || name === "imageAlt" ? parts.image : parts[name];
  const node = body[place];
  if (isObject(node)) {
    const property = name === "imageUrl" ? "url" : name === "imageAlt" ? "altText" : "text";
    const written = name === "title" ? intoMarkdown(value, string(node[property])) : value;
    return { ...card, body: body.with(place, { ...node, [property]: written }) };
  }
  if (value === "" || name === "imageAlt") return card;
  const created = name === "title" ? titleNode(value) : name === "text" ? textNode(value) : imageNode(value, "");
  const before = name === "title" ? [] : name === "imageUrl" ? [parts.title] : [parts.title, parts.image];
  return { ...card, body: body.toSpliced(Math.max(-1, ...before) + 1, 0, created) };
}

export function withoutImage(card: Json): Json {
  const { image } = partsOf(card);
  return image < 0 ? card : { ...card, body: listOf(card.body).toSpliced(image, 1) };
}

export function withRow(card: Json, kind: RowKind, index: number, change: Partial<Button & Fact>): Json {
  return withRows(card, kind, (rows) => {
    const row = rows[index];
    if (!isObject(row)) return rows;
    if (kind === "buttons") return rows.with(index, { ...row, ...change });
    const written = Object.entries(change).map(([name, value]) => [name, intoMarkdown(value, string(row[name]))]);
    return rows.with(index, { ...row, ...(Object.fromEntries(written) as Json) });
  });
}

/** A new row at the end, or one that was there before, as `rowNode` gave it, where it was. */
export function withNewRow(card: Json, kind: RowKind, node?: unknown, index?: number): Json {
  const fresh = kind === "facts" ? { title: "", value: "" } : buttonNode({ title: "", url: "" });
  return withRows(card, kind, (rows) => rows.toSpliced(index ?? rows.length, 0, node ?? fresh));
}

/** What a row is in the card, with everything that the form does not show. */
export function rowNode(card: Json, kind: RowKind, index: number): unknown {
  let node: unknown;
  withRows(card, kind, (rows) => {
    node = rows[index];
    return rows;
  });
  return node;
}

export function withoutRow(card: Json, kind: RowKind, index: number): Json {
  return withRows(card, kind, (rows) => rows.toSpliced(index, 1));
}

export function withMovedRow(card: Json, kind: RowKind, from: number, to: number): Json {
  return withRows(card, kind, (rows) => moved(rows, from, to));
}

export function moved<T>(rows: T[], from: number, to: number): T[] {
  const row = rows[from];
  return row === undefined ? rows : rows.toSpliced(from, 1).toSpliced(to, 0, row);
}

/** Changes the rows of a kind; actions of other kinds keep their places, new rows follow after the last of theirs. */
function withRows(card: Json, kind: RowKind, change: (rows: unknown[]) => unknown[]): Json {
  const parts = partsOf(card);
  if (kind === "buttons") {
    const actions = listOf(card.actions);
    const rows = change(parts.buttons.map((index) => actions[index]));
    const out = actions.flatMap((each, index) => {
      const at = parts.buttons.indexOf(index);
      if (at < 0) return [each];
      // The last of the old places takes all that are more than before.
      return at === parts.buttons.length - 1 ? rows.slice(at) : rows.slice(at, at + 1);
    });
    const all = parts.buttons.length > 0 ? out : [...actions, ...rows];
    if (all.length > 0) return { ...card, actions: all };
    return Object.fromEntries(Object.entries(card).filter(([name]) => name !== "actions"));
  }
  const body = listOf(card.body);
  const node = body[parts.facts];
  if (isObject(node)) {
    const facts = change(listOf(node.facts));
    const empty = facts.length === 0 && Object.keys(node).length === 2;
    return {
      ...card,
      body: empty ? body.toSpliced(parts.facts, 1) : body.with(parts.facts, { ...node, facts }),
    };
  }
  const facts = change([]);
  if (facts.length === 0) return card;
  const after = Math.max(-1, parts.title, parts.image, parts.text) + 1;
  return { ...card, body: body.toSpliced(after, 0, { type: "FactSet", facts }) };
}

/** How many buttons before one of the form's say nothing yet. */
export function blanksBefore(card: Json, index: number): number {
  return formOf(card)
    .buttons.slice(0, index)
    .filter(({ title, url }) => title === "" && url === "").length;
}

/** A card without the buttons that say nothing yet: they are rows of the form that somebody has only begun. */
export function withoutBlanks(card: Json): Json {
  const blank = (each: unknown) => isButton(each) && each.title === "" && each.url === "";
  const actions = listOf(card.actions);
  return actions.some(blank) ? { ...card, actions: actions.filter((each) => !blank(each)) } : card;
}

/** Something to begin with. */
export function sampleCard(words: {
  title: string;
  text: string;
  when: string;
  date: string;
  where: string;
  place: string;
  button: string;
}): Json {
  return cardOf({
    title: words.title,
    imageUrl: "",
    imageAlt: "",
    text: words.text,
    facts: [
      { title: words.when, value: words.date },
      { title: words.where, value: words.place },
    ],
    buttons: [{ title: words.button, url: "https://example.com/" }],
  });
}

// Titles and facts are plain in the form; the card reads them as Markdown.

const entities: Record<string, string> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };

/** Writes a plain text so that a reader of Markdown shows exactly that; variables stay variables. */
function asMarkdown(plain: string): string {
  let out = "";
  let end = 0;
  for (const match of plain.matchAll(variablePattern)) {
    if (plain[match.index - 1] === "\\") continue;
    out += escaped(plain.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  out += escaped(plain.slice(end));
  return out.replace(/^(\s*)([-+#])(?=\s|#|$)/, "$1\\$2").replace(/^(\s*\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
}

function escaped(text: string): string {
  return text
    .replace(/[\\*_`[\]~]/g, "\\$&")
    .replace(/[<>]|&(?=#?\w+;)/g, (character) => entities[character] ?? character);
}

/** The plain text of what says nothing but that; formatting, where there is any, is shown as it is written. */
function fromMarkdown(markdown: string): string {
  return read(markdown) ?? markdown;
}

function intoMarkdown(text: string, before: string): string {
  return read(before) === null ? text : asMarkdown(text);
}

function read(markdown: string): string | null {
  const plain = markdown
    .replace(/\\([\\*_`[\]~\-+#.)])/g, "$1")
    .replace(/&(lt|gt|amp);/g, (_, name: string) => (name === "lt" ? "<" : name === "gt" ? ">" : "&"));
  return asMarkdown(plain) === markdown ? plain : null;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isText(value: unknown): value is Json {
  return isObject(value) && value.type === "TextBlock" && typeof value.text === "string";
}

function isHeading(value: unknown): boolean {
  if (!isText(value)) return false;
  const [style, size, weight] = [value.style, value.size, value.weight].map((each) => string(each).toLowerCase());
  return style === "heading" || size === "large" || size === "extralarge" || (size === "medium" && weight === "bolder");
}

function isFact(value: unknown): value is Json & Fact {
  return isObject(value) && typeof value.title === "string" && typeof value.value === "string";
}

function isButton(value: unknown): value is Json {
  return (
    isObject(value) && value.type === "Action.OpenUrl" && typeof value.url === "string" && isTextOrNone(value.title)
  );
}

/** Equal whatever the order of members. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => same(each, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && same(a[name], b[name]));
}
