import { expect, test } from "./fixtures.ts";

test("a new tenant sees what to do on every list", async ({ teams }) => {
  const { tab, page } = teams;
  await teams.open();
  await expect(page.getByText("Nobody has Herald yet, so campaigns reach nobody.")).toBeVisible();
  await expect(tab.text(/^No drafts\. A campaign starts here/)).toBeVisible();
  await tab.list("Scheduled");
  await expect(tab.text(/^Nothing is waiting\./)).toBeVisible();
  await tab.list("Sending");
  await expect(tab.text(/^Nothing is being sent at the moment\./)).toBeVisible();
  await tab.list("Completed");
  await expect(tab.text(/^No finished campaigns yet\./)).toBeVisible();
});

test("somebody without a role is told who can give one", async ({ teams }) => {
  await teams.visit({ as: "Nobody" });
  await expect(teams.tab.heading("You do not have access to campaigns yet")).toBeVisible();
  await expect(teams.tab.text(/Enterprise applications, Herald, Users and groups/)).toBeVisible();
});

test("outside Teams the page says where it lives", async ({ page, herald }) => {
  await page.goto(`${herald.url}/tab/`);
  await expect(page.getByRole("heading", { name: "Open Herald in Teams" })).toBeVisible();
});

test("in French the page is French", async ({ teams }) => {
  await teams.visit({ lang: "fr" });
  const frame = teams.page.frameLocator("iframe");
  await expect(frame.getByRole("heading", { name: "Campagnes" })).toBeVisible();
  await expect(frame.locator("html")).toHaveAttribute("lang", "fr");
});

test("what could not be saved is not lost silently", async ({ teams, herald, api }) => {
  const { tab } = teams;
  const { id } = await api.create("Half written");
  await teams.open();
  await tab.edit("Half written");
  await expect(tab.text(/^[1-9]\d* characters$/)).toBeVisible(); // what was written before counts, before a key is pressed
  await herald.kill();
  await tab.field("Name of the campaign").fill("Fully written");
  await expect(tab.text(/^Not saved: Herald cannot be reached/)).toBeVisible();
  await tab.button("All campaigns").click();
  const dialog = tab.dialog("Leave without saving?");
  await dialog.getByRole("button", { name: "Stay here" }).click();
  await expect(tab.field("Name of the campaign")).toHaveValue("Fully written");
  await herald.again();
  await tab.button("Save again").click();
  await tab.saved();
  expect((await api.campaign(id)).name).toBe("Fully written");
});

test("leaving without saving is possible, and says what it costs", async ({ teams, herald, api }) => {
  const { tab } = teams;
  await api.create("Half written");
  await teams.open();
  await tab.edit("Half written");
  await herald.kill();
  await tab.field("Name of the campaign").fill("Fully written");
  await tab.button("All campaigns").click();
  const dialog = tab.dialog("Leave without saving?");
  await expect(dialog).toContainText("If you leave now, they are lost.");
  await dialog.getByRole("button", { name: "Leave" }).click();
  await expect(tab.heading("Campaigns")).toBeVisible();
});

test("wrong input is named at its field and nothing of it is saved", async ({ teams, api }) => {
  const { tab } = teams;
  await api.create("Links");
  await teams.open();
  await tab.edit("Links");
  await tab.format("Adaptive card");
  await tab.field("Title").fill("Read more");
  await tab.button("Add a button").click();
  await tab.field("Button 1: label").fill("Open");
  await tab.field("Button 1: address").fill("http://intranet.contoso.example");
  const atField = tab.frame.getByText("The address must begin with https://", { exact: true });
  await expect(atField).toBeVisible();
  await expect(tab.text("Not saved: The address must begin with https://")).toBeVisible();
  await tab.field("Button 1: address").fill("https://intranet.contoso.example");
  await tab.saved();
  await expect(atField).toBeHidden();

  await tab.field("Image address").fill("http://intranet.contoso.example/x.png");
  await expect(atField).toBeVisible();
  await tab.field("Image address").fill("");
  await tab.saved();

  await tab.format("Message");
  await tab.writing.fill("Hello [NICKNAME]");
  await expect(tab.text(/knows \[NICKNAME\]/)).toBeVisible();
  await tab.writing.fill("Hello");
  await tab.saved();

  await tab.step("Audience");
  await tab.frame.getByRole("radio", { name: /^Chosen people/ }).check();
  await tab.frame.getByRole("combobox", { name: "People" }).fill("not an address; someone@contoso.example");
  await expect(tab.text(/not e-mail address|is not an e-mail address/)).toBeVisible();
});

