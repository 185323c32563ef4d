import { useLanguage } from "../../../i18n/Language";
import { explainProblem } from "../../../ui/errors";
import { useWindowProblems } from "./useWindow";

/** What is wrong with a field of the window, in the form that Fluent's Field takes; `within`: at what is inside it too. */
export function useProblemAt() {
  const { t } = useLanguage();
  const problems = useWindowProblems();
  return (field: string, within = true) => {
    const at = { "data-field": field };
    const found = problems.filter((each) => each.field === field || (within && each.field.startsWith(`${field}/`)));
    if (found.length === 0) return at;
    const words = [...new Set(found.map((each) => explainProblem(each, t)))].join(" ");
    return { ...at, validationMessage: words, validationState: "error" as const };
  };
}
