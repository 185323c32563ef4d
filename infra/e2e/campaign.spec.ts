import { expect, test } from "./fixtures.ts";

// Wide enough for the preview beside the form. Slow enough that a person, and a test, sees the numbers move.
test.use({ viewport: { width: 1920, height: 1080 }, settings: { HERALD_RATE: "2" } });

test("an author writes, tries and sends an Important message, and everybody with the app gets it once", async ({
  teams,
  herald,
}) => {
  const { tab, page } = teams;
  const people = await herald.sandbox.people();
  const [author, reader, other] = [people[0], people[3], people[21]];
  if (!author || !reader || !other) throw new Error("the sandbox has too few people");
  await teams.open({ chats: [reader, people[7] ?? reader] });

  await test.step("install Herald for 20 of 25", async () => {
    await page.getByRole("button", { name: "Install for 20 people" }).click();
    await expect(page.getByText("20 of 25 people have Herald now.")).toBeVisible();
    await expect(teams.messages(reader, "Welcome")).toHaveCount(1);
  });

  await test.step("write", async () => {
    await tab.create("Fire drill");
    await tab.format("Important");
    await tab.write("Hello [FIRSTNAME], the fire drill begins at ten.");
    await expect(tab.preview).toContainText(`Hello ${author.givenName}, the fire drill begins at ten.`);
    await expect(tab.preview).toContainText("Important");
    await tab.saved();
  });

  await test.step("choose everybody", async () => {
    await tab.button("Next: Audience").click();
    await tab.frame.getByRole("radio", { name: /^All users/ }).check();
    await expect(tab.text("25 people: 20 will receive it, 5 do not have the app")).toBeVisible();
  });

  await test.step("verify and try", async () => {
    await tab.button("Next: Time").click();
    await expect(tab.frame.getByRole("radio", { name: /^Now/ })).toBeChecked();
    await tab.button("Next: Review").click();
    await expect(tab.text("Everything is there. Try it on yourself, then send it.")).toBeVisible();
    const address = tab.field("E-mail address");
    const sendTest = tab.button("Send the test");
    await address.fill(other.upn);
    await tab.button("Verify").click();
    await expect(tab.text(`${other.displayName} is in the company, but does not have the app.`)).toBeVisible();
    await expect(sendTest).toHaveAttribute("aria-disabled", "true");
    await address.fill("nobody@contoso.example");
    await tab.button("Verify").click();
    await expect(tab.text("There is nobody with this address.")).toBeVisible();
    await expect(sendTest).toHaveAttribute("aria-disabled", "true");
    await address.fill(reader.upn);
    await tab.button("Verify").click();
    await expect(tab.text(`${reader.displayName} is in the company and has the app.`)).toBeVisible();
    await sendTest.click();
    await expect(tab.text(`The test is in the chat of ${reader.displayName}.`)).toBeVisible();
    await expect(teams.messages(reader, `Hello ${reader.givenName}, the fire drill`)).toHaveCount(1);
  });

  await test.step("send now and watch it go", async () => {
    await tab.button("Send now").click();
    const dialog = tab.dialog("Send “Fire drill” now?");
    await expect(dialog).toContainText("25 people: 20 will receive it, 5 do not have the app");
    await dialog.getByRole("button", { name: "Send to 20 people" }).click();
    await expect(tab.heading(/^Fire drill$/)).toBeVisible();
    await expect(tab.text(/^Sending: \d+ of 25/)).toBeVisible();
    await expect(tab.text("Sending is complete.")).toBeAttached();
  });

  await test.step("the report adds up", async () => {
    await expect(tab.frame.getByRole("main").getByText("Success", { exact: true })).toBeVisible();
    await expect(tab.frame.getByRole("img", { name: "Received: 20, Could not be reached: 5" })).toBeVisible();
    await expect(tab.text("25 people")).toBeVisible();
    const reason = tab.frame.getByRole("listitem").filter({ hasText: "They do not have the app" });
    await expect(reason).toContainText("5");
    const recipients = tab.frame.getByRole("table", { name: "Recipients, one by one" });
    const row = recipients.getByRole("row").filter({ hasText: other.displayName });
    await expect(row).toContainText("They do not have the app");
    await expect(recipients.getByRole("row")).toHaveCount(26);
  });

  await test.step("everybody with the app has it once, with their own name", async () => {
    const neighbour = people[7] ?? reader;
    await expect(teams.messages(neighbour, `Hello ${neighbour.givenName}, the fire drill`)).toHaveCount(1);
    await expect(teams.messages(reader, `Hello ${reader.givenName}, the fire drill`)).toHaveCount(2); // one is the test
    await expect(teams.messages(neighbour, "Hello").getByText("Important").first()).toBeVisible();
    for (const [index, person] of people.entries()) {
      const want = index >= 20 ? 0 : person === reader ? 2 : 1;
      expect(await herald.sandbox.received(person, `Hello ${person.givenName}, the fire drill`), person.upn).toBe(want);
      expect(await herald.sandbox.received(person, "the fire drill"), person.upn).toBe(want);
    }
    expect(await herald.sandbox.duplicates()).toBe(0);
  });

  await test.step("the list knows it as completed", async () => {
    await tab.button("All campaigns").click();
    await tab.list("Completed");
    await expect(tab.row("Fire drill")).toContainText("Completed");
  });
});
