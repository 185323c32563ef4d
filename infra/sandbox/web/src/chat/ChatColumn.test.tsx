import { Toaster } from "@fluentui/react-components";
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { cloud as api } from "../api/cloud";
import { alva, cardMessage, elodie, message, MockCloud } from "../test/MockCloud";
import { renderPart } from "../test/page";
import { ChatColumn } from "./ChatColumn";
import { TOASTER_ID } from "./useArrivals";

let cloud: MockCloud;
beforeEach(() => {
  cloud = new MockCloud();
  cloud.install();
});

const column = (upn: string, onPick = vi.fn()) => (
  <>
    <ChatColumn upn={upn} botIcon={undefined} onPick={onPick} onClose={null} />
    <Toaster toasterId={TOASTER_ID} />
  </>
);

const survey = () =>
  cardMessage({
    body: [
      { type: "TextBlock", text: "How was **onboarding**?", wrap: true },
      { type: "Input.Text", id: "why", label: "Why", isRequired: true, errorMessage: "Say why" },
      { type: "Input.Toggle", id: "again", title: "Again", valueOn: "yes", valueOff: "no" },
    ],
    actions: [
      { type: "Action.Execute", title: "Send answer", verb: "answer" },
      { type: "Action.Submit", title: "Skip", data: { skip: true }, associatedInputs: "none" },
      { type: "Action.OpenUrl", title: "Read more", url: "http://127.0.0.1:3978/l/token" },
      { type: "Action.OpenUrl", title: "Bad", url: "javascript:alert(1)" },
    ],
  });

describe("what the person sees", () => {
  it("shows both sides, marks and the notification of each message", async () => {
    cloud.chats.set(alva.id, [
      message(
        "bot",
        { text: "Hello **Alva**" },
        { edited: true, readAt: "2026-11-21T09:01:00Z", reactions: ["heart"] },
      ),
      message("user", { text: "<b>Hi</b>" }),
      message("bot", {
        text: "Drill",
        summary: "Drill at 14:00",
        channelData: { notification: { alert: true } },
      }),
      message("bot", {}, { deleted: true }),
      message("user", { value: { action: "pressed" } }),
    ]);
    renderPart(column(alva.upn));
    const log = await screen.findByRole("log", { name: "Messages between Alva Lindström and Herald" });
    const [first, second, third, fourth, ...more] = within(log).getAllByRole("article");
    expect(more).toEqual([]);
    if (!first || !second || !third || !fourth) throw new Error("four messages expected");
    expect(within(first).getByText("Alva").tagName).toBe("STRONG");
    expect(within(first).getByText("Edited")).toBeVisible();
    expect(within(first).getByText("Seen")).toBeVisible();
    expect(within(first).getByRole("img", { name: "Heart" })).toBeVisible();
    expect(within(second).getByText("<b>Hi</b>")).toBeVisible();
    expect(within(first).queryByText(/^Notification/)).toBeNull();
    expect(within(third).getByText("Important")).toBeVisible();
    expect(within(third).getByText("Notification: Drill at 14:00")).toBeVisible();
    expect(within(fourth).getByText("This message was deleted.")).toBeVisible();
  });

  it("follows the chat live and previews the notification", async () => {
    cloud.chats.set(alva.id, [message("bot", { text: "One" })]);
    renderPart(column(alva.upn));
    await screen.findByText("One");
    cloud.chats.set(alva.id, [
      ...(cloud.chats.get(alva.id) ?? []),
      message("bot", { text: "Two", summary: "Second" }),
    ]);
    act(() => cloud.stream(`/api/chats/events?user=${alva.id}`).say("chat", {}));
    expect(await screen.findByText("Two")).toBeVisible();
    expect(await screen.findByText("Alva Lindström is notified")).toBeVisible();
    expect(screen.getByText("Second")).toBeVisible();
  });

  it("draws the newest 30 messages of a long chat, and earlier ones when asked", async () => {
    cloud.chats.set(
      alva.id,
      Array.from({ length: 40 }, (_, index) => message("bot", { text: `Message ${String(index + 1)}` })),
    );
    renderPart(column(alva.upn));
    expect(await screen.findByText("Message 40")).toBeVisible();
    expect(screen.getAllByRole("article")).toHaveLength(30);
    const earlier = screen.getByRole("button", { name: "Show earlier messages" });
    await userEvent.click(earlier);
    expect(screen.getAllByRole("article")).toHaveLength(40);
    expect(earlier).not.toBeInTheDocument();
    expect(screen.getByRole("log")).toHaveFocus();
  });

  it("says why nothing can arrive, and offers to install", async () => {
    renderPart(column(elodie.upn));
    expect(await screen.findByText(/does not have Herald, so no message can arrive/)).toBeVisible();
    expect(screen.getByRole("textbox", { name: "Write to Herald as Élodie Marchand" })).toBeDisabled();
    await userEvent.click(screen.getByRole("button", { name: "Install Herald" }));
    expect(cloud.call("POST", `/api/users/${elodie.id}/install`)).toBeDefined();
  });

  it("says what failed and tries again", async () => {
    const path = `GET /api/users/${alva.id}/chat`;
    cloud.overrides.set(path, {
      status: 500,
      body: { error: { code: "broken", message: "the journal is gone" } },
    });
    renderPart(column(alva.upn));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("the journal is gone");
    cloud.overrides.delete(path);
    await userEvent.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Herald has not written to Alva Lindström yet.")).toBeVisible();
  });

  it("speaks French", async () => {
    renderPart(column(alva.upn), "fr");
    expect(await screen.findByText("Herald n’a pas encore écrit à Alva Lindström.")).toBeVisible();
  });
});

