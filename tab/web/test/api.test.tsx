import { describe, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import { connection } from "../src/api/connection";
import { ApiError, errorOf } from "../src/api/error";
import { follow, reconnectDelay, SseParser } from "../src/api/sse";
import { translator } from "../src/i18n/translate";
import { match } from "../src/router";
import { pathOf, TokenError, teamsTokens, theme } from "../src/teams/host";
import { explain } from "../src/ui/errors";
import { parseProgress } from "../src/ui/useLiveProgress";

const t = translator("en");
const json = (status: number, body: unknown, type = "application/json") =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });

describe("server-sent events", () => {
  const stream = ': hello\n\nevent: progress\ndata: {"a":\ndata: 1}\nid: 7\n\r\ndata:é\r\n\r\nevent: left over\n\n';

  it("are read whole", () => {
    expect(new SseParser().push(stream)).toEqual([
      { event: "progress", data: '{"a":\n1}', id: "7" },
      { event: "message", data: "é", id: "7" },
    ]);
  });

  it("are the same however the stream is cut", () => {
    const whole = new SseParser().push(stream);
    for (let size = 1; size <= 9; size += 1) {
      const parser = new SseParser();
      const events = [];
      for (let at = 0; at < stream.length; at += size) events.push(...parser.push(stream.slice(at, at + size)));
      expect(events).toEqual(whole);
    }
  });

  it("come again after the connection breaks, and what was missed is looked up", async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const waits: number[] = [];
    const reloads = vi.fn();
    let opened = 0;
    await follow({
      signal: controller.signal,
      onReconnect: reloads,
      onEvent: ({ data }) => {
        seen.push(data);
        if (data === "2") controller.abort();
      },
      wait: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
      open: () => {
        opened += 1;
        if (opened === 2) return Promise.reject(new Error("down"));
        return Promise.resolve(new Response(`data: ${opened === 1 ? "1" : "2"}\n\n`));
      },
    });
    expect(seen).toEqual(["1", "2"]);
    expect(waits).toEqual([1_000, 2_000]);
    expect(reloads).toHaveBeenCalledTimes(1);
    expect(reconnectDelay(20)).toBe(15_000);
  });

  it("are ignored when they are not progress", () => {
    expect(parseProgress("nonsense")).toBeNull();
    expect(parseProgress("{}")).toBeNull();
    expect(parseProgress('{"campaign":"c","counts":{"total":1}}')).toMatchObject({ campaign: "c" });
  });
});

describe("API errors", () => {
  it.each([
    [
      "a problem document",
      json(422, { code: "send_later_cap", detail: "x" }, "application/problem+json"),
      "send_later_cap",
      /six days/,
    ],
    [
      "a code that the page does not know",
      json(422, { code: "brand_new", detail: "Herald says so." }, "application/problem+json"),
      "brand_new",
      /^Herald says so\.$/,
    ],
    [
      "a proxy's page",
      new Response("<html>", { status: 502, headers: { "Content-Type": "text/html" } }),
      "server_error",
      /had a problem/,
    ],
    [
      "broken JSON",
      new Response("{", { status: 500, headers: { "Content-Type": "application/json" } }),
      "server_error",
      /had a problem/,
    ],
    ["no role", json(403, { code: "no_role" }, "application/problem+json"), "no_role", /does not open Herald/],
    ["gone", json(404, {}), "not_found", /does not exist/],
  ])("are understood: %s", async (_, response, code, words) => {
    const error = await errorOf(response);
    expect(error.code).toBe(code);
    expect(explain(error, t)).toMatch(words);
  });

  it("say what is wrong with a field", () => {
    const problems = [{ field: "/audience/emails/0", code: "invalid_address", message: "m", value: "ann@" }];
    expect(explain(new ApiError(422, { code: "invalid_address", problems }), t)).toBe(
      "“ann@” is not an e-mail address.",
    );
  });

  it("say so when Teams gives no token", () => {
    expect(explain(new TokenError("no"), t)).toMatch(/sign you in/);
  });
});

