/** What the sandbox's control API says, as fixed by the contract. One file, so that a change there is one change here. */

export type Role = "Author" | "Publisher" | "Analyst" | "Admin";

export interface Person {
  /** Entra object id. */
  id: string;
  upn: string;
  mail: string;
  displayName: string;
  givenName: string;
  surname: string;
  installed: boolean;
  blocked: boolean;
  presence: string;
  roles: string[];
  locale: string;
}

export interface PeoplePage {
  items: Person[];
  next: string | null;
  total: number;
  /** People of the tenant who have Herald, where the sandbox counts them. */
  installed?: number;
}

export interface Attachment {
  contentType: string;
  contentUrl?: string;
  content?: unknown;
  name?: string;
}

export interface Activity {
  type?: string;
  id?: string;
  timestamp?: string;
  text?: string;
  textFormat?: string;
  summary?: string;
  importance?: string;
  attachments?: Attachment[];
  channelData?: { notification?: { alert?: boolean } };
  value?: unknown;
}

export interface ChatEntry {
  id: string;
  from: "bot" | "user";
  activity: Activity;
  updatedAt: string | null;
  deleted: boolean;
  // Beyond the contract's core.
  edited?: boolean;
  readAt?: string | null;
  reactions?: string[];
  /** What an Action.Execute answered instead of a new card. */
  notice?: string;
}

/** How installing for many went; `failed` are those whose events the bot did not take. */
export interface BulkInstall {
  installed: number;
  failed?: number;
  errors?: string[] | null;
}

export interface BotAddress {
  url: string;
  tabUrl: string;
}

export interface Environment {
  appId: string;
  tenantId: string;
}

export interface Clock {
  now: string;
  offsetNs: number;
}

export interface Token {
  token: string;
  expiresAt: string;
}

export type Direction = "to-bot" | "to-teams" | "to-graph" | "to-entra";

export interface WireEntry {
  seq: number;
  at: string;
  direction: Direction;
  method: string;
  path: string;
  status: number;
  durationMs: number;
  request: unknown;
  response: unknown;
}

export interface SubmitBody {
  activityId: string;
  action?: string;
  inputs: Record<string, unknown>;
  force?: boolean;
}

export const reactionTypes = ["like", "heart", "laugh", "surprised", "sad", "angry"] as const;
export type ReactionType = (typeof reactionTypes)[number];

export const presences = ["Available", "Busy", "DoNotDisturb", "Away", "BeRightBack", "Offline"] as const;
export type Presence = (typeof presences)[number];
