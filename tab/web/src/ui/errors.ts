import { type ApiError, toApiError } from "../api/error";
import type { Problem } from "../api/types";
import { isFilledBy, isKey, isPlain, type Key, type Translate } from "../i18n/translate";
import { TokenError } from "../teams/host";

/** Puts errors and problems into the reader's words. Codes that this page does not know keep Herald's own sentence. */

export function explain(error: unknown, t: Translate): string {
  if (error instanceof TokenError) return t("error.token");
  return explainApi(toApiError(error), t);
}

function explainApi(error: ApiError, t: Translate): string {
  const first = error.problems[0];
  const key = `error.${error.code}`;
  // What is wrong with a whole file is said of the file.
  if (first && (first.field === "/file" || first.field === "/mapping") && isPlainKey(key)) return t(key);
  if (error.status === 422 && first && error.code !== "incomplete") return explainProblem(first, t);
  if (error.code === "list_in_use") {
    // Herald quotes the name of the campaign.
    const name = /"((?:[^"\\]|\\.)+)"/.exec(error.message)?.[1]?.replace(/\\(.)/g, "$1");
    if (name) return t("error.list_in_use.by", { name });
  }
  if (isPlainKey(key)) return t(key);
  if (error.status === 403) return t("error.forbidden");
  if (error.status >= 500) return t("error.server_error");
  return error.status > 0 && error.message && !error.message.startsWith("HTTP ")
    ? error.message
    : t("error.unexpected");
}

export function explainProblem(problem: Problem, t: Translate): string {
  const values: Record<string, string | number> = { value: problem.value ?? "", ...problem.params };
  const key = `problem.${problem.code}`;
  const found = ["suggestion" in values ? `${key}.suggestion` : key, key].find(
    (each): each is Key => isKey(each) && isFilledBy(each, values),
  );
  // Which values a text needs is only known now, so the compiler cannot compare.
  return found ? (t as (key: Key, values: Record<string, string | number>) => string)(found, values) : problem.message;
}

type PlainKey = Exclude<Extract<Key, `error.${string}`>, "error.reference" | "error.list_in_use.by">;

function isPlainKey(key: string): key is PlainKey {
  return isKey(key) && isPlain(key);
}

/** The id that support needs to find a request in Herald's log. */
export function reference(error: unknown): string | undefined {
  return toApiError(error).requestId;
}

export function isNotFound(error: unknown): boolean {
  return toApiError(error).status === 404;
}
