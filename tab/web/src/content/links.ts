/** What a link in a text may lead to; Herald looks closer. */
export function isLink(url: string): boolean {
  return /^https?:\/\/[^\s/]+\.\S+$/i.test(url) || /^mailto:[^\s@]+@[^\s@]+$/i.test(url);
}

/** An address that runs something, written as sloppily as browsers read it. */
export function isScript(url: string): boolean {
  return /^(javascript|vbscript|data):/i.test(url.replace(/[\s\p{Cc}]/gu, ""));
}
