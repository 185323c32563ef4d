import { setTimeout } from "node:timers/promises";
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
    const ask = async () => {
      const answer = await fetch(`${this.herald.url}/api/v1${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...more },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { answer, text: await answer.text() };
    };
    let { answer, text } = await ask();
    // Herald hears a moment later than this that the cloud's clock was moved.
    for (let tries = 0; answer.status === 401 && text.includes('"not_yet_valid"') && tries < 500; tries++) {
      await setTimeout(20);
      ({ answer, text } = await ask());
    }
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
