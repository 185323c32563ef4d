import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { createContext, useContext, useState, useSyncExternalStore } from "react";
import { type ApiError, toApiError } from "../../api/error";
import { surveys } from "../../api/surveys";
import type { SurveyView } from "../../api/surveyTypes";
import type { Preview, Problem } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { explainProblem } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { useDebounced } from "../editor/useDraft";
import { refusedOf } from "../editor/useSaving";
import { definition, type SurveyDraft } from "./surveyDraft";

export const SurveyDraftContext = createContext<SurveyDraft | null>(null);

export function useSurveyDraft() {
  const draft = useContext(SurveyDraftContext);
  if (!draft) throw new Error("useSurveyDraft outside of the builder");
  const snapshot = useSyncExternalStore(draft.subscribe, draft.get);
  const refused = refusedOf(snapshot);
  return {
    ...snapshot,
    survey: snapshot.kept,
    draft,
    refused,
    /** What Herald refused to save, or else found missing. Where nobody comes, the builder finds by itself, at once. */
    problems: (refused.length > 0 ? refused : snapshot.kept.problems).filter(({ code }) => code !== unreachable),
  };
}

const unreachable = "question_unreachable";
const missing = ["text_missing", "option_text_missing", "too_few_options", "no_questions"];

/** What merely has not been written yet. */
export function isMissing({ code }: Problem): boolean {
  return missing.includes(code);
}

/** What is wrong with one field, in the form that Fluent's Field takes, and the field's name. */
export function useSurveyProblem({ lenient = false }: { lenient?: boolean } = {}) {
  const { t } = useLanguage();
  const { problems, refused } = useSurveyDraft();
  return (field: string, local: string | null = null) => {
    const at = { "data-field": field };
    const found = problems.find((each) => each.field === field && !(lenient && isMissing(each)));
    const message = local ?? (found ? explainProblem(found, t) : null);
    if (message === null) return at;
    const bad = local !== null || refused.length > 0;
    return { ...at, validationMessage: message, validationState: bad ? ("error" as const) : ("warning" as const) };
  };
}

/** One card of the survey as it stands here, made by Herald; asked for anew after each pause in the writing. */
export function useSurveyPreview(view: SurveyView, at: string): { shown: Preview | null; error: ApiError | null } {
  const { locale } = useLanguage();
  const { api } = useSession();
  const { fields } = useSurveyDraft();
  const now = useDebounced(JSON.stringify({ ...definition(fields), view, at, locale }), 400);
  const preview = useQuery({
    queryKey: ["survey-preview", now],
    queryFn: ({ signal }) => surveys.preview(api, JSON.parse(now), signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const [good, setGood] = useState<Preview | null>(null);
  if (preview.data && preview.data !== good) setGood(preview.data);
  return { shown: preview.data ?? good, error: preview.error ? toApiError(preview.error) : null };
}
