import { FluentProvider, teamsLightTheme } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "../src/api/client";
import type { CampaignHours } from "../src/api/hours";
import type { WindowDefaults, WindowPreview } from "../src/api/timing";
import type { Campaign, CampaignInput, Recipient, SendWindow } from "../src/api/types";
import { loadLanguage, translator } from "../src/i18n/translate";
import { differences } from "../src/pages/editor/CompareDialog";
import { campaignDraft } from "../src/pages/editor/campaignDraft";
import { fieldsOf, inputOf, sameInput } from "../src/pages/editor/fields";
import { TimeStep } from "../src/pages/editor/TimeStep";
import { DraftContext } from "../src/pages/editor/useDraft";
import { isLikeMonday, likeMonday, readTime, takesBreak, withBreak } from "../src/pages/editor/window/spans";
import { frame } from "../src/pages/editor/window/WindowPicture";
import { matching } from "../src/pages/editor/window/ZoneField";
import { Checks } from "../src/pages/report/Checks";
import Hours from "../src/pages/report/Hours";
import { byDay } from "../src/pages/report/HoursChart";
import { SessionContext, type SessionValue } from "../src/ui/Session";
import {
  about,
  hoursWords,
  momentWords,
  newWindow,
  normalWindow,
  previewWords,
  usableZone,
  windowLines,
} from "../src/words/window";

const t = translator("en-GB");
const office = { from: "09:00", to: "17:00" };
const week = { mon: [office], tue: [office], wed: [office], thu: [office], fri: [office] };
const window: SendWindow = {
  firstDay: "2026-11-30",
  days: 3,
  hours: week,
  timeZone: "Europe/Paris",
  presence: "available",
  presenceUnknown: "send",
};
const defaults: WindowDefaults = {
  timeZone: "Europe/Paris",
  hours: week,
  zones: ["America/New_York", "Asia/Kolkata", "Europe/London", "Europe/Paris"],
  presence: { available: true, reason: "" },
};
const preview: WindowPreview = {
  opensAt: "2026-11-30T08:00:00Z",
  closesAt: "2026-12-02T16:00:00Z",
  openMinutes: 1440,
  people: 1240,
  capacity: null,
  timeZone: "Europe/Paris",
  hours: ["2026-11-30", "2026-12-01", "2026-12-02"].flatMap((day) =>
    [9, 10, 11, 12, 13, 14, 15, 16].map((hour) => ({ day, hour, minutes: 60, people: 1240 / 24 })),
  ),
  zones: [],
  problems: [],
};
const input: CampaignInput = {
  name: "News",
  format: "message",
  content: { text: "Hello" },
  audience: { all: true },
  timing: { at: null },
};
const campaign: Campaign = {
  ...input,
  id: "1",
  status: "draft",
  sendAt: null,
  startedAt: null,
  completedAt: null,
  createdAt: "2026-11-26T08:00:00Z",
  updatedAt: "2026-11-26T08:00:00Z",
  createdBy: { id: "a", displayName: "Anna" },
  updatedBy: { id: "a", displayName: "Anna" },
  version: 1,
};

describe("a new window", () => {
  it.each([
    // A Thursday: the first day is Friday, and the weekend does not count.
    ["2026-11-26T10:00:00Z", "2026-11-27", 5],
    // A Friday: it begins on Monday.
    ["2026-11-27T10:00:00Z", "2026-11-30", 3],
    // Late on Sunday in London it is Monday in Paris, and so it begins on Tuesday.
    ["2026-11-29T23:30:00Z", "2026-12-01", 3],
  ])("begins on the next open day and is open on three: %s", (now, firstDay, days) => {
    expect(newWindow(defaults, Date.parse(now))).toMatchObject({ firstDay, days, presence: "available" });
  });

  it("asks nobody whether they are there when Herald may not", () => {
    const presence = { available: false, reason: "no_presence_permission" };
    expect(newWindow({ ...defaults, presence }, 0)).toMatchObject({ presence: "any", presenceUnknown: "send" });
  });

  it("ends though no day is open", () => {
    expect(newWindow({ ...defaults, hours: {} }, Date.parse("2026-11-26T10:00:00Z")).firstDay).toBe("2026-11-27");
  });
});

