import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LegacyContext } from "./protocol";
import { subEntityOfDeepLink, TeamsHost, type TabState } from "./TeamsHost";

const ORIGIN = "http://127.0.0.1:3978";
const context: LegacyContext = {
  theme: "dark",
  locale: "fr-FR",
  entityId: "campaigns",
  subEntityId: "report/7",
  tid: "tenant",
  userObjectId: "oid",
  userPrincipalName: "alva@contoso.example",
  loginHint: "alva@contoso.example",
  userDisplayName: "Alva",
  hostName: "Teams",
  hostClientType: "web",
  frameContext: "content",
  sessionId: "s",
  appSessionId: "s",
  ringId: "general",
  isFullScreen: false,
};

function setup(token: (silent: boolean) => Promise<string> = () => Promise.resolve("jwt")) {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  const tab = frame.contentWindow;
  if (tab === null) throw new Error("jsdom gave the frame no window");
  const posted = vi.spyOn(tab, "postMessage").mockImplementation(() => undefined);
  const states: TabState[] = [];
  const openLink = vi.fn();
  const host = new TeamsHost({
    frame: () => frame.contentWindow,
    origin: ORIGIN,
    context: () => context,
    authToken: token,
    openLink,
    onState: (state) => states.push(state),
  });
  const stop = host.start();
  const say = (data: unknown, from: { origin?: string; source?: Window } = {}) =>
    window.dispatchEvent(
      new MessageEvent("message", { data, origin: from.origin ?? ORIGIN, source: from.source ?? tab }),
    );
  return { host, stop, say, posted, states, openLink };
}

let running: ReturnType<typeof setup>;
afterEach(() => running.stop());

