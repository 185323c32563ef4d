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
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
