import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { notifyManager, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import { connection } from "../src/api/connection";
import { ApiError } from "../src/api/error";
import type { Installation } from "../src/api/installations";
import type { Campaign, List } from "../src/api/types";
import { InstallationPanel } from "../src/pages/admin/InstallationPanel";
import InstallPage from "../src/pages/admin/InstallPage";
import { Comparison } from "../src/pages/editor/Comparison";
import { campaignDraft } from "../src/pages/editor/campaignDraft";
import { SendBox } from "../src/pages/editor/SendBox";
import { TryBox } from "../src/pages/editor/TryBox";
import { DraftContext } from "../src/pages/editor/useDraft";
import { usePreview } from "../src/pages/editor/usePreview";
import { SavingContext, useLooks } from "../src/pages/editor/useSaving";
import { ColumnsDialog } from "../src/pages/lists/ColumnsDialog";
import ListPage from "../src/pages/lists/ListPage";
import { Members } from "../src/pages/lists/Members";
import { ListOfDialog } from "../src/pages/report/ListOfDialog";
import { useFilter } from "../src/pages/report/useFilter";
import { navigate, Routes } from "../src/router";
import CampaignDialog from "../src/ui/CampaignDialogs";
import ConnectionLost from "../src/ui/ConnectionLost";
import { Notices, useNotify } from "../src/ui/Notices";
import { SessionContext, type SessionValue } from "../src/ui/Session";

// What happens late, twice, in another order, after the page was left, or not at all.

beforeEach(() => {
  window.matchMedia ??= (query) =>
    ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
  Element.prototype.scrollIntoView ??= () => undefined;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const author = { id: "a", displayName: "Anna" };
const campaign = {
  id: "c",
  name: "News",
  format: "message",
  content: { text: "Hello" },
  audience: { all: true },
  timing: { at: null },
  status: "draft",
  sendAt: null,
  version: 1,
  createdAt: "2026-11-21T09:00:00Z",
  updatedAt: "2026-11-21T09:00:00Z",
  createdBy: author,
  updatedBy: author,
  problems: [],
} as unknown as Campaign;
const list: List = {
  id: "l",
  name: "Customers",
  columns: [{ name: "CITY", label: "City", type: "text" }],
  members: 51,
  installed: 51,
  version: 1,
  createdAt: "2026-11-21T09:00:00Z",
  updatedAt: "2026-11-21T09:00:00Z",
  createdBy: author,
} as unknown as List;

/** A promise that is kept or broken when a test says so. */
function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const away = () => Promise.reject(new ApiError(0, {}));

/** Everything under a key is asked for again, and the page has heard that it failed. */
function failAgain(client: QueryClient, key: string): Promise<void> {
  const { promise, resolve } = later<true>();
  const stop = client.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") notifyManager.schedule(() => resolve(true));
  });
  return act(async () => {
    void client.invalidateQueries({ queryKey: [key] });
    await promise;
    stop();
  });
}

function stage(api: object, client = new QueryClient({ defaultOptions: { queries: { retry: false } } })) {
  const session = {
    api,
    me: {
      id: "a",
      can: { read: true, write: true, send: true, prepare: true, others: true, approve: true, admin: true },
    },
    config: { botName: "Herald", sendLaterMaxHours: 144 },
  } as unknown as SessionValue;
  const wrapper = ({ children }: { children: ReactNode }) => (
    <FluentProvider theme={teamsLightTheme}>
      <QueryClientProvider client={client}>
        <SessionContext value={session}>
          <Notices>{children}</Notices>
        </SessionContext>
      </QueryClientProvider>
    </FluentProvider>
  );
  return { client, wrapper };
}

function editing(api: object, save: (version: number) => Promise<Campaign> = () => Promise.resolve(campaign)) {
  const draft = campaignDraft(campaign, { save, load: () => Promise.resolve(campaign), pause: 60_000 });
  const { client, wrapper: Outer } = stage(api);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Outer>
      <SavingContext value={draft}>
        <DraftContext value={draft}>{children}</DraftContext>
      </SavingContext>
    </Outer>
  );
  return { draft, client, wrapper, save };
}

