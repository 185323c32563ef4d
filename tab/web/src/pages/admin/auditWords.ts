import type { AuditEntry, Author } from "../../api/types";
import { audit as english } from "../../i18n/en/audit";
import { isKey, type Translate } from "../../i18n/translate";
import { authorName } from "../../words/author";
import { dateAndTime } from "../../words/moments";

const prefix = "admin.audit.action.";
type ActionKey = Extract<keyof typeof english, `${typeof prefix}${string}`>;

/** The words for actions, in the order in which the filter offers them. */
export const actionKeys = Object.keys(english).filter((key): key is ActionKey => key.startsWith(prefix));

export const actionOf = (key: ActionKey): string => key.slice(prefix.length);

/** What was done, in words; an action that this page does not know keeps its own. */
export function actionWords(action: string, t: Translate): string {
  const key = actionKeys.find((each) => each === prefix + action);
  return key ? t(key) : action;
}

const actors = {
  herald: "admin.audit.actor.herald",
  "command-line": "admin.audit.actor.command-line",
} as const;

/** Who did it: a person, or what acted in nobody's name. */
export function actorWords(actor: Author, t: Translate): string {
  if (actor.id === "herald" || actor.id === "command-line") return t(actors[actor.id]);
  return authorName(actor, t) || actor.id;
}

/** About what it was. An installation has no name: for how many people it was says more than its id. */
export function targetWords({ target, detail }: AuditEntry, t: Translate): string {
  if (target.kind !== "installation") return target.name || target.id;
  return typeof detail.people === "number" ? t("admin.audit.installation", { n: detail.people }) : "";
}

/** What else a line says, each with its name in words; what is empty says nothing. */
export function detailWords({ action, target, detail }: AuditEntry, locale: string, t: Translate): string[] {
  // Campaigns and recipients share words such as "failed".
  const states = action === "campaign.deleted" ? "status" : "count";
  return (
    Object.entries(detail)
      .filter(([, value]) => value !== null && value !== "" && value !== false)
      // targetWords says for how many; of its lists and addresses those that there are.
      .filter(
        ([name, value]) => target.kind !== "installation" || (name !== "people" && (name === "left" || value !== 0)),
      )
      .map(([name, value]) => {
        const key = `admin.audit.detail.${name}`;
        const label = isKey(key) ? t(key as "admin.audit.detail.version") : name;
        return value === true
          ? label
          : t("admin.audit.detail", { name: label, value: valueWords(name, value, states, locale, t) });
      })
  );
}

function valueWords(name: string, value: unknown, states: string, locale: string, t: Translate): string {
  if (typeof value === "number") return new Intl.NumberFormat(locale).format(value);
  if (typeof value !== "string") return JSON.stringify(value);
  if (name === "sendAt") return dateAndTime(Date.parse(value), locale);
  if (name === "format") return value.toUpperCase();
  const key = name === "status" ? `${states}.${value}` : `${name}.${value}`;
  return (name === "status" || name === "reason") && isKey(key) ? t(key as "status.draft") : value;
}