describe("the window of a draft", () => {
  it("is sent only while it is chosen, and not forgotten on the way", () => {
    const fields = fieldsOf({ ...input, timing: { window } });
    expect(fields.when).toBe("window");
    expect(inputOf(fields).timing).toEqual({ window });
    expect(inputOf({ ...fields, when: "now" }).timing).toEqual({ at: null });
    expect(inputOf({ ...fields, when: "now" }).timing).not.toHaveProperty("window");
  });

  it("is the same however it is written", () => {
    const written = {
      presenceUnknown: "send",
      presence: "available",
      perHour: 0,
      ownTimeZone: false,
      holidays: [],
      hours: { sat: [], fri: [office], mon: [office], wed: [office], tue: [office], thu: [office] },
      timeZone: "Europe/Paris",
      days: 3,
      firstDay: "2026-11-30",
    } as const;
    const of = (window: unknown) => ({ ...input, timing: { window: window as SendWindow } });
    expect(sameInput(of(written), of(window))).toBe(true);
    expect(sameInput(of({ ...written, perHour: 50 }), of(window))).toBe(false);
    expect(sameInput(of(window), input)).toBe(false);
  });

  it("is compared with another one in words", () => {
    const theirs = { ...window, days: 5, presence: "any" as const };
    const mine = { ...input, timing: { window } };
    const [row] = differences(mine, { ...input, timing: { window: theirs } }, String, "en-GB", t);
    expect(row?.label).toBe("Time");
    expect(row?.mine).toContain("From Monday 30 November, for 3 days");
    expect(row?.mine).toContain("Only who is available");
    expect(row?.theirs).toContain("for 5 days");
    expect(row?.theirs).toContain("Everybody, present or not");
    expect(differences(mine, { ...input, timing: { at: null } }, String, "en-GB", t)[0]?.theirs).toBe("Now");
  });
});

describe("windows in words", () => {
  it("say days with the same hours together", () => {
    expect(hoursWords(week, "en-GB", t)).toBe("Mon–Fri 09:00–17:00");
    const noon = [
      { from: "09:00", to: "12:00" },
      { from: "13:00", to: "24:00" },
    ];
    expect(hoursWords({ mon: [office], wed: [office], thu: noon, fri: noon }, "en-GB", t)).toBe(
      "Mon 09:00–17:00; Wed 09:00–17:00; Thu–Fri 09:00–12:00 and 13:00–00:00",
    );
    expect(hoursWords({}, "en-GB", t)).toBe("No working hours");
  });

  it("say what it comes to", () => {
    expect(previewWords(preview, "en-GB", t)).toBe(
      "1,240 people between Mon 30 Nov 09:00 and Wed 2 Dec 17:00, about 52 an hour.",
    );
    expect(previewWords({ ...preview, people: 5 }, "en-GB", t)).toMatch(/^5 people .+, fewer than one an hour\.$/);
    expect(previewWords({ ...preview, people: 0 }, "en-GB", t)).toMatch(/Nobody is chosen yet\.$/);
    expect(previewWords({ ...preview, opensAt: null, closesAt: null, openMinutes: 0 }, "en-GB", t)).toBeNull();
    expect([0.2, 3.42, 51.7].map((people) => about(people, "en"))).toEqual(["< 1", "3.4", "52"]);
  });

  it("are French in French", async () => {
    await loadLanguage("fr");
    const words = windowLines({ ...window, holidays: ["2026-12-01"], perHour: 1500 }, "fr-FR", translator("fr-FR"));
    expect(words).toEqual([
      "À partir du lundi 30 novembre, pendant 3 jours",
      "lun.–ven. 09:00–17:00",
      "Sauf mar. 1 déc.",
      "Fuseau horaire : Paris",
      "Seulement qui est disponible. Envoyé quand même si Teams ne le dit pas.",
      `Au plus ${new Intl.NumberFormat("fr-FR").format(1500)} messages par heure`,
    ]);
  });

  it("are by the clocks of the campaign, half-hour zones and changed clocks too", () => {
    expect(momentWords(Date.parse("2026-11-30T03:30:00Z"), "Asia/Kolkata", "en-GB")).toBe("Mon 30 Nov 09:00");
    expect(momentWords(Date.parse("2026-10-25T01:30:00Z"), "Europe/Paris", "en-GB")).toBe("Sun 25 Oct 02:30");
    expect(usableZone("Mars/Olympus")).toBe(usableZone(Intl.DateTimeFormat().resolvedOptions().timeZone));
  });
});

