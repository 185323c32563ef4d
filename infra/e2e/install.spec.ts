import type { FrameLocator, Locator } from "@playwright/test";
import { axe, axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

for (const width of [1280, 400]) {
  test(`an Admin installs the app for an audience, ${String(width)} px`, async ({ teams, herald }, info) => {
    const { tab, page } = teams;
    const small = width < 640;
    await page.setViewportSize({ width: small ? width : width + 460, height: 1000 });
    const look = () => (small ? axeInThemes(teams, ["dark"]) : axeInThemes(teams));
    const picture = (name: string) => page.screenshot({ path: info.outputPath(`${name}.png`), fullPage: true });
    await herald.sandbox.install(5);
    const people = await herald.sandbox.people();
    const blocked = people.find((each) => !each.installed);
    await herald.sandbox.send("PUT", `/api/users/${blocked?.id ?? ""}/refusals`, {
      refusals: [{ status: 403, code: "Forbidden", operation: "install" }],
    });
    await herald.sandbox.send("PUT", "/api/faults", { installCallback: "4s" });
    await teams.open({ as: "Admin" });
    await tab.frame.getByRole("link", { name: "Administration" }).click();
    await tab.frame.getByRole("tab", { name: "Install app" }).click();
    await expect(tab.heading("The app was not installed for anybody from here yet")).toBeVisible();
    await expect(tab.text("Choose for whom, and you see how many do not have the app.")).toBeVisible();
    await picture("empty");
    expect(await look(), "of the empty page").toEqual([]);

    await tab.frame.getByRole("radio", { name: /^All users/ }).click();
    await expect(tab.text(/people: 5 have the app, \d+ never had it/)).toBeVisible();
    await picture("preview");
    const start = tab.frame.getByRole("button", { name: /^Install for \d+ people$/ });
    await start.click();
    await picture("confirm");
    await tab.frame.getByRole("dialog").getByRole("button", { name: "Install" }).click();
    await expect(tab.text("Waiting for Teams to call back").first()).toBeVisible();
    await expect(tab.frame.getByRole("term").filter({ hasText: "Waiting for Teams to call back" })).toBeVisible();
    await picture("waiting");

    await test.step("everybody but one can be reached once Teams has called", async () => {
      await expect(tab.text("A Teams policy does not let this person have the app")).toBeVisible();
      await expect(fact(tab.frame, "Waiting for Teams to call back")).toHaveText("0");
      await expect(fact(tab.frame, "Not installed")).toHaveText("1");
      await expect(fact(tab.frame, "Can be reached")).toHaveText(String(people.length - 6));
      await expect(tab.text("Done").first()).toBeVisible();
      await expect(tab.text("The app is being installed.")).toBeHidden(); // the notice
      await picture("done");
      expect(await look(), "when it is done").toEqual([]);
    });
    const after = await herald.sandbox.people();
    expect(after.filter((each) => !each.installed).map((each) => each.id)).toEqual([blocked?.id]);
  });
}

test("what is missing is told with what to do, and nothing can be started", async ({ teams, herald }, info) => {
  const { tab, page } = teams;
  await herald.sandbox.install(1);
  await herald.sandbox.send("PUT", "/api/permissions", { "TeamsAppInstallation.ReadWriteSelfForUser.All": false });
  await herald.sandbox.send("PUT", "/api/faults", { appUnpublished: true });
  await teams.open({ as: "Admin" });
  await tab.frame.getByRole("link", { name: "Administration" }).click();
  await tab.frame.getByRole("tab", { name: "Install app" }).click();
  await expect(tab.text("Herald is not in your organisation’s app catalogue")).toBeVisible();
  await expect(tab.text(/add the application permission TeamsAppInstallation.ReadWriteSelfForUser.All/)).toBeVisible();
  await tab.frame.getByRole("radio", { name: /^All users/ }).click();
  await expect(tab.frame.getByRole("button", { name: /^Install for \d+ people$/ })).toBeDisabled();
  await page.screenshot({ path: info.outputPath("obstacles.png"), fullPage: true });
  expect(await axe(page)).toEqual([]);
});

/** The number beside a term. */
function fact(frame: FrameLocator, term: string): Locator {
  return frame.getByRole("term").filter({ hasText: term }).locator("xpath=following-sibling::dd");
}

test("from the review of a campaign to its people, who get it then", async ({ teams, herald, api }) => {
  const { tab } = teams;
  await herald.sandbox.install(3);
  const people = await herald.sandbox.people();
  const stranger = people.find((each) => !each.installed);
  const campaign = await api.create("Fire drill");
  await teams.open({ as: "Admin" });
  await tab.edit("Fire drill");
  await tab.step("Review");
  await tab.button("Install the app for those who do not have it").click();
  await expect(tab.frame.getByRole("radio", { name: /^All users/ })).toBeChecked();
  await tab.button(`Install for ${String(people.length - 3)} people`).click();
  await tab.dialog().getByRole("button", { name: "Install" }).click();
  await expect(fact(tab.frame, "Can be reached")).toHaveText(String(people.length - 3));
  await api.start(campaign.id);
  await expect(async () => {
    if (!stranger) throw new Error("everybody has the app");
    expect(await herald.sandbox.received(stranger, "Fire drill for")).toBe(1);
  }).toPass();
});

test("an author is told who can have the app installed", async ({ teams, herald, api }) => {
  const { tab } = teams;
  await herald.sandbox.install(3);
  await api.create("Fire drill");
  await teams.open({ as: "Author" });
  await tab.edit("Fire drill");
  await tab.step("Review");
  await expect(tab.text("An administrator of Herald can install the app for people who do not have it.")).toBeVisible();
  await expect(tab.button("Install the app for those who do not have it")).toHaveCount(0);
});
