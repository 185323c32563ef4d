import type { Survey, SurveyInput } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { dateAndTime } from "../../words/moments";
import { aroundDifference, Comparison, type Difference } from "../editor/Comparison";
import { answerWords } from "./answerWords";
import { answersOf, branchOf, end } from "./questions";
import { surveyInput } from "./surveyDraft";
import { useCopySurvey } from "./useCopySurvey";
import { useSurveyDraft } from "./useSurveyDraft";

interface Props {
  theirs: Survey;
  onClose: () => void;
}

export default function CompareSurveys({ theirs, onClose }: Props) {
  const { t, locale } = useLanguage();
  const { fields } = useSurveyDraft();
  const copyMine = useCopySurvey();
  return (
    <Comparison
      title={t("survey.conflict.title")}
      theirs={theirs}
      rows={surveyDifferences(surveyInput(fields), theirs, locale, t)}
      copyMine={copyMine}
      onClose={onClose}
    />
  );
}

/** In the order of the builder; each question is one difference, by its number in either version. */
export function surveyDifferences(mine: SurveyInput, theirs: SurveyInput, locale: string, t: Translate): Difference[] {
  const rows: Difference[] = [];
  const add = (key: string, label: string, words: (version: SurveyInput) => string) => {
    const [my, their] = [words(mine), words(theirs)];
    if (my !== their) rows.push({ key, label, ...aroundDifference(my, their) });
  };
  add("name", t("builder.name"), ({ name }) => name);
  add("intro", t("builder.intro"), ({ intro }) => intro);
  const most = Math.max(mine.questions.length, theirs.questions.length);
  for (let index = 0; index < most; index++) {
    add(String(index), t("builder.question", { n: index + 1 }), (version) => questionWords(version, index, t));
  }
  add("thanks", t("builder.thanks"), ({ thanks }) => thanks);
  add("who", t("builder.who"), ({ anonymous }) => t(anonymous ? "builder.who.anonymous" : "builder.who.named"));
  add("change", t("builder.change"), ({ allowChange }) => t(allowChange ? "answer.yes" : "answer.no"));
  add("closing", t("builder.closing"), ({ closesAt }) =>
    closesAt === null ? t("builder.closing.hand") : dateAndTime(Date.parse(closesAt), locale),
  );
  return rows;
}

function questionWords({ questions }: SurveyInput, index: number, t: Translate): string {
  const question = questions[index];
  if (!question) return "";
  const target = (to: string) =>
    to === end ? t("branch.end") : t("builder.question", { n: questions.findIndex(({ id }) => id === to) + 1 });
  const lines = answersOf(question).map((id) => {
    const to = branchOf(question, id);
    return `• ${answerWords(question, id, t)}${to === "" ? "" : ` → ${target(to)}`}`;
  });
  const shown =
    question.type === "rating" || question.type === "nps" ? lines.filter((each) => each.includes("→")) : lines;
  return [
    question.text,
    question.help,
    `(${t(`question.${question.type}`)}${question.required ? `, ${t("builder.required")}` : ""})`,
    ...shown,
  ]
    .filter(Boolean)
    .join("\n");
}