describe("the hours of a day", () => {
  it("take a break at noon, or in the middle of a night", () => {
    expect(withBreak([office])).toEqual([
      { from: "09:00", to: "12:00" },
      { from: "13:00", to: "17:00" },
    ]);
    expect(withBreak([{ from: "22:00", to: "06:00" }])).toEqual([
      { from: "22:00", to: "02:00" },
      { from: "03:00", to: "06:00" },
    ]);
    expect(takesBreak([{ from: "09:00", to: "11:00" }])).toBe(false);
  });

  it("are copied from Monday to the weekdays and not to the weekend", () => {
    const hours = { mon: [{ from: "08:00", to: "12:00" }], tue: [office], sat: [office] };
    const copied = likeMonday(hours);
    expect(copied.fri).toEqual(hours.mon);
    expect(copied.sat).toEqual([office]);
    expect([isLikeMonday(hours), isLikeMonday(copied)]).toEqual([false, true]);
  });

  it.each([
    ["9", false, "09:00"],
    ["5:30 pm", true, "17:30"],
    ["24:00", true, "24:00"],
    ["24", false, null],
    ["00:00", true, "24:00"],
    ["0:00", false, "00:00"],
    ["late", true, null],
  ])("are read as they are typed: %s", (text, end, time) => {
    expect(readTime(text, end)).toBe(time);
  });
});

describe("time zones", () => {
  it("are found by a part of their name, places that begin with it first", () => {
    const zones = ["Africa/Abidjan", "America/New_York", "America/North_Dakota/New_Salem", "Europe/London"];
    expect(matching(zones, "new y")).toEqual(["America/New_York"]);
    expect(matching(zones, "lon")).toEqual(["Europe/London"]);
    expect(matching(zones, "america")).toHaveLength(2);
    expect(matching(zones, "atlantis")).toEqual([]);
  });
});

describe("the picture", () => {
  it("has the closed days too, and those into which other time zones reach", () => {
    const hours = [
      { day: "2026-11-29", hour: 23, minutes: 60, people: 1 },
      { day: "2026-11-30", hour: 9, minutes: 60, people: 1 },
    ];
    const { days, rows } = frame({ ...window, days: 2 }, hours);
    expect(days).toEqual(["2026-11-29", "2026-11-30", "2026-12-01"]);
    expect([rows[0], rows.at(-1)]).toEqual([9, 23]);
  });
});

function providers(api: Api) {
  const session = { api, me: {}, config: { sendLaterMaxHours: 144 } } as unknown as SessionValue;
  return ({ children }: { children: ReactNode }) => (
    <FluentProvider theme={teamsLightTheme}>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <SessionContext value={session}>{children}</SessionContext>
      </QueryClientProvider>
    </FluentProvider>
  );
}

/** An API whose answers are given here, by method and path. */
function apiOf(answers: Record<string, unknown>): Api {
  const api = new Api({ get: () => Promise.resolve(""), renew: () => Promise.resolve("") });
  vi.spyOn(api, "json").mockImplementation((method, url) =>
    `${method} ${url}` in answers ? Promise.resolve(answers[`${method} ${url}`]) : Promise.reject(new Error(url)),
  );
  return api;
}