describe("the editor", () => {
  it("replaces nothing under an open dialog", () => {
    const look = vi.fn(() => Promise.resolve());
    renderHook(() => useLooks({ look } as never));
    const dialog = document.createElement("div");
    dialog.setAttribute("aria-modal", "true");
    document.body.append(dialog);
    window.dispatchEvent(new Event("focus"));
    expect(look).not.toHaveBeenCalled();
    dialog.remove();
    window.dispatchEvent(new Event("focus"));
    expect(look).toHaveBeenCalledTimes(1);
  });

  it("does not try what could not be saved", async () => {
    const tryOn = vi.fn();
    const verify = () => Promise.resolve({ found: true, installed: true, displayName: "Bob" });
    const { draft, wrapper } = editing({ tryOn, verify }, vi.fn(away));
    render(<TryBox />, { wrapper });
    await userEvent.type(screen.getByRole("textbox"), "bob@x.example");
    await userEvent.click(screen.getByRole("button", { name: "Verify" }));
    act(() => draft.edit({ text: "Newer" }));
    const send = screen.getByRole("button", { name: "Send the test" });
    await waitFor(() => expect(send.getAttribute("aria-disabled")).not.toBe("true"));
    await userEvent.click(send);
    expect(await screen.findByText("Your last changes could not be saved, so nothing was sent.")).toBeTruthy();
    expect(tryOn).not.toHaveBeenCalled();
  });

  it("says that the people could not be counted, instead of asking about them when somebody is no longer there to answer", async () => {
    const { wrapper } = editing({ count: away });
    render(<SendBox />, { wrapper });
    const send = await screen.findByRole("button", { name: /^The people could not be counted|^Send now/i });
    await waitFor(() => expect(screen.queryAllByText("The people could not be counted").length).toBeGreaterThan(0));
    expect(send.getAttribute("aria-disabled")).toBe("true");
  });

  it("asks for no preview of one format with the content of another", async () => {
    const preview = vi.fn<(input: { format: string; content: object }) => Promise<unknown>>(() =>
      Promise.resolve({ activity: { type: "message" }, missing: [], problems: [] }),
    );
    const { draft, wrapper } = editing({ preview });
    renderHook(() => usePreview(""), { wrapper });
    await waitFor(() => expect(preview).toHaveBeenCalledTimes(1));
    act(() => draft.edit({ format: "survey", surveyId: "s" }));
    await waitFor(() => expect(preview.mock.lastCall?.[0]).toMatchObject({ content: { surveyId: "s" } }));
    expect(preview.mock.calls.map(([asked]) => [asked.format, Object.keys(asked.content)])).toEqual([
      ["message", ["text"]],
      ["survey", ["surveyId"]],
    ]);
  });

  it("cannot be left in the middle of copying one's own version", async () => {
    const copied = later<() => void>();
    const onClose = vi.fn();
    const { wrapper } = editing({});
    render(<Comparison title="Two" theirs={campaign} rows={[]} copyMine={() => copied.promise} onClose={onClose} />, {
      wrapper,
    });
    await userEvent.click(screen.getByRole("button", { name: /copy/i }));
    await userEvent.keyboard("{Escape}");
    const go = vi.fn();
    await act(async () => {
      copied.resolve(go);
      await copied.promise;
    });
    expect([onClose.mock.calls.length, go.mock.calls.length]).toEqual([1, 1]);
  });
});

