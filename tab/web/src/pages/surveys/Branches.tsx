import { Caption1, Field, Label, makeStyles, Select, Switch, Text, tokens, useId } from "@fluentui/react-components";
import { useState } from "react";
import type { Question } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { answerWords } from "./answerWords";
import { answersOf, branchOf, end, withBranch } from "./questions";
import { useSurveyProblem } from "./useSurveyDraft";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  rows: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
  },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 2fr) minmax(0, 3fr)",
    gap: tokens.spacingHorizontalM,
    alignItems: "center",
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalXXS },
  },
  answer: { overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  question: Question;
  index: number;
  questions: Question[];
  at: string;
  onChange: (change: Partial<Question>) => void;
}

/** Where each answer leads: to the next question, to one further down, or to the end. */
export function Branches({ question, index, questions, at, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const problem = useSurveyProblem();
  const name = useId("branches");
  const [wanted, setWanted] = useState(false);
  const { branch = [] } = question;
  const shown = wanted || branch.length > 0;
  const later = questions.slice(index + 1);
  const next = later[0];
  return (
    <div className={styles.box} role="group" aria-labelledby={name}>
      <Switch
        checked={shown}
        label={<Label id={name}>{t("branch.title")}</Label>}
        onChange={(_, data) => {
          setWanted(data.checked);
          if (!data.checked) onChange({ branch: [] });
        }}
      />
      {shown && (
        <>
          <Caption1 className={styles.quiet}>{t(question.required ? "branch.hint" : "branch.hint.optional")}</Caption1>
          <ul className={styles.rows}>
            {answersOf(question).map((option) => {
              const words = answerWords(question, option, t) || t("branch.unwritten");
              const place = branch.findIndex((each) => each.option === option);
              return (
                <li key={option} className={styles.row}>
                  <Text className={styles.answer}>{words}</Text>
                  <Field {...(place < 0 ? {} : problem(`${at}/branch/${String(place)}/to`))}>
                    <Select
                      aria-label={t("branch.after", { answer: words })}
                      value={branchOf(question, option)}
                      onChange={(_, data) => {
                        onChange({ branch: withBranch(question, option, data.value).branch ?? [] });
                      }}
                    >
                      <option value="">{next ? t("branch.next") : t("branch.next.end")}</option>
                      {later.map((each, place) => (
                        <option key={each.id} value={each.id}>
                          {`${String(index + place + 2)}. ${each.text.trim() || t("builder.untitled")}`}
                        </option>
                      ))}
                      <option value={end}>{t("branch.end")}</option>
                    </Select>
                  </Field>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </div>
  );
}
