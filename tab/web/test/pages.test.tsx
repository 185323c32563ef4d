import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import type { Campaign } from "../src/api/types";
import { navigate } from "../src/router";
import { Pages } from "../src/routes";
import { SessionContext, type SessionValue } from "../src/ui/Session";

afterEach(() => {
  cleanup(); // the first page is none of this file's business
  navigate("/", { replace: true });
});

const author = { id: "author", displayName: "Anna" };
const draft = {
  id: "c",
  name: "News",
  format: "message",
  content: { text: "Hello" },
  audience: { all: true },
  timing: { at: null },
  status: "draft",
  version: 3,
  createdBy: author,
  updatedBy: author,
  approval: null,
} as unknown as Campaign;

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
    const session = {
      api,
      me: {
        id: "reader",
        can: { read: true, write: false, send: false, prepare: false, others: true, approve: false, admin: false },
      },
      config: { botName: "Herald" },
    } as unknown as SessionValue;
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: 5_000 } } });
    client.setQueryData(["campaign", "c"], { ...draft, status: "scheduled", version: 2 });
    client.setQueryData(["report", "c"], "draft");
    navigate(from, { replace: true });
    render(
      <FluentProvider theme={teamsLightTheme}>
        <QueryClientProvider client={client}>
          <SessionContext value={session}>
            <Pages />
          </SessionContext>
        </QueryClientProvider>
      </FluentProvider>,
    );
    expect(await screen.findByText("There is no message yet.")).toBeTruthy();
    expect(location.pathname).toBe("/tab/campaigns/c/edit");
    expect(asked).toHaveBeenCalled();
  });
}
