import { useSyncExternalStore } from "react";
import { narrowQuery } from "./layout";

/** Whether there is room for only one of tab and chats. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = window.matchMedia(narrowQuery);
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => window.matchMedia(narrowQuery).matches,
  );
}
