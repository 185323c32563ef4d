import type { HealthFinding } from "../../api/types";
import { isFilledBy, isKey, type Key, type Translate } from "../../i18n/translate";
import { shortMoment } from "../../words/moments";

/** A finding in the reader's words; codes and checks that this page does not know keep Herald's own English. */
export function findingWords(
  finding: HealthFinding,
  now: number,
  locale: string,
  t: Translate,
): { what: string; cause: string; remedy: string } {
  const values = valuesOf(finding.params, now, locale, t);
  const say = (key: string, otherwise: string) =>
    // Which values a text needs is only known now, so the compiler cannot compare.
    isKey(key) && isFilledBy(key, values)
      ? (t as (key: Key, values: Record<string, string | number>) => string)(key, values)
      : otherwise;
  const key = `health.${finding.code}`;
  return {
    what: say(`health.check.${finding.check}`, finding.what),
    cause: say(key, finding.cause),
    remedy: finding.remedy && say(`${key}.do`, finding.remedy),
  };
}

/** Counts that a locale writes in its own way; other numbers, such as Microsoft's error codes, are names. */
const counts = new Set(["n", "days", "minutes", "seconds"]);

function valuesOf(params: Record<string, string>, now: number, locale: string, t: Translate) {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]): [string, string | number] => {
      if (counts.has(name)) return [name, Number(value)];
      if (name === "at") return [name, shortMoment(Date.parse(value), now, locale, t)];
      if (name === "date") {
        return [
          name,
          new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(Date.parse(value)),
        ];
      }
      if (name === "free") return [name, new Intl.NumberFormat(locale).format(Number(value))];
      return [name, value];
    }),
  );
}

const order = { problem: 0, warning: 1, ok: 2 };

/** What needs somebody first; among equals as Herald tells them. */
export function byUrgency(findings: HealthFinding[]): HealthFinding[] {
  return [...findings].sort((a, b) => order[a.state] - order[b.state]);
}
