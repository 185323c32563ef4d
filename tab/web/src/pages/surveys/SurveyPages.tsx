import "../../i18n/pages";
import { lazy } from "react";
import { useParameters, usePlace } from "../../router";

const SurveysPage = lazy(() => import("./SurveysPage"));
const BuilderPage = lazy(() => import("./BuilderPage"));
const ResultsPage = lazy(() => import("./ResultsPage"));

/** All pages of surveys behind one door, so that the first load knows of one only. */
export default function SurveyPages() {
  const { path } = usePlace();
  const { id } = useParameters();
  if (id === undefined) return <SurveysPage />;
  return path.endsWith("/results") ? <ResultsPage key={id} id={id} /> : <BuilderPage key={id} id={id} />;
}
