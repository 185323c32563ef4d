/** Everything that Herald's API says and takes (/api/v1), but for surveys (surveyTypes.ts) and what one file alone asks for, which has its shapes. Times are RFC 3339 in UTC. */
import type { Survey } from "./surveyTypes";

export type Format = "idea" | "success" | "important" | "card" | "message" | "survey";
export type Status = "draft" | "scheduled" | "sending" | "completed" | "stopped" | "failed";

export interface Button {
  title: string;
  url: string;
}

/** A line of the card's form: a name and its value. */
export interface Fact {
  title: string;
  value: string;
}

/** Which fields count depends on the format; `card` excludes the form's fields. */
export interface Content {
  text?: string;
  title?: string;
  imageUrl?: string;
  imageAlt?: string;
  facts?: Fact[];
  buttons?: Button[];
  card?: Record<string, unknown>;
  surveyId?: string;
}

export interface Audience {
  all?: boolean;
  listIds?: string[];
  emails?: string[];
  excludeListIds?: string[];
  /** A survey campaign: those whom it reached and who have not answered yet. Stands alone. */
  unanswered?: string;
}

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** From one time of day to another, "09:00" to "17:00", up to "24:00"; over midnight when it ends before it begins. */
export interface Span {
  from: string;
  to: string;
}

/** What is open on each day of the week; a day that is not named is closed. */
export type WeekHours = Partial<Record<Weekday, Span[]>>;

/** Days and working hours in which each person gets the message at a moment of their own. */
export interface SendWindow {
  /** "2026-11-30" */
  firstDay: string;
  /** In a row, closed days and holidays counted. */
  days: number;
  hours: WeekHours;
  /** Days that are left out. */
  holidays?: string[];
  timeZone: string;
  /** Everybody's own time zone counts where it is known. */
  ownTimeZone?: boolean;
  /** How many messages an hour at most; none or 0: as many as it takes. */
  perHour?: number;
  presence: "any" | "available" | "present";
  /** What to do when Teams does not say whether somebody is there. */
  presenceUnknown: "send" | "wait";
}

/** When the author means to send a draft: at a moment (null: now), or spread over a window. */
export interface Timing {
  at?: string | null;
  window?: SendWindow | null;
}

/** What came of looking whether somebody was there. */
export interface Check {
  at: string;
  found: "present" | "absent" | "unknown" | "replanned" | "full" | "closed";
}

/** One thing that is wrong or missing; `field` is a JSON pointer into the campaign, e.g. "/content/buttons/0/url". */
export interface Problem {
  field: string;
  code: string;
  message: string;
  value?: string;
  /** The numbers and names in `message`, for saying it in another language. */
  params?: Record<string, string | number>;
}

/** A picture that Herald keeps, as it was stored. */
export interface StoredImage {
  url: string;
  type: "image/png" | "image/jpeg";
  width: number;
  height: number;
  size: number;
}

export type RecipientStatus =
  | "pending"
  | "sending"
  | "sent"
  | "failed"
  | "skipped"
  | "rescheduled"
  | "cancelled"
  | "unscheduled";

/** Recipients by state. The states add up to `total`. */
export type Counts = { total: number } & Record<RecipientStatus, number>;

/** The question whether a campaign to many people may be sent, and the answer. */
export interface Approval {
  state: "waiting" | "approved" | "rejected";
  requestedBy: Author;
  requestedAt: string;
  sendAt: string | null;
  /** Not a moment but a window was asked for. */
  window?: SendWindow | null;
  recipients: number;
  by: Author | null;
  decidedAt: string | null;
  comment: string;
  /** It was held back at its start, since its audience had grown. */
  grown: boolean;
  /** For how many people it was approved then; 0: it had needed no approval. */
  before: number;
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: Author;
  action: string;
  target: { kind: string; id: string; name: string };
  detail: Record<string, unknown>;
}

/** What is empty lets everything through. */
export interface AuditFilter {
  q: string;
  actor: string;
  action: string;
  from: string;
  to: string;
}

