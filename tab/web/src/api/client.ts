import { observeServerTime } from "../words/clock";
import { connection } from "./connection";
import { ApiError, errorOf, networkError, toApiError } from "./error";
import { follow, type ServerEvent } from "./sse";
import type {
  Audience,
  AudienceCount,
  AuditEntry,
  AuditFilter,
  Author,
  BulkResult,
  Campaign,
  CampaignInput,
  CampaignPage,
  CampaignQuery,
  FoundPeople,
  HealthReport,
  ImportInput,
  ImportReport,
  List,
  ListColumn,
  ListInput,
  ListPage,
  Me,
  Member,
  MemberInput,
  MemberPage,
  Preview,
  PreviewInput,
  RecipientPage,
  Report,
  StoredImage,
  Timeline,
  Verification,
} from "./types";

/** Where the page gets its Entra token from: the cached one, or a fresh one from Teams. */
export interface Tokens {
  get: () => Promise<string>;
  renew: () => Promise<string>;
  /** Herald does not take the renewed one either. */
  refused?: () => void;
}

export type FileType = "csv" | "xlsx";

/** Whom of a campaign's recipients; what is empty lets everybody through. */
export interface RecipientFilter {
  status: string;
  reason: string;
  q: string;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

interface Options {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * Herald's API, one method per operation. Every failure is an ApiError. Operations of pages that are loaded later stand
 * with them, in `surveys.ts`.
 */
export class Api {
  private readonly tokens: Tokens;
  private readonly base: string;

  constructor(tokens: Tokens, base = "/api/v1") {
    this.tokens = tokens;
    this.base = base;
  }

  me = (signal?: AbortSignal) => this.json<Me>("GET", "/me", { signal });

  campaigns = ({ statuses, formats, ...query }: CampaignQuery, signal?: AbortSignal) =>
    this.json<CampaignPage>(
      "GET",
      `/campaigns${search({ status: statuses.join(","), format: formats.join(","), ...query })}`,
      { signal },
    );

  authors = (signal?: AbortSignal) => this.json<{ items: Author[] }>("GET", "/authors", { signal });

  campaign = (id: string, signal?: AbortSignal) => this.json<Campaign>("GET", path("campaigns", id), { signal });

  createCampaign = (input: { name: string } & Partial<CampaignInput>) =>
    this.json<Campaign>("POST", "/campaigns", { body: input });

  saveCampaign = (id: string, version: number, input: CampaignInput) =>
    this.json<Campaign>("PUT", path("campaigns", id), {
      body: input,
      headers: { "If-Match": String(version) },
    });

  deleteCampaign = (id: string) => this.none("DELETE", path("campaigns", id));

  cloneCampaign = (id: string, name: string) =>
    this.json<Campaign>("POST", path("campaigns", id, "clone"), { body: { name } });

  send = (id: string, version: number, at: string | null) =>
    this.json<Campaign>("POST", path("campaigns", id, "send"), {
      body: { at },
      headers: { "If-Match": String(version) },
    });

  unschedule = (id: string) => this.json<Campaign>("POST", path("campaigns", id, "unschedule"));

  /** A decision about the version that was seen. */
  decide = (id: string, version: number, verb: "approve" | "reject", comment: string) =>
    this.json<Campaign>("POST", path("campaigns", id, verb), {
      body: { comment },
      headers: { "If-Match": String(version) },
    });

  withdraw = (id: string) => this.json<Campaign>("POST", path("campaigns", id, "withdraw"));

  audit = (filter: AuditFilter, cursor: string | null, signal?: AbortSignal) =>
    this.json<{ items: AuditEntry[]; next: string | null }>("GET", `/admin/audit${search({ ...filter, cursor })}`, {
      signal,
    });

  auditActors = (signal?: AbortSignal) => this.json<{ items: Author[] }>("GET", "/admin/audit/actors", { signal });

  auditFile = (filter: AuditFilter) => this.file(`/admin/audit.csv${search({ ...filter })}`);

  stop = (id: string) => this.json<Campaign>("POST", path("campaigns", id, "stop"));

  tryOn = (id: string, email: string) =>
    this.json<{ recipient: { displayName: string } }>("POST", path("campaigns", id, "try"), { body: { email } });

  preview = (input: PreviewInput, signal?: AbortSignal) =>
    this.json<Preview>("POST", "/preview", { body: input, signal });

  previewSaved = (id: string, signal?: AbortSignal) =>
    this.json<Preview>("POST", path("campaigns", id, "preview"), { signal });

  /** `limit`: how many people are named, 1–5000. */
  count = (audience: Audience, signal?: AbortSignal, limit?: number) =>
    this.json<AudienceCount>("POST", `/audience/count${limit ? search({ limit }) : ""}`, { body: audience, signal });

  people = (q: string, limit: number, signal?: AbortSignal) =>
    this.json<FoundPeople>("GET", `/people${search({ q, limit })}`, { signal });

  verify = (email: string, signal?: AbortSignal) =>
    this.json<Verification>("GET", `/recipients/verify${search({ email })}`, { signal });

  report = (id: string, signal?: AbortSignal) => this.json<Report>("GET", path("campaigns", id, "report"), { signal });

  timeline = (id: string, signal?: AbortSignal) =>
    this.json<Timeline>("GET", path("campaigns", id, "timeline"), { signal });

  recipients = (
    id: string,
    { status, reason, q }: RecipientFilter,
    place: { cursor: string | null; limit: number },
    signal?: AbortSignal,
  ) =>
    this.json<RecipientPage>(
      "GET",
      `${path("campaigns", id, "recipients")}${search({ status, reason, q, ...place })}`,
      { signal },
    );

