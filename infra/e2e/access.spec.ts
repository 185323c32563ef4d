import { axe, axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

for (const width of [1280, 400]) {
  test(`axe finds nothing at ${String(width)} px`, async ({ teams, herald, api }) => {
    const { tab, page } = teams;
    const found: Record<string, string[]> = {};
    // A theme changes colours, not the page: one width is enough for the other two.
    const look = async (name: string) => {
      const problems = await (width < 640 ? axe(page) : axeInThemes(teams));
      if (problems.length > 0) found[name] = problems;
    };
    await page.setViewportSize({ width, height: 900 });
    await herald.sandbox.install(20);
    const sent = await api.create("Already sent", "important");
    await api.start(sent.id);
    await api.create("Being written", "idea");
    await expect.poll(async () => (await api.campaign(sent.id)).status).toBe("completed");

    await teams.open();
    await expect(tab.frame.getByRole("link", { name: "Being written" })).toBeVisible();
    await look("home");
    await tab.button("New campaign").click();
    await expect(tab.field("Name")).toBeVisible();
    await look("new campaign");
    await tab.button("Cancel").click();
    await tab.edit("Being written");
    await expect(tab.writing).toBeVisible();
    await look("message");
    await tab.step("Audience");
    await expect(tab.text("25 people: 20 will receive it, 5 do not have the app")).toBeVisible();
    await look("audience");
    await tab.step("Time");
    await tab.frame.getByRole("radio", { name: /^Later/ }).check();
    await expect(tab.text(/^It will be sent on/)).toBeVisible();
    await look("time");
    await tab.frame.getByRole("radio", { name: /^Now/ }).check();
    await tab.step("Review");
    await expect(tab.button("Send now")).toBeEnabled();
    await look("review");
    await tab.button("Send now").click();
    await expect(tab.button("Send to 20 people")).toBeVisible();
    await look("send now");
    await tab.button("Cancel").click();
    await tab.button("More ways to send").click();
    await tab.frame.getByRole("menuitem", { name: "Send later…" }).click();
    await expect(tab.frame.getByRole("button", { name: "Schedule", exact: true })).toBeVisible();
    await look("send later");
    await tab.button("Cancel").click();
    await tab.button("All campaigns").click();
    await tab.list("Completed");
    await tab.frame.getByRole("link", { name: "Already sent" }).click();
    await expect(tab.heading("Recipients, one by one")).toBeVisible();
    await expect(tab.text("They do not have the app").first()).toBeVisible();
    await look("report");
    expect(found).toEqual({});
  });
}

test("a whole campaign by keyboard alone", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  const { keyboard } = page;
  await herald.sandbox.install(3);
  const people = await herald.sandbox.people();
  const [one, two] = people;
  if (!one || !two) throw new Error("the sandbox has too few people");
  await teams.open();

  const focused = (what: ReturnType<typeof tab.button>) =>
    what.evaluate((element) => element === document.activeElement);
  /** Tabs on until this has the focus, as somebody who sees where it is does. */
  const tabTo = async (what: ReturnType<typeof tab.button>) => {
    await expect(what).toBeVisible();
    for (let steps = 0; steps < 60; steps++) {
      if (await focused(what)) return;
      await keyboard.press("Tab");
    }
    await expect(what).toBeFocused();
  };

  await tabTo(tab.button("New campaign").first());
  await keyboard.press("Enter");
  await expect(tab.field("Name")).toBeFocused();
  await keyboard.type("By hand");
  await keyboard.press("Enter");
  await expect(tab.field("Name of the campaign")).toHaveValue("By hand");

  await tabTo(tab.frame.getByRole("radio", { name: /^Message/ }));
  await keyboard.press("ArrowUp"); // to the card
  await expect(tab.frame.getByRole("radio", { name: /^Adaptive card/ })).toBeChecked();
  await keyboard.press("ArrowDown"); // and back
  await tabTo(tab.writing);
  await keyboard.type("Written by keyboard for ");
  await keyboard.press("Shift+Tab"); // to the toolbar, where arrows lead on
  const insert = tab.button("Insert");
  for (let steps = 0; steps < 12 && !(await focused(insert)); steps++) await keyboard.press("ArrowRight");
  await keyboard.press("Enter");
  await expect(tab.frame.getByRole("menuitem", { name: "First name" })).toBeFocused();
  await keyboard.press("Enter");
  await expect(tab.writing).toBeFocused();
  await expect(tab.writing).toHaveText("Written by keyboard for [FIRSTNAME]");
  await tabTo(tab.button("Next: Audience"));
  await keyboard.press("Enter");
  const some = tab.frame.getByRole("radio", { name: /^Chosen people/ });
  await tabTo(some);
  await expect(some).toBeChecked();
  await tabTo(tab.frame.getByRole("combobox", { name: "People" }));
  await keyboard.type(`${one.upn}\n${two.upn}\n`);
  await expect(tab.text("2 people: 2 will receive it")).toBeVisible();
  await tabTo(tab.button("Next: Time"));
  await keyboard.press("Enter");
  const now = tab.frame.getByRole("radio", { name: /^Now/ });
  await tabTo(now);
  await keyboard.press("ArrowDown"); // to later
  await expect(tab.frame.getByRole("radio", { name: /^Later/ })).toBeChecked();
  await tabTo(tab.frame.getByRole("combobox", { name: "Time" }));
  await keyboard.press("ControlOrMeta+a");
  await keyboard.type("23:59");
  await expect(tab.text(/^It will be sent on .*11:59 PM \(Paris\), in/)).toBeVisible();
  await tabTo(tab.button("Next: Review"));
  await keyboard.press("Enter");
  await tabTo(tab.button(/^Schedule for \w+ 11:59 PM$/));
  await tabTo(tab.button("Back: Time"));
  await keyboard.press("Enter");
  await tabTo(tab.frame.getByRole("radio", { name: /^Later/ }));
  await keyboard.press("ArrowUp"); // back to now
  await expect(now).toBeChecked();
  await tabTo(tab.button("Next: Review"));
  await keyboard.press("Enter");
  await tabTo(tab.field("E-mail address"));
  await keyboard.type(one.upn);
  await keyboard.press("Enter");
  await expect(tab.text(`${one.displayName} is in the company and has the app.`)).toBeVisible();
  await tabTo(tab.button("Send the test"));
  await keyboard.press("Enter");
  await expect(tab.text(`The test is in the chat of ${one.displayName}.`)).toBeVisible();
  await tabTo(tab.button("Send now"));
  await keyboard.press("Enter");
  const confirm = tab.dialog("Send “By hand” now?");
  await expect(confirm).toBeVisible();
  await keyboard.press("Escape");
  await expect(confirm).toBeHidden();
  await expect(tab.button("Send now")).toBeFocused();
  await keyboard.press("Enter");
  await tabTo(confirm.getByRole("button", { name: "Send to 2 people" }));
  await keyboard.press("Enter");
  await expect(tab.frame.getByRole("img", { name: "Received: 2" })).toBeVisible();
  const words = (person: typeof one) => `Written by keyboard for ${person.givenName}`;
  expect(await herald.sandbox.received(one, words(one))).toBe(2); // one is the test
  expect(await herald.sandbox.received(two, words(two))).toBe(1);
  expect(
    (await api.send<{ items: { status: string }[] }>("GET", "/campaigns")).items.map((each) => each.status),
  ).toEqual(["completed"]);
});
