import { expect, test } from "./fixtures.ts";
import type { Herald } from "./Herald.ts";
import type { Person } from "./Sandbox.ts";

test.use({ settings: { HERALD_APPROVAL_ABOVE: "5" }, viewport: { width: 1920, height: 1000 } });

async function withRole(herald: Herald, role: string): Promise<Person> {
  const person = (await herald.sandbox.people()).find((each) => each.roles.includes(role));
  if (!person) throw new Error(`the sandbox has no ${role}`);
  return person;
}

test("a campaign above the limit waits, the Publisher approves it in the chat, and people get it", async ({
  teams,
  herald,
  api,
}) => {
  const { tab } = teams;
  await herald.sandbox.install(25);
  const [author, publisher] = [await withRole(herald, "Author"), await withRole(herald, "Publisher")];
  await api.create("Town hall", "idea", "Town hall for [FIRSTNAME]");
  // The bot knows a Publisher's role from the tab.
  await teams.open({ as: "Publisher" });

  await teams.open({ as: "Author", chats: [author, publisher] });
  await tab.edit("Town hall");
  await tab.step("Review");
  await tab.button("Send now").click();
  await tab.button("Send to 25 people").click();
  await expect(tab.text(/“Town hall” waits for approval/).first()).toBeVisible();
  // This Publisher reads French.
  const card = teams.messages(publisher, "Demandée par");
  await expect(card).toContainText(author.displayName);
  await expect(card).toContainText("25");
  await expect(teams.messages(publisher, "Town hall for")).toHaveCount(0);

  await test.step("the author may look and withdraw, and is told why not to decide", async () => {
    await tab.frame.getByRole("link", { name: "Town hall" }).click();
    await expect(tab.text(/^You asked on .* to send this to 25 people/)).toBeVisible();
    await expect(tab.button("Withdraw and edit")).toBeVisible();
    await tab.button("Approve").hover();
    await expect(tab.frame.getByRole("tooltip")).toHaveText("Only a Publisher or an Admin can decide.");
  });

  await card.getByRole("textbox").fill("Well written");
  await card.getByRole("button", { name: "Approuver" }).click();
  await expect(teams.messages(publisher, "Town hall for")).toHaveCount(1);
  await expect(teams.messages(publisher, "Demandée par").getByRole("button", { name: "Approuver" })).toHaveCount(0);
  await expect(teams.messages(author, `${publisher.displayName} approved the campaign “Town hall”`)).toContainText(
    "Well written",
  );
  await teams.open({ as: "Author" });
  await tab.list("Completed");
  await tab.frame.getByRole("link", { name: "Town hall" }).click();
  await expect(tab.frame.getByRole("img", { name: "Received: 25" })).toBeVisible();
});

test("the Publisher rejects with a comment in the tab, and the author sees it over the draft and in the chat", async ({
  teams,
  herald,
  api,
}) => {
  const { tab } = teams;
  await herald.sandbox.install(25);
  const [author, publisher] = [await withRole(herald, "Author"), await withRole(herald, "Publisher")];
  const { id } = await api.create("Town hall");
  await api.start(id);
  expect((await api.campaign(id)).status).toBe("draft");

  await teams.open({ as: "Publisher", chats: [author] });
  await expect(tab.row("Town hall")).toContainText("Waits for approval");
  await tab.frame.getByRole("link", { name: "Town hall" }).click();
  await expect(tab.text(new RegExp(`^${author.displayName} asked on .* to send this to 25 people`))).toBeVisible();
  await tab.button("Reject").click();
  const dialog = tab.dialog("Reject “Town hall”?");
  await dialog.getByRole("textbox", { name: /^Comment/ }).fill("Say where it is.");
  await dialog.getByRole("button", { name: "Reject" }).click();
  await expect(tab.text("“Town hall” is rejected.").first()).toBeVisible();
  await expect(tab.row("Town hall")).toContainText("Draft");
  await expect(teams.messages(author, `${publisher.displayName} rejected the campaign “Town hall”`)).toContainText(
    "Say where it is.",
  );

  await teams.open({ as: "Author" });
  await tab.edit("Town hall");
  await expect(tab.text(`${publisher.displayName} rejected this campaign: “Say where it is.”`)).toBeVisible();
  await expect(tab.writing).toBeVisible();
});
