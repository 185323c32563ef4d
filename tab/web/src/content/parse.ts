import MarkdownIt from "markdown-it";
import { type Block, type Doc, emptyDoc, type Inline, type ListItem, type Mark } from "./document";
import { joiner } from "./serialise";

// The same rules as Herald's own reader, and no others: what has no rule stays text.
const reader = new MarkdownIt("zero").enable(["list", "emphasis", "link", "escape", "newline"]);
reader.normalizeLink = (url) => url;
reader.validateLink = (url) => /^(https?:|mailto:)/i.test(url);

type Token = ReturnType<typeof reader.parse>[number];

/** Underscores are part of many names and emphasise nothing in the subset. */
function withoutUnderscores(markdown: string): string {
  return markdown.replace(/\\[\s\S]|_/g, (match) => (match === "_" ? "\\_" : match));
}

/** Reads Herald's Markdown subset into the editor's document. Lists within lists become one level. */
export function fromMarkdown(markdown: string): Doc {
  const tokens = reader.parse(withoutUnderscores(markdown.replaceAll("\t", "    ")), {});
  const content: Block[] = [];
  let list: Extract<Block, { type: "bulletList" | "orderedList" }> | null = null;
  let item: ListItem | null = null;
  let depth = 0;
  for (const token of tokens) {
    if (token.type === "bullet_list_open" || token.type === "ordered_list_open") {
      depth += 1;
      if (depth > 1) continue;
      const start = Number(token.attrGet("start") ?? 1);
      list =
        token.type === "bullet_list_open"
          ? { type: "bulletList", content: [] }
          : { type: "orderedList", attrs: { start }, content: [] };
    } else if (token.type === "bullet_list_close" || token.type === "ordered_list_close") {
      depth -= 1;
      if (depth > 0 || !list) continue;
      list.content = list.content.filter((each) => each.content.length > 0);
      const last = content.at(-1);
      if (last?.type === list.type) last.content.push(...list.content);
      else if (list.content.length > 0) content.push(list);
      list = null;
    } else if (token.type === "list_item_open") {
      item = { type: "listItem", content: [] };
      list?.content.push(item);
    } else if (token.type === "list_item_close") {
      item = null;
    } else if (token.type === "inline") {
      add(inline(token.children ?? []));
    }
  }
  return content.length > 0 ? { type: "doc", content } : emptyDoc;

  function add(nodes: Inline[]): void {
    if (nodes.length === 0) return;
    if (!list) content.push({ type: "paragraph", content: nodes });
    else if (item?.content[0]?.content) item.content[0].content.push({ type: "hardBreak" }, ...nodes);
    else if (item) item.content.push({ type: "paragraph", content: nodes });
    else list.content.push({ type: "listItem", content: [{ type: "paragraph", content: nodes }] });
  }
}

function inline(tokens: Token[]): Inline[] {
  const nodes: Inline[] = [];
  let marks: Mark[] = [];
  for (const token of tokens) {
    if (token.type === "strong_open") marks = including(marks, { type: "bold" });
    else if (token.type === "strong_close") marks = marks.filter((mark) => mark.type !== "bold");
    else if (token.type === "em_open") marks = including(marks, { type: "italic" });
    else if (token.type === "em_close") marks = marks.filter((mark) => mark.type !== "italic");
    else if (token.type === "link_open") {
      marks = including(marks, { type: "link", attrs: { href: String(token.attrGet("href") ?? "") } });
    } else if (token.type === "link_close") marks = marks.filter((mark) => mark.type !== "link");
    else if (token.type === "softbreak" || token.type === "hardbreak") nodes.push({ type: "hardBreak" });
    else text(token.content.replaceAll(joiner, ""));
  }
  return nodes;

  function text(content: string): void {
    if (content === "") return;
    const last = nodes.at(-1);
    if (last?.type === "text" && JSON.stringify(last.marks ?? []) === JSON.stringify(marks)) last.text += content;
    else
      nodes.push(
        marks.length > 0 ? { type: "text", text: content, marks: [...marks] } : { type: "text", text: content },
      );
  }
}

const order: Mark["type"][] = ["link", "bold", "italic"];

/** Always in the editor's order, so that the same look is the same list. */
function including(marks: Mark[], mark: Mark): Mark[] {
  return [...marks.filter((each) => each.type !== mark.type), mark].sort(
    (a, b) => order.indexOf(a.type) - order.indexOf(b.type),
  );
}