describe("a card", () => {
  beforeEach(() => cloud.chats.set(alva.id, [survey()]));
  const submitPath = `/api/users/${alva.id}/submit`;

  it("shows where its buttons lead, but not to a script", async () => {
    renderPart(column(alva.upn));
    const link = await screen.findByRole("link", { name: "http://127.0.0.1:3978/l/token" });
    expect(link).toHaveAttribute("target", "_blank");
    expect(screen.queryByText(/javascript:/)).toBeNull();
    const open = vi.spyOn(window, "open").mockReturnValue(null);
    await userEvent.click(screen.getByRole("link", { name: "Read more" }));
    expect(open).toHaveBeenCalledWith("http://127.0.0.1:3978/l/token", "_blank", "noopener,noreferrer");
    await userEvent.click(screen.getByRole("link", { name: "Bad" }));
    expect(open).toHaveBeenCalledTimes(1);
  });

  it("checks the inputs before anything is sent", async () => {
    renderPart(column(alva.upn));
    await userEvent.click(await screen.findByRole("button", { name: "Send answer" }));
    expect(await screen.findByText("Say why")).toBeVisible();
    expect(cloud.call("POST", submitPath)).toBeUndefined();
  });

  it("sends the verb and the inputs, then shows what came back", async () => {
    renderPart(column(alva.upn));
    await userEvent.type(await screen.findByRole("textbox", { name: /Why/ }), "The people");
    await userEvent.click(screen.getByRole("checkbox", { name: "Again" }));
    cloud.chats.set(alva.id, [cardMessage({ body: [{ type: "TextBlock", text: "Thank you" }] })]);
    await userEvent.click(screen.getByRole("button", { name: "Send answer" }));
    expect(await screen.findByText("Thank you")).toBeVisible();
    expect(cloud.call("POST", submitPath)?.body).toMatchObject({
      action: "answer",
      inputs: { why: "The people", again: "yes" },
    });
  });

  it("sends no inputs with a button that gathers none", async () => {
    renderPart(column(alva.upn));
    await userEvent.click(await screen.findByRole("button", { name: "Skip" }));
    await waitFor(() =>
      expect(cloud.call("POST", submitPath)?.body).toMatchObject({ action: "Skip", inputs: {} }),
    );
  });

  it("tells buttons that share a verb apart by their titles", async () => {
    const decide = (title: string) => ({ type: "Action.Execute", title, verb: "decide" });
    const actions = [decide("Approve"), decide("Reject")];
    cloud.chats.set(alva.id, [cardMessage({ body: [{ type: "ActionSet", actions }] })]);
    renderPart(column(alva.upn));
    await userEvent.click(await screen.findByRole("button", { name: "Reject" }));
    await waitFor(() => expect(cloud.call("POST", submitPath)?.body).toMatchObject({ action: "Reject" }));
  });

  it("shows the sandbox's refusal", async () => {
    cloud.overrides.set(`POST ${submitPath}`, {
      status: 422,
      body: { error: { code: "input_required", message: "input why: Say why" } },
    });
    renderPart(column(alva.upn));
    await userEvent.click(await screen.findByRole("button", { name: "Skip" }));
    expect(await screen.findByText("The answer was not taken")).toBeVisible();
    expect(screen.getByText("input why: Say why")).toBeVisible();
  });

  it("keeps what was typed when the chat is fetched again", async () => {
    renderPart(column(alva.upn));
    await userEvent.type(await screen.findByRole("textbox", { name: /Why/ }), "half");
    const before = cloud.calls.length;
    act(() => cloud.stream(`/api/chats/events?user=${alva.id}`).say("chat", {}));
    await waitFor(() => expect(cloud.calls.length).toBeGreaterThan(before));
    expect(screen.getByRole("textbox", { name: /Why/ })).toHaveValue("half");
  });
});

