import type { Branch, Option, Question, QuestionType } from "../../api/surveyTypes";

/** The questions of a survey as a list that is edited: every change gives a new list, and leaves branches that lead forwards. */

/** Where a branch leads that asks nothing more. */
export const end = "end";

export const maxQuestions = 100;
export const maxOptions = 25;
export const maxText = 500;
export const maxOption = 200;
export const maxIntro = 4_000;

/** In the order of the menu: to choose from first. */
export const questionTypes = [
  "choice",
  "multichoice",
  "yesno",
  "rating",
  "nps",
  "text",
  "longtext",
  "number",
  "date",
] as const satisfies QuestionType[];

/** The author writes the options. */
export function isListed(type: QuestionType): boolean {
  return type === "choice" || type === "multichoice";
}

/** The answer is exactly one option, so the way may branch. */
export function canBranch(type: QuestionType): boolean {
  return type === "choice" || type === "yesno" || type === "rating" || type === "nps";
}

const upTo = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String(first + index));

/** The ids of the answers to choose from. */
export function answersOf({ type, options = [] }: Question): string[] {
  if (isListed(type)) return options.map(({ id }) => id);
  if (type === "yesno") return ["yes", "no"];
  if (type === "rating") return upTo(1, 5);
  return type === "nps" ? upTo(0, 10) : [];
}

/** Never the id of something that was there before: the answers to that belong to it. */
function newId(prefix: "q" | "a"): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return prefix + [...bytes].map((byte) => (byte % 36).toString(36)).join("");
}

export function newOption(text = ""): Option {
  return { id: newId("a"), text };
}

export function newQuestion(type: QuestionType): Question {
  return {
    id: newId("q"),
    type,
    text: "",
    help: "",
    required: false,
    options: isListed(type) ? [newOption(), newOption()] : [],
    branch: [],
  };
}

/** As Herald takes it: options and branches only where the type has them. What was written before stays in the form. */
export function tidied(question: Question): Question {
  const { options = [], branch = [], ...rest } = question;
  const answers = answersOf(question);
  const branches = canBranch(question.type) ? branch.filter(({ option }) => answers.includes(option)) : [];
  return {
    ...rest,
    text: rest.text.trim(),
    help: rest.help.trim(),
    ...(isListed(question.type) ? { options: options.map(({ id, text }) => ({ id, text: text.trim() })) } : {}),
    ...(branches.length > 0 ? { branch: branches } : {}),
  };
}

export function withQuestion(questions: Question[], index: number, change: Partial<Question>): Question[] {
  return questions.map((each, at) => (at === index ? { ...each, ...change } : each));
}

export function withNew(questions: Question[], question: Question, index: number): Question[] {
  return questions.toSpliced(index, 0, question);
}

export function withCopy(questions: Question[], index: number): Question[] {
  const original = questions[index];
  return original ? withNew(questions, { ...original, id: newId("q") }, index + 1) : questions;
}

/** A branch that had to go, because what it led to has gone or stands further up now. */
export interface Cut {
  from: string;
  branch: Branch;
}

export interface Changed {
  questions: Question[];
  cuts: Cut[];
}

/** Without the branches that do not lead forwards. */
function forwards(questions: Question[]): Changed {
  const places = new Map(questions.map(({ id }, index) => [id, index]));
  const cuts: Cut[] = [];
  const kept = questions.map((question, index) => {
    const { branch = [] } = question;
    const good = branch.filter((each) => each.to === end || (places.get(each.to) ?? -1) > index);
    if (good.length === branch.length) return question;
    for (const each of branch) if (!good.includes(each)) cuts.push({ from: question.id, branch: each });
    return { ...question, branch: good };
  });
  return { questions: kept, cuts };
}

/** Puts branches back that can be there again, unless others start at their answers by now. */
function withCuts(questions: Question[], cuts: Cut[]): Question[] {
  const back = questions.map((question) => {
    const { branch = [] } = question;
    const mine = cuts
      .filter(({ from, branch: each }) => from === question.id && !branch.some(({ option }) => option === each.option))
      .map(({ branch: each }) => each);
    return mine.length > 0 ? { ...question, branch: [...branch, ...mine] } : question;
  });
  return forwards(back).questions;
}

export function withoutQuestion(questions: Question[], index: number): Changed {
  return forwards(questions.toSpliced(index, 1));
}

/** Brings a removed question back, where it was. */
export function withReturned(questions: Question[], question: Question, index: number, cuts: Cut[]): Question[] {
  return withCuts(withNew(questions, question, Math.min(index, questions.length)), cuts);
}

export function withMoved(questions: Question[], from: number, to: number): Changed {
  return forwards(movedTo(questions, from, to));
}

/** Moves a question back, by its id: others may have come meanwhile. */
export function withMovedBack(questions: Question[], id: string, to: number, cuts: Cut[]): Question[] {
  const from = questions.findIndex((each) => each.id === id);
  return from < 0 ? questions : withCuts(movedTo(questions, from, Math.min(to, questions.length - 1)), cuts);
}

export function movedTo<T>(items: readonly T[], from: number, to: number): T[] {
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return [...items];
  return items.toSpliced(from, 1).toSpliced(to, 0, item);
}

/** What follows an answer: a question's id, "end", or "" for the next question. */
export function branchOf({ branch = [] }: Question, option: string): string {
  return branch.find((each) => each.option === option)?.to ?? "";
}

export function withBranch(question: Question, option: string, to: string): Question {
  const others = (question.branch ?? []).filter((each) => each.option !== option);
  const answers = answersOf(question);
  const branch = to === "" ? others : [...others, { option, to }];
  return { ...question, branch: branch.sort((a, b) => answers.indexOf(a.option) - answers.indexOf(b.option)) };
}

/** Which questions somebody can come to. From one that may be left blank, and from every answer without a branch, the next follows. */
export function reached(questions: Question[]): boolean[] {
  const found = questions.map((_, index) => index === 0);
  const places = new Map(questions.map(({ id }, index) => [id, index]));
  for (const [index, question] of questions.entries()) {
    if (!found[index]) continue;
    const answers = canBranch(question.type) ? answersOf(question) : [];
    const targets = answers.map((option) => branchOf(question, option));
    const goesOn = !question.required || answers.length === 0 || targets.includes("");
    if (goesOn && index + 1 < questions.length) found[index + 1] = true;
    for (const target of targets) {
      const place = places.get(target);
      if (place !== undefined) found[place] = true;
    }
  }
  return found;
}

/** Several options at once, one a line, as they are copied from a document or a sheet; bullets and numbers before them go. */
export function optionLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) =>
      line
        .split("\t")[0]
        ?.replace(/^\s*(?:[-*•–]|\d{1,2}[.)])\s+/, "")
        .trim(),
    )
    .filter((line): line is string => line !== undefined && line !== "");
}