  recipientsFile = (id: string, type: FileType, { status, reason, q }: RecipientFilter) =>
    this.file(`${path("campaigns", id, `recipients.${type}`)}${search({ status, reason, q })}`);

  /** A new list of these recipients. */
  listOfRecipients = (id: string, name: string, { status, reason, q }: RecipientFilter) =>
    this.json<List>("POST", path("campaigns", id, "list"), {
      body: { name, ...(status && { status }), ...(reason && { reason }), ...(q && { q }) },
    });

  lists = (query: { q: string; cursor: string | null; limit: number }, signal?: AbortSignal) =>
    this.json<ListPage>("GET", `/lists${search(query)}`, { signal });

  list = (id: string, signal?: AbortSignal) => this.json<List>("GET", path("lists", id), { signal });

  createList = (input: { name: string; columns?: ListColumn[] }) => this.json<List>("POST", "/lists", { body: input });

  saveList = (id: string, version: number, input: ListInput) =>
    this.json<List>("PUT", path("lists", id), { body: input, headers: { "If-Match": String(version) } });

  deleteList = (id: string) => this.none("DELETE", path("lists", id));

  members = (
    id: string,
    query: { q: string; state: string; cursor: string | null; limit: number },
    signal?: AbortSignal,
  ) => this.json<MemberPage>("GET", `${path("lists", id, "members")}${search(query)}`, { signal });

  addMember = (id: string, input: MemberInput) =>
    this.json<Member>("POST", path("lists", id, "members"), { body: input });

  addAddresses = (id: string, emails: string[], skipWrong: boolean) =>
    this.json<BulkResult>("POST", path("lists", id, "members", "bulk"), { body: { emails, skipWrong } });

  saveMember = (id: string, member: string, input: MemberInput) =>
    this.json<Member>("PUT", path("lists", id, "members", member), { body: input });

  deleteMember = (id: string, member: string) => this.none("DELETE", path("lists", id, "members", member));

  importFile = (id: string, input: ImportInput) => {
    const form = new FormData();
    form.set("file", input.file);
    if (input.mapping) form.set("mapping", JSON.stringify(input.mapping));
    form.set("mode", input.mode ?? "add");
    form.set("skipWrong", String(input.skipWrong ?? false));
    form.set("dryRun", String(input.dryRun ?? false));
    return this.json<ImportReport>("POST", path("lists", id, "import"), { body: form });
  };

  personFile = (id: string) => this.file(path("admin", "people", id, "export"));

  uploadImage = (file: File, signal?: AbortSignal) => {
    const form = new FormData();
    form.set("file", file);
    return this.json<StoredImage>("POST", "/images", { body: form, signal });
  };

  membersFile = (id: string, type: FileType) => this.file(path("lists", id, `members.${type}`));

  health = (signal?: AbortSignal) => this.json<HealthReport>("GET", "/admin/health", { signal });

  appPackage = () => this.file("/admin/package");

  sampleFile = (type: FileType) => this.file(`/lists/sample.${type}`);

  /** Follows a campaign's progress until the signal aborts. */
  follow = (
    id: string,
    handlers: { onEvent: (event: ServerEvent) => void; onReconnect: () => void; onLost: () => void },
    signal: AbortSignal,
  ) =>
    follow({
      ...handlers,
      signal,
      open: (s) =>
        this.request("GET", `/events${search({ campaign: id })}`, {
          signal: s,
          headers: { Accept: "text/event-stream" },
        }),
    });

  async json<T>(method: Method, url: string, options: Options = {}): Promise<T> {
    const response = await this.request(method, url, options);
    try {
      return (await response.json()) as T;
    } catch (error) {
      // Not an answer of Herald's; anything else is one that was broken off on its way.
      if (error instanceof SyntaxError) throw new ApiError(response.status, { code: "unexpected" });
      throw options.signal?.aborted ? error : networkError();
    }
  }

  async file(url: string): Promise<Blob> {
    return (await this.request("GET", url, { headers: { Accept: "*/*" } })).blob();
  }

  async none(method: Method, url: string): Promise<void> {
    try {
      await this.request(method, url);
    } catch (error) {
      // Deleted in another tab, or by a request whose answer was lost: it is gone, as was wanted.
      if (method !== "DELETE" || toApiError(error).status !== 404) throw error;
    }
  }

  /** Sends one request; a 401 renews the token silently and repeats it, once. */
  private async request(method: Method, url: string, options: Options = {}): Promise<Response> {
    let response = await this.attempt(method, url, options, await this.tokens.get());
    if (response.status === 401) {
      response = await this.attempt(method, url, options, await this.tokens.renew());
      if (response.status === 401) this.tokens.refused?.();
    }
    observeServerTime(response.headers.get("Date"));
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  private async attempt(method: Method, url: string, options: Options, token: string): Promise<Response> {
    const headers: Record<string, string> = {
      Accept: "application/json",
      ...options.headers,
      Authorization: `Bearer ${token}`,
    };
    // The browser itself writes the type of a form, with its boundary.
    const form = options.body instanceof FormData ? options.body : null;
    if (options.body !== undefined && !form) headers["Content-Type"] = "application/json";
    try {
      const response = await fetch(this.base + url, {
        method,
        headers,
        signal: options.signal ?? null,
        body: form ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      });
      // A gateway answers for a Herald that is not there.
      connection.set(response.status === 502 || response.status === 504 ? "lost" : "there");
      return response;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      connection.set("lost");
      throw networkError();
    }
  }
}

export function path(...parts: string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("");
}

/** A query string of the parameters that say something. */
export function search(parameters: Record<string, string | number | null>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}
