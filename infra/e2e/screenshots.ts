import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import type { Api } from "./Api.ts";
import { expect, test } from "./fixtures.ts";
import type { Herald } from "./Herald.ts";

// The pictures of the README, taken from the real program: npm run screenshots.
const folder = resolve(import.meta.dirname, "../../docs/screenshots");

test.beforeAll(async () => {
  await mkdir(folder, { recursive: true });
});

test("the whole story", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await herald.sandbox.install(20);
  const people = await herald.sandbox.people();
  const reader = people[3];
  if (!reader) throw new Error("the sandbox has too few people");
  const { id } = await api.create(
    "Office closed on Friday",
    "important",
    "Hello [FIRSTNAME], the office stays **closed on Friday**. Please take your laptop home.",
  );
  await api.start(id);
  await expect.poll(async () => (await api.campaign(id)).status).toBe("completed");
  await teams.visit({ chats: [reader], subEntityId: `report/${id}` });
  await expect(tab.heading("Office closed on Friday")).toBeVisible();
  await expect(tab.frame.getByRole("img", { name: "Received: 20, Could not be reached: 5" })).toBeVisible();
  await expect(teams.messages(reader, `Hello ${reader.givenName}`)).toHaveCount(1);
  await page.screenshot({ path: resolve(folder, "story.png"), animations: "disabled" });
});

/** A survey that most have answered; its id. */
async function surveyed(api: Api, herald: Herald): Promise<string> {
  const survey = await api.send<{ id: string }>("POST", "/surveys", {
    name: "Canteen",
    intro: "Hello [FIRSTNAME], tell us what you think. It takes **one minute**.",
    thanks: "Thank you. The new menu starts in January.",
    questions: [
      {
        id: "eats",
        type: "yesno",
        text: "Do you eat in the canteen?",
        required: true,
        branch: [{ option: "no", to: "friend" }],
      },
      { id: "stars", type: "rating", text: "How do you like the food?", required: true },
      { id: "friend", type: "nps", text: "Would you recommend it to a colleague?", required: true },
    ],
  });
  const campaign = await api.send<{ id: string }>("POST", "/campaigns", {
    name: "Canteen",
    format: "survey",
    content: { surveyId: survey.id },
    audience: { all: true },
  });
  await api.start(campaign.id);
  await expect.poll(async () => (await api.campaign(campaign.id)).status).toBe("completed");
  for (const [index, person] of (await herald.sandbox.people()).slice(0, 16).entries()) {
    const card = await herald.sandbox.message(person, "Do you eat in the canteen?");
    const eats = index % 4 !== 3;
    await herald.sandbox.answer(person, card, { eats: eats ? "yes" : "no" });
    if (eats) await herald.sandbox.answer(person, card, { stars: String(5 - (index % 3)) });
    await herald.sandbox.answer(person, card, { friend: String(10 - (index % 5)) });
  }
  return survey.id;
}

/** Makes the tab about that wide, and takes pictures of it. */
async function camera(page: Page, theme: "default" | "dark", width: number): Promise<(name: string) => Promise<void>> {
  // So much wider that the frame itself is about that wide.
  await page.setViewportSize(width > 640 ? { width: width + 460, height: 1100 } : { width, height: 900 });
  const look = theme === "dark" ? "dark" : "light";
  return async (name) => {
    await page.mouse.move(0, 0);
    await page
      .locator("iframe")
      .screenshot({ path: resolve(folder, `${name}-${String(width)}-${look}.png`), animations: "disabled" });
  };
}

