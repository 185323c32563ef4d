import type { FrameLocator, Locator } from "@playwright/test";
import { axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

/** The number beside a term. */
function fact(frame: FrameLocator, term: string): Locator {
  return frame.getByRole("term").filter({ hasText: term }).locator("xpath=following-sibling::dd");
}

for (const width of [1280, 400]) {
  test(`who has the app, and of whom Teams never told, ${String(width)} px`, async ({ teams, herald }, info) => {
    const { tab, page } = teams;
    const small = width < 640;
    const picture = (name: string) => page.screenshot({ path: info.outputPath(`${name}.png`), fullPage: true });
    await page.setViewportSize({ width: small ? width : width + 460, height: 1000 });
    await herald.sandbox.install(3);
    await herald.sandbox.send("PUT", "/api/faults", { installLost: true });
    await herald.sandbox.install(6);
    const people = await herald.sandbox.people();
    const chatless = people[4];
    const others = people.length - 4;
    await herald.sandbox.send("PUT", `/api/users/${chatless?.id ?? ""}/refusals`, {
      refusals: [{ status: 404, code: "NotFound", operation: "chat" }],
    });
    await teams.open({ as: "Admin" });
    await tab.frame.getByRole("link", { name: "Administration" }).click();
    await tab.frame.getByRole("tab", { name: "Install app" }).click();
    await tab.frame.getByRole("radio", { name: /^All users/ }).click();
    await tab.button(/^Install for \d+ people$/).click();
    await tab.dialog().getByRole("button", { name: "Install" }).click();

    await test.step("those who had it are found at once, the others when Teams has had its minutes", async () => {
      await expect(fact(tab.frame, "Can be reached")).toHaveText("2");
      await expect(tab.text(/Herald looks for their chat itself/)).toBeVisible();
      await expect(tab.text("Done").first()).toBeVisible();
      await picture("waiting");
      await herald.sandbox.advance("3m");
      await expect(fact(tab.frame, "Can be reached")).toHaveText(String(others));
    });

    await test.step("who is not found is said to be, with what helps", async () => {
      await expect(async () => {
        await herald.sandbox.advance("70m"); // the last tries
        await expect(fact(tab.frame, "Cannot be reached yet")).toHaveText("1", { timeout: 4_000 });
      }).toPass();
      await expect(fact(tab.frame, "Waiting for Teams to call back")).toHaveText("0");
      await expect(tab.text(chatless?.displayName ?? "").first()).toBeVisible();
      await expect(tab.text(/ask them to open Herald in Teams and write it a word/)).toBeVisible();
      await picture("done");
      expect(await axeInThemes(teams, small ? ["dark"] : undefined)).toEqual([]);
    });

    await test.step("the audit log says for how many people it was", async () => {
      await tab.frame.getByRole("tab", { name: "Audit log" }).click();
      await expect(tab.text(`For ${String(people.length - 3)} people`)).toBeVisible();
      await picture("audit");
    });

    await test.step("a word of theirs is enough", async () => {
      await herald.sandbox.send("POST", `/api/users/${chatless?.id ?? ""}/messages`, { text: "hello" });
      await tab.frame.getByRole("tab", { name: "Install app" }).click();
      await tab.frame
        .getByRole("button", { name: /All users/ })
        .first()
        .click();
      await expect(fact(tab.frame, "Can be reached")).toHaveText(String(others + 1));
      await expect(fact(tab.frame, "Cannot be reached yet")).toHaveCount(0);
    });
  });
}