describe("the step Time", () => {
  const show = (more: Record<string, unknown> = {}) => {
    const save = vi.fn((version: number, next: CampaignInput) =>
      Promise.resolve({ ...campaign, ...next, version: version + 1 }),
    );
    const draft = campaignDraft(campaign, { save, load: () => Promise.resolve(campaign), pause: 0 });
    const api = apiOf({ "GET /timing/defaults": defaults, "POST /timing/preview": preview, ...more });
    render(
      <DraftContext value={draft}>
        <TimeStep />
      </DraftContext>,
      { wrapper: providers(api) },
    );
    return { draft, save };
  };
  const choose = async () => {
    await userEvent.click(screen.getByRole("radio", { name: /^Over several days/ }));
    await screen.findByText(/people between Mon,? /);
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-27T10:00:00Z") });
    return () => vi.useRealTimers();
  });

  it("has a window that can be taken as it is, and its picture", async () => {
    const { draft, save } = show();
    await choose();
    expect(inputOf(draft.get().fields).timing).toEqual({ window });
    await vi.waitFor(() => {
      expect(save).toHaveBeenCalledWith(1, expect.objectContaining({ timing: { window } }));
    });
    const table = screen.getByRole("table");
    expect(within(table).getAllByRole("columnheader")).toHaveLength(3);
    expect(within(table).getAllByRole("row")).toHaveLength(1 + 8 + 1);
    expect(within(table).getAllByRole("cell", { name: "52" })).toHaveLength(24);
    expect(screen.getByRole("button", { name: /^Working hours/ }).textContent).toMatch(/Mon–Fri/);
  });

  it("opens the part in which something is wrong, and says it there", async () => {
    const field = "/timing/window/hours/tue/0/to";
    const problems = [{ field, code: "window_hours_empty", message: "" }];
    show({ "POST /timing/preview": { ...preview, problems } });
    await choose();
    const row = await screen.findByText("These hours end when they begin. Enter a later end.");
    expect(row.closest("[data-field]")?.getAttribute("data-field")).toBe("/timing/window/hours/tue");
    expect(document.querySelector(`[data-field='${field}'] input`)).toBeTruthy();
  });

  it("keeps what cannot be read, says so, and does not save it", async () => {
    const { draft } = show();
    await choose();
    await userEvent.click(screen.getByRole("button", { name: /^Working hours/ }));
    const from = screen.getByRole("combobox", { name: "From, Tuesday" });
    await userEvent.clear(from);
    await userEvent.paste("25:9");
    await userEvent.paste("9");
    expect((from as HTMLInputElement).value).toBe("25:99");
    expect(screen.getByText("Type a time like 14:30.")).toBeTruthy();
    expect(draft.get().unreadableAt).toEqual(["/timing/window/hours/tue/0/from"]);
    await userEvent.click(screen.getByRole("radio", { name: /^Now/ }));
    expect(draft.get().unreadableAt).toEqual([]);
  });

  it("takes what would fit when there are too many people", async () => {
    const problem = {
      field: "/timing/window/days",
      code: "window_too_small",
      message: "",
      params: { people: 1240, capacity: 900, days: 5 },
    };
    const { draft } = show({ "POST /timing/preview": { ...preview, problems: [problem] } });
    await choose();
    expect(screen.getByText(/^1,240 people would get it, but only 900 messages fit\./)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Take 5 days" }));
    expect(draft.get().fields.window?.days).toBe(5);
  });

  it("says what an administrator must grant when nobody may be asked for, and what it means", async () => {
    show({ "GET /timing/defaults": { ...defaults, presence: { available: false, reason: "no_presence_permission" } } });
    await choose();
    await userEvent.click(screen.getByRole("button", { name: /^Presence/ }));
    expect(screen.getByText(/Presence\.Read\.All/)).toBeTruthy();
    await userEvent.click(screen.getByRole("radio", { name: /^Only who is available/ }));
    await userEvent.click(screen.getByRole("radio", { name: "Treat them as not there" }));
    expect(screen.getByText(/^Without the permission nobody would get it\./)).toBeTruthy();
  });
});

