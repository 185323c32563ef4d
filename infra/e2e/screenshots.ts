import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "./fixtures.ts";

// The pictures of the README, taken from the real program: npm run screenshots.
const folder = resolve(import.meta.dirname, "../../docs/screenshots");

test.beforeAll(async () => {
  await mkdir(folder, { recursive: true });
});

test("the whole story", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await herald.sandbox.install(20);
  const people = await herald.sandbox.people();
  const reader = people[3];
  if (!reader) throw new Error("the sandbox has too few people");
  const { id } = await api.create(
    "Office closed on Friday",
    "important",
    "Hello [FIRSTNAME], the office stays **closed on Friday**. Please take your laptop home.",
  );
  await api.start(id);
  await expect.poll(async () => (await api.campaign(id)).status).toBe("completed");
  await teams.visit({ chats: [reader], subEntityId: `report/${id}` });
  await expect(tab.heading("Office closed on Friday")).toBeVisible();
  await expect(tab.frame.getByRole("img", { name: "Received: 20, Could not be reached: 5" })).toBeVisible();
  await expect(teams.messages(reader, `Hello ${reader.givenName}`)).toHaveCount(1);
  await page.screenshot({ path: resolve(folder, "story.png"), animations: "disabled" });
});

for (const theme of ["default", "dark"] as const) {
  for (const width of [1280, 400]) {
    test(`the pages, ${theme}, ${String(width)} px`, async ({ teams, herald, api }) => {
      const { tab, page } = teams;
      const shot = async (name: string) => {
        const look = theme === "dark" ? "dark" : "light";
        await page.mouse.move(0, 0);
        await page
          .locator("iframe")
          .screenshot({ path: resolve(folder, `${name}-${String(width)}-${look}.png`), animations: "disabled" });
      };
      // So much wider that the frame itself is about that wide.
      await page.setViewportSize(width > 640 ? { width: width + 460, height: 1100 } : { width, height: 900 });
      await herald.sandbox.install(20);
      const sent = await api.create(
        "Office closed on Friday",
        "important",
        "Hello [FIRSTNAME], the office stays closed.",
      );
      await api.start(sent.id);
      await api.create("Bring your idea", "idea", "Hello [FIRSTNAME], what should we try next?");
      await api.create("Thank you all", "success");
      await expect.poll(async () => (await api.campaign(sent.id)).status).toBe("completed");
      const columns = [{ name: "STORE", label: "Store", type: "text" }];
      const list = await api.send<{ id: string }>("POST", "/lists", { name: "Store managers", columns });
      for (const [index, { upn }] of (await herald.sandbox.people()).slice(14, 24).entries()) {
        const values = { STORE: `Paris ${String(index + 1)}` };
        await api.send("POST", `/lists/${list.id}/members`, { email: upn, values });
      }
      await teams.open({ theme });
      await expect(tab.frame.getByRole("link", { name: "Bring your idea" })).toBeVisible();
      await shot("home");
      await tab.edit("Bring your idea");
      await expect(tab.writing).toBeVisible();
      if (width > 640) await expect(tab.preview).toContainText("what should we try next?");
      await shot("editor");
      await tab.step("Audience");
      await expect(tab.text("25 people: 20 will receive it, 5 do not have the app")).toBeVisible();
      await shot("audience");
      await tab.step("Time");
      await tab.frame.getByRole("radio", { name: /^Later/ }).check();
      await expect(tab.text(/^It will be sent on/)).toBeVisible();
      await shot("time");
      await tab.frame.getByRole("radio", { name: /^Now/ }).check();
      await tab.step("Review");
      await expect(tab.button("Send now")).toBeEnabled();
      await shot("review");
      await tab.button("All campaigns").click();
      await tab.list("Completed");
      await tab.frame.getByRole("link", { name: "Office closed on Friday" }).click();
      await expect(tab.text("They do not have the app").first()).toBeVisible();
      await shot("report");
      await tab.button("All campaigns").click();
      await tab.frame.getByRole("link", { name: "Lists" }).click();
      await expect(tab.frame.getByRole("link", { name: "Store managers" })).toBeVisible();
      await shot("lists");
      await tab.frame.getByRole("link", { name: "Store managers" }).click();
      await expect(tab.text("10 people, 6 with the app")).toBeVisible();
      await shot("list");
    });
  }
}
