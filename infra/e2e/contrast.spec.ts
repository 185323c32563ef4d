import type { Locator } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

test.use({ settings: { HERALD_RATE: "2" } });

/** How something is filled, as far as an eye can tell. */
const looks = (all: Locator): Promise<string[]> =>
  all.evaluateAll((elements) =>
    elements.map((element) => {
      const { backgroundColor, backgroundImage, backgroundSize } = getComputedStyle(element);
      return `${backgroundColor} ${backgroundImage} ${backgroundSize}`;
    }),
  );

test("in high contrast the parts of a report are told apart, and a place keeps its name under the pointer", async ({
  teams,
  herald,
  api,
}) => {
  const { tab } = teams;
  await herald.sandbox.install(20);
  const { id } = await api.create("Fire drill");
  await api.start(id);
  const counts = async () =>
    (await api.send<{ counts: Record<string, number> }>("GET", `/campaigns/${id}/report`)).counts;
  await expect.poll(async () => (await counts())["sent"]).toBeGreaterThan(0);
  await api.send("POST", `/campaigns/${id}/stop`);
  await expect.poll(async () => (await api.campaign(id)).status).toBe("stopped");

  await teams.visit({ theme: "contrast", subEntityId: `report/${id}` });
  const bar = tab.frame.getByRole("img", { name: /Received: \d+, Could not be reached: 5, / });
  await expect(bar).toBeVisible();
  const parts = await looks(bar.locator("> div"));
  expect(parts).toHaveLength(3);
  expect(new Set(parts).size).toBe(3);
  const legend = tab.frame.getByRole("listitem").filter({ hasText: /^\d+(Received|Could not be reached|Stopped)/ });
  expect(await looks(legend.locator("[aria-hidden]"))).toEqual(parts);

  await tab.button("All campaigns").click();
  const lists = tab.frame.getByRole("link", { name: "Lists" });
  await lists.hover();
  const [ground] = await looks(tab.frame.getByRole("navigation", { name: "Herald" }));
  await expect(lists).toBeVisible();
  const ink = await lists.evaluate((element) => getComputedStyle(element).color);
  expect(ground?.startsWith(ink)).toBe(false);
});
