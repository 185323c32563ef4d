import { axe, axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

for (const width of [1280, 400]) {
  test(`an Admin sees what is wrong and what to do, ${String(width)} px`, async ({ teams, herald }, info) => {
    const { tab, page } = teams;
    const small = width < 640;
    await page.setViewportSize({ width: small ? width : width + 460, height: 1000 });
    const look = () => (small ? axeInThemes(teams, ["contrast"]) : axeInThemes(teams));
    await herald.sandbox.install(20);
    await herald.sandbox.send("PUT", "/api/permissions", { "Presence.Read.All": false });
    await teams.open({ as: "Admin" });
    await tab.frame.getByRole("link", { name: "Administration" }).click();
    await expect(tab.heading("Administration")).toBeVisible();
    await expect(tab.heading("1 thing to look at")).toBeVisible();
    await expect(tab.text(/The optional permission Presence.Read.All is missing/)).toBeVisible();
    await expect(tab.text("People with the app: 20.")).toBeVisible();
    await page.screenshot({ path: info.outputPath("health.png"), fullPage: true });
    expect(await look(), "of the page as it is").toEqual([]);

    await test.step("what goes wrong afterwards is told at the next look", async () => {
      await herald.sandbox.send("PUT", "/api/faults", { entra: "secretExpired" });
      // One look serves all who ask within three seconds.
      await expect(async () => {
        await tab.button("Check again").click();
        await expect(tab.text(/The client secret has expired/).first()).toBeVisible({ timeout: 2000 });
      }).toPass();
      await expect(tab.heading(/problems? to mend/)).toBeVisible();
      await page.screenshot({ path: info.outputPath("problem.png"), fullPage: true });
      expect(await look(), "of problems").toEqual([]);
      await herald.sandbox.send("PUT", "/api/faults", {});
    });

    await test.step("the package comes as a file", async () => {
      const coming = page.waitForEvent("download");
      await tab.button("Download app package").click();
      expect((await coming).suggestedFilename()).toBe("Herald-app-package.zip");
    });
  });
}

test("others neither find administration nor open one of its pages", async ({ teams, herald }) => {
  const { tab, page } = teams;
  await herald.sandbox.install(1);
  await teams.open({ as: "Author" });
  await expect(tab.button("New campaign").first()).toBeVisible();
  await expect(tab.frame.getByRole("link", { name: "Lists" })).toBeVisible();
  await expect(tab.frame.getByRole("link", { name: "Administration" })).toHaveCount(0);
  const open = (path: string) =>
    tab.frame.locator("html").evaluate((_, to) => {
      history.pushState({ index: 1 }, "", to);
      dispatchEvent(new PopStateEvent("popstate"));
    }, path);
  await open("/tab/admin/audit");
  await expect(tab.heading("Only an Admin can open this page")).toBeVisible();
  await expect(tab.frame.getByRole("searchbox")).toHaveCount(0);
  await open("/tab/");
  await expect(tab.heading("Campaigns")).toBeVisible();
  await open("/tab/admin/health");
  await expect(tab.heading("Only an Admin can open this page")).toBeVisible();
  expect(await axe(page)).toEqual([]);
});
