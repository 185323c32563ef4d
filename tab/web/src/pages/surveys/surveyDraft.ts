import type { Survey, SurveyDefinition, SurveyInput } from "../../api/surveyTypes";
import { Draft, type DraftOptions, type Editing } from "../editor/Draft";
import { tidied } from "./questions";

/** Everything that an author may have typed. */
export interface SurveyFields extends SurveyDefinition {
  name: string;
  /** It closes by itself. */
  closes: boolean;
  /** When, as RFC 3339; counts while `closes`, and is kept meanwhile. */
  at: string | null;
}

export type SurveyDraft = Draft<Survey, SurveyFields, SurveyInput>;

export function surveyFields({
  name,
  closesAt,
  intro,
  thanks,
  anonymous,
  allowChange,
  questions,
}: SurveyInput): SurveyFields {
  return { name, intro, thanks, anonymous, allowChange, questions, closes: closesAt !== null, at: closesAt };
}

export function surveyInput({ name, closes, at, questions, ...rest }: SurveyFields): SurveyInput {
  return { name: name.trim(), ...definition({ ...rest, questions }), closesAt: closes ? at : null };
}

/** What is asked, as Herald takes it. */
export function definition({ intro, thanks, anonymous, allowChange, questions }: SurveyDefinition): SurveyDefinition {
  return { intro, thanks, anonymous, allowChange, questions: questions.map(tidied) };
}

export function sameSurvey(a: Survey | SurveyInput, b: SurveyInput): boolean {
  const pick = (each: SurveyInput) => {
    const { name, closesAt, ...rest } = surveyInput(surveyFields(each));
    const { intro, thanks, anonymous, allowChange, questions } = rest;
    const asked = questions.map(({ id, type, text, help, required, options = [], branch = [] }) => [
      [id, type, text, help, required],
      options.map((option) => [option.id, option.text]),
      branch.map((way) => [way.option, way.to]),
    ]);
    return JSON.stringify([name, closesAt && Date.parse(closesAt), intro, thanks, anonymous, allowChange, asked]);
  };
  return pick(a) === pick(b);
}

const editing: Editing<Survey, SurveyFields, SurveyInput> = {
  fieldsOf: surveyFields,
  inputOf: surveyInput,
  same: sameSurvey,
  // Whatever becomes of a survey, it can be changed: its campaigns keep the version that they were scheduled with.
  open: () => true,
};

export function surveyDraft(survey: Survey, options: DraftOptions<Survey, SurveyInput>): SurveyDraft {
  return new Draft(survey, editing, options);
}
