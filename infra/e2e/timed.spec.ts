import type { Api, Campaign } from "./Api.ts";
import { axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";
import type { Herald } from "./Herald.ts";

const zone = "Europe/Paris";
const minute = 60_000;

/** The day in Paris, so many days after a moment. */
function dayAfter(at: Date, days: number): string {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
  return new Date(Date.parse(today) + days * 24 * 60 * minute).toISOString().slice(0, 10);
}

/** Moves the sandbox's clock to a moment. */
async function goTo(herald: Herald, at: number): Promise<void> {
  const now = await herald.sandbox.now();
  await herald.sandbox.advance(`${String(Math.ceil((at - now.getTime()) / 1000))}s`);
}

interface Hours {
  nextAt: string | null;
  hours: unknown[];
}

interface Recipient {
  email: string;
  displayName: string;
  status: string;
  reason: string | null;
  nextAttemptAt: string | null;
}

/** A campaign from tomorrow on, each day from nine; and when that begins. */
async function scheduled(
  api: Api,
  herald: Herald,
  name: string,
  chosen: { days: number; until: string; presence: string },
): Promise<{ campaign: Campaign; opens: number }> {
  const draft = await api.create(name);
  const { until, ...rest } = chosen;
  const week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const window = {
    ...rest,
    firstDay: dayAfter(await herald.sandbox.now(), 1),
    hours: Object.fromEntries(week.map((day) => [day, [{ from: "09:00", to: until }]])),
    timeZone: zone,
    presenceUnknown: "wait",
  };
  const campaign = await api.send<Campaign>("POST", `/campaigns/${draft.id}/send`, { at: null, window });
  return { campaign, opens: Date.parse(campaign.sendAt ?? "") };
}

function hoursOf(api: Api, { id }: Campaign): Promise<Hours> {
  return api.send<Hours>("GET", `/campaigns/${id}/hours`);
}

test("an author sets a window, sees what it comes to, and sends it", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await page.setViewportSize({ width: 1920, height: 1000 }); // room for the preview
  await herald.sandbox.install(12);
  const draft = await api.create("Winter hours", "idea");
  await teams.open();
  await tab.edit("Winter hours");
  await tab.step("Time");

  await test.step("it can be taken as it is", async () => {
    await expect(tab.preview).toContainText("Winter hours for");
    await expect(tab.preview).not.toContainText("Not now");
    await tab.frame.getByRole("radio", { name: /^Over several days/ }).check();
    await expect(tab.preview).toContainText("Not now");
    await expect(tab.text(/^12 people between .+ and .+, (about .+|fewer than one) an hour\.$/)).toBeVisible();
    const table = tab.frame.getByRole("region", { name: "People by day and hour" }).getByRole("table");
    await expect(table.getByRole("rowheader")).toHaveText([/^9/, /^10/, /^11/, /^12/, /^1/, /^2/, /^3/, /^4/, "Total"]);
    await tab.saved();
    const { timing } = await api.send<{ timing: { window?: { days: number } } }>("GET", `/campaigns/${draft.id}`);
    expect(timing.window?.days).toBeGreaterThanOrEqual(3);
  });

  await test.step("what is wrong is said where it stands, and stands in the way of sending", async () => {
    await tab.button(/^Working hours/).click();
    const to = tab.frame.getByRole("combobox", { name: "To, Tuesday" });
    await to.fill("9:00 AM");
    const wrong = (words: string) => tab.frame.getByRole("alert").filter({ hasText: words });
    await expect(wrong("These hours end when they begin. Enter a later end.")).toBeVisible();
    await to.fill("noonish");
    await expect(wrong("Type a time like 14:30.")).toBeVisible();
    await tab.step("Review");
    const said = tab.frame.getByRole("listitem").filter({ hasText: "Something typed here cannot be read." });
    await said.getByRole("button", { name: "Go to Time" }).click();
    await expect(to).toBeFocused();
    await to.fill("12:00 PM");
    await tab.button("Add a break on Monday").click();
    await expect(tab.frame.getByRole("combobox", { name: "To, Monday" })).toHaveCount(2);
    await tab.button("Copy Monday to the other weekdays").click();
    await expect(tab.button(/^Working hours/)).toContainText("9:00 AM–12:00 PM and 1:00 PM–5:00 PM");
    await tab.button(/^Working hours/).click();
  });

  await test.step("a time zone is found by a part of its name", async () => {
    await tab.button(/^Time zone/).click();
    const choice = tab.frame.getByRole("combobox", { name: "Time zone" });
    await choice.focus();
    await page.keyboard.type("sao");
    await tab.frame.getByRole("option", { name: /^Sao Paulo/ }).click();
    await expect(tab.button(/^Time zone/)).toContainText("Sao Paulo");
    await tab.button(/^Time zone/).click();
  });

  await test.step("nobody is shut out, in any theme", async () => {
    await tab.button(/^Presence/).click();
    await tab.saved();
    await teams.visit({ subEntityId: `campaign/${draft.id}` });
    await tab.step("Time");
    await expect(tab.text(/^12 people between /)).toBeVisible();
    await tab.button(/^Working hours/).click();
    await tab.button(/^Presence/).click();
    await expect(tab.frame.getByRole("radio", { name: /^Only who is available/ })).toBeVisible();
    expect(await axeInThemes(teams)).toEqual([]);
  });

  await test.step("the review says all of it, and so does the question before it is sent", async () => {
    await teams.visit({ subEntityId: `campaign/${draft.id}` });
    await tab.step("Review");
    await expect(tab.text("Time zone: Sao Paulo")).toBeVisible();
    await tab.button(/^Send from \w+day 9:00 AM…$/).click();
    const dialog = tab.dialog("Send “Winter hours” over several days?");
    await expect(dialog).toContainText(/12 people between .+ and /);
    await dialog.getByRole("button", { name: "Schedule" }).click();
    await expect(tab.text(/^Goes out from .+ until .+ \(Sao Paulo\)$/)).toBeVisible();
  });

  await test.step("it can be read for as long as it is there", async () => {
    await tab.button("Information").click();
    const information = tab.dialog("Information");
    await expect(information).toContainText("Microsoft Teams, chat with Herald");
    await expect(information).toContainText(/Duration\s*\d days/);
    await expect(information).toContainText("Mon–Fri 9:00 AM–12:00 PM and 1:00 PM–5:00 PM");
    await expect(information).toContainText("Sao Paulo");
    await information.getByRole("button", { name: "Close" }).click();
    await tab.button("All campaigns").click();
    await tab.list("Scheduled");
    await expect(tab.row("Winter hours")).toContainText(/Until \w+ \d+, \d+:\d\d/);
  });
});

