import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Problem } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { explainProblem } from "../../ui/errors";
import type { Draft, DraftSnapshot } from "./Draft";

export const DraftContext = createContext<Draft | null>(null);

export interface UsedDraft extends DraftSnapshot {
  draft: Draft;
  /** What Herald refused when it was last asked to save. */
  refused: Problem[];
}

export function useDraft(): UsedDraft {
  const draft = useContext(DraftContext);
  if (!draft) throw new Error("useDraft outside of the editor");
  const snapshot = useSyncExternalStore(draft.subscribe, draft.get);
  const refused = snapshot.state.kind === "failed" ? snapshot.state.error.problems : [];
  return { ...snapshot, draft, refused };
}

/** What is wrong with one field, in words, in the form that Fluent's Field takes. */
export function useFieldProblem() {
  const { t } = useLanguage();
  const { refused } = useDraft();
  return (field: string, local?: string | null) => {
    const found = refused.find((each) => each.field === field || each.field.startsWith(`${field}/`));
    const message = local ?? (found ? explainProblem(found, t) : null);
    return message ? ({ validationMessage: message, validationState: "error" } as const) : {};
  };
}

/** A value that follows after a pause, for what is asked of Herald while somebody types. */
export function useDebounced<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(value);
    }, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  }, [value, milliseconds]);
  return settled;
}

export function isHttps(url: string): boolean {
  if (!/^https:\/\//i.test(url)) return false;
  try {
    return new URL(url).hostname !== "";
  } catch {
    return false;
  }
}
