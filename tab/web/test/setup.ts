import "../src/i18n/pages";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// What a test waits for comes when it comes: a busy machine is no failure.
configure({ asyncUtilTimeout: 60_000 });

afterEach(cleanup);

// jsdom lays nothing out, so it has nothing to observe.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

// Nor has it media, or anything to scroll.
window.matchMedia ??= (query) =>
  ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
Element.prototype.scrollIntoView ??= () => undefined;
