import type { Question } from "../../api/surveyTypes";
import type { Translate } from "../../i18n/translate";

/** An answer to choose, as people read it. */
export function answerWords({ options = [] }: Pick<Question, "options">, id: string, t: Translate): string {
  if (id === "yes" || id === "no") return options.find((each) => each.id === id)?.text || t(`answer.${id}`);
  return options.find((each) => each.id === id)?.text ?? id;
}
