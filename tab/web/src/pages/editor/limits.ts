import type { Translate } from "../../i18n/translate";

/** What to say at a field whose text nears its limit, and what once it is past it. Lengths are in characters. */
export function near(text: string, limit: number, t: Translate): { hint?: string; problem: string | null } {
  const left = limit - [...text].length;
  if (left < 0) return { problem: t("card.limit.over", { n: -left }) };
  return left <= limit / 5 ? { hint: t("card.limit.left", { n: left }), problem: null } : { problem: null };
}