describe("what the person does", () => {
  it("keeps what is written while the message before is on its way", async () => {
    let arrive: (value: unknown) => void = () => undefined;
    vi.spyOn(api, "write").mockReturnValue(
      new Promise((resolve) => {
        arrive = resolve;
      }),
    );
    renderPart(column(alva.upn));
    const box = await screen.findByRole("textbox", { name: "Write to Herald as Alva Lindström" });
    await userEvent.type(box, "Stop{Enter} please");
    act(() => arrive({}));
    await waitFor(() => expect(box).toHaveValue("please"));
    vi.restoreAllMocks();
  });

  it("writes with Enter and breaks lines with Shift+Enter", async () => {
    renderPart(column(alva.upn));
    const box = await screen.findByRole("textbox", { name: "Write to Herald as Alva Lindström" });
    await userEvent.type(box, "one{Shift>}{Enter}{/Shift}two{Enter}");
    expect(cloud.call("POST", `/api/users/${alva.id}/messages`)?.body).toEqual({ text: "one\ntwo" });
    await waitFor(() => expect(box).toHaveValue(""));
  });

  it("keeps the text when sending fails", async () => {
    cloud.overrides.set(`POST /api/users/${alva.id}/messages`, {
      status: 502,
      body: { error: { message: "no bot" } },
    });
    renderPart(column(alva.upn));
    const box = await screen.findByRole("textbox", { name: "Write to Herald as Alva Lindström" });
    await userEvent.type(box, "hello{Enter}");
    expect(await screen.findByText("The message was not sent: no bot")).toBeVisible();
    expect(box).toHaveValue("hello");
  });

  it("asks the cards how they look when the chat is opened", async () => {
    cloud.chats.set(alva.id, [message("bot", { text: "One" })]);
    renderPart(column(alva.upn));
    await screen.findByText("One");
    await vi.waitFor(() => expect(cloud.call("POST", `/api/users/${alva.id}/refresh`)).toBeDefined());
  });

  it("reads and reacts to Herald's last message", async () => {
    const last = message("bot", { text: "Two" });
    cloud.chats.set(alva.id, [message("bot", { text: "One" }), last, message("user", { text: "Mine" })]);
    renderPart(column(alva.upn));
    await screen.findByText("Mine");
    await userEvent.click(screen.getByRole("button", { name: "What Alva Lindström does" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Mark as read" }));
    expect(cloud.call("POST", `/api/users/${alva.id}/read`)?.body).toEqual({ activityId: last.id });
    const [react] = screen.getAllByRole("button", { name: "React" }).slice(-1);
    if (react === undefined) throw new Error("no reaction button");
    await userEvent.click(react);
    await userEvent.click(await screen.findByRole("menuitem", { name: "Heart" }));
    expect(cloud.call("POST", `/api/users/${alva.id}/react`)?.body).toEqual({
      activityId: last.id,
      type: "heart",
    });
  });

  it("searches people at the server", async () => {
    const pick = vi.fn();
    renderPart(column("", pick));
    const box = screen.getByRole("combobox", { name: "Whose chat" });
    await userEvent.click(box);
    await userEvent.type(box, "élod");
    const option = await screen.findByRole("option", { name: /Élodie/ });
    await waitFor(() => expect(cloud.calls.some((call) => call.query.get("q") === "élod")).toBe(true));
    await userEvent.click(option);
    expect(pick).toHaveBeenCalledWith(expect.objectContaining({ upn: elodie.upn }));
  });
});
