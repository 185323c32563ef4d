import { test, expect } from "./fixtures.ts";
test("look", async ({ teams, herald, api }) => {
  test.setTimeout(300000);
  const { tab, page } = teams; const F = page.frameLocator("iframe");
  await herald.sandbox.install(20);
  const draft = await api.create("Winter hours");
  await teams.open();
  await tab.edit("Winter hours");
  await tab.step("Time");
  await tab.frame.getByRole("radio", { name: /^Over several days/ }).check();
  await expect(tab.text(/^20 people between/)).toBeVisible();
  await tab.saved();
  const shot = async (name: string) => {
    await page.mouse.move(0, 0);
    await page.screenshot({ path: `/tmp/ttab-look/${name}.png`, animations: "disabled" });
  };

});
