import type { Page } from "@playwright/test";
import { axe } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

const hour = 3_600_000;
const hostile = '<img src=x onerror="window.hurt = 1"><script>window.hurt = 1</script> & "quoted"';

/** Somebody comes back to the page, which then looks what has become of the campaign. */
async function comeBack(page: Page): Promise<void> {
  await page
    .frameLocator("iframe")
    .locator("body")
    .evaluate(() => window.dispatchEvent(new Event("focus")));
}

/** As from the clipboard: typed key by key it would take minutes. */
async function paste(page: Page, text: string): Promise<void> {
  await page
    .frameLocator("iframe")
    .locator(":focus")
    .evaluate((element, words) => {
      const data = new DataTransfer();
      data.setData("text/plain", words);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, text);
}

for (const width of [1440, 400]) {
  test(`a moment chosen in the step Time stays with the draft, and can be undone, at ${String(width)} px`, async ({
    teams,
    herald,
    api,
  }) => {
    const { tab, page } = teams;
    await page.setViewportSize({ width, height: 900 });
    await herald.sandbox.install(20);
    const draft = await api.create("Town hall");
    await teams.open();
    await tab.edit("Town hall");

    await test.step("later, with a time that cannot be read, which stays as it was typed", async () => {
      await tab.step("Time");
      await tab.frame.getByRole("radio", { name: /^Later/ }).check();
      await expect(tab.text("Your time zone: Paris")).toBeVisible();
      await expect(tab.text(/^At most 6 days from now/)).toBeVisible();
      const time = tab.frame.getByRole("combobox", { name: "Time" });
      await time.fill("25:99");
      await expect(tab.text("Type a time like 14:30.")).toBeVisible();
      await expect(tab.text("Not saved: Something typed here cannot be read.")).toBeVisible();
      await tab.step("Message");
      await tab.button(/^Show$/).click();
      await expect(time).toHaveValue("25:99");
      await expect(tab.frame.getByRole("combobox", { name: "Date" })).toBeFocused();
    });

    await test.step("a readable one is said in words and saved", async () => {
      const now = await herald.sandbox.now();
      const name = new Intl.DateTimeFormat("en-US", { dateStyle: "long", timeZone: "Europe/Paris" })
        .format(now.getTime() + 48 * hour)
        .replace(/^(\w+) (\d+), (\d+)$/, "$2, $1, $3");
      await tab.frame.getByRole("combobox", { name: "Date" }).click();
      await tab.frame.getByRole("gridcell", { name }).click();
      await tab.frame.getByRole("combobox", { name: "Time" }).fill("14.30");
      await expect(tab.text(/^It will be sent on \w+, .*2:30 PM \(Paris\), in \d days? \d+ hours?\.$/)).toBeVisible();
      await tab.saved();
      await expect
        .poll(async () => (await api.send<{ timing: { at: string } }>("GET", `/campaigns/${draft.id}`)).timing.at)
        .toMatch(/T1[23]:30:00Z$/);
    });

    await test.step("the browser's back goes from step to step", async () => {
      await tab.step("Review");
      const history = (move: "back" | "forward") =>
        tab.frame.locator("body").evaluate((_, way) => {
          window.history[way]();
        }, move);
      await history("back");
      await expect(tab.frame.getByRole("radio", { name: /^Later/ })).toBeChecked();
      await history("forward");
      await expect(tab.heading("Check, try and send")).toBeVisible();
    });

    await test.step("the review schedules it", async () => {
      await expect(tab.text(/^\w+day, .*2:30 PM \(Paris\), in/)).toBeVisible();
      await expect(tab.preview).toContainText("Town hall for"); // beside it, or on a phone within it
      await tab.button("More ways to send").click();
      await expect(tab.frame.getByRole("menuitem", { name: "Send now instead…" })).toBeVisible();
      await page.keyboard.press("Escape");
      await tab.button(/^Schedule for \w+day 2:30 PM$/).click();
      const dialog = tab.dialog("Schedule “Town hall”?");
      await expect(dialog).toContainText("25 people: 20 will receive it, 5 do not have the app");
      await expect(dialog).toContainText(/It will be sent on .*2:30 PM \(Paris\)/);
      await dialog.getByRole("button", { name: "Schedule" }).click();
      await expect(tab.text(/^Will be sent .*2:30 PM \(Paris\)/)).toBeVisible();
      expect((await api.campaign(draft.id)).status).toBe("scheduled");
    });

    await test.step("undo takes it back, with its moment", async () => {
      await tab.button("Undo").click();
      await expect(tab.button(/^Schedule for \w+day 2:30 PM$/)).toBeVisible();
      expect((await api.campaign(draft.id)).status).toBe("draft");
    });

    await test.step("when the moment has passed, the review says so and leads to the field", async () => {
      await herald.sandbox.advance("72h");
      await teams.visit({ subEntityId: `campaign/${draft.id}` });
      await tab.step("Review");
      await expect(tab.text("The planned moment has passed. Choose another one.")).toBeVisible();
      await tab.button("Go to Time").click();
      await expect(tab.frame.getByRole("combobox", { name: "Date" })).toBeFocused();
      await tab.frame.getByRole("radio", { name: /^Now/ }).check();
      await tab.step("Review");
      await expect(tab.text("Everything is there. Try it on yourself, then send it.")).toBeVisible();
    });
  });
}

test("the text may name a column before its list is chosen", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await herald.sandbox.install(5);
  const [reader] = await herald.sandbox.people();
  if (!reader) throw new Error("the sandbox has too few people");
  const columns = [{ name: "AMOUNT", label: "Amount", type: "text" }];
  const list = await api.send<{ id: string }>("POST", "/lists", { name: "Debtors", columns });
  await api.send("POST", `/lists/${list.id}/members`, { email: reader.upn, values: { AMOUNT: "12 €" } });
  await teams.open();
  await tab.create("Invoices");
  await tab.writing.click();
  await page.keyboard.type("You owe [AMOUNT] since [FRSTNAME]");
  await tab.saved();
  const unknown = tab.writing.locator(".unknown");
  await expect(unknown).toHaveText(["[AMOUNT]", "[FRSTNAME]"]);
  await expect(unknown.first()).toHaveAttribute("title", /^No chosen list knows \[AMOUNT\]/);
  await expect(tab.text(/Nobody knows \[FRSTNAME\]\. Did you mean \[FIRSTNAME\]\?/)).toBeVisible();
  const message = tab.frame.getByRole("tab", {
    name: /^Message, something is missing: No chosen list knows \[AMOUNT\]/,
  });
  await message.hover();
  await expect(tab.frame.getByRole("tooltip")).toContainText("No chosen list knows [AMOUNT]");

  await tab.step("Audience");
  await tab.frame.getByRole("combobox", { name: "Lists" }).click();
  await tab.frame.getByRole("menuitemcheckbox", { name: /^Debtors/ }).click();
  await page.keyboard.press("Escape");
  await tab.step("Review");
  await expect(tab.text("One thing is missing before you can send")).toBeVisible();
  await tab.button("Go to Message").click();
  await expect(tab.writing).toBeFocused();
  await expect(unknown).toHaveText(["[FRSTNAME]"]);
  await tab.writing.fill("You owe [AMOUNT], [FIRSTNAME]");
  await expect(tab.frame.getByRole("tab", { name: "Message, complete" })).toBeVisible();
  await tab.step("Review");
  await tab.button("Send now").click();
  await tab.button("Send to 1 person").click();
  await expect(tab.frame.getByRole("img", { name: "Received: 1" })).toBeVisible();
  expect(await herald.sandbox.received(reader, `You owe 12 €, ${reader.givenName}`)).toBe(1);
});

