import { describe, expect, it } from "vitest";
import { cardHtml, messageHtml, plainText } from "./markdown";

describe("messageHtml", () => {
  it.each([
    ["bold, italics", "**b** *i*", "<p><strong>b</strong> <em>i</em></p>"],
    ["Teams' tags", "<u>u</u><br><s>s</s>", "<p><u>u</u><br><s>s</s></p>"],
    ["no headings", "# not", "<p># not</p>"],
    ["no code", "`x`", "<p>`x`</p>"],
  ])("%s", (_, text, html) => {
    expect(messageHtml(text, "markdown").trim()).toBe(html);
  });

  it("opens links in a new tab without giving them this page", () => {
    const html = messageHtml("[t](https://contoso.example)", undefined);
    expect(html).toContain('href="https://contoso.example"');
    expect(html).toContain('target="_blank"');
    expect(html).toContain('rel="noopener noreferrer"');
  });

  it.each([
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    "[t](javascript:alert(1))",
    '<a href="javascript:alert(1)">t</a>',
    '<iframe src="https://contoso.example"></iframe>',
    '<p style="position:fixed">t</p>',
  ])("disarms %s", (text) => {
    for (const format of ["markdown", "xml"]) {
      expect(messageHtml(text, format)).not.toMatch(
        /<script|<[^>]*onerror|href="javascript|<iframe|<[^>]*style=/i,
      );
    }
  });

  it("shows plain text as it is", () => {
    expect(messageHtml("**a**\n<b>", "plain")).toBe("**a**<br>&lt;b&gt;");
  });
});

describe("cardHtml", () => {
  it("knows lists and links but no HTML and no pictures", () => {
    expect(cardHtml("- a\n- b")).toContain("<li>a</li>");
    expect(cardHtml("<b>x</b>")).toContain("&lt;b&gt;");
    expect(cardHtml("![a](https://contoso.example/a.png)")).not.toContain("<img");
  });
});

it("plainText leaves the words alone", () => {
  expect(plainText("**Hello**, [you](https://contoso.example)\n\n- a", "markdown")).toBe("Hello, you a");
});
