import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { notifyManager, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, fireEvent, render, renderHook, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import { connection } from "../src/api/connection";
import { ApiError } from "../src/api/error";
import type { Installation } from "../src/api/installations";
import { follow } from "../src/api/sse";
import type { QuestionResult } from "../src/api/surveyTypes";
import type { Campaign, List } from "../src/api/types";
import { InstallationPanel } from "../src/pages/admin/InstallationPanel";
import InstallPage from "../src/pages/admin/InstallPage";
import { Comparison } from "../src/pages/editor/Comparison";
import { campaignDraft } from "../src/pages/editor/campaignDraft";
import { FrozenDraft } from "../src/pages/editor/FrozenDraft";
import { fieldsOf } from "../src/pages/editor/fields";
import { ImageField } from "../src/pages/editor/ImageField";
import { SendBox } from "../src/pages/editor/SendBox";
import { TryBox } from "../src/pages/editor/TryBox";
import type { CardInForm } from "../src/pages/editor/useCard";
import { DraftContext } from "../src/pages/editor/useDraft";
import { usePreview } from "../src/pages/editor/usePreview";
import { SavingContext, useLooks } from "../src/pages/editor/useSaving";
import { HomePage } from "../src/pages/home/HomePage";
import { ColumnsDialog } from "../src/pages/lists/ColumnsDialog";
import ListPage from "../src/pages/lists/ListPage";
import { Members } from "../src/pages/lists/Members";
import { ListOfDialog } from "../src/pages/report/ListOfDialog";
import ReportPage from "../src/pages/report/ReportPage";
import { useFilter } from "../src/pages/report/useFilter";
import ResultsPage from "../src/pages/surveys/ResultsPage";
import { Texts } from "../src/pages/surveys/Texts";
import { navigate, Routes } from "../src/router";
import CampaignDialog from "../src/ui/CampaignDialogs";
import ConnectionLost from "../src/ui/ConnectionLost";
import { Notices, useNotify } from "../src/ui/Notices";
import { SessionContext, type SessionValue } from "../src/ui/Session";
import { useLiveProgress } from "../src/ui/useLiveProgress";

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

describe("an image", () => {
  it("hands the focus on from button to button, as each goes", async () => {
    const stored = later<{ url: string }>();
    const { wrapper } = editing({ uploadImage: () => stored.promise });
    const fields = { ...fieldsOf(campaign), imageUrl: "", imageAlt: "" };
    const card = { fields, setImage: vi.fn(), pointer: () => "/content/imageUrl" } as unknown as CardInForm;
    render(<ImageField card={card} />, { wrapper });
    const input = document.querySelector<HTMLInputElement>("input[type=file]");
    act(() => screen.getByRole("button", { name: /upload/i }).focus());
    fireEvent.change(input as HTMLInputElement, {
      target: { files: [new File(["x"], "x.png", { type: "image/png" })] },
    });
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Cancel"));
    await act(async () => {
      stored.resolve({ url: "/i/x" });
      await stored.promise;
    });
    await waitFor(() => expect(document.activeElement?.textContent).toMatch(/upload/i));
  });
});

describe("a draft that waits for approval", () => {
  it("is asked about again when it could not be decided", async () => {
    const approval = {
      state: "waiting",
      requestedBy: { id: "b", displayName: "Bob" },
      requestedAt: campaign.updatedAt,
      sendAt: null,
      recipients: 3,
      before: 0,
    };
    const asked = vi.fn(() => Promise.resolve({ ...campaign, approval: null }));
    const { client, wrapper } = stage({
      previewSaved: () => new Promise(() => undefined),
      decide: () => Promise.reject(new ApiError(409, { code: "already_decided" })),
    });
    client.setQueryDefaults(["campaign", "c"], { queryFn: asked });
    renderHook(() => useQuery({ queryKey: ["campaign", "c"], initialData: campaign, staleTime: 60_000 }), { wrapper });
    render(<FrozenDraft campaign={{ ...campaign, approval } as Campaign} />, { wrapper });
    await userEvent.click(screen.getByRole("button", { name: "Approve" }));
    const dialog = within(screen.getByRole("dialog"));
    await userEvent.click(dialog.getByRole("button", { name: "Approve" }));
    await waitFor(() => expect(dialog.getByRole("button", { name: "Cancel" }).hasAttribute("disabled")).toBe(false));
    expect(asked).not.toHaveBeenCalled();
    await userEvent.click(dialog.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  });
});

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

describe("a page of what was deleted elsewhere", () => {
  it("says so, instead of showing it for ever", async () => {
    const counts = {
      total: 0,
      sent: 0,
      pending: 0,
      sending: 0,
      rescheduled: 0,
      skipped: 0,
      failed: 0,
      cancelled: 0,
      unscheduled: 0,
    };
    const scheduled = { ...campaign, status: "scheduled", sendAt: "2026-11-22T09:00:00Z", startedAt: null };
    const report = { campaign: scheduled, counts, engagement: { clicks: 0 }, reasons: [], result: "ongoing" };
    const answer = { now: (): Promise<unknown> => Promise.resolve(scheduled) };
    const { client, wrapper } = stage({
      campaign: () => answer.now(),
      report: () => Promise.resolve(report),
      follow: () => new Promise(() => undefined),
    });
    navigate("/campaigns/c", { replace: true });
    render(<Routes routes={[{ path: "/campaigns/:id", name: "report", element: <ReportPage /> }]} otherwise={null} />, {
      wrapper,
    });
    await screen.findByRole("heading", { name: "News" });
    answer.now = () => Promise.reject(new ApiError(404, {}));
    await failAgain(client, "report");
    expect(await screen.findByRole("heading", { name: "There is no such campaign" })).toBeTruthy();
  });

  it("says so of a survey, too; and calls nothing unasked that has not been answered yet", async () => {
    const survey = {
      id: "s",
      name: "Canteen",
      status: "open",
      anonymous: false,
      closesAt: null,
      closedAt: null,
      problems: [],
      questions: [],
      sent: 3,
      answered: 0,
    };
    const roots = ["a", "b"].map((id) => ({
      id,
      name: `Campaign ${id}`,
      reminderOf: null,
      startedAt: campaign.updatedAt,
    }));
    const question = { id: "q", type: "text", text: "Why", count: 0 };
    const results = {
      answered: 0,
      sent: 3,
      started: 0,
      responseRate: 0,
      anonymous: false,
      suppressed: false,
      questions: [question],
    };
    const answer = { now: (): Promise<unknown> => Promise.resolve(survey) };
    const json = (_: string, url: string) => {
      if (url === "/surveys/s") return answer.now();
      if (url === "/surveys/s/campaigns") return Promise.resolve({ items: roots });
      return url === "/surveys/s/results?campaign=a" ? Promise.resolve(results) : new Promise(() => undefined);
    };
    const { client, wrapper } = stage({ json, lists: () => new Promise(() => undefined) });
    navigate("/surveys/s/results?campaign=a&compare=b", { replace: true });
    render(<ResultsPage id="s" />, { wrapper });
    expect(await screen.findByText("No answers yet.")).toBeTruthy();
    expect(screen.queryByText("This campaign did not ask it.")).toBeNull();
    answer.now = () => Promise.reject(new ApiError(404, {}));
    await failAgain(client, "survey");
    expect(await screen.findByRole("heading", { name: "There is no such survey" })).toBeTruthy();
  });
});

describe("live progress", () => {
  it("does not stand in the way of newer numbers while its stream cannot be connected again", async () => {
    let tell: Parameters<Api["follow"]>[1] | undefined;
    const { wrapper } = stage({
      follow: (_: string, handlers: Parameters<Api["follow"]>[1]) => {
        tell = handlers;
        return new Promise(() => undefined);
      },
    });
    const { result } = renderHook(() => useLiveProgress("c", true), { wrapper });
    const data = JSON.stringify({ campaign: "c", status: "sending", counts: { total: 9, sent: 3 } });
    act(() => tell?.onEvent({ event: "progress", data, id: null }));
    await waitFor(() => expect(result.current?.counts).toMatchObject({ sent: 3 }));
    act(() => tell?.onLost());
    await waitFor(() => expect(result.current).toBeUndefined());
  });

  it("is lost when it cannot be connected again at once, and not before", async () => {
    const said: string[] = [];
    const controller = new AbortController();
    await follow({
      open: () => Promise.reject(new TypeError("network error")),
      onEvent: () => undefined,
      onReconnect: () => undefined,
      onLost: () => said.push("lost"),
      signal: controller.signal,
      wait: () => {
        said.push("waits");
        if (said.length > 3) controller.abort();
        return Promise.resolve();
      },
    });
    expect(said).toEqual(["waits", "lost", "waits", "lost", "waits"]);
  });
});

describe("a survey's results", () => {
  it("keep what is read of its texts when another answer comes", async () => {
    const page = (from: number) => ({
      items: Array.from({ length: 20 }, (_, at) => ({ text: `Text ${String(from + at)}` })),
      next: from === 1 ? "21" : null,
    });
    let asked = 0;
    const json = (method: string, url: string) => {
      asked += method === "GET" ? 1 : 0;
      return Promise.resolve(page(url.includes("cursor=21") ? 21 : 1));
    };
    const { wrapper } = stage({ json });
    const filter = { campaign: "", list: "", column: "", value: "" };
    const question = { id: "q", text: "Why", count: 40 } as QuestionResult;
    const { rerender } = render(<Texts surveyId="s" question={question} filter={filter} />, { wrapper });
    await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
    const last = await screen.findByText("Text 40");
    rerender(<Texts surveyId="s" question={{ ...question, count: 41 }} filter={filter} />);
    await waitFor(() => expect(asked).toBe(4));
    expect(last.isConnected).toBe(true);
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
