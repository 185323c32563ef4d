import { deflateSync } from "node:zlib";
import { expect as expected, type Page } from "@playwright/test";
import { axeInThemes } from "./axe.ts";
import { expect, test } from "./fixtures.ts";
import type { Tab } from "./Tab.ts";

test.use({ viewport: { width: 1800, height: 1000 } });

const card = (tab: Tab) => tab.field("Adaptive Card JSON");

/** Puts a text in place of the JSON, as somebody who pastes it. */
async function paste(tab: Tab, page: Page, text: string) {
  await card(tab).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

async function problem(tab: Tab, line: number, words: string) {
  const list = tab.frame.getByRole("list", { name: "Problems in the card" });
  await expected(list.getByRole("listitem").filter({ hasText: words })).toContainText(`Line ${String(line)}:`);
}

const table = {
  type: "Table",
  columns: [{ width: 1 }],
  rows: [{ type: "TableRow", cells: [{ type: "TableCell", items: [] }] }],
};
const rich = {
  type: "AdaptiveCard",
  version: "1.5",
  msteams: { width: "Full" },
  body: [
    table,
    { type: "TextBlock", text: "Old title", size: "Large", color: "Accent" },
    { type: "TextBlock", text: "Hello" },
  ],
  actions: [{ type: "Action.OpenUrl", title: "Go", url: "https://a.example/", iconUrl: "https://a.example/i.png" }],
};

for (const width of [1800, 400]) {
  test(`a card is composed in the form and goes on as JSON and back, ${String(width)} px`, async ({
    teams,
    api,
    page,
  }) => {
    await page.setViewportSize({ width, height: 1000 });
    const { tab } = teams;
    const { id } = await api.create("Party");
    await teams.open();
    await tab.edit("Party");
    await tab.format("Adaptive card");
    await tab.field("Title").fill("Office *party*");
    await tab.field("Image address").fill("https://intranet.contoso.example/x.png");
    await expect(tab.text("Without a description, some people miss what the image says.")).toBeVisible();
    await tab.field("Description of the image").fill("A cake");
    await tab.button("Add a fact").click();
    await page.keyboard.type("When");
    await tab.field("Fact 1: value").fill("Friday");
    for (const n of [1, 2, 3]) {
      await tab.button("Add a button").click();
      await expect(tab.field(`Button ${String(n)}: label`)).toBeFocused();
      await page.keyboard.type(`Choice ${String(n)}`);
      await tab.field(`Button ${String(n)}: address`).fill(`https://a.example/${String(n)}`);
    }
    await tab.button("Move button 3 up").press("Enter");
    await expect(tab.button("Move button 2 up")).toBeFocused();
    await expect(tab.field("Button 2: label")).toHaveValue("Choice 3");
    await tab.button("Remove button 1").click();
    await expect(tab.field("Button 1: label")).toHaveValue("Choice 3");
    await expect(tab.button("Undo").last()).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(tab.field("Button 1: label")).toHaveValue("Choice 1");
    await tab.field("Button 3: label").fill("x".repeat(41));
    await expect(tab.text("1 character too many")).toBeVisible();
    await tab.field("Button 3: label").fill("x".repeat(38));
    await expect(tab.text("2 characters left")).toBeVisible();
    await tab.field("Button 3: label").fill("Choice 2");
    await tab.saved();
    await expect
      .poll(async () => (await api.send<{ content: unknown }>("GET", `/campaigns/${id}`)).content)
      .toMatchObject({
        title: "Office *party*",
        imageAlt: "A cake",
        facts: [{ title: "When", value: "Friday" }],
        buttons: [{ title: "Choice 1" }, { title: "Choice 3" }, { title: "Choice 2", url: "https://a.example/2" }],
      });
    if (width > 400) {
      await expect(tab.preview).toContainText("Office *party*");
      await expect(tab.preview.getByText("Choice 3")).toBeVisible();
    }

    const json = tab.frame.getByRole("tab", { name: "JSON" });
    const form = tab.frame.getByRole("tab", { name: "Form" });
    await json.click();
    await expect(card(tab)).toContainText('"Office \\\\*party\\\\*"');
    await expect(tab.text("The card can be read.")).toBeVisible();
    await paste(tab, page, '{\n "type": "AdaptiveCard",\n "version": "1.5"\n "body": []\n}');
    await problem(tab, 4, 'Before "body", a comma is missing');
    await expect(tab.text(/^Not saved: /)).toBeVisible();
    if (width > 400) {
      await expect(tab.text("This is the last version that could be shown.")).toBeVisible();
      await expect(tab.preview).toContainText("Office *party*");
    }

    await tab.step("Audience");
    await tab.step("Message");
    await expect(card(tab)).toContainText('"version": "1.5"');
    await problem(tab, 4, 'Before "body", a comma is missing');
    await tab.format("Message");
    await tab.saved();
    await tab.format("Adaptive card");
    await problem(tab, 4, 'Before "body", a comma is missing');
    await form.click();
    await expect(tab.text("What you wrote is kept.")).toBeVisible();
    await tab.button("Mend the JSON").click();
    await tab.frame.getByRole("button", { name: "Line 4:" }).click();
    await expect(card(tab)).toBeFocused();
    await paste(tab, page, '{\n "type": "AdaptiveCard",\n "version": "1.5",\n "body": []\n}');
    await expect(tab.text("The card is empty. Put at least one element into its body.")).toBeVisible();
    await tab.button("Insert a sample card").click();
    await expect(tab.text("The card can be read.")).toBeVisible();
    await tab.saved();
    await form.click();
    await expect(tab.field("Title")).toHaveValue("Office party");
    await expect(tab.field("Fact 2: value")).toHaveValue("Canteen");
  });
}

test("what the form cannot show stays in the card", async ({ teams, api }) => {
  const { tab } = teams;
  const { id } = await api.send<{ id: string }>("POST", "/campaigns", {
    name: "Rich",
    format: "card",
    content: { card: rich },
  });
  await teams.open();
  await tab.edit("Rich");
  await expect(card(tab)).toContainText("Old title");
  await tab.frame.getByRole("tab", { name: "Form" }).click();
  await expect(
    tab.text("This card has parts that only the JSON view shows: tables. They stay as they are."),
  ).toBeVisible();
  await tab.field("Title").fill("New title");
  await tab.field("Button 1: label").fill("Go there");
  const [first, title, text] = rich.body;
  await expect
    .poll(async () => (await api.send<{ content: unknown }>("GET", `/campaigns/${id}`)).content)
    .toEqual({
      card: {
        ...rich,
        body: [first, { ...title, text: "New title" }, text],
        actions: [{ ...rich.actions[0], title: "Go there" }],
      },
    });
  await tab.field("Button 1: address").fill("http://a.example");
  await expect(tab.text("The address must begin with https://")).toBeVisible();
  await tab.field("Button 1: address").fill("https://a.example/x");
  await tab.saved();
  await tab.button("Keep only the form…").click();
  await tab.dialog("Keep only what the form shows?").getByRole("button", { name: "Remove the rest" }).click();
  await expect(tab.text("This card has parts")).toBeHidden();
  await expect
    .poll(async () => (await api.send<{ content: unknown }>("GET", `/campaigns/${id}`)).content)
    .toMatchObject({ title: "New title" });
});

test("every bad card is named at its line, and stays as it was typed", async ({ teams, api, page }) => {
  const { tab } = teams;
  await api.send("POST", "/campaigns", { name: "Bad", format: "card", content: { card: rich } });
  await teams.open();
  await tab.edit("Bad");
  const head = '{\n"type": "AdaptiveCard",\n"version": "1.5",\n"body": [\n';
  const link = (url: string) =>
    `${head}{"type": "TextBlock", "text": "x"}],\n"actions": [{"type": "Action.OpenUrl", "url": "${url}"}]}`;
  // A variable that nobody knows yet is saved: its list may be chosen afterwards.
  const cases: [text: string, line: number, words: string, saved?: true][] = [
    ['{\n"hello": "world"\n}', 1, "This is no card"],
    ["[1, 2]", 1, "A card is one object."],
    ['{\n"type": "AdaptiveCard",\n"version": "9",\n"body": []}', 3, "Write the version as"],
    ['{\n"type": "AdaptiveCard",\n"version": "9.0",\n"body": []}', 3, "Teams does not show cards of version 9.0."],
    [link("javascript:alert(1)"), 6, "An address that runs a script is not allowed."],
    [`${head}{"type": "Marquee"}]}`, 5, "Teams knows no element “Marquee”"],
    [`${head}{"type": "TextBlock",\n"text": "[NOBODY]"}]}`, 6, "No chosen list knows [NOBODY].", true],
    [`${head}{"type": "TextBlock",\n"text": "${"x ".repeat(100_000)}"}]}`, 1, "The message is too large for Teams: "],
    [`${head}{"type": "TextBlock",\n"text": "a",\n"text": "b"}]}`, 7, "“text” is there twice in one object."],
    ["<html>", 1, "A value is missing here, or < is none."],
  ];
  for (const [text, line, words, saved] of cases) {
    await test.step(words, async () => {
      await paste(tab, page, text);
      await problem(tab, line, words);
      if (saved) await tab.saved();
      else await expect(tab.text(/^Not saved: /)).toBeVisible();
      await tab.step("Audience");
      await tab.step("Message");
      await expect(card(tab)).toContainText(text.split("\n").at(-1)?.slice(0, 60) ?? "");
    });
  }
});

test("an image is uploaded, and what is none is refused with a reason", async ({ teams, api }) => {
  const { tab } = teams;
  await api.create("Picture", "card", "");
  await teams.open();
  await tab.edit("Picture");
  await tab.field("Title").fill("Picture");
  const file = tab.frame.locator("input[type=file]");
  const bad: [name: string, buffer: Buffer, words: string][] = [
    ["a.svg", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), "SVG and PDF do not work."],
    ["renamed.png", Buffer.from("<!doctype html><p>Hello"), "This is not an image that Teams can show"],
    ["empty.png", Buffer.alloc(0), "The file is empty."],
    ["huge.png", png(20_000, 20_000), "The image has more than 50 million pixels."],
    ["heavy.png", Buffer.alloc(20 * 1024 * 1024 + 1), "The file is larger than 20 MB."],
  ];
  for (const [name, buffer, words] of bad) {
    await file.setInputFiles({ name, mimeType: "image/png", buffer });
    await expect(tab.text(words)).toBeVisible();
    await expect(tab.field("Title")).toHaveValue("Picture");
  }
  await file.setInputFiles({ name: "good.png", mimeType: "image/png", buffer: png(40, 20) });
  await expect(tab.frame.getByRole("img", { name: "The image of this card" })).toBeVisible();
  await expect(tab.field("Image address")).toHaveValue(/\/i\/[a-z0-9]+\.png$/);
  await tab.field("Description of the image").fill("A grey square");
  await tab.saved();
  await expect(tab.preview.getByRole("img", { name: "A grey square" })).toBeVisible();
  await file.setInputFiles({ name: "a.svg", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
  await expect(tab.text("The image of before has stayed.")).toBeVisible();
  await expect(tab.field("Image address")).toHaveValue(/\/i\/[a-z0-9]+\.png$/);
  await tab.button("Remove the image").click();
  await expect(tab.button("Upload an image")).toBeFocused();
  await expect(tab.field("Image address")).toHaveValue("");
});

test("a variable gets its fallback by keyboard, and a script is no link", async ({ teams, api, page }) => {
  const { tab } = teams;
  await api.create("Words", "idea", "Hello [FIRSTNAME]");
  await teams.open();
  await tab.edit("Words");
  await tab.writing.click();
  await page.keyboard.press("End");
  await expect(tab.text("Press Alt+Enter to change it")).toBeVisible();
  await page.keyboard.press("Alt+Enter");
  await tab.field("Where the value is missing, write").fill("there");
  await page.keyboard.press("Enter");
  await expect(tab.writing).toHaveText("Hello [FIRSTNAME|there]");
  await expect(tab.writing).toBeFocused();
  await tab.button("Link").click();
  await tab.field("Address").fill("javascript:alert(1)");
  await page.keyboard.press("Enter");
  await expect(tab.text("An address that runs a script is not allowed.")).toBeVisible();
  await tab.field("Address").fill("mailto:help@contoso.example");
  await page.keyboard.press("Enter");
  await expect(tab.writing.getByRole("link")).toHaveAttribute("href", "mailto:help@contoso.example");
});

test("axe finds nothing in the editors of a card", async ({ teams, api, page }) => {
  const { tab } = teams;
  await api.create("Card", "card", "");
  await teams.open();
  await tab.edit("Card");
  await tab.field("Title").fill("Card");
  for (const name of ["fact", "button", "button"]) await tab.button(`Add a ${name}`).click();
  await tab.field("Image address").fill("http://a.example/i.png");
  await expect(tab.text("The address must begin with https://")).toBeVisible();
  expect(await axeInThemes(teams)).toEqual([]);
  await tab.field("Image address").fill("");
  await tab.frame.getByRole("tab", { name: "JSON" }).click();
  await paste(tab, page, '{"type": "AdaptiveCard",\n"version": "9.0", "n": [1, true, null], "body": []}');
  await problem(tab, 2, "Teams does not show cards of version 9.0.");
  expect(await axeInThemes(teams)).toEqual([]);
  await tab.frame.getByRole("tab", { name: "Form" }).click();
  await expect(tab.text("This card has parts")).toBeVisible();
  expect(await axeInThemes(teams)).toEqual([]);
});

/** A grey PNG of one bit for each pixel. */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 1;
  const pixels = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

function crc(data: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
