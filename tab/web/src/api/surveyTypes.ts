// The shapes of surveys and their results, as openapi.json has them.

import type { Author, Order, Problem, Status } from "./types";

export type QuestionType =
  | "choice"
  | "multichoice"
  | "yesno"
  | "rating"
  | "nps"
  | "number"
  | "date"
  | "text"
  | "longtext";

export interface Option {
  id: string;
  text: string;
}

/** After this answer comes another question than the next one; `to` is its id, or "end". */
export interface Branch {
  option: string;
  to: string;
}

export interface Question {
  id: string;
  type: QuestionType;
  text: string;
  help: string;
  required: boolean;
  options?: Option[];
  branch?: Branch[];
}

/** What a survey asks; the same in every campaign that was scheduled with this version. */
export interface SurveyDefinition {
  intro: string;
  thanks: string;
  anonymous: boolean;
  allowChange: boolean;
  questions: Question[];
}

/** `draft`: never sent. */
export type SurveyStatus = "draft" | "open" | "closed";

export interface Survey extends SurveyDefinition {
  id: string;
  name: string;
  /** When it closes by itself. */
  closesAt: string | null;
  /** When somebody closed it. */
  closedAt: string | null;
  status: SurveyStatus;
  createdAt: string;
  updatedAt: string;
  createdBy: Author;
  version: number;
  /** What it lacks before it can be sent, and what is odd about it. */
  problems: Problem[];
  campaigns: number;
  sent: number;
  answered: number;
}

export type SurveyInput = SurveyDefinition & Pick<Survey, "name" | "closesAt">;

export type SurveySort = "updated" | "name" | "created";

export interface SurveyQuery {
  q: string;
  status: SurveyStatus | "";
  sort: SurveySort;
  order: Order;
  cursor: string | null;
  limit: number;
}

export interface SurveyPage {
  items: Survey[];
  next: string | null;
}

export type SurveyView = "ask" | "thanks" | "closed";

export interface SurveyPreviewInput extends SurveyDefinition {
  view: SurveyView;
  /** With `ask`: the question; "" is how the survey begins. */
  at: string;
  locale: string;
}

export interface SurveyCampaign {
  id: string;
  name: string;
  status: Status;
  startedAt: string | null;
  /** Of the survey; null: not scheduled yet. */
  version: number | null;
  sent: number;
  /** 0 of a reminder, whose answers belong to the campaign it reminds of. */
  answered: number;
  reminderOf: string | null;
}

/** Whose answers count; what is empty lets everybody through. */
export interface ResultFilter {
  campaign: string;
  list: string;
  column: string;
  value: string;
}

/** How many answers lie between two values, both written as in answers; equal: one value. */
export interface Bin {
  from: string;
  to: string;
  count: number;
}

export interface QuestionResult {
  id: string;
  type: QuestionType;
  text: string;
  /** Answers that are not blank. */
  count: number;
  suppressed?: boolean;
  options?: (Option & { count: number })[];
  average?: number;
  distribution?: Bin[];
  nps?: { score: number; promoters: number; passives: number; detractors: number };
  texts?: string[];
  textsLeft?: number;
}

export interface SurveyResults {
  surveyId: string;
  campaignId: string | null;
  anonymous: boolean;
  /** Too few have answered an anonymous survey: nothing is broken down. */
  suppressed: boolean;
  sent: number;
  started: number;
  answered: number;
  /** 0 to 1; null: nobody has it. */
  responseRate: number | null;
  questions: QuestionResult[];
}

export interface TextPage {
  items: { text: string; displayName: string | null }[];
  next: string | null;
}