export interface Campaign {
  id: string;
  name: string;
  format: Format;
  content: Content;
  audience: Audience;
  timing: Timing;
  /** Goes also to people who have opted out. */
  mandatory?: boolean;
  /** The lists of the audience, chosen and excluded ones; without a name a list has been deleted. */
  audienceLists?: { id: string; name: string | null }[];
  status: Status;
  sendAt: string | null;
  /** With a window: when it closes at the latest. */
  endsAt?: string | null;
  startedAt: string | null;
  completedAt: string | null;
  createdAt: string;
  updatedAt: string;
  createdBy: { id: string; displayName: string };
  /** Who last wrote it; empty when that was before Herald noted it. */
  updatedBy: { id: string; displayName: string };
  version: number;
  /** What a second person was asked; null when nobody was. */
  approval?: Approval | null;
  /** On drafts: what is still missing before it can be sent. */
  problems?: Problem[];
  /** On everything but drafts. */
  counts?: Counts;
  /** Stopped because the database came out of a backup. */
  restored?: boolean;
  /** Names and addresses of its recipients were removed because of their age. */
  peopleRemoved?: { at: string; afterDays: number } | null;
}

/** What an author changes in a draft; PUT replaces all of it. */
export type CampaignInput = Pick<Campaign, "name" | "format" | "content" | "audience" | "timing" | "mandatory">;

export interface Author {
  id: string;
  displayName: string;
}

export type Sort = "updated" | "name" | "when";
export type Order = "asc" | "desc";

export interface CampaignQuery {
  statuses: Status[];
  formats: Format[];
  /** A person's id, or "me"; empty: everybody. */
  author: string;
  q: string;
  sort: Sort;
  order: Order;
  cursor: string | null;
  limit: number;
}

export interface CampaignPage {
  items: Campaign[];
  next: string | null;
  /** What search, formats and author leave of each status. */
  totals: Record<Status, number>;
}

export interface Me {
  id: string;
  tenantId: string;
  displayName: string;
  upn: string;
  roles: string[];
  locale: string | null;
  can: {
    read: boolean;
    write: boolean;
    send: boolean;
    /** Lists and people. */
    prepare: boolean;
    /** Everybody's campaigns, and not only own ones. */
    others: boolean;
    approve: boolean;
    admin: boolean;
  };
  /** The database came out of a backup not long ago. */
  restored?: { at: string; stopped: number } | null;
}

/** Somebody of whom Herald keeps something. */
export interface KnownPerson {
  id: string;
  displayName: string;
  email: string;
  state: "installed" | "uninstalled" | "blocked" | null;
  optedOut: boolean;
  left: boolean;
  /** How much; only of one person. */
  known?: { deliveries: number; lists: number; authored: number; typed: number; installs: number; noted: number };
}

export interface Privacy {
  /** 0: for ever. */
  retentionDays: number;
  forgotten: number;
}

export type HealthState = "ok" | "warning" | "problem";

export interface HealthFinding {
  check: string;
  code: string;
  state: HealthState;
  params: Record<string, string>;
  what: string;
  cause: string;
  remedy: string;
}

export interface HealthReport {
  state: HealthState;
  at: string;
  findings: HealthFinding[];
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
  /** Whose lists have the values. */
  audience?: Audience;
  /** It goes out within a window. */
  timed?: boolean;
  as?: string;
  locale?: string;
}

export type ColumnType = "text" | "number" | "date";

/** One value that a list knows about each of its people; `name` is what a message writes in brackets. */
export interface ListColumn {
  name: string;
  label: string;
  type: ColumnType;
}

export interface List {
  id: string;
  name: string;
  members: number;
  /** How many of them have the app. */
  /** Null while a large list is counted. */
  installed: number | null;
  columns: ListColumn[];
  createdBy: { id: string; displayName: string };
  createdAt: string;
  updatedAt: string;
  version: number;
}

export type ListInput = Pick<List, "name" | "columns">;

export interface ListPage {
  items: List[];
  next: string | null;
}

/** `unknown`: nobody in the company has this address. */
export type MemberState = "installed" | "not_installed" | "blocked" | "unknown";

export interface Member {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  /** By the columns' names, as text; dates are YYYY-MM-DD. */
  values: Record<string, string>;
  displayName: string | null;
  state: MemberState;
}