test("hostile and endless texts are named at their field, and what was typed stays", async ({ teams, api }) => {
  const { tab, page } = teams;
  const { id } = await api.create("Short");
  await teams.open();
  await tab.edit("Short");
  const name = tab.field("Name of the campaign");

  await test.step("a name of 10,000 characters", async () => {
    const long = "long ".repeat(2000).trim();
    await name.fill(long);
    await expect(tab.frame.getByText("The name is 9,879 characters too long.", { exact: true })).toBeVisible();
    await expect(tab.text(/^Not saved: The name is too long/)).toBeVisible();
    await tab.step("Review");
    await tab.button("Go to Name of the campaign").click();
    await expect(name).toBeFocused();
    await expect(name).toHaveValue(long);
    await tab.button("All campaigns").click();
    const dialog = tab.dialog("Leave without saving?");
    await expect(dialog).toContainText("The name is too long");
    await dialog.getByRole("button", { name: "Stay here" }).click();
    await name.fill(hostile);
    await tab.saved();
  });

  await test.step("200 KB of text", async () => {
    await tab.step("Message");
    await tab.writing.fill("");
    await tab.writing.click();
    await paste(page, "All work and no play. ".repeat(10_000));
    await expect(tab.text(/^2[01]\d,\d{3} characters too many$/)).toBeVisible();
    const wrong = tab.frame.getByText(/^The text has 2[12]\d,\d{3} characters. 10,000 are the most.$/);
    await expect(wrong).toBeVisible();
    await expect(tab.text(/^Not saved: The text has/)).toBeVisible();
    await tab.step("Audience");
    await tab.button(/^Show$/).click();
    await expect(tab.writing).toBeFocused();
    await expect(tab.text(/^2[01]\d,\d{3} characters too many$/)).toBeVisible();
    await expect(wrong).toBeVisible();
    await tab.writing.fill(hostile);
    await tab.saved();
  });

  await test.step("script is text", async () => {
    await tab.step("Audience");
    await tab.frame.getByRole("radio", { name: /^Chosen people/ }).check();
    const people = tab.frame.getByRole("combobox", { name: "People" });
    await people.click();
    await paste(page, `${hostile};`);
    const refused = tab.text(/is not an e-mail address|are not e-mail addresses/);
    await expect(refused).toBeVisible();
    await tab.step("Time");
    await tab.step("Audience");
    await expect(refused).toBeVisible();
    await tab.step("Review");
    await expect(tab.frame.getByRole("main").getByText(hostile).first()).toBeVisible();
    await expect(tab.preview).toContainText(hostile);
    const saved = await api.send<{ name: string; content: { text: string } }>("GET", `/campaigns/${id}`);
    expect(saved.name).toBe(hostile);
    for (const frame of page.frames()) expect(await frame.evaluate(() => "hurt" in window)).toBe(false);
  });
});

