import type { Button, Campaign, CampaignInput, Content, Format } from "../../api/types";

/**
 * Everything an author may have typed, whether or not the chosen format uses it: switching the format or the
 * audience back and forth loses nothing. Only what the choice needs goes to Herald.
 */
export interface DraftFields {
  name: string;
  format: Format;
  text: string;
  title: string;
  imageUrl: string;
  imageAlt: string;
  buttons: Button[];
  /** Not null: the card is composed as JSON. */
  card: Record<string, unknown> | null;
  all: boolean;
  emails: string[];
  listIds: string[];
  excludeListIds: string[];
  when: When;
  /** The moment that counts while `when` is "later", as RFC 3339. */
  at: string | null;
}

export type When = "now" | "later";

export function fieldsOf({ name, format, content, audience, timing }: CampaignInput): DraftFields {
  return {
    name,
    format,
    text: content.text ?? "",
    title: content.title ?? "",
    imageUrl: content.imageUrl ?? "",
    imageAlt: content.imageAlt ?? "",
    buttons: content.buttons ?? [],
    card: content.card ?? null,
    all: audience.all ?? false,
    emails: audience.emails ?? [],
    listIds: audience.listIds ?? [],
    excludeListIds: audience.excludeListIds ?? [],
    when: timing.at === null ? "now" : "later",
    at: timing.at,
  };
}

export function inputOf(fields: DraftFields): CampaignInput {
  const { emails, listIds, excludeListIds } = fields;
  return {
    name: fields.name.trim(),
    format: fields.format,
    content: contentOf(fields),
    audience: fields.all
      ? { all: true, ...(excludeListIds.length > 0 ? { excludeListIds } : {}) }
      : { emails, listIds, excludeListIds },
    timing: { at: fields.when === "later" ? fields.at : null },
  };
}

export function contentOf(fields: DraftFields): Content {
  if (fields.format !== "card") return { text: fields.text };
  if (fields.card) return { card: fields.card };
  return {
    title: fields.title.trim(),
    imageUrl: fields.imageUrl.trim(),
    imageAlt: fields.imageAlt.trim(),
    text: fields.text,
    buttons: fields.buttons
      .map((button) => ({ title: button.title.trim(), url: button.url.trim() }))
      .filter((button) => button.title !== "" || button.url !== ""),
  };
}

/** An Adaptive Card with what the form holds, to go on from as JSON. */
export function cardOf(fields: DraftFields): Record<string, unknown> {
  const body: Record<string, unknown>[] = [];
  if (fields.title) body.push({ type: "TextBlock", text: fields.title, size: "Large", weight: "Bolder", wrap: true });
  if (fields.imageUrl) body.push({ type: "Image", url: fields.imageUrl, altText: fields.imageAlt, size: "Stretch" });
  body.push({ type: "TextBlock", text: fields.text || "Hello, [FIRSTNAME]", wrap: true });
  const actions = fields.buttons.map(({ title, url }) => ({ type: "Action.OpenUrl", title, url }));
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.5",
    body,
    ...(actions.length > 0 ? { actions } : {}),
  };
}

/** Where in the editor a problem can be mended. */
export type Step = "message" | "audience" | "time" | "review";
export const steps: readonly Step[] = ["message", "audience", "time", "review"];

export function stepOf(field: string): Step {
  if (field.startsWith("/audience")) return "audience";
  return field.startsWith("/timing") ? "time" : "message";
}

export function sameInput(a: Campaign | CampaignInput, b: CampaignInput): boolean {
  const pick = ({ name, format, content, audience, timing }: CampaignInput) =>
    JSON.stringify([name, format, content, audience, timing.at && Date.parse(timing.at)]);
  return pick(inputOf(fieldsOf(a))) === pick(inputOf(fieldsOf(b)));
}
