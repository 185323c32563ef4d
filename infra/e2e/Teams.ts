import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";
import type { Herald } from "./Herald.ts";
import type { Person } from "./Sandbox.ts";
import { Tab } from "./Tab.ts";

export type Theme = "default" | "dark" | "contrast";

/** A colour that each theme has for itself. */
const grounds: Record<Theme, string> = { default: "#ffffff", dark: "#292929", contrast: "#000000" };

export interface View {
  theme?: Theme;
  lang?: "en" | "fr";
  as?: "Author" | "Publisher" | "Analyst" | "Admin" | "Nobody";
  /** Whose chats stand beside the tab. */
  chats?: Person[];
  /** A link into Herald, such as `campaign/<id>`. */
  subEntityId?: string;
}

/** The sandbox's page as somebody at its keyboard sees it: Teams with Herald's tab, and people's chats beside it. */
export class Teams {
  readonly page: Page;
  readonly tab: Tab;
  private readonly herald: Herald;

  constructor(page: Page, herald: Herald) {
    this.page = page;
    this.herald = herald;
    this.tab = new Tab(page, this.frame);
  }

  get frame(): FrameLocator {
    return this.page.frameLocator("iframe[title='Herald, the tab']");
  }

  /** Opens the page; the tab may show anything by then. */
  async visit({ chats = [], ...rest }: View = {}): Promise<void> {
    const query = new URLSearchParams({ lang: "en", ...rest });
    if (chats.length > 0) query.set("chats", chats.map((person) => person.upn).join(","));
    await this.page.goto(`${this.herald.sandbox.url}/?${query.toString()}`);
  }

  /** Opens the page and waits for the list of campaigns. */
  async open(view: View = {}): Promise<void> {
    await this.visit(view);
    await expect(this.tab.heading("Campaigns")).toBeVisible();
  }

  /** Tells the open tab of a theme, as Teams does when somebody chooses another one. What is open in it stays open. */
  async theme(name: Theme): Promise<void> {
    await this.page.locator("iframe").evaluate((frame: HTMLIFrameElement, theme) => {
      frame.contentWindow?.postMessage({ func: "themeChange", args: [theme] }, new URL(frame.src).origin);
    }, name);
    await this.shows(name);
  }

  /** Returns when the tab has this theme. */
  async shows(name: Theme): Promise<void> {
    const tab = this.frame.locator(".fui-FluentProvider").first();
    await expect(tab).toHaveCSS("--colorNeutralBackground1", grounds[name]);
  }

  chat(person: Person): Locator {
    return this.page.getByRole("region", { name: `Chat of ${person.displayName}` });
  }

  /** Herald's messages in somebody's chat that say this. */
  messages(person: Person, words: string | RegExp): Locator {
    return this.chat(person).getByRole("article", { name: "Herald" }).filter({ hasText: words });
  }
}