test.describe("changed elsewhere", () => {
  const put = (text: string) => ({
    name: "News",
    format: "message",
    content: { text },
    audience: { all: true },
  });

  test("nothing typed: it is taken over, and says who and when", async ({ teams, api }) => {
    const { tab, page } = teams;
    const { id } = await api.create("News", "message", "One");
    await teams.open();
    await tab.edit("News");
    await expect(tab.writing).toHaveText("One");
    await api.send("PUT", `/campaigns/${id}`, put("Two"), { "If-Match": "1" });
    await comeBack(page);
    await expect(tab.writing).toHaveText("Two");
    await expect(tab.text(/^You changed this elsewhere at \d+:\d\d [AP]M$/)).toBeVisible();
  });

  test("something typed: the author compares and decides", async ({ teams, api }) => {
    const { tab, page } = teams;
    const { id } = await api.create("News", "message", "One");
    await teams.open();
    await tab.edit("News");
    await api.send("PUT", `/campaigns/${id}`, put("Theirs"), { "If-Match": "1" });
    await tab.writing.fill("Mine");
    await tab.button("Compare and decide").click();
    const dialog = tab.dialog("Two versions of this campaign");
    await expect(dialog.getByRole("heading", { name: "Text" })).toBeVisible();
    await expect(dialog.getByRole("definition")).toHaveText(["Mine", "Theirs"]);
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Copy mine into a new draft" }).click();
    await expect(tab.field("Name of the campaign")).toHaveValue("News (copy)");
    await expect(tab.writing).toHaveText("Mine");
    const kept = await api.send<{ content: { text: string } }>("GET", `/campaigns/${id}`);
    expect(kept.content.text).toBe("Theirs");
  });

  test("sent: it says so at once, and what was typed goes on in a new draft", async ({ teams, herald, api }) => {
    const { tab, page } = teams;
    await herald.sandbox.install(3);
    const { id } = await api.create("News", "message", "One");
    await teams.open();
    await tab.edit("News");
    await api.start(id);
    await tab.writing.fill("Too late");
    await expect(tab.text("This campaign has been sent elsewhere")).toBeVisible();
    await expect(tab.button("Show the report")).toBeVisible();
    expect(await axe(page)).toEqual([]);
    await tab.button("Copy mine into a new draft").click();
    await expect(tab.field("Name of the campaign")).toHaveValue("News (copy)");
    await expect(tab.writing).toHaveText("Too late");
    await tab.saved();
  });

  test("deleted: it says so when somebody comes back to it", async ({ teams, api }) => {
    const { tab, page } = teams;
    const { id } = await api.create("News", "message", "One");
    await teams.open();
    await tab.edit("News");
    await api.send("DELETE", `/campaigns/${id}`);
    await comeBack(page);
    await expect(tab.text("This campaign has been deleted elsewhere")).toBeVisible();
    await tab.button("All campaigns").click();
    await expect(tab.text(/^No drafts\./)).toBeVisible();
  });
});
