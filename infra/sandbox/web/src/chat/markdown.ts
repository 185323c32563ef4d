import DOMPurify, { type Config } from "dompurify";
import MarkdownIt from "markdown-it";

/**
 * What Teams makes of text. Messages (textFormat markdown): bold, italics, links, lists, and the HTML tags
 * b strong i em u s br hr a img. TextBlocks and facts: bold, italics, lists, links, nothing else.
 * Sources: msteams-docs, format-your-bot-messages (2026-09-19) and cards-format.
 */
const notInTeams = ["heading", "lheading", "table", "code", "fence", "backticks", "blockquote", "hr"];

const forMessages = new MarkdownIt({ html: true, linkify: true, breaks: true }).disable(notInTeams);
const forCards = new MarkdownIt({ html: false, linkify: false, breaks: true }).disable([
  ...notInTeams,
  "image",
  "strikethrough",
]);

const shared: Config = {
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ADD_ATTR: ["target"],
};
const messageTags: Config = {
  ...shared,
  ALLOWED_TAGS: ["p", "b", "strong", "i", "em", "u", "s", "br", "hr", "a", "img", "ul", "ol", "li"],
  ALLOWED_ATTR: ["href", "title", "src", "alt", "start", "target", "rel"],
};
const cardTags: Config = {
  ...shared,
  ALLOWED_TAGS: ["p", "strong", "em", "br", "a", "ul", "ol", "li"],
  ALLOWED_ATTR: ["href", "title", "start", "target", "rel"],
};

const purify = DOMPurify(window);
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
  // A picture without a description must still not be read out as a file name.
  if (node.tagName === "IMG" && !node.hasAttribute("alt")) node.setAttribute("alt", "");
});

/** Safe HTML for a bot's message. */
export function messageHtml(text: string, textFormat: string | undefined): string {
  if (textFormat === "plain") return purify.sanitize(escapeHtml(text).replaceAll("\n", "<br>"), messageTags);
  if (textFormat === "xml") return purify.sanitize(text, messageTags);
  return purify.sanitize(forMessages.render(text), messageTags);
}

/** Safe HTML for a TextBlock or a fact of a card. */
export function cardHtml(text: string): string {
  return purify.sanitize(forCards.render(text), cardTags);
}

/** The words alone, for notifications. */
export function plainText(text: string, textFormat: string | undefined): string {
  const body = new DOMParser().parseFromString(messageHtml(text, textFormat), "text/html").body;
  return body.textContent.replace(/\s+/g, " ").trim();
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
