import type { Campaign } from "./Api.ts";
import { axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

const signIn = (reason: string) => ({ signIn: reason });

for (const width of [1440, 400]) {
  test(`campaigns are found, narrowed and sorted at ${String(width)} px, and back and reload keep it`, async ({
    teams,
    api,
  }) => {
    const { tab, page } = teams;
    const small = width < 640;
    await page.setViewportSize({ width, height: 900 });
    for (const name of ["Bananas", "Apples", "Cherries"])
      await api.create(name, name === "Apples" ? "idea" : "message");
    await teams.open();
    const names = tab.frame.getByRole("main").getByRole("link");
    await expect(names).toHaveText(["Cherries", "Apples", "Bananas"]);
    await expect(tab.frame.getByRole("status").filter({ hasText: "3 campaigns shown" })).toBeVisible();

    if (small) {
      await tab.button("Sort by: Last change").click();
      await tab.frame.getByRole("menuitemradio", { name: "Name, A to Z" }).click();
    } else {
      await tab.frame.getByRole("columnheader", { name: "Name" }).getByRole("button").press("Enter");
      await expect(tab.frame.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
    }
    await expect(names).toHaveText(["Apples", "Bananas", "Cherries"]);

    await tab.button("Format: All formats").click();
    await tab.frame.getByRole("menuitemcheckbox", { name: "Message" }).click();
    await page.keyboard.press("Escape");
    await expect(names).toHaveText(["Bananas", "Cherries"]);
    await expect(tab.frame.getByRole("tab", { name: "Drafts 2" })).toBeVisible(); // the numbers follow the filters
    await tab.button("Author: All authors").click();
    await tab.frame.getByRole("menuitemradio", { name: "Me" }).click();
    await expect(names).toHaveText(["Bananas", "Cherries"]);

    // A page that is opened and left brings back what was looked at; so does loading it again.
    await names.first().click();
    await expect(tab.field("Name of the campaign")).toHaveValue("Bananas");
    await tab.frame.locator("body").evaluate(() => {
      history.back();
    });
    await expect(names).toHaveText(["Bananas", "Cherries"]);
    await tab.frame.locator("body").evaluate(() => {
      location.reload();
    });
    await expect(tab.button("Format: Message")).toBeVisible();
    await expect(tab.button("Author: Me")).toBeVisible();
    await expect(names).toHaveText(["Bananas", "Cherries"]);

    await tab.frame.getByRole("searchbox", { name: "Search by name" }).fill("apple");
    await expect(tab.text("No campaign here fits the search and the filters.")).toBeVisible();
    await expect(tab.frame.getByRole("status").filter({ hasText: "No campaigns found" })).toBeAttached();
    await tab.frame.getByRole("tabpanel").getByRole("button", { name: "Clear filters" }).click();
    await expect(names).toHaveText(["Apples", "Bananas", "Cherries"]); // the order stays
  });
}

test("every action of a row is there, and says why when it cannot be used", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await herald.sandbox.install(3);
  await api.create("Written");
  const waiting = await api.create("Waiting");
  await api.start(waiting.id, new Date((await herald.sandbox.now()).getTime() + 3_600_000));
  const done = await api.create("Done");
  await api.start(done.id);
  await expect.poll(async () => (await api.campaign(done.id)).status).toBe("completed");
  await teams.open();
  const everything = ["Edit", "Try", "Send", "Stop…", "Report", "Information", "Clone…", "Delete…"];
  const item = (name: string) => tab.frame.getByRole("menuitem", { name, exact: true });
  for (const [list, name, dead] of [
    ["Drafts", "Written", ["Stop…", "Report", "Information"]],
    ["Scheduled", "Waiting", ["Edit", "Try", "Send", "Stop…", "Report"]],
    ["Completed", "Done", ["Edit", "Try", "Send", "Stop…"]],
  ] as const) {
    await tab.list(list);
    await tab.button(`More actions for ${name}`).click();
    const disabled = new Set<string>(dead);
    for (const each of everything) {
      if (!disabled.has(each)) {
        await expect(item(each), `${name}: ${each}`).not.toHaveAttribute("aria-disabled", "true");
        continue;
      }
      await expect(item(each), `${name}: ${each}`).toHaveAttribute("aria-disabled", "true");
      await expect(item(each), `${name}: ${each}`).toHaveAttribute("aria-describedby", /.+/);
    }
    await page.keyboard.press("Escape");
  }
  await tab.menu("Done", "Information");
  await expect(tab.dialog()).toContainText("Teams");
  await tab.dialog().getByRole("button", { name: "Close" }).first().click();
  await expect(tab.heading("Recipients, one by one")).toBeVisible();
  await tab.button("All campaigns").click();
  await tab.list("Drafts");
  await tab.menu("Written", "Send");
  await expect(tab.field("Name of the campaign")).toHaveValue("Written");
});

test("the audience is said with the names of its lists", async ({ teams, api }) => {
  const { tab } = teams;
  const list = (name: string) => api.send<{ id: string }>("POST", "/lists", { name });
  const [sales, interns] = [await list("Sales"), await list("Interns")];
  await api.send<Campaign>("POST", "/campaigns", {
    name: "To some",
    audience: { listIds: [sales.id], emails: ["ann@contoso.example"] },
  });
  await api.send<Campaign>("POST", "/campaigns", {
    name: "To most",
    audience: { all: true, excludeListIds: [interns.id] },
  });
  await teams.open();
  await expect(tab.row("To some")).toContainText("Sales and 1 address");
  await expect(tab.row("To most")).toContainText("All users except Interns");
  await api.send("DELETE", `/lists/${sales.id}`);
  await teams.open();
  await expect(tab.row("To some")).toContainText("a deleted list and 1 address");
});

test("Herald goes and comes back while the page is open, which goes on by itself", async ({ teams, herald, api }) => {
  const { tab } = teams;
  await api.create("Here before");
  await teams.open();
  await expect(tab.row("Here before")).toBeVisible();
  await herald.kill();
  await tab.list("Scheduled");
  await expect(tab.text(/^Herald cannot be reached\. What you see may be old/)).toBeVisible();
  await expect(tab.heading("The campaigns could not be loaded")).toBeVisible();
  await expect(tab.heading(/^Campaigns$/)).toBeVisible();
  await herald.again();
  await expect(tab.text(/^Nothing is waiting\./)).toBeVisible();
  await expect(tab.text(/^Herald cannot be reached/)).toBeHidden();
  await tab.list("Drafts");
  await expect(tab.row("Here before")).toBeVisible();
});

test("a sign-in that runs out is renewed without a word", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await api.create("Still here");
  await teams.open();
  await expect(tab.row("Still here")).toBeVisible();
  const refused = page.waitForResponse((answer) => answer.status() === 401);
  await herald.sandbox.advance("2h");
  await tab.list("Scheduled");
  await refused;
  await expect(tab.text(/^Nothing is waiting\./)).toBeVisible();
  await tab.list("Drafts");
  await expect(tab.row("Still here")).toBeVisible();
});

