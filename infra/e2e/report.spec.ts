import { readFile } from "node:fs/promises";
import type { Locator } from "@playwright/test";
import type { Campaign } from "./Api.ts";
import { axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";
import type { Tab } from "./Tab.ts";

// Slow enough to be watched, with more people than one page has room for.
test.use({ settings: { HERALD_RATE: "6", HERALD_SANDBOX_USERS: "120" } });

const notInstalled = "They do not have the app";

function recipients(tab: Tab): Locator {
  return tab.frame.getByRole("table", { name: "Recipients, one by one" }).locator("tbody").getByRole("row");
}

test("a report is watched while it is sent, searched, filtered, downloaded, and made a list of", async ({
  teams,
  herald,
  api,
}) => {
  const { tab, page } = teams;
  await herald.sandbox.install(90);
  const { id } = await api.create("Summer party");
  // Slow enough that it is still being sent when the page is there.
  await herald.sandbox.send("PUT", "/api/faults", { latency: "8s" });
  await api.start(id);
  await teams.visit({ subEntityId: `report/${id}` });
  const show = tab.button(`Show them: ${notInstalled}`);
  const makeList = tab.button(`Make a list: ${notInstalled}`);

  await test.step("while it is sent the timeline grows, and a list has to wait", async () => {
    await expect(tab.text(/^Sending: \d+ of 120/)).toBeVisible();
    await expect(tab.heading("When it was sent")).toBeVisible();
    await expect(makeList).toHaveAttribute("aria-disabled", "true");
    await makeList.hover();
    await expect(tab.frame.getByRole("tooltip", { name: /^Herald is still at it/ })).toBeVisible();
    await herald.sandbox.send("PUT", "/api/faults", {});
    await expect(tab.text("Sending is complete.")).toBeAttached();
  });

  await test.step("the timeline adds up, in words, and as a table", async () => {
    await expect(tab.text(/^Sent between .+ and .+\. Most within 1 second: \d+\.$/)).toBeVisible();
    const rows = tab.frame.getByRole("table", { name: "When it was sent" }).locator("tbody").getByRole("row");
    await expect
      .poll(async () => {
        const sent = await rows.locator("td:nth-of-type(1)").allTextContents();
        return sent.reduce((sum, each) => sum + Number(each), 0);
      })
      .toBe(90);
  });

  await test.step("pages of fifty", async () => {
    await expect(recipients(tab)).toHaveCount(50);
    await expect(tab.text("1 to 50 of 120")).toBeVisible();
    await tab.button("Next").click();
    await tab.button("Next").click();
    await expect(tab.text("101 to 120 of 120")).toBeVisible();
    await expect(recipients(tab)).toHaveCount(20);
    await expect(tab.button("Next")).toHaveAttribute("aria-disabled", "true");
    await tab.button("Previous").click();
    await expect(tab.text("51 to 100 of 120")).toBeVisible();
  });

  await test.step("a reason shows its people, and the focus goes there", async () => {
    await show.click();
    await expect(tab.heading("Recipients, one by one")).toBeFocused();
    await expect(tab.text("30 of 120 people")).toBeVisible();
    await expect(recipients(tab)).toHaveCount(30);
    await expect(recipients(tab).filter({ hasText: notInstalled })).toHaveCount(30);
    await page.evaluate(() => {
      history.back();
    });
    await expect(tab.text("51 to 100 of 120")).toBeVisible();
    await page.evaluate(() => {
      history.forward();
    });
    await expect(tab.text("30 of 120 people")).toBeVisible();
    await tab.frame.locator("html").evaluate(() => {
      location.reload();
    });
    await expect(tab.text("30 of 120 people")).toBeVisible();
  });

  await test.step("the search narrows it as one types", async () => {
    const last = (await herald.sandbox.people())[119];
    if (!last) throw new Error("the sandbox has too few people");
    const search = tab.frame.getByRole("searchbox", { name: "Search by name or address" });
    await search.pressSequentially(last.upn);
    await expect(tab.text("1 of 120 people")).toBeVisible();
    await expect(recipients(tab)).toContainText([last.displayName]);
    await search.fill("nobody at all");
    await expect(tab.text("Nobody matches.")).toBeVisible();
    await expect(tab.text("0 of 120 people")).toBeVisible();
    await tab.button("Show everybody").click();
    await expect(search).toHaveValue("");
    await expect(tab.text("1 to 50 of 120")).toBeVisible();
  });

  await test.step("what is shown can be downloaded, and everybody", async () => {
    await tab.frame.getByRole("combobox", { name: "State" }).selectOption("Received");
    await expect(tab.text("90 of 120 people")).toBeVisible();
    const lines = async (group: string) => {
      await tab.button("Download").click();
      const begun = page.waitForEvent("download");
      await tab.frame.getByRole("group", { name: group }).getByRole("menuitem", { name: "CSV" }).click();
      const text = await readFile(await (await begun).path(), "utf8");
      return text.trim().split("\n").length - 1;
    };
    expect(await lines("The people shown below")).toBe(90);
    expect(await lines("Everybody")).toBe(120);
  });

  await test.step("people who share a reason become a list, and it can be undone", async () => {
    const make = async (name: string) => {
      await makeList.click();
      const dialog = tab.dialog("Make a list of these 30 people");
      await expect(dialog.getByRole("textbox", { name: "Name" })).toHaveValue("Not reached: Summer party");
      await dialog.getByRole("textbox", { name: "Name" }).fill(name);
      await dialog.getByRole("button", { name: "Make the list" }).click();
    };
    const names = async () =>
      (await api.send<{ items: { name: string; members: number }[] }>("GET", "/lists")).items.map(
        (list) => `${list.name}: ${String(list.members)}`,
      );
    await make("Without the app");
    const done = tab.dialog("The list is there");
    await expect(done).toContainText("“Without the app” has 30 people.");
    expect(await names()).toEqual(["Without the app: 30"]);
    await done.getByRole("button", { name: "Undo" }).click();
    await expect(done).toBeHidden();
    expect(await names()).toEqual([]);

    await api.send("POST", "/lists", { name: "Taken" });
    await make("taken");
    await expect(tab.text("Another list has this name. Choose a different one.")).toBeVisible();
    await tab.dialog().getByRole("textbox", { name: "Name" }).fill("Once more");
    await tab.dialog().getByRole("button", { name: "Make the list" }).click();
    await done.getByRole("button", { name: "Send them this campaign" }).click();
    await expect(tab.field("Name of the campaign")).toHaveValue("Summer party (copy)");
    await tab.step("Audience");
    await expect(tab.text("Once more").first()).toBeVisible();
    await expect(tab.text(/^30 people: /)).toBeVisible();
  });
});

test("the information names the lists, also when one is gone", async ({ teams, herald, api }) => {
  const { tab } = teams;
  await herald.sandbox.install(90);
  const [first] = await herald.sandbox.people();
  const list = async (name: string) => {
    const { id } = await api.send<{ id: string }>("POST", "/lists", { name });
    await api.send("POST", `/lists/${id}/members/bulk`, { emails: [first?.upn] });
    return id;
  };
  const [kept, gone] = [await list("Store managers"), await list("Interns")];
  const audience = { listIds: [kept, gone], emails: [], excludeListIds: [] };
  const { id } = await api.send<Campaign>("POST", "/campaigns", {
    name: "News",
    format: "message",
    content: { text: "Hello" },
    audience,
  });
  await api.start(id);
  await expect.poll(async () => (await api.campaign(id)).status).toBe("completed");
  await api.send("DELETE", `/lists/${gone}`);
  await teams.visit({ subEntityId: `report/${id}` });
  await expect(tab.text(/^Sent at .+, all within a second\.$/)).toBeVisible();
  await tab.button("Information").click();
  const panel = tab.dialog("Information");
  await expect(panel).toContainText("A list that was deleted since");
  await panel.getByRole("button", { name: "Store managers" }).click();
  await expect(tab.heading("Store managers")).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ settings: { HERALD_RATE: "25", HERALD_SANDBOX_USERS: "120" } });

  test("the report is one column and accessible", async ({ teams, herald, api }) => {
    const { tab, page } = teams;
    await herald.sandbox.install(90);
    const { id } = await api.create("Summer party");
    await api.start(id);
    await expect.poll(async () => (await api.campaign(id)).status).toBe("completed");
    await teams.visit({ subEntityId: `report/${id}` });
    await expect(tab.text(/^Sent between/)).toBeVisible();
    await expect(tab.text("1 to 50 of 120")).toBeVisible();
    expect(await axeInThemes(teams)).toEqual([]);

    await page.setViewportSize({ width: 400, height: 900 });
    await expect(tab.text(/^Sent between/)).toBeVisible();
    await tab.button(`Show them: ${notInstalled}`).click();
    await expect(tab.text("30 of 120 people")).toBeVisible();
    const wider = await tab.frame.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
    expect(wider, "nothing is cut off at the side").toBeLessThanOrEqual(0);
    expect(await axeInThemes(teams)).toEqual([]);
    await tab.button(`Make a list: ${notInstalled}`).click();
    await expect(tab.dialog("Make a list of these 30 people")).toBeVisible();
    expect(await axeInThemes(teams)).toEqual([]);
  });
});
