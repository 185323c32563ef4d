import type { Survey } from "./surveyTypes";
import type { Campaign, ImportReport, Problem, ProblemDocument } from "./types";

/** Anything that went wrong with a request, always with a stable `code` that the page can put into words. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly problems: Problem[];
  readonly current: Campaign | Survey | undefined;
  readonly import: ImportReport | undefined;
  readonly requestId: string | undefined;

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `HTTP ${String(status)}`);
    this.name = "ApiError";
    this.status = status;
    this.code = document.code ?? codeOf(status);
    this.problems = document.problems ?? [];
    this.current = document.current && "status" in document.current ? document.current : undefined;
    this.import = document.import;
    this.requestId = document.requestId;
  }
}

/** What to call an answer that carries no code of Herald's, for example a proxy's error page. */
function codeOf(status: number): string {
  if (status === 0) return "network";
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 412) return "stale_version";
  if (status === 429) return "too_many_requests";
  if (status >= 500) return "server_error";
  return "unexpected";
}

/** Reads the error out of an answer, whether or not it is problem+json. */
export async function errorOf(response: Response): Promise<ApiError> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) return new ApiError(response.status, {});
  try {
    const document: unknown = await response.json();
    return new ApiError(response.status, isRecord(document) ? (document as ProblemDocument) : {});
  } catch {
    return new ApiError(response.status, {});
  }
}

/** A request that never reached Herald, or whose answer never came back. */
export function networkError(): ApiError {
  return new ApiError(0, {});
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, { code: "unexpected", detail: error instanceof Error ? error.message : String(error) });
}

/** Repeating only helps against what passes by itself. */
export function isTransient(error: ApiError): boolean {
  return error.code === "network" || error.status === 429 || error.status >= 500;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
