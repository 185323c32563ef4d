import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** What axe has against the tab, or against the whole page with it, in words that fit on a screen. */
export async function axe(page: Page, whole = false): Promise<string[]> {
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