describe("what was scheduled", () => {
  it("is taken back before its page hears of it, which then goes with everything open on it", async () => {
    const { client, wrapper } = stage({ unschedule: () => Promise.resolve(campaign) });
    const open: number[] = [];
    vi.spyOn(client, "invalidateQueries").mockImplementation(() => {
      open.push(screen.queryAllByRole("dialog").length);
      return Promise.resolve();
    });
    render(
      <CampaignDialog action="unschedule" campaign={{ ...campaign, status: "scheduled" }} onClose={() => undefined} />,
      { wrapper },
    );
    await userEvent.click(screen.getByRole("button", { name: "Take back" }));
    await waitFor(() => expect(open.length).toBeGreaterThan(0));
    expect(open.every((each) => each === 0)).toBe(true);
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

describe("a report", () => {
  it("makes one copy for a list, however often giving it the list fails", async () => {
    const cloneCampaign = vi.fn(() => Promise.resolve({ ...campaign, id: "copy" }));
    const saveCampaign = vi
      .fn<(...given: unknown[]) => Promise<Campaign>>(() => Promise.resolve(campaign))
      .mockImplementationOnce(away);
    const { wrapper } = stage({
      cloneCampaign,
      saveCampaign,
      campaign: () => Promise.resolve({ ...campaign, id: "copy", version: 2 }),
      listOfRecipients: () => Promise.resolve(list),
    });
    render(
      <ListOfDialog
        campaign={campaign}
        filter={{ status: "failed", reason: "", q: "" }}
        count={2}
        onClose={() => undefined}
      />,
      { wrapper },
    );
    await userEvent.click(screen.getByRole("button", { name: "Make the list" }));
    const send = await screen.findByRole("button", { name: "Send them this campaign" });
    await userEvent.click(send);
    await waitFor(() =>
      expect([saveCampaign.mock.calls.length, send.getAttribute("aria-disabled")]).toEqual([1, null]),
    );
    await userEvent.click(send);
    await waitFor(() => expect(saveCampaign).toHaveBeenCalledTimes(2));
    expect(cloneCampaign).toHaveBeenCalledTimes(1);
    expect(saveCampaign.mock.lastCall?.slice(0, 2)).toEqual(["copy", 2]);
  });

  it("keeps its information open when the typing in its search pauses only then", () => {
    navigate("/campaigns/c?q=a", { replace: true });
    const { result } = renderHook(() => useFilter());
    act(() => navigate("/campaigns/c?q=a&information=", { replace: true }));
    act(() => result.current[1]({ ...result.current[0], q: "anna" }, { replace: true }));
    expect([...new URLSearchParams(location.search)]).toEqual([
      ["information", ""],
      ["q", "anna"],
    ]);
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

describe("a lost connection", () => {
  afterEach(() => {
    connection.set("there");
  });

  it("is over, once, when anything of the page hears from Herald again", async () => {
    connection.set("lost");
    const { client, wrapper } = stage({ me: () => new Promise(() => undefined) });
    const asked = vi.spyOn(client, "invalidateQueries");
    render(<ConnectionLost />, { wrapper });
    // The bar's own attempt is still under way.
    await userEvent.click(screen.getByRole("button", { name: "Try now" }));
    act(() => connection.set("there"));
    await screen.findAllByText("Herald is back.");
    expect(document.querySelectorAll(".fui-Toast")).toHaveLength(1);
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe("notices", () => {
  it("are all shown, also those that came together", async () => {
    function Both() {
      const notify = useNotify();
      const [done, setDone] = useState(false);
      return (
        <button
          type="button"
          onClick={() => {
            notify("success", "First");
            notify("success", "Second");
            setDone(true);
          }}
        >
          {String(done)}
        </button>
      );
    }
    render(<Both />, stage({}));
    await userEvent.click(screen.getByRole("button"));
    await screen.findAllByText("Second");
    expect(screen.getAllByText("First").length).toBeGreaterThan(0);
  });
});

describe("Herald's API", () => {
  const api = new Api({ get: () => Promise.resolve("t"), renew: () => Promise.resolve("t") });

  it("has deleted what is not there any more", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 404 })));
    await expect(api.deleteList("l")).resolves.toBeUndefined();
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 409 })));
    await expect(api.deleteList("l")).rejects.toMatchObject({ status: 409 });
  });

  it("was not reached when its answer breaks off, so that it is asked again", async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"id":'));
            controller.error(new TypeError("network error"));
          },
        }),
      );
    vi.stubGlobal("fetch", () => Promise.resolve(broken()));
    await expect(api.campaign("c")).rejects.toMatchObject({ code: "network" });
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>")));
    await expect(api.campaign("c")).rejects.toMatchObject({ code: "unexpected" });
  });
});