test("a sign-in that cannot be renewed asks for it again, and keeps what is open", async ({ teams, herald, api }) => {
  const { tab } = teams;
  await api.create("Half written");
  await teams.open();
  await tab.edit("Half written");
  await herald.sandbox.send("PUT", "/api/faults", signIn("again"));
  await herald.sandbox.advance("2h");
  await tab.field("Name of the campaign").fill("Fully written");
  await expect(tab.heading("Sign in again")).toBeVisible();
  await expect(tab.field("Name of the campaign")).toBeHidden();
  await tab.button("Sign in again").click();
  await expect(tab.field("Name of the campaign")).toHaveValue("Fully written");
});

test("who cannot begin is told why, and what to do next", async ({ teams, herald, page }) => {
  const { tab } = teams;
  const found: Record<string, string[]> = {};
  const fault = (body: object) => herald.sandbox.send("PUT", "/api/faults", body);
  const look = async (name: string) => {
    const problems = await axeInThemes(teams);
    if (problems.length > 0) found[name] = problems;
  };

  await fault(signIn("consent"));
  await teams.visit();
  await expect(tab.heading("Herald needs your permission")).toBeVisible();
  await look("consent");
  await tab.button("Allow in Teams").click();
  await expect(tab.heading("Campaigns")).toBeVisible();

  await fault(signIn("admin"));
  await teams.visit();
  await expect(tab.heading("An administrator has to allow Herald")).toBeVisible();
  await expect(tab.text(/Teams admin center, under Manage apps, Herald, Permissions/)).toBeVisible();
  await look("admin");

  await fault(signIn("failed"));
  await teams.visit();
  await expect(tab.heading("Teams could not sign you in")).toBeVisible();
  await expect(tab.text(/AADSTS90033/)).toBeVisible();
  await look("token");
  await fault({});
  await tab.button("Try again").click();
  await expect(tab.heading("Campaigns")).toBeVisible();

  await fault(signIn("expired"));
  await teams.visit();
  await expect(tab.heading("Sign in again")).toBeVisible();
  await look("expired");
  await fault({});
  await tab.button("Sign in again").click();
  await expect(tab.heading("Campaigns")).toBeVisible();

  await page.route("**/api/v1/me", (route) => route.abort());
  await teams.visit();
  await expect(tab.heading("Herald cannot be reached")).toBeVisible();
  await look("down");
  await page.unroute("**/api/v1/me");
  await tab.button("Try again").click();
  await expect(tab.heading("Campaigns")).toBeVisible();

  await teams.visit({ as: "Nobody" });
  await expect(tab.heading("You do not have access to campaigns yet")).toBeVisible();
  await look("no role");

  for (const [link, title] of [
    ["holiday/1", "There is no such page"],
    ["report/00000000-0000-7000-8000-000000000000", "There is no such campaign"],
  ] as const) {
    await teams.visit({ subEntityId: link });
    await expect(tab.heading(title)).toBeVisible();
    await look(link);
    await tab.button("All campaigns").click();
    await expect(tab.heading("Campaigns")).toBeVisible();
  }
  expect(found).toEqual({});
});

test("axe finds nothing on the filtered list", async ({ teams, herald, api }) => {
  const { tab, page } = teams;
  await api.create("One", "idea");
  await teams.open();
  await tab.button("Author: All authors").click();
  await expect(tab.frame.getByRole("menuitemradio", { name: "Me" })).toBeVisible();
  expect(await axeInThemes(teams)).toEqual([]);
  await tab.frame.getByRole("menuitemradio", { name: "Me" }).click();
  await tab.frame.getByRole("columnheader", { name: "When" }).getByRole("button").click();
  await expect(tab.row("One")).toBeVisible();
  expect(await axeInThemes(teams)).toEqual([]);
  await page.setViewportSize({ width: 400, height: 900 });
  await expect(tab.button("Sort by: When, newest first")).toBeVisible();
  expect(await axeInThemes(teams)).toEqual([]);
  await herald.kill();
  await tab.list("Sending");
  await expect(tab.button("Try now")).toBeVisible();
  expect(await axeInThemes(teams)).toEqual([]);
});
