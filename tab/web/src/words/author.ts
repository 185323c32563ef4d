import type { Author } from "../api/types";
import type { Translate } from "../i18n/translate";

/** Who made something: their name, or that they were forgotten since. */
export function authorName({ id, displayName }: Author, t: Translate): string {
  return id === "former" ? t("author.former") : displayName;
}
