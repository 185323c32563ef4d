import type { Translate } from "../i18n/translate";

const shown = 20;

/** Which of the typed entries are no addresses, in words; null when all are. */
export function invalidWords(invalid: string[], t: Translate): string | null {
  if (invalid.length === 0) return null;
  const more = invalid.length > shown ? ` ${t("aud.and.more", { n: invalid.length - shown })}` : "";
  return `${t("aud.invalid", { n: invalid.length })} ${invalid.slice(0, shown).join(", ")}${more}`;
}