for (const theme of ["default", "dark"] as const) {
  for (const width of [1280, 400]) {
    test(`the pages, ${theme}, ${String(width)} px`, async ({ teams, herald, api }) => {
      const { tab, page } = teams;
      const shot = await camera(page, theme, width);
      await herald.sandbox.install(20);
      const sent = await api.create(
        "Office closed on Friday",
        "important",
        "Hello [FIRSTNAME], the office stays closed.",
      );
      await api.start(sent.id);
      await api.create("Bring your idea", "idea", "Hello [FIRSTNAME], what should we try next?");
      await api.create("Thank you all", "success");
      await expect.poll(async () => (await api.campaign(sent.id)).status).toBe("completed");
      const columns = [{ name: "STORE", label: "Store", type: "text" }];
      const list = await api.send<{ id: string }>("POST", "/lists", { name: "Store managers", columns });
      for (const [index, { upn }] of (await herald.sandbox.people()).slice(14, 24).entries()) {
        const values = { STORE: `Paris ${String(index + 1)}` };
        await api.send("POST", `/lists/${list.id}/members`, { email: upn, values });
      }
      await teams.open({ theme });
      await expect(tab.frame.getByRole("link", { name: "Bring your idea" })).toBeVisible();
      await expect(tab.button(/^Author:/)).toBeVisible();
      await shot("home");
      await tab.edit("Bring your idea");
      await expect(tab.writing).toBeVisible();
      if (width > 640) await expect(tab.preview).toContainText("what should we try next?");
      await shot("editor");
      await tab.step("Audience");
      await expect(tab.text("25 people: 20 will receive it, 5 do not have the app")).toBeVisible();
      await shot("audience");
      await tab.step("Time");
      await tab.frame.getByRole("radio", { name: /^Later/ }).check();
      await expect(tab.text(/^It will be sent on/)).toBeVisible();
      await shot("time");
      await tab.frame.getByRole("radio", { name: /^Over several days/ }).check();
      await expect(tab.text(/^20 people between /)).toBeVisible();
      await shot("window");
      await tab.frame.getByRole("radio", { name: /^Now/ }).check();
      await tab.step("Review");
      await expect(tab.button("Send now")).toBeEnabled();
      await shot("review");
      await tab.step("Message");
      await tab.format("Adaptive card");
      await tab.field("Title").fill("Town hall");
      await tab.field("Text").fill("Bring a question. Coffee is on us.");
      await tab.button("Add a fact").click();
      await page.keyboard.type("When");
      await tab.field("Fact 1: value").fill("Friday, 14:30");
      await tab.button("Add a button").click();
      await tab.field("Button 1: label").fill("Ask");
      await tab.field("Button 1: address").fill("https://intranet.contoso.example/ask");
      await tab.saved();
      if (width > 640) await expect(tab.preview).toContainText("Town hall");
      await shot("card");
      await tab.frame.getByRole("tab", { name: "JSON" }).click();
      await expect(tab.text("The card can be read.")).toBeVisible();
      await shot("json");
      await tab.button("All campaigns").click();
      await tab.list("Completed");
      await tab.frame.getByRole("link", { name: "Office closed on Friday" }).click();
      await expect(tab.text("They do not have the app").first()).toBeVisible();
      await shot("report");
      await tab.button("All campaigns").click();
      await tab.frame.getByRole("link", { name: "Lists" }).click();
      await expect(tab.frame.getByRole("link", { name: "Store managers" })).toBeVisible();
      await shot("lists");
      await tab.frame.getByRole("link", { name: "Store managers" }).click();
      await expect(tab.text("10 people, 6 with the app")).toBeVisible();
      await shot("list");
      await tab.button("Import").click();
      const tsv =
        "CONTACT\tNOMBRE\tMONTO\tFECHA\namelie.martin@contoso.example\tAmélie\t12,50\t2026-12-03\nnobody\tWho\t1\t2026-13-45\n";
      await tab
        .dialog()
        .locator('input[type="file"]')
        .setInputFiles({ name: "customers.tsv", mimeType: "text/tab-separated-values", buffer: Buffer.from(tsv) });
      await expect(tab.dialog().getByText("MONTO").first()).toBeVisible();
      await shot("import");
      const survey = await surveyed(api, herald);
      await teams.visit({ theme, subEntityId: "surveys" });
      await expect(tab.frame.getByRole("link", { name: "Canteen" })).toBeVisible();
      await shot("surveys");
      await tab.frame.getByRole("link", { name: "Canteen" }).click();
      await tab.button("Question 1: Do you eat in the canteen?").click();
      if (width > 640) await expect(tab.preview).toContainText("Do you eat in the canteen?");
      await shot("survey");
      await teams.visit({ theme, subEntityId: `results/${survey}` });
      await expect(tab.text("16 of 20 have answered")).toBeVisible();
      await shot("results");
    });
  }
}

