import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";

type Step = "Message" | "Audience" | "Time" | "Review";

/** Herald's tab in its frame, in the words that an author reads there. */
export class Tab {
  readonly page: Page;
  readonly frame: FrameLocator;

  constructor(page: Page, frame: FrameLocator) {
    this.page = page;
    this.frame = frame;
  }

  heading(name: string | RegExp): Locator {
    return this.frame.getByRole("heading", { name });
  }

  button(name: string | RegExp): Locator {
    return this.frame.getByRole("button", { name });
  }

  field(name: string | RegExp): Locator {
    return this.frame.getByRole("textbox", { name });
  }

  dialog(name?: string | RegExp): Locator {
    const named = name === undefined ? {} : { name };
    return this.frame.getByRole("dialog", named).or(this.frame.getByRole("alertdialog", named));
  }

  text(words: string | RegExp): Locator {
    return this.frame.getByText(words);
  }

  get preview(): Locator {
    return this.frame.getByRole("region", { name: /^Chat with Herald/ });
  }

  /** A campaign's row on the list. */
  row(name: string): Locator {
    return this.frame.getByRole("row").filter({ has: this.page.getByRole("link", { name, exact: true }) });
  }

  /** Opens a draft in the editor. */
  async edit(name: string): Promise<void> {
    await this.frame.getByRole("link", { name, exact: true }).click();
    await expect(this.field("Name of the campaign")).toHaveValue(name);
  }

  /** Chooses from the … menu of a campaign on the list. */
  async menu(name: string, item: string): Promise<void> {
    await this.button(`More actions for ${name}`).click();
    await this.frame.getByRole("menuitem", { name: item }).click();
  }

  async list(name: "Drafts" | "Scheduled" | "Sending" | "Completed"): Promise<void> {
    await this.frame.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
  }

  async create(name: string): Promise<void> {
    await this.button("New campaign").first().click();
    const dialog = this.dialog("New campaign");
    await dialog.getByRole("textbox", { name: "Name" }).fill(name);
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(this.field("Name of the campaign")).toHaveValue(name);
  }

  async format(name: "Idea" | "Success" | "Important" | "Adaptive card" | "Message"): Promise<void> {
    await this.frame.getByRole("radio", { name: new RegExp(`^${name}`) }).check();
  }

  get writing(): Locator {
    return this.frame.getByRole("textbox", { name: "Text", exact: true });
  }

  /** Types a text; `[FIRSTNAME]` in it is chosen from the Insert menu, as people do. */
  async write(words: string): Promise<void> {
    await this.writing.click();
    for (const [index, part] of words.split("[FIRSTNAME]").entries()) {
      if (index > 0) {
        await this.button("Insert").click();
        await this.frame.getByRole("menuitem", { name: "First name" }).click();
        await expect(this.writing).toBeFocused();
      }
      if (part !== "") await this.page.keyboard.type(part);
    }
    await expect(this.writing).toHaveText(words);
  }

  async step(step: Step): Promise<void> {
    await this.frame.getByRole("tab", { name: new RegExp(`^${step}`) }).click();
  }

  async saved(): Promise<void> {
    await expect(this.text(/^Saved /)).toBeVisible();
  }

  /** What stands in the report's legend beside this word. */
  count(word: string): Locator {
    return this.frame.getByRole("listitem").filter({ hasText: word });
  }
}
