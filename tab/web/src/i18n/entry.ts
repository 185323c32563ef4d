/** A text, or one for a single thing and one for several. */
export type Entry = string | { readonly one: string; readonly other: string };