describe("API client", () => {
  it("renews the token silently and once on 401", async () => {
    const asked: boolean[] = [];
    const tokens = teamsTokens((silent) => {
      asked.push(silent);
      return Promise.resolve(`token-${String(asked.length)}`);
    });
    const sent: (string | null)[] = [];
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
      sent.push(new Headers(init.headers).get("Authorization"));
      return Promise.resolve(sent.length === 1 ? json(401, {}) : json(200, { id: "me" }));
    });
    const api = new Api(tokens);
    await expect(api.me()).resolves.toEqual({ id: "me" });
    await api.me();
    expect(sent).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-2"]);
    expect(asked).toEqual([true, true]);
    vi.stubGlobal("fetch", () => Promise.resolve(json(401, {})));
    await expect(api.me()).rejects.toMatchObject({ code: "unauthorized" });
  });

  it("sends the version with a save, and calls a lost connection by its name", async () => {
    const fetched = vi.fn(() => Promise.reject(new TypeError("Failed to fetch")));
    vi.stubGlobal("fetch", fetched);
    const api = new Api({ get: () => Promise.resolve("t"), renew: () => Promise.resolve("t") });
    const input = { name: "n", format: "message", content: {}, audience: {}, timing: { at: null } } as const;
    await expect(api.saveCampaign("a/b", 3, input)).rejects.toMatchObject({ code: "network", status: 0 });
    expect(fetched).toHaveBeenCalledWith(
      "/api/v1/campaigns/a%2Fb",
      expect.objectContaining({ method: "PUT", headers: expect.objectContaining({ "If-Match": "3" }) }),
    );
  });

  it("lets Teams ask the person once, but not for consent, and not again by itself", async () => {
    const asked: boolean[] = [];
    let answer: (silent: boolean) => Promise<string> = (silent) =>
      silent ? Promise.reject(new Error("interaction_required")) : Promise.resolve("t");
    const tokens = teamsTokens((silent) => {
      asked.push(silent);
      return answer(silent);
    });
    await expect(tokens.get()).resolves.toBe("t");
    expect(asked).toEqual([true, false]);
    answer = () => Promise.reject(new Error("interaction_required"));
    await expect(tokens.renew()).rejects.toMatchObject({ problem: "expired" });
    await expect(tokens.get()).rejects.toBeInstanceOf(TokenError);
    expect(asked).toEqual([true, false, true, true]);
    expect(tokens.problem()).toMatchObject({ problem: "expired" });
    answer = () => Promise.reject(new Error("CancelledByUser"));
    await expect(tokens.signIn()).rejects.toMatchObject({ problem: "expired" });
    answer = () => Promise.resolve("u");
    await expect(tokens.signIn()).resolves.toBe("u");
    expect(tokens.problem()).toBeNull();
    await expect(tokens.get()).resolves.toBe("u");
  });

  it.each([
    ["resourceRequiresConsent", "consent"],
    ["AADSTS65001: The user or administrator has not consented", "consent"],
    ["AADSTS90094: An administrator of Contoso has set a policy", "admin"],
    ["something else", "token"],
  ])("knows who can help with %s", async (detail, problem) => {
    const asked: boolean[] = [];
    const tokens = teamsTokens((silent) => {
      asked.push(silent);
      return Promise.reject(new Error(detail));
    });
    await expect(tokens.get()).rejects.toMatchObject({ problem });
    expect(asked).toEqual(problem === "token" ? [true, false] : [true]);
  });

  it("notices that Herald is gone, and that it is back", async () => {
    const api = new Api({ get: () => Promise.resolve("t"), renew: () => Promise.resolve("t") });
    const answers = [() => Promise.reject(new TypeError("Failed to fetch")), () => Promise.resolve(json(200, {}))];
    const gateway = () => Promise.resolve(json(504, {}));
    vi.stubGlobal("fetch", () => answers.shift()?.() ?? gateway());
    await expect(api.me()).rejects.toMatchObject({ code: "network" });
    expect(connection.snapshot()).toBe("lost");
    await api.me();
    expect(connection.snapshot()).toBe("there");
    await expect(api.me()).rejects.toMatchObject({ status: 504 });
    expect(connection.snapshot()).toBe("lost");
    connection.set("there");
  });
});

describe("Teams' theme", () => {
  it("is the last that Teams told, though an earlier one takes longer to load", async () => {
    const dark = theme.set("dark");
    await theme.set("default");
    await dark;
    expect(theme.snapshot()).toBe("default");
    await theme.set("contrast");
    expect(theme.snapshot()).toBe("contrast");
    await theme.set("glass");
    expect(theme.snapshot()).toBe("default");
  });
});

describe("addresses of pages", () => {
  it.each([
    ["campaign/abc-1", "/campaigns/abc-1/edit"],
    ["report/abc", "/campaigns/abc"],
    ["new", "/new"],
    ["lists", "/lists"],
    ["list/abc", "/lists/abc"],
    ["list/", "/unknown"],
    ["report/../../x", "/unknown"],
    ["holiday", "/unknown"],
    ["", null],
    [undefined, null],
  ])("deep link %s opens %s", (link, path) => {
    expect(pathOf(link)).toBe(path);
  });

  it("match their patterns", () => {
    expect(match("/campaigns/:id/edit", "/campaigns/7/edit")).toEqual({ id: "7" });
    expect(match("/campaigns/:id", "/campaigns/7/edit")).toBeNull();
    expect(match("/", "/")).toEqual({});
  });
});
