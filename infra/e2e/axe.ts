import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import axeCore from "axe-core";
import type { Teams } from "./Teams.ts";

// Fluent's focus sentinels are meant to be met by the keyboard only, for a blink.
const sentinels = "[data-tabster-dummy]";

/** The rules whose answer depends on colours. */
const colourRules = ["color-contrast", "link-in-text-block"];

/** Returns when nothing fades or slides any more: on its way, a page has colours and parts that it never has at rest. */
export async function atRest(page: Page): Promise<void> {
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

/** In words that fit on a screen. */
function inWords(violations: axeCore.Result[]): string[] {
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.html.slice(0, 200)}`),
  );
}

/** Asks within the tab's own frame: over all frames, through a page of its own, one question takes six times as long. */
async function ask(page: Page, rules: axeCore.RunOptions): Promise<string[]> {
  const frame = await (await page.locator("iframe").elementHandle())?.contentFrame();
  if (!frame) throw new Error("there is no tab");
  await atRest(page);
  if (!(await frame.evaluate(() => "axe" in window))) await frame.evaluate(axeCore.source);
  const violations = await frame.evaluate(
    async ([exclude, options]) => {
      const { axe } = window as unknown as { axe: typeof axeCore };
      return (await axe.run({ exclude: [exclude] }, options)).violations;
    },
    [sentinels, { ...rules, resultTypes: ["violations"] } satisfies axeCore.RunOptions] as const,
  );
  return inWords(violations);
}

/** What axe has against the tab, as it is. */
export function axe(page: Page): Promise<string[]> {
  // What opens over the page stands outside of its landmarks; and all of the tab is within one of Teams'.
  return ask(page, { rules: { region: { enabled: false } } });
}

/**
 * What axe has against the tab in each of Teams' themes, one after the other while it is open. A theme changes colours
 * only, so what does not depend on them is asked in the first.
 */
export async function axeInThemes(teams: Teams): Promise<string[]> {
  const found = await axe(teams.page);
  for (const theme of ["dark", "contrast"] as const) {
    await teams.theme(theme);
    const more = await ask(teams.page, { runOnly: colourRules });
    found.push(...more.map((each) => `${theme}: ${each}`));
  }
  await teams.theme("default");
  return found;
}

/** What axe has against the whole page, which is Teams' with the tab in it. */
export async function axeOfAll(page: Page): Promise<string[]> {
  await atRest(page);
  const { violations } = await new AxeBuilder({ page }).exclude(sentinels).exclude(["iframe", sentinels]).analyze();
  return inWords(violations);
}
