import {
  asTabRequest,
  type HostAnswer,
  type HostCall,
  type LegacyContext,
  runtimeConfig,
  supportedSdkVersion,
  type TabRequest,
  type TeamsTheme,
} from "./protocol";

/** How far the tab is, in Teams' terms: the loading indicator goes at "loaded" or "ready". */
export type TabState =
  | { kind: "silent" }
  | { kind: "initialized" }
  | { kind: "ready" }
  | { kind: "failed"; reason: string };

export interface TeamsHostOptions {
  /** The frame's window; null while the frame is not there. Messages from any other window are ignored. */
  frame: () => Window | null;
  /** The only origin that is listened to and spoken to. */
  origin: string;
  context: () => LegacyContext;
  /** The token that Entra would give the tab; silent: without asking the person. A rejection becomes TeamsJS' error. */
  authToken: (silent: boolean) => Promise<string>;
  openLink: (url: string) => void;
  onState: (state: TabState) => void;
}

/** Teams as a tab sees it: answers TeamsJS over postMessage. Start it before the frame loads. */
export class TeamsHost {
  private readonly options: TeamsHostOptions;
  private readonly wanted = new Set<string>();

  constructor(options: TeamsHostOptions) {
    this.options = options;
  }

  /** Listens on this page's window. Returns the function that stops it. */
  start(): () => void {
    const listen = (event: MessageEvent<unknown>) => this.receive(event);
    window.addEventListener("message", listen);
    return () => window.removeEventListener("message", listen);
  }

  /** Tells the tab a new theme, if it asked to hear of them. */
  changeTheme(theme: TeamsTheme): void {
    if (this.wanted.has("themeChange")) this.post({ func: "themeChange", args: [theme] });
  }

  private receive(event: MessageEvent<unknown>): void {
    const frame = this.options.frame();
    // Both must fit: another window of the same origin is not our tab, and our frame may have been navigated
    // to another origin.
    if (frame === null || event.source !== frame || event.origin !== this.options.origin) return;
    const request = asTabRequest(event.data);
    if (request !== null) this.handle(request);
  }

  private handle(request: TabRequest): void {
    switch (request.func) {
      case "initialize":
        // A reload of the frame begins anew: what the page before wanted to hear is gone with it.
        this.wanted.clear();
        this.options.onState({ kind: "initialized" });
        this.answer(request, ["content", "web", JSON.stringify(runtimeConfig), supportedSdkVersion]);
        break;
      case "getContext":
        this.answer(request, [this.options.context()]);
        break;
      case "registerHandler":
        if (typeof request.args[0] === "string") this.wanted.add(request.args[0]);
        break;
      case "authentication.getAuthToken":
        this.options.authToken(request.args[2] === true).then(
          (token) => this.answer(request, [true, token]),
          (reason: unknown) =>
            this.answer(request, [
              false,
              reason instanceof Error ? reason.message : "resourceRequiresConsent",
            ]),
        );
        break;
      case "appInitialization.appLoaded":
      case "appInitialization.success":
        this.options.onState({ kind: "ready" });
        break;
      case "appInitialization.failure":
        this.options.onState({
          kind: "failed",
          reason: request.args.filter((part) => typeof part === "string" && part !== "").join(": "),
        });
        break;
      case "appInitialization.expectedFailure":
        // The tab shows its own page about it (no permission, not found): Teams leaves it visible.
        this.options.onState({ kind: "ready" });
        break;
      case "openLink":
      case "executeDeepLink":
        this.open(request);
        break;
      case "shareDeepLink":
      case "pages.shareDeepLink":
        break;
      default:
        // As Teams does with calls it does not know: no answer. TeamsJS sends log and telemetry calls too.
        break;
    }
  }

  private open(request: TabRequest): void {
    const url = request.args[0];
    if (typeof url !== "string" || !/^(https?|mailto):/i.test(url)) {
      this.answer(request, [false, "InvalidUrl"]);
      return;
    }
    this.options.openLink(url);
    this.answer(request, [true]);
  }

  private answer(request: TabRequest, args: unknown[]): void {
    const answer: HostAnswer = { id: request.id, args };
    if (request.uuidAsString !== undefined) answer.uuidAsString = request.uuidAsString;
    this.post(answer);
  }

  private post(message: HostAnswer | HostCall): void {
    this.options.frame()?.postMessage(message, this.options.origin);
  }
}

/**
 * The subEntityId of a Teams deep link to an app's tab, or null for any other address.
 * Form: https://teams.microsoft.com/l/entity/{appId}/{entityId}?context={"subEntityId":…}.
 */
export function subEntityOfDeepLink(url: string): string | null {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return null;
  }
  const isTeams = /^(teams\.microsoft\.com|teams\.cloud\.microsoft)$/i.test(parsed.hostname);
  if (!isTeams || !parsed.pathname.startsWith("/l/entity/")) return null;
  try {
    const context: unknown = JSON.parse(parsed.searchParams.get("context") ?? "{}");
    if (typeof context !== "object" || context === null) return "";
    const sub = (context as Record<string, unknown>).subEntityId;
    return typeof sub === "string" ? sub : "";
  } catch {
    return "";
  }
}
