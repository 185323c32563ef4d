import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import type { WireEntry } from "../api/types";
import { MockCloud } from "../test/MockCloud";
import { renderPart } from "../test/page";
import { WireStrip } from "./WireStrip";

let cloud: MockCloud;
beforeEach(() => {
  cloud = new MockCloud();
  cloud.install();
});

const entry = (seq: number, more: Partial<WireEntry> = {}): WireEntry => ({
  seq,
  at: "2026-11-21T09:00:00Z",
  direction: "to-teams",
  method: "POST",
  path: `/teams/v3/conversations/${String(seq)}/activities`,
  status: 201,
  durationMs: 12.4,
  request: { text: "Hello" },
  response: null,
  ...more,
});

const rows = () => screen.getAllByRole("row").slice(1);
const open = () => act(() => cloud.stream("/api/wire/events").open());
const unfold = async () => {
  await userEvent.click(screen.getByRole("button", { name: "Show the requests" }));
  open();
};

it("says that there is nothing yet", async () => {
  renderPart(<WireStrip />);
  await unfold();
  expect(await screen.findByText(/No requests yet/)).toBeVisible();
});

it("lists the newest first and adds what arrives, each once", async () => {
  cloud.wire = [entry(1), entry(2, { status: 429 })];
  renderPart(<WireStrip />);
  await unfold();
  await screen.findByRole("table");
  expect(rows()[0]).toHaveTextContent("429");
  act(() => {
    cloud.stream("/api/wire/events").say("wire", entry(2, { status: 429 }));
    cloud.stream("/api/wire/events").say("wire", entry(3, { direction: "to-bot", path: "/api/messages" }));
  });
  await waitFor(() => expect(rows()).toHaveLength(3));
  expect(rows()[0]).toHaveTextContent(/Teams to Herald.*\/api\/messages/);
});

it("begins anew with a sandbox that was started anew", async () => {
  cloud.wire = Array.from({ length: 40 }, (_, at) => entry(at + 1));
  renderPart(<WireStrip />);
  await unfold();
  await screen.findByRole("table");
  cloud.wire = [entry(1, { at: "2026-11-21T10:00:00Z", status: 503 })];
  open();
  await waitFor(() => expect(rows()).toHaveLength(1));
  expect(rows()[0]).toHaveTextContent("503");
});

it("opens one request to its JSON", async () => {
  cloud.wire = [entry(1)];
  renderPart(<WireStrip />);
  await unfold();
  const details = await screen.findByRole("button", { name: /^Details of POST/ });
  await userEvent.click(details);
  expect(details).toHaveAttribute("aria-expanded", "true");
  expect(screen.getByRole("region", { name: "Request" })).toHaveTextContent('"text": "Hello"');
  expect(screen.getByRole("region", { name: "Response" })).toHaveTextContent("Nothing");
});

it("is one line with the last request until it is unfolded, and again afterwards", async () => {
  cloud.wire = [entry(1)];
  renderPart(<WireStrip />);
  open();
  const strip = screen.getByRole("region", { name: "Between Teams and Herald" });
  expect(await within(strip).findByText(/\/teams\/v3\/conversations\/1/)).toBeVisible();
  expect(screen.queryByRole("table")).toBeNull();
  await unfold();
  expect(rows()).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: "Hide the requests" }));
  expect(screen.queryByRole("table")).toBeNull();
});

it("draws the newest 30 of many, and more when asked", async () => {
  cloud.wire = Array.from({ length: 70 }, (_, index) => entry(index + 1));
  renderPart(<WireStrip />);
  await unfold();
  await screen.findByRole("table");
  expect(screen.getByText("70 requests")).toBeVisible();
  expect(rows()).toHaveLength(30);
  expect(rows()[0]).toHaveTextContent("/conversations/70/");
  const more = screen.getByRole("button", { name: "Show more" });
  await userEvent.click(more);
  await waitFor(() => expect(rows()).toHaveLength(60));
  await userEvent.click(more);
  await waitFor(() => expect(rows()).toHaveLength(70));
  expect(more).not.toBeInTheDocument();
});

it("draws a burst once", async () => {
  cloud.wire = [entry(1)];
  renderPart(<WireStrip />);
  await unfold();
  await screen.findByRole("table");
  const stream = cloud.stream("/api/wire/events");
  act(() => {
    for (let seq = 2; seq <= 20_000; seq += 1) stream.say("wire", entry(seq));
  });
  await waitFor(() => expect(rows()[0]).toHaveTextContent("/conversations/20000/"));
  expect(rows()).toHaveLength(30);
  expect(screen.getByText("20000 requests")).toBeVisible();
});

it("comes back after the stream broke, and fetches what it missed", async () => {
  cloud.wire = [entry(1)];
  renderPart(<WireStrip />);
  await unfold();
  await screen.findByRole("table");
  const first = cloud.stream("/api/wire/events");
  cloud.wire.push(entry(2));
  act(() => first.fail());
  await waitFor(() => expect(cloud.stream("/api/wire/events")).not.toBe(first));
  open();
  await waitFor(() => expect(rows()).toHaveLength(2));
});
