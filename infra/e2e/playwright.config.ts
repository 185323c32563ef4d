import { defineConfig } from "@playwright/test";

/** Debian's browser; no tool here may download one. Nothing but this machine can be reached from its pages. */
const launchOptions = {
  executablePath: "/usr/bin/chromium",
  args: [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
  ],
};

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  workers: 3, // for two cores: a test waits for a third of its time
  retries: 0,
  forbidOnly: true,
  reporter: [["list"]],
  // Limits only end what hangs; a busy machine is slow, and nothing is measured by them.
  timeout: 600_000,
  expect: { timeout: 90_000 },
  use: {
    launchOptions,
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "Europe/Paris",
    // Dialogs and menus are there at once: nothing here tests how they move.
    contextOptions: { reducedMotion: "reduce" },
    actionTimeout: 90_000,
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "tests", testMatch: "*.spec.ts" },
    { name: "bench", testMatch: "*.bench.ts", workers: 1 },
    { name: "screenshots", testMatch: "screenshots.ts", workers: 1 },
  ],
});
