import { createContext, useContext, useSyncExternalStore } from "react";
import type { Api } from "../api/client";
import type { Config, Me } from "../api/types";
import { wallClock } from "../words/clock";

/** What every page may rely on once the frame is up. */
export interface SessionValue {
  api: Api;
  me: Me;
  config: Config;
}

export const SessionContext = createContext<SessionValue | null>(null);

export function useSession(): SessionValue {
  const value = useContext(SessionContext);
  if (!value) throw new Error("useSession outside of a session");
  return value;
}

/** The moment it is, moving on every 15 seconds, so that "in 5 minutes" stays true. */
export function useNow(): number {
  return useSyncExternalStore(wallClock.subscribe, wallClock.snapshot);
}

/** Follows a media query, for example to show cards instead of a grid on a phone. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", listener);
      return () => {
        list.removeEventListener("change", listener);
      };
    },
    () => window.matchMedia(query).matches,
  );
}

/** Below this a grid has no room. */
export const phone = "(max-width: 639px)";
/** From here on the preview stands beside the form. */
export const wide = "(min-width: 1000px)";
