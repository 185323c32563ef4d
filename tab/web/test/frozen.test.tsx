import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import type { Activity, Approval, Campaign } from "../src/api/types";
import { FrozenDraft } from "../src/pages/editor/FrozenDraft";
import { SessionContext, type SessionValue } from "../src/ui/Session";
import "../src/i18n/pages";

/** What draws a message comes when a test lets it. */
const drawing = vi.hoisted(() => {
  let ready: () => void = () => undefined;
  const loaded = new Promise<void>((resolve) => {
    ready = resolve;
  });
  return { loaded, ready };
});
vi.mock("../src/preview/CardView", async () => {
  await drawing.loaded;
  return { default: () => null, TextView: ({ text }: { text: string }) => text };
});

const author = { id: "author", displayName: "Anna" };
const waiting: Approval = {
  state: "waiting",
  requestedBy: author,
  requestedAt: "2026-11-26T09:00:00Z",
  sendAt: null,
  recipients: 1204,
  by: null,
  decidedAt: null,
  comment: "",
  grown: false,
  before: 0,
};

function show(activity: Activity, approval: Approval | null = waiting) {
  const campaign = {
    id: "c",
    name: "News",
    format: "message",
    content: { text: "" },
    audience: { all: true },
    timing: { at: null },
    status: "draft",
    version: 2,
    createdBy: author,
    updatedBy: author,
    approval,
  } as unknown as Campaign;
  const session = {
    api: new Api({ get: () => Promise.resolve("t"), renew: () => Promise.resolve("t") }),
    me: {
      id: "publisher",
      can: { read: true, write: true, send: true, prepare: true, others: true, approve: true, admin: false },
    },
    config: { botName: "Herald" },
  } as unknown as SessionValue;
  vi.spyOn(session.api, "previewSaved").mockResolvedValue({ activity, missing: [], problems: [] });
  render(
    <FluentProvider theme={teamsLightTheme}>
      <QueryClientProvider client={new QueryClient()}>
        <SessionContext value={session}>
          <FrozenDraft campaign={campaign} />
        </SessionContext>
      </QueryClientProvider>
    </FluentProvider>,
  );
  return within(screen.getByRole("region", { name: /^Chat with Herald/ }));
}

describe("a draft that a Publisher reads", () => {
  it("never shows an empty bubble: it says that it is loading until the message stands there", async () => {
    const chat = show({ type: "message", text: "Hello all" } as Activity);
    // The preview has come (the head of the bubble is there), what draws it has not.
    await waitFor(() => expect(chat.getAllByText("Herald").length).toBeGreaterThan(1));
    expect(chat.getByText("Loading Herald")).toBeTruthy();
    drawing.ready();
    expect(await chat.findByText("Hello all")).toBeTruthy();
    expect(chat.queryByText("Loading Herald")).toBeNull();
  });

  it("says that there is no message, instead of loading for ever", async () => {
    expect(await show({ type: "message" } as Activity, null).findByText("There is no message yet.")).toBeTruthy();
  });

  it("says why a campaign did not start", () => {
    show({ type: "message", text: "x" } as Activity, { ...waiting, grown: true, before: 1000 });
    expect(screen.getByText(/Not sent.*1,204 people; it was approved for 1,000/)).toBeTruthy();
  });
});
