import type { Button, Campaign, CampaignInput, Content, Fact, Format, SendWindow, Timing } from "../../api/types";
import { withoutBlanks } from "../../content/card";
import { normalWindow } from "../../words/window";

/**
 * Everything an author may have typed, whether or not the chosen format uses it: switching the format or the
 * audience back and forth loses nothing. Only what the choice needs goes to Herald.
 */
export interface DraftFields {
  name: string;
  format: Format;
  text: string;
  surveyId: string;
  title: string;
  imageUrl: string;
  imageAlt: string;
  buttons: Button[];
  facts: Fact[];
  /** Not null: the card is kept as JSON, and the form's fields above do not count. */
  card: Record<string, unknown> | null;
  /** The JSON as the author writes it, perhaps unreadable at the moment; null: as a machine would write it. */
  cardText: string | null;
  cardView: "form" | "json";
  /** A reminder: the campaign whose people have not answered. It goes to them and to nobody else. */
  unanswered: string | null;
  all: boolean;
  emails: string[];
  listIds: string[];
  excludeListIds: string[];
  mandatory: boolean;
  when: When;
  /** The moment that counts while `when` is "later", as RFC 3339. */
  at: string | null;
  /** What counts while `when` is "window". */
  window: SendWindow | null;
}

export type When = "now" | "later" | "window";

export function fieldsOf({ name, format, content, audience, timing, mandatory }: CampaignInput): DraftFields {
  return {
    name,
    format,
    text: content.text ?? "",
    surveyId: content.surveyId ?? "",
    title: content.title ?? "",
    imageUrl: content.imageUrl ?? "",
    imageAlt: content.imageAlt ?? "",
    buttons: content.buttons ?? [],
    facts: content.facts ?? [],
    card: content.card ?? null,
    cardText: null,
    cardView: content.card ? "json" : "form",
    unanswered: audience.unanswered ?? null,
    all: audience.all ?? false,
    emails: audience.emails ?? [],
    listIds: audience.listIds ?? [],
    excludeListIds: audience.excludeListIds ?? [],
    mandatory: mandatory ?? false,
    when: timing.window ? "window" : timing.at ? "later" : "now",
    at: timing.at ?? null,
    window: timing.window ? normalWindow(timing.window) : null,
  };
}

export function inputOf(fields: DraftFields): CampaignInput {
  const { emails, listIds, excludeListIds } = fields;
  return {
    name: fields.name.trim(),
    format: fields.format,
    content: contentOf(fields),
    audience:
      fields.unanswered !== null
        ? { unanswered: fields.unanswered }
        : fields.all
          ? { all: true, ...(excludeListIds.length > 0 ? { excludeListIds } : {}) }
          : { emails, listIds, excludeListIds },
    timing: timingOf(fields),
    ...(fields.mandatory && { mandatory: true }),
  };
}

function timingOf({ when, at, window }: DraftFields): Timing {
  if (when === "window" && window !== null) return { window };
  return { at: when === "later" ? at : null };
}

export function contentOf(fields: DraftFields): Content {
  if (fields.format === "survey") return fields.surveyId ? { surveyId: fields.surveyId } : {};
  if (fields.format !== "card") return { text: fields.text };
  if (fields.card) return { card: fields.cardView === "form" ? withoutBlanks(fields.card) : fields.card };
  const facts = fields.facts
    .map(({ title, value }) => ({ title: title.trim(), value: value.trim() }))
    .filter(isSomething);
  return {
    title: fields.title.trim(),
    imageUrl: fields.imageUrl.trim(),
    imageAlt: fields.imageAlt.trim(),
    text: fields.text,
    buttons: fields.buttons.map(({ title, url }) => ({ title: title.trim(), url: url.trim() })).filter(isSomething),
    ...(facts.length > 0 ? { facts } : {}),
  };
}

/** Rows that somebody has only begun are not sent. */
export function isSomething(row: Button | Fact): boolean {
  return Object.values(row).some((value: string) => value.trim() !== "");
}

/** Where in the editor a problem can be mended. */
export type Step = "message" | "audience" | "time" | "review";
export const steps: readonly Step[] = ["message", "audience", "time", "review"];

export function stepOf(field: string): Step {
  if (field.startsWith("/audience")) return "audience";
  return field.startsWith("/timing") ? "time" : "message";
}

export function sameInput(a: Campaign | CampaignInput, b: CampaignInput): boolean {
  const pick = ({ name, format, content, audience, timing, mandatory = false }: CampaignInput) =>
    JSON.stringify([name, format, content, audience, timing.at && Date.parse(timing.at), timing.window, mandatory]);
  return pick(inputOf(fieldsOf(a))) === pick(inputOf(fieldsOf(b)));
}
