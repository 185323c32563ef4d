import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Returns when nothing fades or slides any more: on its way, a page has colours and parts that it never has at rest. */
async function atRest(page: Page): Promise<void> {
  for (const frame of page.frames()) {
    await frame.evaluate(async () => {
      const finite = () =>
        document
          .getAnimations()
          .filter(
            (a) => a.playState === "running" && a.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY,
          );
      for (let moving = finite(); moving.length > 0; moving = finite()) {
        await Promise.allSettled(moving.map((a) => a.finished));
      }
    });
  }
}

/** What axe has against the tab, or against the whole page with it, in words that fit on a screen. */
export async function axe(page: Page, whole = false): Promise<string[]> {
  await atRest(page);
  const builder = new AxeBuilder({ page });
  if (!whole) builder.include("iframe");
  const { violations } = await builder
    // Fluent's focus sentinels are meant to be met by the keyboard only, for a blink.
    .exclude("[data-tabster-dummy]")
    .exclude(["iframe", "[data-tabster-dummy]"])
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.html.slice(0, 200)}`),
  );
}
