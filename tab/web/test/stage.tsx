import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { notifyManager, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "@testing-library/react";
import { type ReactNode } from "react";
import { ApiError } from "../src/api/error";
import type { Campaign, List } from "../src/api/types";
import { campaignDraft } from "../src/pages/editor/campaignDraft";
import { DraftContext } from "../src/pages/editor/useDraft";
import { SavingContext } from "../src/pages/editor/useSaving";
import { Notices } from "../src/ui/Notices";
import { SessionContext, type SessionValue } from "../src/ui/Session";

export const author = { id: "a", displayName: "Anna" };
export const campaign = {
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
export const list: List = {
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
export function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

export const away = () => Promise.reject(new ApiError(0, {}));

/** Everything under a key is asked for again, and the page has heard that it failed. */
export function failAgain(client: QueryClient, key: string): Promise<void> {
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

const admin = {
  id: "a",
  can: { read: true, write: true, send: true, prepare: true, others: true, approve: true, admin: true },
};

/** What stands around a page: a session of somebody, who may do everything unless a test says otherwise. */
export function stage(
  api: object,
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } }),
  me: object = admin,
) {
  const session = {
    api,
    me,
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

export function editing(api: object, save: (version: number) => Promise<Campaign> = () => Promise.resolve(campaign)) {
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
