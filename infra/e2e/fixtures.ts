import { test as base } from "@playwright/test";
import { Api } from "./Api.ts";
import { Herald } from "./Herald.ts";
import { Teams } from "./Teams.ts";

interface Fixtures {
  /** Settings of this file's Heralds, such as HERALD_RATE. */
  settings: Record<string, string>;
  /** A Herald of this test's own with its own cloud. */
  herald: Herald;
  /** Herald's API as the author. */
  api: Api;
  teams: Teams;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  herald: async ({ settings }, use, info) => {
    const herald = await Herald.start(settings);
    try {
      await use(herald);
    } finally {
      await herald.end();
      if (info.status !== info.expectedStatus) await info.attach("log", { body: herald.log });
    }
  },
  api: async ({ herald }, use) => {
    await use(new Api(herald));
  },
  teams: async ({ herald, page }, use) => {
    // A page that throws or that its own content policy stops is broken, even where nobody sees it.
    const broken: string[] = [];
    page.on("pageerror", (error) => broken.push(String(error)));
    page.on("console", (message) => {
      // What the page tells of itself, not what the browser tells of an answer: React, too, puts what a boundary caught there.
      const text = message.text();
      if (message.type() === "error" && !text.startsWith("Failed to load resource")) broken.push(text);
      if (/Content Security Policy/.test(text)) broken.push(text);
    });
    await use(new Teams(page, herald));
    base.expect(broken, "errors in the pages").toEqual([]);
  },
});

export { expect } from "@playwright/test";
