import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Campaign, Problem } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { explainProblem } from "../../ui/errors";
import type { CampaignDraft } from "./campaignDraft";
import type { DraftSnapshot } from "./Draft";
import type { DraftFields } from "./fields";
import { refusedOf } from "./useSaving";

export const DraftContext = createContext<CampaignDraft | null>(null);

export interface UsedDraft extends DraftSnapshot<Campaign, DraftFields> {
  draft: CampaignDraft;
  /** The campaign as Herald last gave it. */
  campaign: Campaign;
  /** What Herald refused when it was last asked to save. */
  refused: Problem[];
}

export function useDraft(): UsedDraft {
  const draft = useContext(DraftContext);
  if (!draft) throw new Error("useDraft outside of the editor");
  const snapshot = useSyncExternalStore(draft.subscribe, draft.get);
  return { ...snapshot, campaign: snapshot.kept, draft, refused: refusedOf(snapshot) };
}

/**
 * What is wrong with one field, in words, in the form that Fluent's Field takes; and the field's name, by which the
 * review finds it. A variable that nobody knows yet is no error: its list may be chosen later.
 */
export function useFieldProblem() {
  const { t } = useLanguage();
  const { refused, campaign } = useDraft();
  return (field: string, local?: string | null) => {
    const at = { "data-field": field };
    const here = (each: Problem) => each.field === field || each.field.startsWith(`${field}/`);
    const found = refused.find(here);
    const message = local ?? (found ? explainProblem(found, t) : null);
    if (message) return { ...at, validationMessage: message, validationState: "error" as const };
    const unknown = (campaign.problems ?? []).filter((each) => each.code === unknownVariable && here(each));
    if (unknown.length === 0) return at;
    const words = [...new Set(unknown.map((each) => explainProblem(each, t)))].join(" ");
    return { ...at, validationMessage: words, validationState: "warning" as const };
  };
}

/** Why each unknown variable of a field is unknown, by how it is written there. */
export function useUnknownVariables(field: string): Record<string, string> {
  const { t } = useLanguage();
  const { campaign } = useDraft();
  const found = (campaign.problems ?? []).filter((each) => each.code === unknownVariable && each.field === field);
  return Object.fromEntries(found.map((each) => [each.value ?? "", explainProblem(each, t)]));
}

const unknownVariable = "unknown_variable";

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
