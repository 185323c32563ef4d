import type { Api, Campaign } from "./Api.ts";
import { axe } from "./axe.ts";
import { expect, test } from "./fixtures.ts";
import type { Herald } from "./Herald.ts";
import type { Person } from "./Sandbox.ts";

test.use({ viewport: { width: 1920, height: 1080 } });

interface Recipient {
  status: string;
  nextAttemptAt: string | null;
  snoozedUntil: string | null;
}

async function row(api: Api, id: string): Promise<Recipient> {
  const { items } = await api.send<{ items: Recipient[] }>("GET", `/campaigns/${id}/recipients`);
  return items[0] ?? { status: "", nextAttemptAt: null, snoozedUntil: null }; // not planned yet
}

async function goTo(herald: Herald, at: string | null): Promise<void> {
  const ahead = Date.parse(at ?? "") - (await herald.sandbox.now()).getTime();
  await herald.sandbox.advance(`${String(Math.max(0, Math.ceil(ahead / 1000)))}s`);
}

/** Brings one person a message of a campaign with a window that is open all day. */
async function delivered(api: Api, herald: Herald, person: Person, format: string): Promise<string> {
  const name = `Reading corner ${format}`;
  const audience = { emails: [person.upn] };
  const { id } = await api.send<Campaign>("POST", "/campaigns", { name, format, content: { text: name }, audience });
  const week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const window = {
    firstDay: (await herald.sandbox.now()).toISOString().slice(0, 10),
    days: 2,
    hours: Object.fromEntries(week.map((day) => [day, [{ from: "00:00", to: "24:00" }]])),
    timeZone: "UTC",
    presence: "any",
    presenceUnknown: "send",
  };
  await api.send("POST", `/campaigns/${id}/send`, { at: null, window });
  await expect.poll(async () => (await row(api, id)).nextAttemptAt).not.toBeNull();
  await goTo(herald, (await row(api, id)).nextAttemptAt);
  await expect.poll(async () => (await row(api, id)).status).toBe("sent");
  return id;
}

test("a person says not now on a card, and it comes back in an hour, once", async ({ teams, herald, api, page }) => {
  await herald.sandbox.install(8);
  const ann = (await herald.sandbox.people())[3]; // reads English
  if (!ann) throw new Error("the sandbox has too few people");
  const id = await delivered(api, herald, ann, "idea");
  await teams.visit({ chats: [ann], subEntityId: `campaign/${id}` });
  const card = teams.messages(ann, "Reading corner idea");
  await card.getByRole("button", { name: "Not now" }).click();
  await expect(card).toContainText("When would you like this message again?");
  expect(await axe(page)).toEqual([]);
  await page.screenshot({ path: test.info().outputPath("choices.png") });
  await card.getByRole("button", { name: "In an hour" }).click();

  const waiting = teams.messages(ann, /This message will come back (today|tomorrow) at \d\d:\d\d\./);
  await expect(waiting).toHaveCount(1);
  await expect(card).toHaveCount(0);
  await expect(waiting.getByRole("button", { name: "Show it now" })).toBeVisible();
  await page.screenshot({ path: test.info().outputPath("waiting.png") });
  await page.reload();
  await expect(waiting).toHaveCount(1);
  await expect(teams.frame.getByText("1 person said “Not now” and chose when to get it again.")).toBeVisible();
  await expect(teams.frame.getByText(/comes back (today|tomorrow)/)).toBeVisible();

  const { snoozedUntil } = await row(api, id);
  await goTo(herald, snoozedUntil);
  await expect(card).toHaveCount(1);
  await expect(card.getByRole("button", { name: "Not now" })).toBeVisible();
  await expect(teams.messages(ann, "This message came back below.")).toHaveCount(1);
  await expect(waiting).toHaveCount(0);
  await page.screenshot({ path: test.info().outputPath("back.png") });
  await herald.sandbox.advance("2h");
  await expect.poll(async () => row(api, id)).toMatchObject({ status: "sent", snoozedUntil: null });
  await expect(card).toHaveCount(1);
  expect(await herald.sandbox.received(ann, "Reading corner idea")).toBe(1);
});

test("a message without a card is put off in a word, and seen at once after all", async ({ teams, herald, api }) => {
  await herald.sandbox.install(8);
  const ann = (await herald.sandbox.people())[3];
  if (!ann) throw new Error("the sandbox has too few people");
  await delivered(api, herald, ann, "message");
  await teams.visit({ chats: [ann] });
  await teams.chat(ann).getByRole("textbox").fill("Not now");
  await teams.page.keyboard.press("Enter");
  const choices = teams.messages(ann, "When would you like this message again?");
  await choices.getByRole("button", { name: "Tomorrow" }).click();
  const waiting = teams.messages(ann, /This message will come back .+ at \d\d:\d\d\./);
  await waiting.getByRole("button", { name: "Show it now" }).click();
  await expect(teams.messages(ann, "This message came back below.")).toHaveCount(1);
  await expect(teams.messages(ann, "Reading corner message")).toHaveCount(2);
});
