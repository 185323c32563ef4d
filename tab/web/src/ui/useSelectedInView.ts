import { type RefObject, useEffect, useRef } from "react";

/** For a list of tabs wider than its place: moves the chosen one into view, without moving the page. */
export function useSelectedInView(selected: string): RefObject<HTMLDivElement | null> {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice is what makes the list look again.
  useEffect(() => {
    // Once the focus has moved to the tab, which scrolls too, and only as far as it must.
    const frame = requestAnimationFrame(() => {
      const box = list.current;
      const tab = box?.querySelector('[role="tab"][aria-selected="true"]');
      if (!box || !tab) return;
      const outer = box.getBoundingClientRect();
      const inner = tab.getBoundingClientRect();
      box.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [selected]);
  return list;
}
