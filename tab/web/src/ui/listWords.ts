import type { List } from "../api/types";
import type { Translate } from "../i18n/translate";

/** "412 people, 398 with the app". */
export function peopleWords({ members, installed }: Pick<List, "members" | "installed">, t: Translate): string {
  const people = t("aud.summary.people", { n: members });
  return members > 0 && installed !== null ? t("list.people", { people, n: installed }) : people;
}
