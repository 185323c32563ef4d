/**
 * The messages between a Teams tab (TeamsJS 2.58) and its host, as they travel through postMessage.
 * Seen in TeamsJS: internal/communication, internal/messageObjects, public/app, public/authentication.
 */

export interface TabRequest {
  id: number;
  uuidAsString?: string;
  func: string;
  args: unknown[];
}

export interface HostAnswer {
  id: number;
  uuidAsString?: string;
  args: unknown[];
}

/** A message that the host sends of its own accord, such as themeChange. */
export interface HostCall {
  func: string;
  args: unknown[];
}

export type TeamsTheme = "default" | "dark" | "contrast";
export const teamsThemes: readonly TeamsTheme[] = ["default", "dark", "contrast"];

/** The flat context that `getContext` answers; TeamsJS makes its nested app.Context from it. */
export interface LegacyContext {
  theme: TeamsTheme;
  locale: string;
  entityId: string;
  subEntityId?: string;
  tid: string;
  userObjectId: string;
  userPrincipalName: string;
  loginHint: string;
  userDisplayName: string;
  appId?: string;
  hostName: "Teams";
  hostClientType: "web";
  frameContext: "content";
  sessionId: string;
  appSessionId: string;
  ringId: "general";
  isFullScreen: false;
}

/**
 * What this host supports beyond the core. TeamsJS refuses unsupported calls before sending them, so a name
 * belongs here only when the host answers it: a tab that waits for ever is worse than one that is told no.
 */
export const runtimeConfig = {
  apiVersion: 4,
  hostVersionsInfo: {},
  isLegacyTeams: false,
  supports: { pages: {} },
} as const;

/** The newest TeamsJS that this host was tried with. */
export const supportedSdkVersion = "2.58.0";

/** Narrows what arrived from the frame; anything else is not TeamsJS talking. */
export function asTabRequest(data: unknown): TabRequest | null {
  if (typeof data !== "object" || data === null) return null;
  const message = data as Record<string, unknown>;
  if (typeof message.id !== "number" || typeof message.func !== "string") return null;
  const request: TabRequest = {
    id: message.id,
    func: message.func,
    args: Array.isArray(message.args) ? (message.args as unknown[]) : [],
  };
  if (typeof message.uuidAsString === "string") request.uuidAsString = message.uuidAsString;
  return request;
}
