import type { Herald } from "./Herald.ts";

export interface Campaign {
  id: string;
  name: string;
  status: string;
  sendAt: string | null;
}

/** Herald's API in the name of the first author, to arrange what a test begins with. */
export class Api {
  private readonly herald: Herald;

  constructor(herald: Herald) {
    this.herald = herald;
  }

  async send<T = unknown>(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<T> {
    const author = (await this.herald.sandbox.people()).find((person) => person.roles.includes("Author"));
    const user = encodeURIComponent(author?.upn ?? "");
    const { token } = await this.herald.sandbox.send<{ token: string }>("GET", `/api/token?user=${user}`);
    const answer = await fetch(`${this.herald.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** A draft to everybody that could be sent at once. */
  create(name: string, format = "message", text = `${name} for [FIRSTNAME]`): Promise<Campaign> {
    return this.send("POST", "/campaigns", { name, format, content: { text }, audience: { all: true } });
  }

  campaign(id: string): Promise<Campaign> {
    return this.send("GET", `/campaigns/${id}`);
  }

  start(id: string, at: Date | null = null): Promise<Campaign> {
    return this.send("POST", `/campaigns/${id}/send`, { at: at?.toISOString() ?? null });
  }
}
