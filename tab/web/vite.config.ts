import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The files of the first load. They are there when a page is asked for, so its list of what to fetch need not name them. */
const first = new Set<string>();

const findFirst: Plugin = {
  name: "herald-first-load",
  enforce: "pre",
  generateBundle(_, bundle) {
    const add = (name: string) => {
      const file = bundle[name];
      if (file?.type !== "chunk" || first.has(name)) return;
      first.add(name);
      for (const each of file.imports) add(each);
    };
    for (const file of Object.values(bundle)) if (file.type === "chunk" && file.isEntry) add(file.fileName);
  },
};

// Herald serves the page under /tab/ (see ../web/embed.go); every asset address starts there.
export default defineConfig({
  base: "/tab/",
  plugins: [findFirst, react()],
  build: {
    outDir: "dist",
    manifest: true,
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, files, { hostType }) =>
        hostType === "js" ? files.filter((each) => !first.has(each)) : files,
    },
    // One file: forty small ones, of what other pages use too, compress worse and are as many requests. What the first page
    // needs of a module is in it, what only other pages need is not, hence no dependencies beside those that are tagged.
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: "first", tags: ["$initial"], includeDependenciesRecursively: false }] },
      },
    },
    target: "es2023",
    sourcemap: false,
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": "http://127.0.0.1:3978",
      "/tab/config.json": "http://127.0.0.1:3978",
      "/assets": "http://127.0.0.1:3978",
    },
  },
  test: {
    // The files of one worker share its modules: loading Fluent for each takes longer than the tests.
    isolate: false,
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    include: ["test/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    unstubGlobals: true,
    // A busy machine renders a whole wizard in more than five seconds.
    testTimeout: 120_000,
  },
});
