import { act, render, renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Api } from "../src/api/client";
import { ApiError } from "../src/api/error";
import { follow } from "../src/api/sse";
import type { QuestionResult } from "../src/api/surveyTypes";
import type { Campaign } from "../src/api/types";
import { ListOfDialog } from "../src/pages/report/ListOfDialog";
import ReportPage from "../src/pages/report/ReportPage";
import { useFilter } from "../src/pages/report/useFilter";
import ResultsPage from "../src/pages/surveys/ResultsPage";
import { Texts } from "../src/pages/surveys/Texts";
import { navigate, Routes } from "../src/router";
import CampaignDialog from "../src/ui/CampaignDialogs";
import { useLiveProgress } from "../src/ui/useLiveProgress";
import { away, campaign, failAgain, list, stage } from "./stage";

// Reports and results, when things happen late, twice, in another order, after the page was left, or not at all.

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
