import { type JsonProblem, readJson } from "../../content/json";
import type { DraftFields } from "./fields";

/** More than this Herald does not read, indentation included, in bytes. */
export const maxCardText = 256 * 1024;

export interface CardReading {
  /** Null: the text is no card yet. */
  card: Record<string, unknown> | null;
  problem:
    | (JsonProblem | { code: "json_large" | "json_object" | "json_no_card"; from: number; to: number; value: string })
    | null;
}

/** Reads a card from JSON. What kind of card it is, Herald judges. */
export function readCard(text: string): CardReading {
  const size = new Blob([text]).size;
  if (size > maxCardText) {
    return { card: null, problem: { code: "json_large", from: 0, to: 0, value: String(Math.ceil(size / 1024)) } };
  }
  const { problem, value, places } = readJson(text);
  if (problem) return { card: null, problem };
  const whole = places.get("") ?? { from: 0, to: 0 };
  const start = { from: whole.from, to: Math.min(whole.to, whole.from + 1), value: "" };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { card: null, problem: { code: "json_object", ...start } };
  }
  // Herald takes an empty object for "no card yet".
  if (Object.keys(value).length === 0) return { card: null, problem: { code: "json_no_card", ...start } };
  return { card: value as Record<string, unknown>, problem: null };
}

/** Whether what stands in the JSON view cannot be sent to Herald at all. */
export function isUnreadable({ format, card, cardText }: DraftFields): boolean {
  return format === "card" && card !== null && cardText !== null && readCard(cardText).card === null;
}

/** What the JSON view shows. */
export function textOf({ card, cardText }: DraftFields): string {
  return cardText ?? JSON.stringify(card, null, 2);
}
