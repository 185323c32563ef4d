import { expect, test } from "./fixtures.ts";

const hour = 3_600_000;

test("a campaign for later goes out at its time and not before, once, though Herald is killed in between", async ({
  teams,
  herald,
  api,
}) => {
  const { tab } = teams;
  const { sandbox } = herald;
  await sandbox.install(5);
  const people = await sandbox.people();
  const draft = await api.create("Town hall");
  const now = await sandbox.now();
  await teams.open();

  await test.step("the author chooses a moment within six days", async () => {
    await tab.edit("Town hall");
    await tab.step("Review");
    await tab.button("More ways to send").click();
    await tab.frame.getByRole("menuitem", { name: "Send later…" }).click();
    const dialog = tab.dialog("Send later");
    await expect(dialog).toContainText("At most 6 days from now");
    const schedule = dialog.getByRole("button", { name: "Schedule" });
    const time = dialog.getByRole("combobox", { name: "Time" });
    await time.fill("25:99");
    await expect(dialog.getByText("Type a time like 14:30.")).toBeVisible();
    await expect(schedule).toBeDisabled();

    await dialog.getByRole("combobox", { name: "Date" }).click();
    const day = (ahead: number) =>
      tab.frame.getByRole("gridcell", {
        name: new Intl.DateTimeFormat("en-US", { dateStyle: "long", timeZone: "Europe/Paris" })
          .format(now.getTime() + ahead * 24 * hour)
          .replace(/^(\w+) (\d+), (\d+)$/, "$2, $1, $3"),
      });
    await expect(day(2).getByRole("button")).toBeEnabled();
    await expect(day(8).getByRole("button")).toBeDisabled();
    await day(2).click();
    await time.fill("14:30");
    await expect(dialog.getByText(/^It will be sent on .*2:30 PM \(Paris\), in \d days? \d+ hours?\.$/)).toBeVisible();
    await schedule.click();
    await expect(tab.text(/^Will be sent .*2:30 PM \(Paris\), in \d days? \d+ hours?$/)).toBeVisible();
    await expect(tab.text("The people are chosen when sending starts.")).toBeVisible();
  });

  const { sendAt, status } = await api.campaign(draft.id);
  if (sendAt === null) throw new Error("it has no time");
  const at = new Date(sendAt);
  expect(status).toBe("scheduled");
  expect(at.toLocaleTimeString("en-GB", { timeZone: "Europe/Paris" })).toBe("14:30:00");

  await test.step("the list says when", async () => {
    await tab.button("All campaigns").click();
    await tab.list("Scheduled");
    await expect(tab.row("Town hall")).toContainText(/Sends .*2:30 PM/);
    await expect(tab.row("Town hall")).toContainText("Scheduled");
  });

  await test.step("an hour before, nothing has been sent", async () => {
    // Another campaign is due then: when that one is through, Herald has looked at the clock.
    const earlier = await api.create("Reminder");
    await api.start(earlier.id, new Date(at.getTime() - 2 * hour));
    await sandbox.advance(`${String(Math.round((at.getTime() - hour - now.getTime()) / 1000))}s`);
    await expect.poll(async () => (await api.campaign(earlier.id)).status).toBe("completed");
    expect((await api.campaign(draft.id)).status).toBe("scheduled");
    for (const person of people) expect(await sandbox.received(person, "Town hall")).toBe(0);
  });

  await test.step("Herald is killed and started again; its time passes, it goes out once", async () => {
    await herald.kill();
    await herald.again();
    expect((await api.campaign(draft.id)).status).toBe("scheduled");
    await sandbox.advance("2h");
    await expect.poll(async () => (await api.campaign(draft.id)).status).toBe("completed");
    for (const [index, person] of people.entries()) {
      expect(await sandbox.received(person, `Town hall for ${person.givenName}`), person.upn).toBe(index < 5 ? 1 : 0);
    }
    expect(await sandbox.duplicates()).toBe(0);
  });

  await test.step("the page knows", async () => {
    await teams.open();
    await tab.list("Completed");
    await expect(tab.row("Town hall")).toContainText("Completed");
    for (const person of people.slice(0, 1)) {
      await expect(teams.messages(person, `Town hall for ${person.givenName}`)).toHaveCount(1);
    }
  });
});

test("the author takes a scheduled campaign back", async ({ teams, herald, api }) => {
  const { tab } = teams;
  await herald.sandbox.install(2);
  const { id } = await api.create("Town hall");
  const now = await herald.sandbox.now();
  await api.start(id, new Date(now.getTime() + 30 * hour));
  await teams.open();
  await tab.list("Scheduled");
  await tab.menu("Town hall", "Take back…");
  const dialog = tab.dialog("Take back “Town hall”?");
  await expect(dialog).toContainText("It becomes a draft again");
  await dialog.getByRole("button", { name: "Take back" }).click();
  await expect(dialog).toBeHidden();
  await expect(tab.text("Nothing is waiting.")).toBeVisible();
  await tab.list("Drafts");
  await expect(tab.row("Town hall")).toBeVisible();
  expect((await api.campaign(id)).status).toBe("draft");
});

test("the sandbox's clock moves by its menu", async ({ teams, herald }) => {
  const { page } = teams;
  const before = await herald.sandbox.now();
  await teams.open();
  await page.getByRole("button", { name: /^Sandbox time: \w/ }).click();
  await page.getByRole("menuitem", { name: "6 days later" }).click();
  await expect(page.getByText(/^It is now .* in the sandbox\.$/).first()).toBeVisible();
  const after = await herald.sandbox.now();
  expect(after.getTime() - before.getTime()).toBeGreaterThanOrEqual(144 * hour);
});
