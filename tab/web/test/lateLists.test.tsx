import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api/error";
import type { Installation } from "../src/api/installations";
import type { List } from "../src/api/types";
import { InstallationPanel } from "../src/pages/admin/InstallationPanel";
import InstallPage from "../src/pages/admin/InstallPage";
import { HomePage } from "../src/pages/home/HomePage";
import { ColumnsDialog } from "../src/pages/lists/ColumnsDialog";
import ListPage from "../src/pages/lists/ListPage";
import { Members } from "../src/pages/lists/Members";
import { navigate, Routes } from "../src/router";
import { author, away, campaign, failAgain, later, list, stage } from "./stage";

// Lists and administration, when things happen late, twice, in another order, after the page was left, or not at all.

describe("the first page", () => {
  it("goes on saying how many campaigns it shows when it could not look again", async () => {
    const totals = { draft: 1, scheduled: 0, sending: 0, completed: 0, stopped: 0, failed: 0 };
    const answer = { now: (): Promise<unknown> => Promise.resolve({ items: [campaign], next: null, totals }) };
    const { client, wrapper } = stage({ campaigns: () => answer.now(), authors: away });
    navigate("/", { replace: true });
    render(<HomePage />, { wrapper });
    const said = await screen.findByText("1 campaign shown");
    answer.now = away;
    await failAgain(client, "campaigns");
    expect(said.textContent).toBe("1 campaign shown");
  });
});

describe("a list", () => {
  it("refuses to lose a column that somebody else added while its columns were edited", async () => {
    const saveList = vi.fn<(...given: unknown[]) => Promise<List>>(() => new Promise(() => undefined));
    const { wrapper } = stage({ saveList });
    const { rerender } = render(<ColumnsDialog list={list} onClose={() => undefined} />, { wrapper });
    fireEvent.change(screen.getByRole("textbox"), { target: { value: "Town" } });
    const theirs = { ...list, version: 2, columns: [...list.columns, { name: "TEAM", label: "Team", type: "text" }] };
    rerender(<ColumnsDialog list={theirs as List} onClose={() => undefined} />);
    await userEvent.click(screen.getByRole("button", { name: /^Save/ }));
    expect(saveList.mock.lastCall?.slice(0, 2)).toEqual(["l", 1]);
  });

  it("goes back a page when the last one of it was removed", async () => {
    const people = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, at) => ({
        id: String(from + at),
        email: `p${String(from + at)}@x.example`,
        firstName: "",
        lastName: "",
        values: {},
        state: "installed",
      }));
    let total = 51;
    const members = (...[, { cursor }]: [string, { cursor: string | null }]) =>
      Promise.resolve(
        cursor === null
          ? { items: people(1, 50), next: total > 50 ? "50" : null, total }
          : { items: people(51, total), next: null, total },
      );
    const { client, wrapper } = stage({ members });
    const none = () => undefined;
    render(<Members list={list} onImport={none} onEdit={none} onRemove={none} />, { wrapper });
    await userEvent.click(await screen.findByRole("button", { name: "Next" }));
    expect((await screen.findAllByText("p51@x.example")).length).toBeGreaterThan(0);
    total = 50;
    await act(() => client.invalidateQueries({ queryKey: ["members"] }));
    expect((await screen.findAllByText("p50@x.example")).length).toBeGreaterThan(0);
  });

  it("keeps the people that it shows when they cannot be asked for again", async () => {
    const answer = { now: (): Promise<unknown> => Promise.resolve({ items: [], next: null, total: 0 }) };
    const { client, wrapper } = stage({ members: () => answer.now() });
    const none = () => undefined;
    render(<Members list={list} onImport={none} onEdit={none} onRemove={none} />, { wrapper });
    const face = await screen.findByRole("heading", { name: "Nobody is on this list yet" });
    answer.now = away;
    await failAgain(client, "members");
    expect(face.isConnected).toBe(true);
  });

  it("says that it was deleted elsewhere, instead of showing it for ever", async () => {
    const answer = { now: (): Promise<unknown> => Promise.resolve(list) };
    const { client, wrapper } = stage({ list: () => answer.now(), members: away });
    navigate("/lists/l", { replace: true });
    render(<Routes routes={[{ path: "/lists/:id", name: "list", element: <ListPage /> }]} otherwise={null} />, {
      wrapper,
    });
    await screen.findByRole("heading", { name: "Customers" });
    answer.now = () => Promise.reject(new ApiError(404, {}));
    await failAgain(client, "list");
    expect(await screen.findByRole("heading", { name: "There is no such list" })).toBeTruthy();
  });

  it("is not left in the middle of being renamed", async () => {
    const saved = later<List>();
    const { wrapper } = stage({
      list: () => Promise.resolve(list),
      members: () => new Promise(() => undefined),
      saveList: () => saved.promise,
    });
    navigate("/lists/l", { replace: true });
    render(<Routes routes={[{ path: "/lists/:id", name: "list", element: <ListPage /> }]} otherwise={null} />, {
      wrapper,
    });
    await userEvent.click(await screen.findByRole("button", { name: "Rename" }));
    const field = screen.getByRole("textbox", { name: "Name" });
    await userEvent.clear(field);
    await userEvent.type(field, "Clients{Enter}{Escape}");
    expect(field.isConnected).toBe(true);
    await act(async () => {
      saved.resolve({ ...list, name: "Clients" });
      await saved.promise;
    });
    await waitFor(() => expect(field.isConnected).toBe(false));
  });
});

