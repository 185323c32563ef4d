import { QueryClient } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import type { Survey } from "../src/api/surveyTypes";
import type { Campaign } from "../src/api/types";
import { navigate } from "../src/router";
import { Pages } from "../src/routes";
import { refreshAll } from "../src/ui/refreshAll";
import { campaign, stage } from "./stage";

afterEach(() => {
  cleanup(); // the first page is none of this file's business
  navigate("/", { replace: true });
});

const author = { id: "author", displayName: "Anna" };
const draft = { ...campaign, version: 3, createdBy: author, updatedBy: author, approval: null } as unknown as Campaign;

// Somebody takes back what was scheduled: the open report hears of it before the editor's cache does, or the other way round.
for (const from of ["/campaigns/c", "/campaigns/c/edit"]) {
  it(`what is known from before leads nobody in a circle, from ${from}`, async () => {
    const api = new Api({ get: () => Promise.resolve("t"), renew: () => Promise.resolve("t") });
    const asked = vi.spyOn(api, "campaign").mockResolvedValue(draft);
    vi.spyOn(api, "previewSaved").mockResolvedValue({
      activity: { type: "message" },
      missing: [],
      problems: [],
    } as never);
    const reader = {
      id: "reader",
      can: { read: true, write: false, send: false, prepare: false, others: true, approve: false, admin: false },
    };
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: 5_000 } } });
    client.setQueryData(["campaign", "c"], { ...draft, status: "scheduled", version: 2 });
    client.setQueryData(["report", "c"], "draft");
    navigate(from, { replace: true });
    render(<Pages />, { wrapper: stage(api, client, reader).wrapper });
    expect(await screen.findByText("There is no message yet.")).toBeTruthy();
    expect(location.pathname).toBe("/tab/campaigns/c/edit");
    expect(asked).toHaveBeenCalled();
  });
}

const survey = {
  id: "s",
  name: "Canteen",
  intro: "",
  thanks: "",
  anonymous: false,
  allowChange: true,
  questions: [],
  closesAt: null,
  status: "draft",
  version: 2,
  sent: 0,
  campaigns: 0,
  problems: [],
  updatedAt: "2026-11-21T09:00:00Z",
} as unknown as Survey;

const writer = {
  id: "author",
  can: { read: true, write: true, send: true, prepare: true, others: true, approve: false, admin: false },
};

/** A page at an address, before a Herald that says of `/campaigns/c` and `/surveys/s` what it is told to; the rest of it is away. */
function openAt(path: string, cached: [string[], unknown][], answer: { now: () => Promise<unknown> }) {
  vi.stubGlobal("fetch", async (url: string) => {
    if (!/\/(campaigns\/c|surveys\/s)$/.test(url)) return new Response("{}", { status: 404 });
    const found = await answer.now();
    return new Response(JSON.stringify(found ?? {}), {
      status: found === null ? 404 : 200,
      headers: { "Content-Type": "application/json" },
    });
  });
  const api = new Api({ get: () => Promise.resolve("t"), renew: () => Promise.resolve("t") });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000 } } });
  for (const [key, data] of cached) client.setQueryData(key, data);
  navigate(path, { replace: true });
  render(<Pages />, { wrapper: stage(api, client, writer).wrapper });
  return client;
}

const box = (name: RegExp) => screen.findByRole<HTMLInputElement>("textbox", { name });

describe("an editor", () => {
  it.each([
    ["/campaigns/c/edit", ["campaign", "c"], draft, /^Name of the campaign/],
    ["/surveys/s", ["survey", "s"], survey, /^Name of the survey/],
  ] as const)(
    "begins with what Herald has now, not with what is known from before: %s",
    async (path, key, known, name) => {
      let tell: (now: unknown) => void = () => undefined;
      const asked = new Promise((resolve) => {
        tell = resolve;
      });
      openAt(path, [[[...key], known]], { now: () => asked });
      await screen.findByRole("progressbar");
      tell({ ...known, name: "Changed elsewhere", version: 7 });
      expect((await box(name)).value).toBe("Changed elsewhere");
    },
  );

  it("does not show what was deleted elsewhere", async () => {
    openAt("/campaigns/c/edit", [[["campaign", "c"], draft]], { now: () => Promise.resolve(null) });
    expect(await screen.findByRole("heading", { name: "There is no such campaign" })).toBeTruthy();
  });

  it("keeps what is typed when the page hears that the campaign was scheduled elsewhere", async () => {
    const answer = { now: () => Promise.resolve<unknown>(draft) };
    const client = openAt("/campaigns/c/edit", [], answer);
    fireEvent.change(await box(/^Name of the campaign/), { target: { value: "Typed while Herald was away" } });
    answer.now = () => Promise.resolve({ ...draft, status: "scheduled", version: 4 });
    await refreshAll(client);
    expect((await box(/^Name of the campaign/)).value).toBe("Typed while Herald was away");
    expect(location.pathname).toBe("/tab/campaigns/c/edit");
  });

  it("is not shown for a moment in place of a draft that waits for approval", async () => {
    const waiting = {
      state: "waiting",
      requestedBy: author,
      requestedAt: draft.updatedAt,
      recipients: 3,
      sendAt: null,
    };
    const frozen = { ...draft, approval: waiting };
    const answer = { now: () => Promise.resolve<unknown>(frozen) };
    const client = openAt("/campaigns/c/edit", [], answer);
    const withdraw = await screen.findByRole("button", { name: "Withdraw and edit" });
    let tell: (now: unknown) => void = () => undefined;
    answer.now = () =>
      new Promise((resolve) => {
        tell = resolve;
      });
    const refreshed = refreshAll(client);
    await waitFor(() => expect(client.isFetching({ queryKey: ["campaign", "c"] })).toBe(1));
    expect(withdraw.isConnected).toBe(true);
    tell(frozen);
    await refreshed;
    expect(withdraw.isConnected).toBe(true);
  });
});

it("leads nobody in a circle while Herald is away", async () => {
  const gone = vi.fn(() => Promise.reject(new TypeError("Failed to fetch")));
  openAt(
    "/campaigns/c",
    [
      [["campaign", "c"], { ...draft, status: "scheduled" }],
      [["report", "c"], "draft"],
    ],
    {
      now: gone,
    },
  );
  expect(await screen.findByRole("button", { name: "Try again" })).toBeTruthy();
  expect(gone).toHaveBeenCalledTimes(1);
});
