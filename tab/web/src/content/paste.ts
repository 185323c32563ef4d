/**
 * Makes what other programs put on the clipboard into the little that a message can say. The editor drops whatever it
 * does not know; what it could not know is done here: Word's lists, which are paragraphs, and headings.
 */
export function cleanPasted(html: string): string {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const each of body.querySelectorAll("style, script, meta, link, title, xml, img, svg, object, iframe"))
    each.remove();
  for (const each of comments(body)) each.remove();
  for (const each of body.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const paragraph = document.createElement("p");
    const bold = document.createElement("strong");
    bold.append(...each.childNodes);
    paragraph.append(bold);
    each.replaceWith(paragraph);
  }
  wordLists(body);
  return body.innerHTML;
}

function comments(body: HTMLElement): ChildNode[] {
  const found: ChildNode[] = [];
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) found.push(walker.currentNode as ChildNode);
  return found;
}

/** Word writes an item of a list as a paragraph that begins with the bullet or number, in a span to be ignored. */
function wordLists(body: HTMLElement): void {
  const begun = new Set<Element>();
  for (const paragraph of body.querySelectorAll<HTMLElement>("p[style*='mso-list'], p[class*='MsoListParagraph']")) {
    const marker = [...paragraph.querySelectorAll<HTMLElement>("span")].find((each) =>
      /mso-list:\s*ignore/i.test(each.getAttribute("style") ?? ""),
    );
    if (!marker) continue;
    const tag = /^\s*[\p{L}\p{N}]{1,4}[.)]/u.test(marker.textContent) ? "ol" : "ul";
    marker.remove();
    const before = paragraph.previousElementSibling;
    const list = before?.localName === tag && begun.has(before) ? before : document.createElement(tag);
    if (!begun.has(list)) paragraph.before(list);
    begun.add(list);
    const item = document.createElement("li");
    const inner = document.createElement("p");
    inner.append(...paragraph.childNodes);
    item.append(inner);
    list.append(item);
    paragraph.remove();
  }
}