describe("the report of a window", () => {
  const hours: CampaignHours = {
    timeZone: "Europe/Paris",
    now: "2026-11-30T09:10:00Z",
    hours: [
      { at: "2026-11-30T08:00:00Z", planned: 0, waiting: 0, sent: 50, failed: 1 },
      { at: "2026-11-30T09:00:00Z", planned: 30, waiting: 12, sent: 10, failed: 0 },
      { at: "2026-12-01T08:00:00Z", planned: 52, waiting: 0, sent: 0, failed: 0 },
    ],
    unscheduled: 0,
    replanned: { count: 7, at: "2026-11-30T08:40:00Z" },
    nextAt: "2026-11-30T09:12:00Z",
  };

  it("says hour by hour who has it and who waits, in the campaign's time zone", async () => {
    render(<Hours campaignId="1" live />, { wrapper: providers(apiOf({ "GET /campaigns/1/hours": hours })) });
    expect(
      await screen.findByText("60 received, 1 not delivered, 12 not there (tried again), 82 planned"),
    ).toBeTruthy();
    const rows = within(screen.getByRole("table")).getAllByRole("row");
    expect(rows.map((row) => [...row.children].map((each) => each.textContent).join(" | "))).toEqual([
      "Hour | Received | Not delivered | Not there, tried again | Planned",
      "Mon, Nov 30 9:00 AM | 50 | 1 | 0 | 0",
      "Mon, Nov 30 10:00 AM (now) | 10 | 0 | 12 | 30",
      "Tue, Dec 1 9:00 AM | 0 | 0 | 0 | 52",
    ]);
    expect(screen.getByText(/^7 messages were spread over the hours that were left, last on Mon, Nov 30/)).toBeTruthy();
    expect(screen.getByText("All times are those of Paris.")).toBeTruthy();
  });

  it("leaves room for the hours between in which nothing is", () => {
    const [at, later] = [hours.hours[0], hours.hours[2]];
    if (!at || !later) throw new Error("no hours");
    const days = byDay([at, { ...at, at: "2026-11-30T11:00:00Z" }, later], "Europe/Paris");
    expect(days.map(([day, all]) => [day, all.map(({ sent }) => sent)])).toEqual([
      ["2026-11-30", [50, 0, 0, 50]],
      ["2026-12-01", [0]],
    ]);
  });

  it("tells of a person every look and the next one", () => {
    const person = {
      status: "rescheduled",
      reason: "absent",
      sentAt: null,
      nextAttemptAt: "2026-11-30T14:00:00Z",
      checks: [
        { at: "2026-11-30T13:27:00Z", found: "absent" },
        { at: "2026-11-30T13:37:00Z", found: "unknown" },
      ],
    } as Recipient;
    render(<Checks person={person} zone="Europe/Paris" />, { wrapper: providers(apiOf({})) });
    const said = [...document.querySelectorAll("dt, dd")].map((each) => each.textContent);
    expect(said).toEqual([
      "Mon, Nov 30 2:27 PM",
      "They were not there",
      "Mon, Nov 30 2:37 PM",
      "Teams did not say whether they were there",
      "Mon, Nov 30 3:00 PM",
      "The next try",
    ]);
  });

  it("says why nobody looks any more", () => {
    const person = { status: "unscheduled", reason: "absent", checks: [], nextAttemptAt: null } as unknown as Recipient;
    render(<Checks person={person} zone="Europe/Paris" />, { wrapper: providers(apiOf({})) });
    expect(screen.getByText("Given up: They were not there")).toBeTruthy();
  });
});

it("writes a window always the same way", () => {
  expect(Object.keys(normalWindow({ ...window, holidays: ["2026-12-02", "2026-12-01"] }))).toEqual([
    "firstDay",
    "days",
    "hours",
    "holidays",
    "timeZone",
    "presence",
    "presenceUnknown",
  ]);
});
