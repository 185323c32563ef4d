import { lazy } from "react";
import { useLanguage } from "../../i18n/Language";
import { GoneBar, TwoVersionsBar } from "../editor/VersionBars";
import { useCopySurvey } from "./useCopySurvey";
import { useSurveyDraft } from "./useSurveyDraft";

const CompareSurveys = lazy(() => import("./CompareSurveys"));

/** Somebody else saved this survey too, or deleted it. */
export function SurveyConflictBar() {
  const { t } = useLanguage();
  const { state } = useSurveyDraft();
  const copyMine = useCopySurvey();
  if (state.kind === "gone") return <GoneBar title={t("survey.deleted")} copyMine={copyMine} />;
  if (state.kind !== "conflict") return null;
  const { theirs } = state;
  return <TwoVersionsBar theirs={theirs} compare={(onClose) => <CompareSurveys theirs={theirs} onClose={onClose} />} />;
}