describe("installing the app", () => {
  const running: Installation = {
    id: "i",
    audience: { all: true, lists: [], excluded: [], typed: 0 },
    removedToo: false,
    state: "running",
    reason: null,
    total: 9,
    pending: 4,
    installed: 5,
    already: 0,
    failed: 0,
    named: false,
    createdBy: author,
    createdAt: "2026-11-21T09:00:00Z",
    endedAt: null,
    resumeAt: null,
  };

  it("keeps what was chosen when it cannot be asked for the ones before", async () => {
    const answer = { now: (): Promise<unknown> => Promise.resolve({ items: [], next: null }) };
    const { client, wrapper } = stage({
      json: (_: string, url: string) => (url === "/admin/installations" ? answer.now() : new Promise(() => undefined)),
      lists: () => new Promise(() => undefined),
    });
    navigate("/admin/install", { replace: true });
    render(<InstallPage />, { wrapper });
    const chosen = await screen.findByRole<HTMLInputElement>("radio", { name: /^All users/ });
    await userEvent.click(chosen);
    answer.now = away;
    await failAgain(client, "installations");
    expect([chosen.isConnected, chosen.checked]).toEqual([true, true]);
  });

  it("stays with what came of one that ran by itself when the page was opened", async () => {
    const answer = { now: running };
    const { client, wrapper } = stage({
      json: (_: string, url: string) =>
        url === "/admin/installations"
          ? Promise.resolve({ items: [answer.now], next: null })
          : url === "/admin/installations/i"
            ? Promise.resolve(answer.now)
            : new Promise(() => undefined),
    });
    navigate("/admin/install", { replace: true });
    render(<InstallPage />, { wrapper });
    await screen.findAllByText(/5 of 9/);
    answer.now = { ...running, state: "completed", pending: 0, installed: 9 };
    await act(() => client.invalidateQueries({ queryKey: ["installation"] }));
    await act(() => client.invalidateQueries({ queryKey: ["installations"] }));
    await waitFor(() =>
      expect(
        client.getQueryData<{ pages: { items: Installation[] }[] }>(["installations"])?.pages[0]?.items[0]?.state,
      ).toBe("completed"),
    );
    expect(await screen.findByText("Not installed")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Install for others" }));
    expect(await screen.findByRole("radio", { name: /^All users/ })).toBeTruthy();
  });

  it("says aloud that it is over, and not how far it is every second", async () => {
    const answer = { now: running };
    const { client, wrapper } = stage({ json: () => Promise.resolve(answer.now) });
    render(<InstallationPanel id="i" onEnded={() => undefined} />, { wrapper });
    await screen.findByText(/5 of 9/);
    const said = () => screen.getAllByRole("status").map((each) => each.textContent);
    expect(said()).toEqual([""]);
    answer.now = { ...running, state: "completed", pending: 0, installed: 9 };
    await act(() => client.invalidateQueries({ queryKey: ["installation"] }));
    await waitFor(() => expect(said()).toEqual(["Done"]));
  });
});