test("a report is watched while people come and go", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  const { sandbox } = herald;
  await sandbox.install(8);
  const known = await sandbox.people();
  // Nobody is there, so that nobody has it before it is known who comes first.
  await sandbox.send("PUT", "/api/presence", { availability: "Offline" });
  const chosen = { days: 3, until: "09:30", presence: "available" };
  const { campaign, opens } = await scheduled(api, herald, "Town hall", chosen);
  const recipients = async () => {
    const path = `/campaigns/${campaign.id}/recipients?limit=50`;
    return (await api.send<{ items: Recipient[] }>("GET", path)).items.filter(({ status }) => status !== "skipped");
  };
  const row = ({ displayName }: Recipient) =>
    tab.frame
      .getByRole("table", { name: "Recipients, one by one" })
      .getByRole("row")
      .filter({ hasText: displayName })
      .first();

  await goTo(herald, opens);
  await expect.poll(async () => (await recipients()).filter((each) => each.nextAttemptAt !== null).length).toBe(8);
  const moment = ({ nextAttemptAt }: Recipient) => Date.parse(nextAttemptAt ?? "");
  const [late, gone] = (await recipients()).sort((a, b) => moment(a) - moment(b));
  if (!late || !gone) throw new Error("nobody has a moment");
  const setPresence = (who: Recipient, availability: string) =>
    sandbox.send(
      "PUT",
      `/api/users/${known.find(({ displayName }) => displayName === who.displayName)?.id ?? ""}/presence`,
      {
        availability,
      },
    );
  await sandbox.send("PUT", "/api/presence", { availability: "Available" });
  await setPresence(late, "Away");
  await setPresence(gone, "Offline");
  const open = ["pending", "rescheduled"];
  const find = async (who: Recipient) => (await recipients()).find(({ email }) => email === who.email);

  await test.step("everybody has a moment of their own", async () => {
    await teams.visit({ subEntityId: `report/${campaign.id}` });
    await expect(tab.heading("Day by day and hour by hour")).toBeVisible();
    await expect(tab.text(/^8 (planned|not there \(tried again\))/)).toBeVisible();
    await expect(row(gone)).toContainText(/planned |next try /);
  });

  const watched = async () => {
    await expect(row(gone)).toContainText("They were not there");
    await expect(row(gone)).toContainText(/next try /);
    const more = tab.button(`Every try: ${gone.displayName}`);
    await more.focus();
    await page.keyboard.press("Enter");
    await expect(more).toHaveAttribute("aria-expanded", "true");
    await expect(tab.frame.getByRole("definition").filter({ hasText: "They were not there" })).not.toHaveCount(0);
    await expect(tab.frame.getByRole("definition").filter({ hasText: "The next try" })).toBeVisible();
    expect(await axeInThemes(teams)).toEqual([]);
  };

  await test.step("who is there gets it, who is not is tried again, and the report tells of every try", async () => {
    let seen = false;
    for (const at of [0, 1, 2].flatMap((day) => [10, 20, 30].map((past) => opens + (day * 24 * 60 + past) * minute))) {
      await goTo(herald, at);
      // Time moves on when nobody's turn has come and nothing is on its way: a jump would tear that apart.
      await expect
        .poll(async () =>
          (await recipients()).filter(
            (each) => each.status === "sending" || (open.includes(each.status) && moment(each) <= at),
          ),
        )
        .toEqual([]);
      if ((await find(late))?.reason === "absent") await setPresence(late, "Available");
      const { status, reason } = (await find(gone)) ?? {};
      if (!seen && status === "rescheduled" && reason === "absent") {
        seen = true;
        await watched();
      }
    }
    expect(seen).toBe(true);
  });

  await test.step("in the end everybody has it but who never was there, and that is said", async () => {
    await expect.poll(async () => (await api.campaign(campaign.id)).status).toBe("completed");
    await expect(tab.count("Received").first()).toContainText("7");
    await expect(row(gone)).toContainText("Not sent, not there");
    await tab.frame.getByRole("combobox", { name: "State" }).selectOption("Not sent, not there");
    await expect(tab.text("1 of 25 people")).toBeVisible();
    const receivers = known.slice(0, 8).filter(({ displayName }) => displayName !== gone.displayName);
    for (const each of receivers) expect(await sandbox.received(each, "Town hall"), each.upn).toBe(1);
    expect(await sandbox.duplicates()).toBe(0);
  });
});

