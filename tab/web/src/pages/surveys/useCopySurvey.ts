import { surveys } from "../../api/surveys";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { useSession } from "../../ui/Session";
import { copyName } from "./SurveyDialogs";
import { surveyInput } from "./surveyDraft";
import { useRefreshSurveys } from "./useRefreshSurveys";
import { useSurveyDraft } from "./useSurveyDraft";

/** Makes a new survey of what stands here; what it gives back goes there. */
export function useCopySurvey(): () => Promise<() => void> {
  const { t } = useLanguage();
  const { api } = useSession();
  const { draft } = useSurveyDraft();
  const refresh = useRefreshSurveys();
  return async () => {
    const input = surveyInput(draft.get().fields);
    const copy = await surveys.create(api, { ...input, name: copyName(t("clone.default", { name: input.name })) });
    return () => {
      void refresh(copy);
      draft.forget();
      navigate(`/surveys/${copy.id}`, { replace: true });
    };
  };
}
