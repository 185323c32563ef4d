/** A person of the sandbox's tenant. */
export interface Person {
  id: string;
  upn: string;
  displayName: string;
  givenName: string;
  installed: boolean;
  roles: string[];
}

interface ChatItem {
  id: string;
  from: "bot" | "user";
  activity: { text?: string; attachments?: { content?: unknown }[] };
}

/** The sandbox's control API: what a test arranges, and what it checks besides the page. */
export class Sandbox {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async send<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  async people(): Promise<Person[]> {
    return (await this.send<{ items: Person[] }>("GET", "/api/users?limit=200")).items;
  }

  async install(count: number): Promise<void> {
    await this.send("POST", "/api/install", { count });
  }

  /** Moves the sandbox's time forward, "26h" or the like. */
  async advance(by: string): Promise<void> {
    await this.send("PUT", "/api/clock", { advance: by });
  }

  async now(): Promise<Date> {
    return new Date((await this.send<{ now: string }>("GET", "/api/clock")).now);
  }

  /** How many messages from Herald in this person's chat say that. */
  async received(person: Person, words: string): Promise<number> {
    const { items } = await this.chat(person);
    return items.filter((item) => item.from === "bot" && JSON.stringify(item.activity).includes(words)).length;
  }

  /** The id of Herald's first message in this person's chat that says that. */
  async message(person: Person, words: string): Promise<string> {
    const { items } = await this.chat(person);
    const found = items.find((item) => item.from === "bot" && JSON.stringify(item.activity).includes(words));
    if (!found) throw new Error(`${person.upn} has no message that says ${words}`);
    return found.id;
  }

  /** Answers what a survey's card asks, as the person to whom it was sent. */
  async answer(person: Person, card: string, inputs: Record<string, string>): Promise<void> {
    const press = { activityId: card, action: "herald.survey.answer", inputs };
    await this.send("POST", `/api/users/${person.id}/submit`, press);
  }

  async duplicates(): Promise<number> {
    return (await this.send<{ duplicates: number }>("GET", "/api/stats")).duplicates;
  }

  private async chat(person: Person): Promise<{ items: ChatItem[] }> {
    const chat = await this.send<{ items: ChatItem[] } | ChatItem[]>("GET", `/api/users/${person.id}/chat`);
    return Array.isArray(chat) ? { items: chat } : chat;
  }
}
