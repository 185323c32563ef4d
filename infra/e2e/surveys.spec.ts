import { readFile } from "node:fs/promises";
import type { Locator } from "@playwright/test";
import { axe, axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";
import type { Herald } from "./Herald.ts";
import type { Person } from "./Sandbox.ts";
import type { Tab } from "./Tab.ts";

// Wide enough for the card beside the builder, and for chats beside the tab.
test.use({ viewport: { width: 1920, height: 1080 } });

const eats = "Do you eat in the canteen?";

/** Opens a question of the builder, unless it is open. */
async function open(tab: Tab, name: string | RegExp): Promise<Locator> {
  const button = tab.button(name);
  if ((await button.getAttribute("aria-expanded")) !== "true") await button.click();
  return tab.frame.getByRole("listitem").filter({ has: button });
}

async function add(tab: Tab, kind: string, text: string): Promise<void> {
  await tab.button("Add a question").click();
  await tab.frame.getByRole("menuitem", { name: new RegExp(`^${kind}`) }).click();
  const field = tab.frame.getByRole("textbox", { name: "Question", exact: true });
  await expect(field).toBeFocused();
  await field.fill(text);
}

/** Answers the card of a survey in somebody's chat, one question after the other. */
async function answer(herald: Herald, person: Person, ...answers: Record<string, string>[]): Promise<void> {
  const card = await herald.sandbox.message(person, eats);
  for (const inputs of answers) await herald.sandbox.answer(person, card, inputs);
}

test("an author builds a branching survey, 25 people get it, and the charts say what they answered", async ({
  teams,
  herald,
  api,
}) => {
  const { tab, page } = teams;
  await herald.sandbox.install(25);
  const people = await herald.sandbox.people();
  // Both read English.
  const [ann, bob] = [people[3], people[7]];
  if (!ann || !bob) throw new Error("the sandbox has too few people");
  await teams.open({ chats: [ann, bob] });

  await test.step("build it", async () => {
    await tab.frame.getByRole("link", { name: "Surveys" }).click();
    await expect(tab.heading("Ask people, right in their chat")).toBeVisible();
    await tab.button("New survey").first().click();
    const dialog = tab.dialog("New survey");
    await dialog.getByRole("textbox", { name: "Name" }).fill("Canteen");
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(tab.field("Name of the survey")).toHaveValue("Canteen");
    await add(tab, "Yes or no", eats);
    await expect(tab.preview).toContainText(eats);
    await add(tab, "One option", "When do you come?");
    const options = tab.frame.getByRole("group", { name: "Options" });
    await options.getByRole("textbox", { name: "Option 1" }).fill("Early");
    await page.keyboard.press("Enter");
    await expect(options.getByRole("textbox", { name: "Option 2" })).toBeFocused();
    // A whole list at once, into the empty option.
    await options.getByRole("textbox", { name: "Option 2" }).evaluate((element) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "- At noon\n- Late");
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await expect(options.getByRole("textbox", { name: "Option 3" })).toHaveValue("Late");
    await expect(options.getByRole("textbox")).toHaveCount(3);
    await add(tab, "Recommendation", "Would you recommend it?");
    await add(tab, "Long text", "Anything else?");
  });

  await test.step("order and branches, by keyboard", async () => {
    // Up and down again: what it is called tells where it stands.
    await tab.button("Question 3: Would you recommend it?").focus();
    await page.keyboard.press("Alt+ArrowUp");
    await expect(tab.button("Question 2: Would you recommend it?")).toBeFocused();
    await page.keyboard.press("Alt+ArrowDown");
    await expect(tab.button("Question 3: Would you recommend it?")).toBeFocused();
    const first = await open(tab, `Question 1: ${eats}`);
    await first.getByRole("switch", { name: "Must be answered" }).check();
    await first.getByRole("switch", { name: "What comes next depends on the answer" }).check();
    const yes = first.getByRole("combobox", { name: "After “Yes”" });
    const no = first.getByRole("combobox", { name: "After “No”" });
    await expect(no.getByRole("option")).toHaveText([
      "The next question",
      "2. When do you come?",
      "3. Would you recommend it?",
      "4. Anything else?",
      "The end of the survey",
    ]);
    await no.selectOption("4. Anything else?");
    // With this nobody would come to the second question.
    await yes.selectOption("3. Would you recommend it?");
    await expect(tab.text("Nobody comes here")).toBeVisible();
    await yes.selectOption("The next question");
    await expect(tab.text("Nobody comes here")).toHaveCount(0);
    await tab.button("Remove question 4").click();
    const list = tab.frame.getByRole("region", { name: "Questions" });
    await expect(list.getByRole("status")).toContainText(
      "Question 4 is removed. 1 branch led to where it cannot lead any more",
    );
    await expect(list.getByRole("button", { name: "Undo" })).toBeFocused();
    await page.keyboard.press("Enter");
    await open(tab, `Question 1: ${eats}`);
    await expect(no.locator("option:checked")).toHaveText("4. Anything else?");
    await tab.saved();
  });

  await test.step("send it to everybody", async () => {
    await tab.button("More actions for Canteen").click();
    await tab.frame.getByRole("menuitem", { name: "New campaign with it" }).click();
    await tab.dialog().getByRole("button", { name: "Create" }).click();
    await tab.frame.getByRole("radio", { name: /^All users/ }).check();
    await tab.step("Message");
    await expect(tab.frame.getByRole("combobox", { name: "Survey" })).toHaveValue("Canteen");
    await expect(tab.preview).toContainText(eats);
    await tab.step("Review");
    await expect(tab.text("Everything is there. Try it on yourself, then send it.")).toBeVisible();
    await tab.button("Send now").click();
    await tab.dialog().getByRole("button", { name: "Send to 25 people" }).click();
    await expect(tab.frame.getByRole("img", { name: "Received: 25" })).toBeVisible();
  });

  await test.step("answer in the chats, in different ways", async () => {
    const card = teams.chat(ann).getByRole("article", { name: "Herald" }).last();
    const choose = async (option: RegExp) => {
      await card.getByRole("radio", { name: option }).check();
      await card.getByRole("button", { name: "Next" }).click();
    };
    await choose(/No$/);
    await expect(card).toContainText("Anything else?");
    await card.getByRole("textbox").fill("I bring my own");
    await card.getByRole("button", { name: "Send" }).click();
    await expect(card).toContainText("I bring my own");
    // Changed: the branch is another one now.
    await card.getByRole("button", { name: "Change my answer" }).click();
    await choose(/Yes$/);
    await expect(card).toContainText("When do you come?");
    await choose(/At noon$/);
    await expect(card).toContainText("Would you recommend it?");
    await card.getByRole("combobox").selectOption("9");
    await card.getByRole("button", { name: "Next" }).click();
    await expect(card).toContainText("Anything else?");
    await card.getByRole("button", { name: "Send" }).click();
    await expect(card).toContainText("At noon");
    const { questions } = (
      await api.send<{ items: { questions: { id: string; options?: { id: string }[] }[] }[] }>("GET", "/surveys")
    ).items[0] ?? { questions: [] };
    const [q1 = "", q2 = "", q3 = "", q4 = ""] = questions.map(({ id }) => id);
    const early = questions[1]?.options?.[0]?.id ?? "";
    for (const [index, person] of people.slice(8, 16).entries()) {
      if (index % 2 === 0) await answer(herald, person, { [q1]: "no" }, { [q4]: `Too loud, says ${String(index)}` });
      else
        await answer(
          herald,
          person,
          { [q1]: "yes" },
          { [q2]: early },
          { [q3]: index === 1 ? "3" : "10" },
          { [q4]: "" },
        );
    }
  });

  await test.step("the charts are live, and say it to those who do not see them", async () => {
    await tab.button("Results").click();
    await expect(tab.text("9 of 25 have answered")).toBeVisible();
    await expect(tab.text("36%").first()).toBeVisible();
    const rows = (title: string) => tab.frame.getByRole("table", { name: title }).getByRole("row");
    await expect(rows(eats).filter({ hasText: "Yes" })).toContainText("5");
    await expect(rows(eats).filter({ hasText: "No" })).toContainText("4");
    await expect(rows("When do you come?").filter({ hasText: "At noon" })).toContainText("1");
    const nps = rows("Net promoter score: Would you recommend it?");
    await expect(nps.filter({ hasText: "Promoters" })).toContainText("80%");
    await expect(nps.filter({ hasText: "Detractors" })).toContainText("1");
    await expect(tab.text("+60")).toBeVisible();
    await expect(tab.text("Too loud, says 2")).toBeVisible();
    // One more comes in while the page is open.
    const { items } = await api.send<{ items: { questions: { id: string }[] }[] }>("GET", "/surveys");
    const [q1 = "", , , q4 = ""] = items[0]?.questions.map(({ id }) => id) ?? [];
    await answer(herald, bob, { [q1]: "no" }, { [q4]: "Too far away" });
    await expect(tab.text("10 of 25 have answered")).toBeVisible();
    await expect(tab.text("10 people have answered by now.")).toBeAttached();
    await expect(tab.text("Too far away")).toBeVisible();
    await tab.frame.getByRole("searchbox", { name: "Search the answers to “Anything else?”" }).fill("far");
    await expect(tab.text("Too loud, says 2")).toHaveCount(0);
  });

  await test.step("download the answers", async () => {
    await tab.button("Download").click();
    const download = page.waitForEvent("download");
    await tab.frame.getByRole("menuitem", { name: "CSV" }).click();
    const file = await readFile(await (await download).path(), "utf8");
    expect(file.trim().split(/\r?\n/)).toHaveLength(11);
    expect(file).toContain("Too far away");
    expect(file).toContain(bob.displayName);
  });

  await test.step("remind the others: two clicks to the draft, and only they get it", async () => {
    await tab.button("Remind those who have not answered").click();
    await tab.dialog().getByRole("button", { name: "Remind 15 people" }).click();
    await expect(tab.field("Name of the campaign")).toHaveValue("Reminder: Canteen");
    await expect(tab.text("Everybody who has not answered “Canteen”")).toBeVisible();
    await tab.button("Send now").click();
    await tab.dialog().getByRole("button", { name: "Send to 15 people" }).click();
    await expect(tab.frame.getByRole("img", { name: "Received: 15" })).toBeVisible();
    expect(await herald.sandbox.received(bob, "Too far away")).toBe(1);
  });

  await test.step("close it", async () => {
    await tab.button("Results").click();
    await tab.button("Close the survey").click();
    await tab.dialog().getByRole("button", { name: "Close the survey" }).click();
    await expect(tab.button("Open it again")).toBeVisible();
    await expect(tab.button("Remind those who have not answered")).toHaveAttribute("aria-disabled", "true");
    await expect(tab.frame.getByRole("main").getByText("Closed", { exact: true })).toBeVisible();
  });
});

test("an anonymous survey shows nothing until five have answered", async ({ teams, herald, api }) => {
  const { tab } = teams;
  await herald.sandbox.install(25);
  const people = await herald.sandbox.people();
  const survey = await api.send<{ id: string }>("POST", "/surveys", {
    name: "Mood",
    anonymous: true,
    questions: [{ id: "q1", type: "yesno", text: eats, required: true }],
  });
  const campaign = await api.send<{ id: string }>("POST", "/campaigns", {
    name: "Mood",
    format: "survey",
    content: { surveyId: survey.id },
    audience: { all: true },
  });
  await api.start(campaign.id);
  await expect.poll(async () => (await api.campaign(campaign.id)).status).toBe("completed");
  for (const person of people.slice(0, 4)) await answer(herald, person, { q1: "yes" });
  await teams.visit({ subEntityId: `results/${survey.id}` });
  await expect(tab.text("4 of 25 have answered")).toBeVisible();
  await expect(tab.heading("Results appear from five answers on.")).toBeVisible();
  await expect(tab.frame.getByRole("table")).toHaveCount(0);
  await expect(tab.frame.getByRole("combobox", { name: "People on the list" })).toHaveCount(0);
  await answer(herald, people[5] ?? people[0] ?? ({} as Person), { q1: "no" });
  await expect(tab.frame.getByRole("table", { name: eats })).toBeVisible();
});

for (const width of [1280, 400]) {
  test(`the pages of surveys are for everybody, ${String(width)} px`, async ({ teams, herald, api }) => {
    const { tab, page } = teams;
    const found: Record<string, string[]> = {};
    const look = async (name: string) => {
      await page.mouse.move(0, 0);
      const problems = await (width < 640 ? axe(page) : axeInThemes(teams));
      if (problems.length > 0) found[name] = problems;
    };
    await page.setViewportSize(width < 640 ? { width, height: 900 } : { width: width + 460, height: 1000 });
    await herald.sandbox.install(25);
    const people = await herald.sandbox.people();
    const questions = [
      { id: "q1", type: "yesno", text: eats, required: true, branch: [{ option: "no", to: "q4" }] },
      { id: "q2", type: "rating", text: "How is it?", required: false },
      { id: "q3", type: "nps", text: "Would you recommend it?", required: false },
      { id: "q4", type: "text", text: "Anything else?", required: false },
      { id: "q5", type: "choice", text: "", required: false, options: [{ id: "a", text: "Same" }] },
    ];
    await api.send("POST", "/surveys", { name: "Unfinished", questions });
    const survey = await api.send<{ id: string }>("POST", "/surveys", {
      name: "Canteen",
      questions: questions.slice(0, 4),
    });
    const campaign = await api.send<{ id: string }>("POST", "/campaigns", {
      name: "Canteen",
      format: "survey",
      content: { surveyId: survey.id },
      audience: { all: true },
    });
    await api.start(campaign.id);
    await expect.poll(async () => (await api.campaign(campaign.id)).status).toBe("completed");
    for (const person of people.slice(0, 3)) {
      await answer(herald, person, { q1: "yes" }, { q2: "4" }, { q3: "9" }, { q4: "Fine" });
    }
    await teams.visit({ subEntityId: "surveys" });
    await expect(tab.frame.getByRole("link", { name: "Unfinished" })).toBeVisible();
    await look("surveys");
    await tab.frame.getByRole("link", { name: "Unfinished" }).click();
    await expect(tab.text("2 things are missing before it can be sent")).toBeVisible();
    // Straight to what is missing, in a question that was not open.
    const missing = tab.frame.getByRole("listitem").filter({ hasText: "Give people at least two options" });
    await missing.getByRole("button", { name: "Go to Question 5" }).click();
    await expect(tab.frame.getByRole("group", { name: "Options" })).toBeVisible();
    await look("builder, a question with options");
    await tab.button(`Question 1: ${eats}`).click();
    await expect(tab.frame.getByRole("combobox", { name: "After “No”" })).toBeVisible();
    await look("builder, branches");
    await tab.button("All surveys").click();
    await teams.visit({ subEntityId: `results/${survey.id}` });
    await expect(tab.frame.getByRole("table", { name: eats })).toBeVisible();
    await look("results");
    await teams.visit({ subEntityId: `report/${campaign.id}` });
    await expect(tab.frame.getByRole("table", { name: "What people did with it" })).toBeVisible();
    await look("report");
    expect(found).toEqual({});
  });
}
