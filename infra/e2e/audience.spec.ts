import { axe, axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

for (const width of [1280, 400]) {
  test(`people are found, pasted and left out, ${String(width)} px`, async ({ teams, herald, api }) => {
    const { tab, page } = teams;
    const small = width < 640;
    const found: Record<string, string[]> = {};
    const look = async (name: string) => {
      await page.mouse.move(0, 0);
      const problems = await (small ? axe(page) : axeInThemes(teams));
      if (problems.length > 0) found[name] = problems;
      if (process.env.AUDIENCE_PICTURES) {
        await page.screenshot({ path: `${process.env.AUDIENCE_PICTURES}/${name}-${String(width)}.png` });
      }
    };
    await page.setViewportSize({ width: small ? width : width + 460, height: 900 });
    await herald.sandbox.install(10);
    const people = await herald.sandbox.people();
    const [, one, two, three] = people;
    const without = people[20];
    if (!one || !two || !three || !without) throw new Error("the sandbox has too few people");
    const { id } = await api.send<{ id: string }>("POST", "/lists", { name: "Interns", columns: [] });
    await api.send("POST", `/lists/${id}/members/bulk`, { emails: [one.upn, two.upn] });

    await teams.open();
    await tab.create("Audience");
    await tab.step("Audience");
    await tab.frame.getByRole("radio", { name: /^Chosen people/ }).check();
    const field = tab.frame.getByRole("combobox", { name: "People" });
    const tags = tab.frame.getByRole("toolbar", { name: "Chosen people" });

    await test.step("a name finds a person, with the icon of who has the app", async () => {
      await field.pressSequentially(one.displayName.slice(0, -1));
      const option = tab.frame.getByRole("option", { name: new RegExp(one.upn) });
      await expect(option.getByRole("img", { name: "Has the app" })).toBeVisible();
      await look("audience-search");
      await option.click();
      await expect(tags.getByText(one.displayName)).toBeVisible();
      await expect(tab.text("1 person: 1 will receive it")).toBeVisible();
    });

    await test.step("sixty pasted addresses, of which one is wrong, one repeated and many unknown", async () => {
      const pasted = people.slice(1, 25).map((each) => `${each.displayName} <${each.upn}>`);
      await field.focus();
      await tab.frame.locator("body").evaluate(
        (body, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          body.ownerDocument.activeElement?.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
          );
        },
        [
          ...pasted,
          ...Array.from({ length: 35 }, (_, n) => `nobody${String(n)}@contoso.example`),
          "not an address",
        ].join("; "),
      );
      await expect(
        tab.text("59 people: 9 will receive it, 15 do not have the app, 35 addresses are unknown"),
      ).toBeVisible();
      await expect(tab.text("and 39 more").first()).toBeVisible();
      await expect(tab.text(/is not an e-mail address and is left out: not an address/)).toBeVisible();
      await expect(tab.text(/1 repeated address counts once/)).toBeVisible();
      await look("audience-pasted");
    });

    await test.step("a wrong entry stays until it is removed, also over another step", async () => {
      await tab.step("Message");
      await tab.step("Audience");
      await expect(tab.text(/is left out: not an address/)).toBeVisible();
      await tab.button("Edit as text").click();
      const text = tab.field("Addresses as text");
      await expect(text).toBeFocused();
      await expect(text).toHaveValue(/^not an address\n/);
      await look("audience-text");
      await text.fill((await text.inputValue()).replace("not an address\n", ""));
      await expect(tab.text(/is left out: not an address/)).toBeHidden();
      await tab.button("Done").click();
    });

    await test.step("who does not have the app is listed, searched and copied", async () => {
      await expect(tab.heading("Without the app")).toBeVisible();
      await expect(tab.heading("Unknown addresses")).toBeVisible();
      await tab.button("Show all 15").click();
      const dialog = tab.dialog("Without the app");
      await dialog.getByRole("textbox", { name: "Search these people" }).fill(without.upn);
      await expect(dialog.getByRole("listitem")).toHaveCount(1);
      await expect(dialog.getByRole("img", { name: "No app yet" })).toBeVisible();
      await look("audience-without");
      await dialog.getByRole("button", { name: "Close" }).click();
      await expect(dialog).toBeHidden();
    });

    await test.step("the people of a list are left out, and it says by which", async () => {
      await tab.frame.getByRole("combobox", { name: "Except" }).click();
      await tab.frame.getByRole("menuitemcheckbox", { name: /^Interns/ }).click();
      await page.keyboard.press("Escape");
      await expect(tab.text("2 are left out by Interns.")).toBeVisible();
      await look("audience-excluded");
    });

    await test.step("a person is removed, and somebody on a list as well counts once", async () => {
      await tags.getByRole("button", { name: new RegExp(three.upn) }).click();
      await expect(tab.text(/^56 people/)).toBeVisible();
      await tab.saved();
    });
    expect(found, "what axe finds").toEqual({});
  });
}

test("without Graph's permission the people known are searched, and the page says so", async ({ teams, herald }) => {
  const { tab } = teams;
  await herald.sandbox.install(5);
  const [, one] = await herald.sandbox.people();
  if (!one) throw new Error("the sandbox has too few people");
  await herald.sandbox.send("PUT", "/api/permissions", { "User.Read.All": false });
  await teams.open();
  await tab.create("Audience");
  await tab.step("Audience");
  await tab.frame.getByRole("radio", { name: /^Chosen people/ }).check();
  await tab.frame.getByRole("combobox", { name: "People" }).pressSequentially(one.upn.slice(0, 6));
  await expect(tab.frame.getByRole("option", { name: new RegExp(one.upn) })).toBeVisible();
  await expect(tab.text(/^The company directory does not answer/)).toBeVisible();
});
