/** Addresses as people type and paste them. */

export interface Addresses {
  /** In the order typed, each once, as first written. */
  valid: string[];
  invalid: string[];
  /** How many repetitions were left out. */
  duplicates: number;
}

// Deliberately simple; Herald checks each address again, and whether it belongs to somebody.
const shape = /^[^\s@<>"(),;:\\[\]]+@[^\s@<>"(),;:\\[\]]+\.[^\s@<>"(),;:\\[\]]+$/;

export function isAddress(text: string): boolean {
  return text.length <= 254 && shape.test(text) && !text.includes("..") && !text.endsWith(".");
}

/**
 * One address per line, or separated by commas, semicolons, tabs; spaces between plain
 * addresses too. `Ann Lee <ann@contoso.com>`, as Outlook copies it, gives the address.
 */
export function parseAddresses(text: string): Addresses {
  const seen = new Set<string>();
  const result: Addresses = { valid: [], invalid: [], duplicates: 0 };
  for (const entry of text.split(/[\n\r,;\t]+/).flatMap(pieces)) {
    const key = entry.toLowerCase();
    if (!isAddress(entry)) {
      if (!result.invalid.includes(entry)) result.invalid.push(entry);
    } else if (seen.has(key)) {
      result.duplicates += 1;
    } else {
      seen.add(key);
      result.valid.push(entry);
    }
  }
  return result;
}

function pieces(entry: string): string[] {
  const text = entry.trim();
  if (text === "") return [];
  const named = /<([^<>]*)>\s*$/.exec(text);
  if (named) return [(named[1] ?? "").trim().replace(/^mailto:/i, "")];
  const parts = text.split(/\s+/);
  return parts.every((part) => part.includes("@")) ? parts.map((part) => part.replace(/^mailto:/i, "")) : [text];
}
