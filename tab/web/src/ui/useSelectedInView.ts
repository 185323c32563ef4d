import { type RefObject, useEffect, useRef } from "react";

/** For a list of tabs wider than its place: moves the chosen one into view, without moving the page. */
export function useSelectedInView(selected: string): RefObject<HTMLDivElement | null> {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice is what makes the list look again.
  useEffect(() => {
    const box = list.current;
    const tab = box?.querySelector('[aria-selected="true"]');
    if (!box || !tab) return;
    const outer = box.getBoundingClientRect();
    const inner = tab.getBoundingClientRect();
    box.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  }, [selected]);
  return list;
}
