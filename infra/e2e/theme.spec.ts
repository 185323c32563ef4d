import type { Locator } from "@playwright/test";
import { atRest, axeOfAll } from "./axe.ts";
import { expect, test } from "./fixtures.ts";
import type { Theme } from "./Teams.ts";

// The other looks at themes change them in the open tab. That says something only if it is as good as a start in them.
const themes = ["dark", "contrast"] as const;

/** Every colour that can be seen, with what it belongs to. */
function colours(body: Locator): Promise<string[]> {
  return body.evaluate((element) => {
    const sides = ["top", "right", "bottom", "left"].map((side) => `border-${side}-color`);
    const names = ["color", "background-color", "background-image", "fill", "stroke", "box-shadow", ...sides];
    return [...element.querySelectorAll("*")]
      .filter((each) => each.checkVisibility() && !each.matches("[data-tabster-dummy]"))
      .flatMap((each) =>
        [undefined, "::before", "::after"].map((part) => {
          const style = getComputedStyle(each, part);
          const name = `${each.tagName}${part ?? ""} ${each.getAttribute("aria-label") ?? each.textContent.replace(/\d+/g, "#").slice(0, 20)}`; // the clock goes on
          return `${name}: ${names.map((property) => style.getPropertyValue(property)).join(" ")}`;
        }),
      );
  });
}

test("a theme that the open tab is told looks as if the tab had started in it", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await page.setViewportSize({ width: 1920, height: 1000 }); // room for the preview
  await herald.sandbox.install(20);
  const written = await api.create("Being written", "idea");
  const sent = await api.create("Already sent", "important");
  await api.start(sent.id);
  await expect.poll(async () => (await api.campaign(sent.id)).status).toBe("completed");
  const body = tab.frame.locator("body");
  for (const [subEntityId, ...parts] of [
    [`campaign/${written.id}`, tab.writing, tab.button("Bold"), tab.preview.getByText("Being written for")],
    [
      `report/${sent.id}`,
      tab.text("They do not have the app").first(),
      tab.heading("When it was sent"),
      tab.text(/^Sent (at|between) /),
    ],
  ] as const) {
    const visit = async (theme: Theme) => {
      await teams.visit({ subEntityId, theme });
      for (const part of parts) await expect(part).toBeVisible();
      await atRest(...page.frames());
    };
    await visit("default");
    const told = new Map<Theme, string[]>();
    for (const theme of themes) {
      await teams.theme(theme);
      await atRest(...page.frames());
      told.set(theme, await colours(body));
    }
    expect(told.get("dark")).not.toEqual(told.get("contrast"));
    for (const theme of themes) {
      await visit(theme);
      const started = await colours(body);
      const other = (told.get(theme) ?? []).filter((each, index) => each !== started[index]);
      expect(other.slice(0, 5), `${subEntityId}, ${theme}`).toEqual([]);
      expect(started).toHaveLength(told.get(theme)?.length ?? 0);
    }
  }
});

test("Teams with the tab in it is for everybody, in the theme chosen in its title bar", async ({
  teams,
  herald,
  api,
}) => {
  const { tab, page } = teams;
  await page.setViewportSize({ width: 1280, height: 900 });
  await herald.sandbox.install(20);
  const sent = await api.create("Already sent", "important");
  await api.start(sent.id);
  await api.create("Being written", "idea");
  await expect.poll(async () => (await api.campaign(sent.id)).status).toBe("completed");
  await teams.open();
  await expect(tab.frame.getByRole("link", { name: "Being written" })).toBeVisible();
  expect(await axeOfAll(page)).toEqual([]);
  for (const [name, theme] of [
    ["Dark", "dark"],
    ["High contrast", "contrast"],
  ] as const) {
    await page.getByRole("button", { name: /^Theme: / }).click();
    await page.getByRole("menuitemradio", { name, exact: true }).click();
    await teams.shows(theme);
    await page.mouse.move(640, 450);
    expect(await axeOfAll(page), name).toEqual([]);
  }

  await page.setViewportSize({ width: 400, height: 900 });
  await teams.open();
  await expect(tab.frame.getByRole("link", { name: "Being written" })).toBeVisible();
  expect(await axeOfAll(page)).toEqual([]);
  await page.getByRole("tab", { name: "Chats" }).click();
  await expect(page.getByRole("log").getByText("Already sent for").first()).toBeVisible();
  expect(await axeOfAll(page)).toEqual([]);
});
