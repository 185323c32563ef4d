import { readFile } from "node:fs/promises";
import { axe, axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

test("an Admin finds in the audit log who did what, narrows it, and takes it away as a file", async ({
  teams,
  herald,
  api,
}) => {
  const { tab, page } = teams;
  await herald.sandbox.install(3);
  const sent = await api.create("Fire drill");
  await api.start(sent.id);
  await expect.poll(async () => (await api.campaign(sent.id)).status).toBe("completed");
  await api.send("POST", "/lists", { name: "Store managers", columns: [] });
  await teams.open({ as: "Admin" });
  await tab.frame.getByRole("link", { name: "Administration" }).click();
  await tab.frame.getByRole("tab", { name: "Audit log" }).click();
  const lines = tab.frame.getByRole("region", { name: "Audit log" }).getByRole("listitem");
  await expect(lines).toHaveCount(3);
  await expect(lines.first()).toContainText("Amélie Martin");
  await expect(lines.first()).toContainText("List created");
  await expect(lines.first()).toContainText(String((await herald.sandbox.now()).getFullYear()));

  await test.step("search, and take the search back", async () => {
    await tab.frame.getByRole("searchbox", { name: "Search names and details" }).fill("fire");
    await expect(lines).toHaveCount(2);
    await tab.frame.getByRole("searchbox", { name: "Search names and details" }).fill("nobody did this");
    await expect(tab.heading("Nothing fits this search")).toBeVisible();
    await tab.button("Clear search").click();
    await expect(lines).toHaveCount(3);
  });

  await test.step("one kind of action", async () => {
    await tab.frame.getByRole("combobox", { name: "Action" }).selectOption("Campaign sent or scheduled");
    await expect(lines).toHaveCount(1);
    await expect(lines).toContainText("Fire drill");
  });

  await test.step("the file holds what is shown, and that it was taken is noted", async () => {
    const coming = page.waitForEvent("download");
    await tab.button("Download").click();
    const file = await coming;
    expect(file.suggestedFilename()).toBe("Audit-log.csv");
    const text = await readFile(await file.path(), "utf8");
    expect(text).toContain("Fire drill");
    expect(text).not.toContain("Store managers");
    await tab.frame.getByRole("combobox", { name: "Action" }).selectOption("Audit log downloaded");
    await expect(lines).toHaveCount(1);
  });

  await test.step("days before Herald was there have nothing", async () => {
    await tab.frame.getByRole("combobox", { name: "Action" }).selectOption("Everything");
    await expect(lines).toHaveCount(4);
    await tab.frame.getByLabel("To", { exact: true }).fill("2020-01-01");
    await expect(tab.heading("Nothing fits this search")).toBeVisible();
  });
});

for (const width of [1280, 400]) {
  test(`axe finds nothing in administration, ${String(width)} px`, async ({ teams, herald, api }) => {
    const { tab, page } = teams;
    const found: Record<string, string[]> = {};
    const look = async (name: string) => {
      const problems = await (width < 640 ? axe(page) : axeInThemes(teams));
      if (problems.length > 0) found[name] = problems;
      // Nothing may stand out at the side.
      const over = await tab.frame.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
      if (over > 0) found[`${name}, too wide`] = [String(over)];
    };
    await page.setViewportSize({ width: width > 640 ? width + 460 : width, height: 900 });
    await herald.sandbox.install(5);
    const [, , someone] = await herald.sandbox.people();
    if (!someone) throw new Error("the sandbox has too few people");
    await api.create("W".repeat(60), "idea");
    await herald.sandbox.send("PUT", "/api/faults", { entra: "secretExpired" });
    await teams.open({ as: "Admin" });
    await tab.frame.getByRole("link", { name: "Administration" }).click();
    await expect(tab.heading(/problems? to mend/)).toBeVisible();
    await look("health");
    await tab.frame.getByRole("tab", { name: "Audit log" }).click();
    await expect(tab.text("Campaign created").last()).toBeVisible();
    await look("audit");
    await tab.frame.getByRole("searchbox").fill("nobody did this");
    await expect(tab.button("Clear search")).toBeVisible();
    await look("audit, nothing found");
    await tab.frame.getByRole("tab", { name: "People" }).click();
    await expect(tab.text(/^Search for a person/)).toBeVisible();
    await look("people");
    await tab.frame.getByRole("searchbox").fill(someone.displayName);
    await expect(tab.button(someone.displayName)).toBeVisible();
    await look("people, found");
    await tab.button(someone.displayName).click();
    await expect(tab.text(someone.id)).toBeVisible();
    await look("person");
    await tab.button("Forget this person").click();
    await expect(tab.dialog(/^Forget/)).toBeVisible();
    await look("forget");
    expect(found).toEqual({});
  });
}

test("administration by keyboard alone, without losing the focus", async ({ teams, herald }) => {
  const { tab, page } = teams;
  const { keyboard } = page;
  await herald.sandbox.install(5);
  const [, , someone] = await herald.sandbox.people();
  if (!someone) throw new Error("the sandbox has too few people");
  await teams.open({ as: "Admin" });
  /** Tabs on until this has the focus, as somebody who sees where it is does. */
  const tabTo = async (what: ReturnType<typeof tab.button>) => {
    await expect(what).toBeVisible();
    for (let steps = 0; steps < 30; steps++) {
      if (await what.evaluate((element) => element === document.activeElement)) return;
      await keyboard.press("Tab");
    }
    await expect(what).toBeFocused();
  };
  await tabTo(tab.frame.getByRole("link", { name: "Administration" }));
  await keyboard.press("Enter");
  await tabTo(tab.button("Check again"));
  const audit = tab.frame.getByRole("tab", { name: "Audit log" });
  await tabTo(tab.frame.getByRole("tab", { name: "Health" }));
  await keyboard.press("ArrowRight");
  await expect(tab.frame.getByRole("tab", { name: "Install" })).toBeFocused();
  await keyboard.press("ArrowRight");
  await expect(audit).toBeFocused();
  await keyboard.press("Enter");
  await expect(tab.frame.getByRole("region", { name: "Audit log" })).toBeVisible();
  await expect(audit).toBeFocused();
  await tabTo(tab.frame.getByRole("searchbox", { name: "Search names and details" }));
  await keyboard.press("Shift+Tab");
  await expect(audit).toBeFocused();
  await keyboard.press("ArrowRight");
  await keyboard.press("Enter");
  const search = tab.frame.getByRole("searchbox", { name: "Name, address or object id" });
  await expect(search).toBeVisible();
  await tabTo(search);
  await keyboard.type(someone.displayName);
  const row = tab.button(someone.displayName);
  await tabTo(row);
  await keyboard.press("Enter");
  await expect(tab.button("Other people")).toBeFocused();
  await tabTo(tab.button("Forget this person"));
  await keyboard.press("Enter");
  await expect(tab.dialog(/^Forget/).getByRole("textbox")).toBeFocused();
  await keyboard.press("Escape");
  await expect(tab.button("Forget this person")).toBeFocused();
  await keyboard.press("Enter");
  await expect(tab.dialog(/^Forget/).getByRole("textbox")).toBeFocused();
  await keyboard.type(someone.displayName);
  await tabTo(tab.dialog(/^Forget/).getByRole("button", { name: "Forget", exact: true }));
  await keyboard.press("Enter");
  await expect(tab.text(`Herald knows nobody like “${someone.displayName}”.`)).toBeVisible();
  await expect(search).toBeFocused();
});
