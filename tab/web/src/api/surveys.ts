import { type Api, type FileType, path, search } from "./client";
import type {
  ResultFilter,
  Survey,
  SurveyCampaign,
  SurveyInput,
  SurveyPage,
  SurveyPreviewInput,
  SurveyQuery,
  SurveyResults,
  TextPage,
} from "./surveyTypes";
import type { Campaign, FollowedLink, Preview } from "./types";

/** What Herald's API does with surveys, and what their pages and reports ask it. Every failure is an ApiError. */
export const surveys = {
  page: (api: Api, query: SurveyQuery, signal?: AbortSignal) =>
    api.json<SurveyPage>("GET", `/surveys${search({ ...query })}`, { signal }),

  get: (api: Api, id: string, signal?: AbortSignal) => api.json<Survey>("GET", path("surveys", id), { signal }),

  create: (api: Api, input: { name: string } & Partial<SurveyInput>) =>
    api.json<Survey>("POST", "/surveys", { body: input }),

  save: (api: Api, id: string, version: number, input: SurveyInput) =>
    api.json<Survey>("PUT", path("surveys", id), { body: input, headers: { "If-Match": String(version) } }),

  /** `answers`: those that were given go too. */
  remove: (api: Api, id: string, answers: boolean) =>
    api.none("DELETE", `${path("surveys", id)}${search({ answers: answers ? "delete" : null })}`),

  clone: (api: Api, id: string, name: string) =>
    api.json<Survey>("POST", path("surveys", id, "clone"), { body: { name } }),

  close: (api: Api, id: string) => api.json<Survey>("POST", path("surveys", id, "close")),

  /** `closesAt`: until then; null: until somebody closes it. */
  reopen: (api: Api, id: string, closesAt: string | null) =>
    api.json<Survey>("POST", path("surveys", id, "reopen"), { body: { closesAt } }),

  preview: (api: Api, input: SurveyPreviewInput, signal?: AbortSignal) =>
    api.json<Preview>("POST", "/surveys/preview", { body: input, signal }),

  campaigns: (api: Api, id: string, signal?: AbortSignal) =>
    api.json<{ items: SurveyCampaign[] }>("GET", path("surveys", id, "campaigns"), { signal }),

  results: (api: Api, id: string, filter: ResultFilter, signal?: AbortSignal) =>
    api.json<SurveyResults>("GET", `${path("surveys", id, "results")}${search({ ...filter })}`, { signal }),

  resultsFile: (api: Api, id: string, type: FileType, filter: ResultFilter) =>
    api.file(`${path("surveys", id, `results.${type}`)}${search({ ...filter })}`),

  texts: (
    api: Api,
    id: string,
    query: ResultFilter & { question: string; q: string; cursor: string | null; limit: number },
    signal?: AbortSignal,
  ) => api.json<TextPage>("GET", `${path("surveys", id, "texts")}${search({ ...query })}`, { signal }),

  /** A draft to those whom the campaign reached and who have not answered. */
  remind: (api: Api, campaign: string, name: string) =>
    api.json<Campaign>("POST", path("campaigns", campaign, "remind"), { body: { name } }),

  links: (api: Api, campaign: string, signal?: AbortSignal) =>
    api.json<{ items: FollowedLink[] }>("GET", path("campaigns", campaign, "links"), { signal }),
};
