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

/** No page has this address: it says that there is no such page. */
const nowhere = "/unknown";

/** `campaign/{id}`, `report/{id}`, `new`, `lists`, `list/{id}`, `surveys`, `survey/{id}`, `results/{id}`: links into Herald. */
export function pathOf(subPageId: string | undefined): string | null {
  if (!subPageId) return null;
  const [kind, id] = subPageId.split("/");
  if (kind === "new" || kind === "lists" || kind === "surveys") return `/${kind}`;
  if (!id || !/^[\w-]{1,64}$/.test(id)) return nowhere;
  if (kind === "campaign") return `/campaigns/${id}/edit`;
  if (kind === "report") return `/campaigns/${id}`;
  if (kind === "survey") return `/surveys/${id}`;
  if (kind === "results") return `/surveys/${id}/results`;
  return kind === "list" ? `/lists/${id}` : nowhere;
}

/** Teams' theme as an external store. Names that we do not know, such as "glass", look like the default. */
export const theme = (() => {
  let current: ThemeName = "default";
  let last: ThemeName = current;
  const listeners = new Set<() => void>();
  return {
    async set(name: string | undefined): Promise<void> {
      const wanted = name === "dark" || name === "contrast" ? name : "default";
      last = wanted;
      await loadTheme(wanted);
      // While a theme was being loaded, Teams may have gone on to another one, which was there at once.
      if (wanted !== last) return;
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
  /** Who can help: the person by agreeing, an administrator, the person by signing in again, or nobody knows. */
  readonly problem: SignInProblem;

  constructor(detail: string, problem = signInProblem(detail)) {
    super(detail);
    this.problem = problem;
  }
}

export type SignInProblem = "consent" | "admin" | "expired" | "token";

function signInProblem(detail: string): SignInProblem {
  if (/AADSTS9009[0-5]/i.test(detail)) return "admin";
  if (/consent|invalid_grant|AADSTS65001/i.test(detail)) return "consent";
  return /interaction|login_required/i.test(detail) ? "expired" : "token";
}

/**
 * The Entra token of the person before the screen. Asks Teams once, keeps the answer, shares one question. What keeps it
 * from one is an external store.
 */
export function teamsTokens(ask: (silent: boolean) => Promise<string> = askTeams) {
  let token: Promise<string> | null = null;
  let began = false;
  let problem: TokenError | null = null;
  const listeners = new Set<() => void>();
  const settle = (next: TokenError | null) => {
    if (next === problem) return;
    problem = next;
    for (const each of listeners) each();
  };
  const keep = (answer: Promise<string>) => {
    const asked = answer.then(
      (given) => {
        began = true;
        settle(null);
        return given;
      },
      (error: unknown) => {
        if (token === asked) token = null;
        // Whoever closed Teams' question still has what it was about before them.
        const cancelled = problem && error instanceof TokenError && /cancel/i.test(error.message);
        const failed = cancelled ? problem : error instanceof TokenError ? error : new TokenError(String(error));
        settle(failed);
        throw failed;
      },
    );
    token = asked;
    return asked;
  };
  const question = (silent: boolean) =>
    ask(silent).catch((error: unknown) => {
      throw new TokenError(error instanceof Error ? error.message : String(error));
    });
  /** Teams may ask the person by itself, but not before the page has said what consent is for, and only once. */
  const first = () =>
    question(true).catch((error: unknown) => {
      const wait = began || (error instanceof TokenError && ["consent", "admin"].includes(error.problem));
      began = true;
      if (wait) throw error;
      return question(false);
    });
  let renewing: Promise<string> | null = null;
  return {
    get: () => token ?? keep(first()),
    /** After a 401. Several requests that failed together renew once. */
    renew: () => {
      renewing ??= keep(question(true)).finally(() => {
        renewing = null;
      });
      return renewing;
    },
    /** Herald did not take a token that Teams had just given. */
    refused: () => {
      token = null;
      settle(new TokenError("refused", "expired"));
    },
    /** The person wants to: now Teams may ask them. */
    signIn: () => keep(question(false)),
    problem: () => problem,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function askTeams(silent: boolean): Promise<string> {
  return authentication.getAuthToken({ silent });
}

/** For those who must tell a refused token from a refused request. */
export function tokenErrorOf(error: unknown): TokenError | null {
  return error instanceof TokenError ? error : null;
}
