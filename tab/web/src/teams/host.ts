import { app, authentication } from "@microsoft/teams-js";
import type { Config } from "../api/types";
import { usableLocale } from "../i18n/translate";
import { loadTheme } from "../themes";

/** The page's side of Teams: start, context, theme, sign-in. Everything else of the page knows nothing of TeamsJS. */

export type ThemeName = "default" | "dark" | "contrast";

/** Why the page cannot start; each has a page of its own. */
export type StartProblem = "outside" | "silent" | "down";

export class StartError extends Error {
  readonly problem: StartProblem;

  constructor(problem: StartProblem) {
    super(problem);
    this.problem = problem;
  }
}

export interface Session {
  config: Config;
  locale: string;
  /** The page that a deep link asked for, as a path; null for the first page. */
  deepLink: string | null;
  userName: string;
}

/** A silent host would keep TeamsJS waiting for a minute. */
const hostTimeout = 4_000;

export async function connect(): Promise<Session> {
  if (window.parent === window) throw new StartError("outside");
  const config = await loadConfig();
  const context = await withTimeout(
    app.initialize(config.hostOrigins).then(() => app.getContext()),
    hostTimeout,
  );
  await theme.set(context.app.theme);
  app.registerOnThemeChangeHandler((name) => void theme.set(name));
  app.notifyAppLoaded();
  return {
    config,
    locale: usableLocale(context.app.locale),
    deepLink: pathOf(context.page.subPageId),
    userName: context.user?.displayName ?? context.user?.userPrincipalName ?? "",
  };
}

/** The page is of use now: Teams takes its loading indicator away. */
export function notifyReady(): void {
  app.notifySuccess();
}

async function loadConfig(): Promise<Config> {
  try {
    const response = await fetch("/tab/config.json", { headers: { Accept: "application/json" } });
    if (!response.ok) throw new StartError("down");
    return (await response.json()) as Config;
  } catch {
    throw new StartError("down");
  }
}

async function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StartError("silent"));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw error instanceof StartError ? error : new StartError("outside");
  } finally {
    clearTimeout(timer);
  }
}

/** `campaign/{id}`, `report/{id}`, `new`, `lists` and `list/{id}`, as links into Herald carry them. */
export function pathOf(subPageId: string | undefined): string | null {
  const [kind, id] = (subPageId ?? "").split("/");
  if (kind === "new" || kind === "lists") return `/${kind}`;
  if (!id || !/^[\w-]{1,64}$/.test(id)) return null;
  if (kind === "campaign") return `/campaigns/${id}/edit`;
  if (kind === "report") return `/campaigns/${id}`;
  return kind === "list" ? `/lists/${id}` : null;
}

/** Teams' theme as an external store. Names that we do not know, such as "glass", look like the default. */
export const theme = (() => {
  let current: ThemeName = "default";
  const listeners = new Set<() => void>();
  return {
    async set(name: string | undefined): Promise<void> {
      const wanted = name === "dark" || name === "contrast" ? name : "default";
      await loadTheme(wanted);
      current = wanted;
      for (const each of listeners) each();
    },
    snapshot: (): ThemeName => current,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
})();

/** Teams would not give a token. */
export class TokenError extends Error {
  readonly consent: boolean;

  constructor(detail: string) {
    super(detail);
    this.consent = /consent|invalid_grant|AADSTS65001/i.test(detail);
  }
}

/** The Entra token of the person before the screen. Asks Teams once, keeps the answer, shares one question. */
export function teamsTokens(ask: (silent: boolean) => Promise<string> = askTeams) {
  let token: Promise<string> | null = null;
  const fetchToken = (silent: boolean) => {
    const asked = ask(silent).catch((error: unknown) => {
      if (token === asked) token = null;
      throw new TokenError(error instanceof Error ? error.message : String(error));
    });
    token = asked;
    return asked;
  };
  let renewing: Promise<string> | null = null;
  return {
    get: () => token ?? fetchToken(false),
    /** After a 401. Several requests that failed together renew once. */
    renew: () => {
      renewing ??= fetchToken(true).finally(() => {
        renewing = null;
      });
      return renewing;
    },
  };
}

function askTeams(silent: boolean): Promise<string> {
  return authentication.getAuthToken({ silent });
}

/** For pages that must tell a refused token from a refused request. */
export function tokenErrorOf(error: unknown): TokenError | null {
  return error instanceof TokenError ? error : null;
}
