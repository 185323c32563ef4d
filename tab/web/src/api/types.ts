/** Everything that Herald's API says and takes (/api/v1), in one place. Times are RFC 3339 in UTC. */

export type Format = "idea" | "success" | "important" | "card" | "message" | "survey";
export type Status = "draft" | "scheduled" | "sending" | "completed" | "stopped" | "failed";

export interface Button {
  title: string;
  url: string;
}

/** Which fields count depends on the format; `card` excludes the form's fields. */
export interface Content {
  text?: string;
  title?: string;
  imageUrl?: string;
  imageAlt?: string;
  buttons?: Button[];
  card?: Record<string, unknown>;
  surveyId?: string;
}

export interface Audience {
  all?: boolean;
  listIds?: string[];
  emails?: string[];
  excludeListIds?: string[];
}

/** One thing that is wrong or missing; `field` is a JSON pointer into the campaign, e.g. "/content/buttons/0/url". */
export interface Problem {
  field: string;
  code: string;
  message: string;
  value?: string;
}

export type RecipientStatus = "pending" | "sending" | "sent" | "failed" | "skipped" | "rescheduled" | "cancelled";

/** Recipients by state. The states add up to `total`. */
export type Counts = { total: number } & Record<RecipientStatus, number>;

export interface Campaign {
  id: string;
  name: string;
  format: Format;
  content: Content;
  audience: Audience;
  status: Status;
  sendAt: string | null;
  startedAt: string | null;
  completedAt: string | null;
  createdAt: string;
  updatedAt: string;
  createdBy: { id: string; displayName: string };
  version: number;
  /** On drafts: what is still missing before it can be sent. */
  problems?: Problem[];
  /** On everything but drafts. */
  counts?: Counts;
}

/** What an author changes in a draft; PUT replaces all of it. */
export type CampaignInput = Pick<Campaign, "name" | "format" | "content" | "audience">;

export interface CampaignPage {
  items: Campaign[];
  next: string | null;
  totals: Record<Status, number>;
}

export interface Me {
  id: string;
  tenantId: string;
  displayName: string;
  upn: string;
  roles: string[];
  locale: string | null;
  can: { read: boolean; write: boolean; send: boolean };
}

export interface Config {
  appId: string;
  hostOrigins: string[];
  mode: "sandbox" | "cloud" | "playground";
  botName: string;
  sendLaterMaxHours: number;
}

/** A Bot Framework activity, as far as the preview shows it. */
export interface Activity {
  type: string;
  text?: string;
  textFormat?: string;
  summary?: string;
  attachments?: { contentType: string; content: Record<string, unknown> }[];
}

export interface Preview {
  activity: Activity;
  /** Variables without a value for the person it was made for. */
  missing: string[];
  problems: Problem[];
}

export interface PreviewInput {
  format: Format;
  content: Content;
  as?: string;
  locale?: string;
}

export interface AudienceCount {
  total: number;
  installed: number;
  notInstalled: number;
  unknown: number;
  /** The first 50. */
  unknownEmails: string[];
  /** The first 50. */
  notInstalledPeople: { displayName: string; email: string }[];
}

export interface Verification {
  found: boolean;
  installed: boolean;
  displayName: string;
}

export type Reason =
  | "not_installed"
  | "user_not_found"
  | "blocked_by_user"
  | "disabled_by_admin"
  | "throttled"
  | "missing_data"
  | "too_large"
  | "bot_unauthorized"
  | "bad_request"
  | "service_error"
  | "unreachable"
  | "unconfirmed"
  | "conversation_gone"
  | "stopped";

export interface Report {
  campaign: Campaign;
  result: "error" | "success" | "rescheduled" | "ongoing";
  sentAt: string | null;
  counts: Counts;
  engagement: { clickedRecipients: number; clicks: number; read: number; reacted: number; answered: number };
  reasons: { reason: Reason; count: number }[];
}

export interface Recipient {
  email: string;
  displayName: string;
  status: RecipientStatus;
  reason: Reason | "" | null;
  attempts: number;
  nextAttemptAt: string | null;
  sentAt: string | null;
  readAt: string | null;
  clicks: number;
  answeredAt: string | null;
}

export interface RecipientPage {
  items: Recipient[];
  next: string | null;
}

/** What GET /events?campaign= sends as `progress`. */
export interface Progress {
  campaign: string;
  status: Status;
  counts: Counts;
  ratePerSecond: number | null;
  etaSeconds: number | null;
}

/** application/problem+json (RFC 9457) with Herald's additions. */
export interface ProblemDocument {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  problems?: Problem[];
  /** With 412: the campaign as it is now. */
  current?: Campaign;
  requestId?: string;
}