export type MemberInput = Pick<Member, "email" | "firstName" | "lastName" | "values">;

export interface MemberPage {
  items: Member[];
  next: string | null;
  /** Of the whole list, whatever was searched for. */
  total: number;
}

/** One typed address that could not be added. */
export interface WrongAddress {
  line: number;
  value: string;
  code: string;
  message: string;
}

/** Nothing was added when some are wrong, unless that was agreed to. */
export interface BulkResult {
  added: number;
  present: number;
  wrong: WrongAddress[];
}

export type ColumnRole = "address" | "firstName" | "lastName" | "custom" | "ignore";

/** What one column of a file becomes. */
export interface ImportColumn {
  index: number;
  header: string;
  role: ColumnRole;
  name: string;
  type: ColumnType;
}

export interface RowProblem {
  line: number;
  column: string;
  code: string;
  message: string;
  value: string;
}

export interface ImportReport {
  columns: ImportColumn[];
  /** The file's first rows, as they stand there. */
  preview: string[][];
  total: number;
  good: number;
  wrong: number;
  /** The first of them. */
  problems: RowProblem[];
  imported: number;
}

export interface ImportInput {
  file: File;
  mapping?: ImportColumn[];
  mode?: "add" | "replace";
  skipWrong?: boolean;
  dryRun?: boolean;
}

export interface AudienceCount {
  total: number;
  installed: number;
  notInstalled: number;
  unknown: number;
  /** Of `installed`: get mandatory campaigns only. */
  optedOut?: number;
  /** Left out by the excluded lists. */
  excluded: number;
  /** Of `total`: who are named more than once. */
  duplicates: number;
  /** The first 50, or as many as asked for. */
  unknownEmails: string[];
  /** The first 50, or as many as asked for. */
  notInstalledPeople: FoundPerson[];
  /** What can be written in brackets besides the names, from the chosen lists. */
  columns?: AudienceColumn[];
}

export interface FoundPerson {
  displayName: string;
  email: string;
  state: MemberState;
}

export interface FoundPeople {
  items: FoundPerson[];
  /** `known`: the company's directory could not be asked. */
  source: "directory" | "known";
}

export interface AudienceColumn extends ListColumn {
  /** The chosen lists that do not have it. */
  missingIn?: string[];
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
  | "stopped"
  | "absent"
  | "presence_unknown"
  | "window_over";

export interface Report {
  campaign: Campaign;
  result: "error" | "success" | "rescheduled" | "ongoing";
  sentAt: string | null;
  counts: Counts;
  engagement: {
    seen: number;
    clickedRecipients: number;
    clicks: number;
    read: number;
    reacted: number;
    answered: number;
    /** Who asked for it later, and got it again then. */
    snoozed: number;
  };
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
  clickedAt: string | null;
  answeredAt: string | null;
  /** With a window: every look whether they were there. */
  checks?: Check[];
  /** They asked for it later; it comes back then. */
  snoozedUntil: string | null;
  /** Name and address were removed. */
  removed?: boolean;
}

export interface RecipientPage {
  items: Recipient[];
  next: string | null;
  /** Of everybody whom the filter lets through. */
  total: number;
  /** There are more than `total`: searches are counted up to a bound. */
  more: boolean;
}

/** When messages left: every step from the first to the last, at most 61. */
export interface Timeline {
  from: string | null;
  to: string | null;
  /** Seconds of a step. */
  step: number;
  buckets: { at: string; sent: number; failed: number }[];
}

/** What GET /events?campaign= sends as `progress`. */
export interface Progress {
  campaign: string;
  status: Status;
  counts: Counts;
  ratePerSecond: number | null;
  etaSeconds: number | null;
}

/** A link or button of a sent message, and how many followed it. */
export interface FollowedLink {
  index: number;
  url: string;
  text: string;
  recipients: number;
  clicks: number;
}

/** application/problem+json (RFC 9457) with Herald's additions. */
export interface ProblemDocument {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  problems?: Problem[];
  /** With 412: what was to be saved, as it is now. */
  current?: Campaign | List | Survey;
  /** With import_problems: what is wrong with the file's rows. */
  import?: ImportReport;
  requestId?: string;
}