test("an incomplete campaign says what is missing and cannot be sent", async ({ teams }) => {
  const { tab } = teams;
  await teams.open();
  await tab.button("New campaign").first().click();
  const dialog = tab.dialog("New campaign");
  await expect(dialog.getByRole("button", { name: "Create" })).toBeDisabled();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();

  await tab.create("Empty");
  await tab.step("Review");
  await expect(tab.text("2 things are missing before you can send")).toBeVisible();
  await expect(tab.text(/Write a text\./)).toBeVisible();
  await expect(tab.text(/Choose who gets it/)).toBeVisible();
  const send = tab.button("Send now");
  await expect(send).toHaveAttribute("aria-disabled", "true");
  await expect(send).toHaveAttribute("aria-describedby", /.+/); // the reason is loaded with the first control that has one
  await send.hover();
  await expect(tab.frame.getByRole("tooltip", { name: "Complete what is missing first." })).toBeVisible();
  await tab.button("Go to Message").first().click();
  await expect(tab.writing).toBeVisible();
});

test("clone and delete ask with the name", async ({ teams, api }) => {
  const { tab } = teams;
  await api.create("Summer party");
  await teams.open();
  await tab.menu("Summer party", "Clone…");
  const clone = tab.dialog("Clone this campaign");
  await expect(clone.getByRole("textbox", { name: "Name of the copy" })).toHaveValue("Summer party (copy)");
  await clone.getByRole("textbox", { name: "Name of the copy" }).fill("Winter party");
  await clone.getByRole("button", { name: "Clone" }).click();
  await expect(tab.field("Name of the campaign")).toHaveValue("Winter party");
  await expect(tab.writing).toHaveText("Summer party for [FIRSTNAME]");
  await tab.button("All campaigns").click();

  await tab.menu("Summer party", "Delete…");
  const ask = tab.dialog("Delete “Summer party”?");
  await ask.getByRole("button", { name: "Cancel" }).click();
  await expect(tab.row("Summer party")).toBeVisible();
  await tab.menu("Summer party", "Delete…");
  await ask.getByRole("button", { name: "Delete" }).click();
  await expect(tab.row("Summer party")).toBeHidden();
  await expect(tab.row("Winter party")).toBeVisible();
});

test.describe("with many people", () => {
  // Minutes of sending: however slow the machine, it is still going on when the author stops it.
  test.use({ settings: { HERALD_RATE: "1", HERALD_SANDBOX_USERS: "100" } });

  test("stopping asks with the numbers, and the report keeps them", async ({ teams, herald, api }) => {
    const { tab } = teams;
    await herald.sandbox.install(90);
    const { id } = await api.create("Wrong news");
    await api.start(id);
    await teams.visit({ subEntityId: `report/${id}` });
    await expect(tab.text(/^Sending: [1-9]\d* of 100/)).toBeVisible();
    await tab.button("Stop sending").click();
    const dialog = tab.dialog("Stop sending “Wrong news”?");
    await expect(dialog).toContainText(
      /\d+ of 100 people are done\. If you stop now, the other \d+ will not receive it\./,
    );
    await dialog.getByRole("button", { name: "Stop sending" }).click();
    await expect(tab.frame.getByRole("main").getByText("Stopped", { exact: true })).toBeVisible();
    const { counts } = await api.send<{ counts: Record<string, number> }>("GET", `/campaigns/${id}/report`);
    expect(counts.cancelled).toBeGreaterThan(0);
    expect((counts.sent ?? 0) + (counts.cancelled ?? 0) + (counts.skipped ?? 0)).toBe(100);
    await expect(
      tab.frame.getByRole("img", {
        name: new RegExp(`Received: ${String(counts.sent)}\\b.*Stopped before: ${String(counts.cancelled)}`),
      }),
    ).toBeVisible();
  });
});
