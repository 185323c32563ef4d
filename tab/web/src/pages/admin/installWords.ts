import type { Installation } from "../../api/installations";
import type { Translate } from "../../i18n/translate";

export const stateColor = { running: "brand", completed: "success", stopped: "informative", failed: "danger" } as const;

/** "All users, except Night shift". */
export function forWhom({ audience }: Installation, t: Translate, locale: string): string {
  const list = new Intl.ListFormat(locale);
  const named = (names: string[]) => names.map((name) => name || t("install.for.deleted"));
  const who = list.format(
    audience.all
      ? [t("install.for.all")]
      : [...named(audience.lists), ...(audience.typed > 0 ? [t("install.for.typed", { n: audience.typed })] : [])],
  );
  if (audience.excluded.length === 0) return who;
  return t("install.for.except", { who, lists: list.format(named(audience.excluded)) });
}