test("Herald says that it was not running, and what became of those whose moment passed", async ({
  teams,
  herald,
  api,
}) => {
  const { tab } = teams;
  await herald.sandbox.install(25);
  const { campaign, opens } = await scheduled(api, herald, "Town hall", { days: 1, until: "10:00", presence: "any" });
  await goTo(herald, opens);
  await expect.poll(async () => (await hoursOf(api, campaign)).hours.length).toBeGreaterThan(0);
  await herald.kill();
  await goTo(herald, opens + 50 * minute);
  await herald.again();
  await teams.visit({ subEntityId: `report/${campaign.id}` });
  await expect(tab.text("Herald was not running for a while")).toBeVisible();
  await expect(tab.text(/\d+ messages were spread over the hours that were left, last on /)).toBeVisible();
});

test("what Teams refuses until somebody's hours are over reaches them in their next ones", async ({
  teams,
  herald,
  api,
}, info) => {
  const { tab, page } = teams;
  await herald.sandbox.install(3);
  const { campaign, opens } = await scheduled(api, herald, "Town hall", { days: 2, until: "09:10", presence: "any" });
  await goTo(herald, opens);
  await expect.poll(async () => (await hoursOf(api, campaign)).hours.length).toBeGreaterThan(0);
  await herald.sandbox.send("PUT", "/api/faults", { throttle: 1, retryAfter: 1800 });
  const people = async () =>
    (await api.send<{ items: Recipient[] }>("GET", `/campaigns/${campaign.id}/recipients`)).items.filter(
      ({ nextAttemptAt }) => nextAttemptAt !== null,
    );
  await goTo(herald, opens + 10 * minute);
  await expect
    .poll(async () => (await people()).filter(({ status }) => status === "rescheduled").length)
    .toBeGreaterThan(0);
  const [late] = (await people()).filter(({ status }) => status === "rescheduled");
  await goTo(herald, opens + 45 * minute);
  // Whose moment was on the first day is put off to the second; others have it there.
  const next = opens + 24 * 60 * minute;
  await expect
    .poll(async () => (await people()).filter((each) => Date.parse(each.nextAttemptAt ?? "") < next).length)
    .toBe(0);
  await herald.sandbox.send("PUT", "/api/faults", {});
  await goTo(herald, next);
  await goTo(herald, next + 10 * minute);
  await expect.poll(async () => (await api.campaign(campaign.id)).status).toBe("completed");
  await teams.visit({ subEntityId: `report/${campaign.id}` });
  await tab.button(`Every try: ${late?.displayName ?? ""}`).click();
  await expect(tab.text("Their hours were over before it could be sent; another moment was chosen")).toBeVisible();
  await tab.text(/^Their hours were over/).scrollIntoViewIfNeeded();
  await page.screenshot({ path: info.outputPath("put-off.png"), fullPage: true });
});