describe("TeamsHost", () => {
  beforeEach(() => {
    running = setup();
  });

  it("answers initialize with TeamsJS' four arguments, to the tab's origin only", () => {
    running.say({ id: 0, uuidAsString: "u-1", func: "initialize", args: ["2.58.0", 4, []] });
    expect(running.posted).toHaveBeenCalledTimes(1);
    const [answer, origin] = running.posted.mock.calls[0] as unknown as [{ args: unknown[] }, string];
    expect(origin).toBe(ORIGIN);
    expect(answer).toMatchObject({ id: 0, uuidAsString: "u-1" });
    const [frameContext, client, runtime, sdk] = answer.args;
    expect([frameContext, client, sdk]).toEqual(["content", "web", "2.58.0"]);
    expect(JSON.parse(String(runtime))).toMatchObject({ apiVersion: 4, supports: { pages: {} } });
    expect(running.states).toEqual([{ kind: "initialized" }]);
  });

  it("gives the flat context", () => {
    running.say({ id: 3, func: "getContext", args: [] });
    expect(running.posted).toHaveBeenCalledWith({ id: 3, args: [context] }, ORIGIN);
  });

  it.each([
    ["another origin", { origin: "http://127.0.0.1:9999" }],
    ["the same host over https", { origin: "https://127.0.0.1:3978" }],
    ["an opaque origin", { origin: "null" }],
    ["another window of the right origin", { source: window }],
  ])("ignores messages from %s", (_, from) => {
    running.say({ id: 1, func: "authentication.getAuthToken", args: [] }, from);
    running.say({ id: 2, func: "getContext", args: [] }, from);
    running.say({ id: 3, func: "appInitialization.success", args: [] }, from);
    expect(running.posted).not.toHaveBeenCalled();
    expect(running.states).toEqual([]);
  });

  it.each([null, "initialize", 7, {}, { func: "getContext" }, { id: "1", func: "getContext" }])(
    "ignores what is not TeamsJS: %j",
    (data) => {
      running.say(data);
      expect(running.posted).not.toHaveBeenCalled();
    },
  );

  it("hands out the token", async () => {
    running.say({
      id: 4,
      uuidAsString: "u-4",
      func: "authentication.getAuthToken",
      args: [null, null, true],
    });
    await vi.waitFor(() =>
      expect(running.posted).toHaveBeenCalledWith(
        { id: 4, uuidAsString: "u-4", args: [true, "jwt"] },
        ORIGIN,
      ),
    );
  });

  it("pushes a new theme only to a tab that asked for it", () => {
    running.host.changeTheme("contrast");
    expect(running.posted).not.toHaveBeenCalled();
    running.say({ id: 5, func: "registerHandler", args: ["themeChange"] });
    running.host.changeTheme("contrast");
    expect(running.posted).toHaveBeenCalledWith({ func: "themeChange", args: ["contrast"] }, ORIGIN);
  });

  it("forgets what a page before the reload wanted to hear", () => {
    running.say({ id: 5, func: "registerHandler", args: ["themeChange"] });
    running.say({ id: 0, func: "initialize", args: [] });
    running.posted.mockClear();
    running.host.changeTheme("dark");
    expect(running.posted).not.toHaveBeenCalled();
  });

  it.each([
    ["appInitialization.appLoaded", ["2.58.0"], { kind: "ready" }],
    ["appInitialization.success", ["2.58.0"], { kind: "ready" }],
    ["appInitialization.expectedFailure", ["PermissionError", "no"], { kind: "ready" }],
    ["appInitialization.failure", ["Other", "boom", null], { kind: "failed", reason: "Other: boom" }],
  ])("understands %s", (func, args, state) => {
    running.say({ id: 6, func, args });
    expect(running.states).toEqual([state]);
  });

  it("opens web links and says so", () => {
    running.say({ id: 7, func: "executeDeepLink", args: ["https://contoso.example/x"] });
    expect(running.openLink).toHaveBeenCalledWith("https://contoso.example/x");
    expect(running.posted).toHaveBeenCalledWith({ id: 7, args: [true] }, ORIGIN);
  });

  it("refuses to open anything that is not an address", () => {
    running.say({ id: 8, func: "openLink", args: ["javascript:alert(1)"] });
    expect(running.openLink).not.toHaveBeenCalled();
    expect(running.posted).toHaveBeenCalledWith({ id: 8, args: [false, "InvalidUrl"] }, ORIGIN);
  });

  it("is silent after its end", () => {
    running.stop();
    running.say({ id: 0, func: "initialize", args: [] });
    expect(running.posted).not.toHaveBeenCalled();
  });
});

it("asks the person only where the tab allows it", async () => {
  const asked: boolean[] = [];
  running = setup((silent) => {
    asked.push(silent);
    return Promise.resolve("jwt");
  });
  for (const args of [[null, null, true], [null, null, false], []]) {
    running.say({ id: 9, func: "authentication.getAuthToken", args });
  }
  await vi.waitFor(() => expect(asked).toEqual([true, false, false]));
});

it("passes on why there is no token", async () => {
  running = setup(() => Promise.reject(new Error("resourceRequiresConsent")));
  running.say({ id: 9, func: "authentication.getAuthToken", args: [] });
  await vi.waitFor(() =>
    expect(running.posted).toHaveBeenCalledWith({ id: 9, args: [false, "resourceRequiresConsent"] }, ORIGIN),
  );
});

describe("subEntityOfDeepLink", () => {
  const link = (context: string) =>
    `https://teams.microsoft.com/l/entity/app/campaigns?context=${encodeURIComponent(context)}`;
  it.each([
    ["a tab with a place", link('{"subEntityId":"report/7"}'), "report/7"],
    ["a tab without a place", "https://teams.cloud.microsoft/l/entity/app/campaigns", ""],
    ["a broken context", link("{"), ""],
    ["a chat", "https://teams.microsoft.com/l/chat/0/0", null],
    ["another site", "https://contoso.example/l/entity/app/campaigns", null],
    ["no address", "report/7", null],
  ])("reads %s", (_, url, expected) => {
    expect(subEntityOfDeepLink(url)).toBe(expected);
  });
});
