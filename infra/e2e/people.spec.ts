import { readFile } from "node:fs/promises";
import { axe } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

test("an admin looks somebody up, downloads what there is, and forgets them", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await herald.sandbox.install(10);
  const [, , , , , leaving] = await herald.sandbox.people();
  if (!leaving) throw new Error("nobody there");
  const { id } = await api.create("Once sent", "message");
  await api.start(id);
  await expect.poll(async () => (await api.campaign(id)).status).toBe("completed");

  await teams.open({ as: "Admin" });
  await tab.frame.getByRole("link", { name: "Administration" }).click();
  await tab.frame.getByRole("tab", { name: "People" }).click();
  await expect(tab.text("Recipients of campaigns are kept for ever.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await tab.frame.getByRole("searchbox", { name: "Name, address or object id" }).fill(leaving.displayName);
  await tab.button(leaving.displayName).click();
  await expect(tab.text("Has the app")).toBeVisible();
  expect(await axe(page)).toEqual([]);

  const coming = page.waitForEvent("download");
  await tab.button("Download all data").click();
  const data = JSON.parse(await readFile(await (await coming).path(), "utf8")) as {
    personId: string;
    deliveries: { campaign: { name: string } }[];
  };
  expect(data.personId).toBe(leaving.id);
  expect(data.deliveries.map((each) => each.campaign.name)).toEqual(["Once sent"]);

  await tab.button("Forget this person").click();
  const dialog = tab.dialog(/^Forget /);
  const forget = dialog.getByRole("button", { name: "Forget", exact: true });
  await expect(forget).toBeDisabled();
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("textbox").fill(leaving.displayName.toLowerCase());
  await forget.click();
  await expect(tab.text(`${leaving.displayName} is forgotten.`).first()).toBeVisible();
  await expect(tab.text(`Herald knows nobody like “${leaving.displayName}”.`)).toBeVisible();
  await expect(tab.text("1 person was forgotten.")).toBeVisible();

  await tab.frame.getByRole("link", { name: "Campaigns" }).click();
  await tab.list("Completed");
  await tab.frame.getByRole("link", { name: "Once sent" }).click();
  await expect(tab.text("Removed person")).toBeVisible();
  await expect(tab.count("Received").first()).toContainText("10");
  await expect(tab.text(leaving.displayName)).toHaveCount(0);
});

test("who has opted out gets what is mandatory, and the author sees it before sending", async ({
  teams,
  herald,
  api,
}) => {
  const { tab } = teams;
  await herald.sandbox.install(10);
  const [, , , , , quiet] = await herald.sandbox.people();
  if (!quiet) throw new Error("nobody there");
  await herald.sandbox.send("POST", `/api/users/${quiet.id}/messages`, { text: "stop" });
  await api.create("Fire drill");
  await teams.open({ chats: [quiet] });
  await tab.edit("Fire drill");
  await tab.step("Audience");
  await expect(tab.text("25 people: 9 will receive it, 1 has opted out, 15 do not have the app")).toBeVisible();
  await tab.frame.getByRole("checkbox", { name: /^Mandatory/ }).check();
  await expect(tab.text("25 people: 10 will receive it, 15 do not have the app")).toBeVisible();
  await tab.saved();
  await tab.step("Review");
  await tab.button("Send now").click();
  await tab.button("Send to 10 people").click();
  await expect(teams.messages(quiet, "Fire drill for")).toBeVisible();
});
