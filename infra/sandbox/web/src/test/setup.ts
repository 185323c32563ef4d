import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// jsdom has no layout: what Fluent and the page ask of it gets the plainest answer.
class NoResize implements ResizeObserver {
  observe() {
    return undefined;
  }
  unobserve() {
    return undefined;
  }
  disconnect() {
    return undefined;
  }
}
vi.stubGlobal("ResizeObserver", NoResize);
vi.stubGlobal("matchMedia", (media: string) => {
  const list = new EventTarget();
  return Object.assign(list, { matches: false, media, onchange: null });
});

// What a test waits for comes when it comes: a busy machine is no failure.
configure({ asyncUtilTimeout: 60_000 });

afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

// The cards renderer writes with innerText, which jsdom does not know.
Object.defineProperty(HTMLElement.prototype, "innerText", {
  configurable: true,
  get(this: HTMLElement) {
    return this.textContent;
  },
  set(this: HTMLElement, text: string) {
    this.textContent = text;
  },
});
