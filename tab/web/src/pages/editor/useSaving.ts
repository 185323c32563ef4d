import { createContext, useContext, useEffect, useSyncExternalStore } from "react";
import type { Problem } from "../../api/types";
import type { DraftSnapshot, Kept, Saving } from "./Draft";

/** How it is asked for what a draft begins with: what Herald has now; from then on the draft keeps itself up to date. */
export const beginning = { staleTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

/** The draft as those see it who only care whether it is saved. */
export const SavingContext = createContext<Saving | null>(null);

export interface UsedSaving extends DraftSnapshot<Kept, object> {
  draft: Saving;
  refused: Problem[];
}

export function useSaving(): UsedSaving {
  const draft = useContext(SavingContext);
  if (!draft) throw new Error("useSaving outside of an editor");
  const snapshot = useSyncExternalStore(draft.subscribe, draft.get);
  return { ...snapshot, draft, refused: refusedOf(snapshot) };
}

const none: Problem[] = [];

export function refusedOf({ state }: DraftSnapshot<Kept, object>): Problem[] {
  return state.kind === "failed" ? state.error.problems : none;
}

/** Asks now and then, and whenever somebody comes back to the page, whether it was changed elsewhere. */
export function useLooks(draft: Saving): void {
  useEffect(() => {
    const look = () => {
      // Under an open dialog nothing is replaced: it would be torn away with what is written or decided in it.
      if (document.visibilityState !== "visible" || document.querySelector("[aria-modal='true']")) return;
      void draft.look();
    };
    const timer = setInterval(look, lookEvery);
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [draft]);
}

const lookEvery = 20_000;
