import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    target: "es2022",
    // A developer's page: Fluent in one chunk is fine, the cards renderer comes on demand.
    chunkSizeWarningLimit: 1200,
  },
  server: {
    // `npm run dev` beside a running `herald sandbox`.
    proxy: { "/api": "http://127.0.0.1:3979" },
  },
  test: {
    // The files of one worker share its modules: loading Fluent for each takes longer than the tests.
    isolate: false,
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    // Its package says CommonJS and holds modules: Node alone cannot load it.
    server: { deps: { inline: ["adaptivecards", "swiper"] } },
    restoreMocks: true,
    testTimeout: 120_000,
  },
});
