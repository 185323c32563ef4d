import { AxeBuilder } from "@axe-core/playwright";
import type { Frame, Page } from "@playwright/test";
import axeCore from "axe-core";
import type { Teams, Theme } from "./Teams.ts";

// Fluent's focus sentinels are meant to be met by the keyboard only, for a blink.
const sentinels = "[data-tabster-dummy]";

/** The rules whose answer depends on colours. */
const colourRules = ["color-contrast", "link-in-text-block"];

/** Returns when nothing fades or slides any more: on its way, a page has colours and parts that it never has at rest. */
export async function atRest(...frames: Frame[]): Promise<void> {
  for (const frame of frames) {
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

/** The tab's frame, with axe in it: over all frames, through a page of its own, one question takes six times as long. */
async function tabOf(page: Page): Promise<Frame> {
  const frame = await (await page.locator("iframe").elementHandle())?.contentFrame();
  if (!frame) throw new Error("there is no tab");
  if (!(await frame.evaluate(() => "axe" in window))) await frame.evaluate(axeCore.source);
  return frame;
}

async function ask(tab: Frame, rules: axeCore.RunOptions): Promise<string[]> {
  await atRest(tab);
  const violations = await tab.evaluate(
    async ([exclude, options]) => {
      const { axe } = window as unknown as { axe: typeof axeCore };
      return (await axe.run({ exclude: [exclude] }, options)).violations;
    },
    [sentinels, { ...rules, resultTypes: ["violations"] } satisfies axeCore.RunOptions] as const,
  );
  return inWords(violations);
}

// What opens over the page stands outside of its landmarks; and all of the tab is within one of Teams'.
const allRules: axeCore.RunOptions = { rules: { region: { enabled: false } } };

/** What axe has against the tab, as it is. */
export async function axe(page: Page): Promise<string[]> {
  return ask(await tabOf(page), allRules);
}

/**
 * What axe has against the tab in each of Teams' themes, one after the other while it is open. A theme changes colours
 * only, so what does not depend on them is asked in the first.
 */
export async function axeInThemes(teams: Teams, others: Theme[] = ["dark", "contrast"]): Promise<string[]> {
  const tab = await tabOf(teams.page);
  const found = await ask(tab, allRules);
  for (const theme of others) {
    await teams.theme(theme);
    const more = await ask(tab, { runOnly: colourRules });
    found.push(...more.map((each) => `${theme}: ${each}`));
  }
  await teams.theme("default");
  return found;
}

/** What axe has against the whole page, which is Teams' with the tab in it. */
export async function axeOfAll(page: Page): Promise<string[]> {
  await atRest(...page.frames());
  const { violations } = await new AxeBuilder({ page }).exclude(sentinels).exclude(["iframe", sentinels]).analyze();
  return inWords(violations);
}
