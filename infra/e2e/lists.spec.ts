import { axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

for (const width of [1280, 400]) {
  test(`a list from a file with wrong rows carries a campaign, ${String(width)} px`, async ({ teams, herald }) => {
    const { tab, page } = teams;
    const small = width < 640;
    const found: Record<string, string[]> = {};
    const look = async (name: string) => {
      await page.mouse.move(0, 0);
      // A notice that is fading in has no contrast yet; it says nothing about the page.
      await expect(tab.frame.locator(".fui-ToastContainer")).toHaveCount(0);
      const problems = await (small ? axeInThemes(teams, ["dark"]) : axeInThemes(teams));
      if (problems.length > 0) found[name] = problems;
    };
    // So much wider that the frame itself is about that wide.
    await page.setViewportSize({ width: small ? width : width + 460, height: 900 });
    await herald.sandbox.install(20);
    const people = await herald.sandbox.people();
    const [author, reader, other, without] = [people[0], people[3], people[5], people[22]];
    if (!author || !reader || !other || !without) throw new Error("the sandbox has too few people");
    const tsv = [
      "CONTACT\tNOMBRE\tMONTO\tFECHA",
      `${reader.upn}\tCarlos\t1200\t2016-12-25`,
      `${other.upn}\tAna\t1350\t2016-10-25`,
      "alfredo@\tAlfredo\t1480\t2016-11-25",
      `${without.upn}\tBerta\t\t2016-11-25`,
      `${author.upn}\tEva\t1520\t2026-13-45`,
    ].join("\n");

    await teams.open(small ? {} : { chats: [reader] });
    await tab.frame.getByRole("link", { name: "Lists" }).click();
    await expect(tab.heading("No lists yet")).toBeVisible();
    await look("lists-empty");

    await test.step("a new list asks for its name and for a file", async () => {
      await tab.button("New list").first().click();
      const dialog = tab.dialog("New list");
      await expect(dialog.getByRole("button", { name: "Create and import" })).toBeDisabled();
      await tab.field("Name").fill("Customers");
      await look("lists-new");
      await dialog.getByRole("button", { name: "Create and import" }).click();
    });

    await test.step("the file's columns are recognised", async () => {
      const wizard = tab.dialog("Import into “Customers”");
      await expect(wizard.getByText("Drop a file here")).toBeVisible();
      await look("import-file");
      await wizard
        .locator("input[type=file]")
        .setInputFiles({ name: "customers.tsv", mimeType: "text/tab-separated-values", buffer: Buffer.from(tsv) });
      await expect(wizard.getByRole("combobox", { name: "What CONTACT becomes" })).toHaveValue("address");
      await expect(wizard.getByRole("combobox", { name: "What NOMBRE becomes" })).toHaveValue("firstName");
      await expect(wizard.getByRole("combobox", { name: "Type of MONTO" })).toHaveValue("number");
      await expect(wizard.getByRole("combobox", { name: "Type of FECHA" })).toHaveValue("date");
      await look("import-columns");
      await wizard.getByRole("button", { name: "Next: check the rows" }).click();
    });

    await test.step("wrong rows are named, and the good ones imported", async () => {
      const wizard = tab.dialog("Import into “Customers”");
      await expect(wizard.getByText("5 rows: 3 good, 2 with a problem. Nothing has been imported yet.")).toBeVisible();
      const rows = wizard.getByRole("region", { name: "Rows with a problem" });
      await expect(rows).toContainText("“alfredo@” is not an e-mail address.");
      await expect(rows).toContainText("Not a date.");
      await expect(rows).toContainText("2026-13-45");
      await look("import-check");
      await wizard.getByRole("button", { name: "Import the 3 good rows" }).click();
      await expect(wizard.getByText("3 people were added to “Customers” or got new values.")).toBeVisible();
      await look("import-done");
      await wizard.getByRole("button", { name: "Close" }).click();
      await expect(wizard).toBeHidden();
      // A dialog that is gone gives the page back a moment later.
      await expect(tab.frame.locator("#root")).not.toHaveAttribute("aria-hidden", "true");
    });

    await test.step("the list shows them", async () => {
      await expect(tab.text("3 people, 2 with the app")).toBeVisible();
      await expect(tab.text("1,350").first()).toBeVisible();
      await expect(tab.text("No app yet").and(tab.frame.locator(":not(option)")).first()).toBeVisible();
      await look("list");
      await tab.button(`Edit ${reader.upn}`).click();
      const dialog = tab.dialog("Edit this person");
      await expect(dialog.getByRole("textbox", { name: "MONTO" })).toHaveValue("1200");
      await look("list-person");
      await dialog.getByRole("textbox", { name: "MONTO" }).fill("twelve");
      await dialog.getByRole("button", { name: "Save" }).click();
      await expect(dialog.getByText(/^Not a number\./).first()).toBeVisible();
      await dialog.getByRole("textbox", { name: "MONTO" }).fill("1201");
      await dialog.getByRole("button", { name: "Save" }).click();
      await expect(dialog).toBeHidden();
      await expect(tab.text(`${reader.upn} was saved.`).first()).toBeVisible();
      await expect(tab.text("1,201").first()).toBeVisible();
      await tab.button("Columns").click();
      await expect(tab.text("Write [MONTO] in a message.")).toBeVisible();
      await look("list-columns");
      await tab.dialog("Columns").getByRole("button", { name: "Cancel" }).click();
      await tab.button("All lists").click();
      await expect(tab.frame.getByRole("link", { name: "Customers" })).toBeVisible();
      await look("lists");
    });

    await test.step("a campaign goes to it, with each one's own value", async () => {
      await tab.frame.getByRole("link", { name: "Campaigns" }).click();
      await tab.create("Invoices");
      await tab.format("Message");
      await tab.step("Audience");
      await tab.frame.getByRole("combobox", { name: "Lists" }).click();
      await tab.frame.getByRole("menuitemcheckbox", { name: /^Customers/ }).click();
      await tab.page.keyboard.press("Escape");
      await expect(tab.text("3 people: 2 will receive it, 1 does not have the app")).toBeVisible();
      await look("campaign-audience");
      await tab.step("Message");
      await tab.writing.click();
      await page.keyboard.type("You owe ");
      await tab.button("Insert").click();
      await expect(tab.frame.getByRole("menuitem", { name: "MONTO" })).toBeVisible();
      await tab.frame.getByRole("menuitem", { name: /^With words for a missing value/ }).click();
      await tab.frame.getByRole("combobox", { name: "Variable" }).selectOption("MONTO");
      await tab.field("Where the value is missing, write").fill("nothing");
      await look("campaign-fallback");
      await tab.frame.getByRole("dialog").getByRole("button", { name: "Insert" }).click();
      await expect(tab.writing).toHaveText("You owe [MONTO|nothing]");
      await tab.saved();
      if (!small) {
        const as = tab.frame.getByRole("combobox", { name: "Seen by" });
        await as.click();
        await as.pressSequentially(reader.upn.slice(0, 5));
        await tab.frame.getByRole("option", { name: new RegExp(reader.upn) }).click();
        await expect(tab.preview).toContainText("You owe 1201");
        await look("campaign-preview");
      }
      await tab.step("Review");
      await expect(tab.text("Lists: Customers")).toBeVisible();
      await tab.button("Send now").click();
      await tab.dialog("Send “Invoices” now?").getByRole("button", { name: "Send to 2 people" }).click();
      await expect(tab.frame.getByRole("img", { name: "Received: 2, Could not be reached: 1" })).toBeVisible();
      expect(await herald.sandbox.received(reader, "You owe 1201")).toBe(1);
      expect(await herald.sandbox.received(other, "You owe 1350")).toBe(1);
      if (!small) await expect(teams.messages(reader, "You owe 1201")).toHaveCount(1);
    });
    expect(found).toEqual({});
  });
}