for (const theme of ["default", "dark"] as const) {
  for (const width of [1280, 400]) {
    test(`a campaign over several days, ${theme}, ${String(width)} px`, async ({ teams, herald, api }) => {
      const { tab, page } = teams;
      const shot = await camera(page, theme, width);
      const { sandbox } = herald;
      await sandbox.install(25);
      const draft = await api.create("Winter hours");
      const today = (await sandbox.now()).toISOString().slice(0, 10);
      const day = [{ from: "09:00", to: "17:00" }];
      const window = {
        firstDay: new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10),
        days: 3,
        hours: { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day },
        timeZone: "Europe/Paris",
        presence: "available",
        presenceUnknown: "wait",
      };
      const campaign = await api.send<{ sendAt: string }>("POST", `/campaigns/${draft.id}/send`, { window });
      for (const person of (await sandbox.people()).slice(0, 5)) {
        await sandbox.send("PUT", `/api/users/${person.id}/presence`, { availability: "Offline" });
      }
      const leap = async (at: number) => {
        const seconds = Math.ceil((at - (await sandbox.now()).getTime()) / 1000);
        if (seconds > 0) await sandbox.advance(`${String(seconds)}s`);
      };
      const hours = () => api.send<{ nextAt: string | null }>("GET", `/campaigns/${draft.id}/hours`);
      const opens = Date.parse(campaign.sendAt);
      await leap(opens);
      await expect.poll(async () => (await hours()).nextAt).not.toBeNull();
      // From moment to moment, so that nobody's is missed, through the first day.
      for (;;) {
        const at = Date.parse((await hours()).nextAt ?? "");
        if (!(at < opens + 8 * 3_600_000)) break;
        await leap(at);
        await expect.poll(async () => Date.parse((await hours()).nextAt ?? "")).not.toBe(at);
      }
      await teams.visit({ theme, subEntityId: `report/${draft.id}` });
      await expect(tab.text(/waiting|tried again/i).first()).toBeVisible();
      await tab.heading("Day by day and hour by hour").evaluate((element) => {
        element.scrollIntoView();
      });
      await shot("hours");
    });
  }
}

test.describe("with approvals", () => {
  test.use({ settings: { HERALD_APPROVAL_ABOVE: "15" } });

  for (const theme of ["default", "dark"] as const) {
    for (const width of [1280, 400]) {
      test(`waiting, and administration, ${theme}, ${String(width)} px`, async ({ teams, herald, api }) => {
        const { tab, page } = teams;
        const shot = await camera(page, theme, width);
        await herald.sandbox.install(20);
        const people = await herald.sandbox.people();
        const [, , someone] = people;
        if (!someone) throw new Error("the sandbox has too few people");
        const small = await api.send<{ id: string }>("POST", "/campaigns", {
          name: "Fire wardens",
          format: "message",
          content: { text: "Hello [FIRSTNAME], the drill begins at ten." },
          audience: { emails: people.slice(0, 10).map(({ upn }) => upn) },
        });
        await api.start(small.id);
        await expect.poll(async () => (await api.campaign(small.id)).status).toBe("completed");
        await api.send("POST", "/lists", { name: "Store managers", columns: [] });
        const large = await api.create("Bring your idea", "idea", "Hello [FIRSTNAME], what should we try next?");
        await api.start(large.id);
        await teams.visit({ as: "Publisher", theme, subEntityId: `campaign/${large.id}` });
        await expect(tab.button("Approve")).toBeEnabled();
        await expect(tab.preview).toContainText("what should we try next?");
        await shot("waiting");

        await herald.sandbox.send("PUT", "/api/permissions", { "Presence.Read.All": false });
        await herald.sandbox.send("PUT", "/api/faults", { secretLife: "200h" });
        await teams.open({ as: "Admin", theme });
        await tab.frame.getByRole("link", { name: "Administration" }).click();
        await expect(tab.heading("2 things to look at")).toBeVisible();
        await shot("health");
        await tab.frame.getByRole("tab", { name: "Install app" }).click();
        await tab.frame.getByRole("radio", { name: /^All users/ }).click();
        await expect(tab.frame.getByRole("button", { name: "Install for 5 people" })).toBeVisible();
        await shot("install");
        await tab.frame.getByRole("tab", { name: "Audit log" }).click();
        await expect(tab.text("Campaign created").last()).toBeVisible();
        await shot("audit");
        await tab.frame.getByRole("tab", { name: "People" }).click();
        await tab.frame.getByRole("searchbox").fill(someone.displayName);
        await tab.button(someone.displayName).click();
        await expect(tab.text("Has the app")).toBeVisible();
        await shot("people");
      });
    }
  }
});
