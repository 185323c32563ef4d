import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Herald serves the page under /tab/ (see ../web/embed.go); every asset address starts there.
export default defineConfig({
  base: "/tab/",
  plugins: [react()],
  build: {
    outDir: "dist",
    manifest: true,
    modulePreload: { polyfill: false },
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
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    include: ["test/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
