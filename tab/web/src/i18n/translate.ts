import { first } from "./en/first";
import type { pages } from "./en/pages";
import type { Entry } from "./entry";

export type Language = "en" | "fr";

type English = typeof first & typeof pages;
export type Key = keyof English;
export type Messages = Record<Key, Entry>;

/** The first page's English is always there, the rest comes with its pages. French is loaded whole when it is wanted. */
const english: Partial<Messages> = { ...first };
const languages: Record<Language, Partial<Messages>> = { en: english, fr: english };

/** Called by the module that brings the words, so that whoever imports it has them. */
export function addEnglish(more: Partial<Messages>): void {
  Object.assign(english, more);
}

/** For codes that Herald gives and that the page may have words for. */
export function isKey(key: string): key is Key {
  return key in english;
}

/** Whether the text stands as it is, with nothing to fill in. */
export function isPlain(key: Key): boolean {
  return isFilledBy(key, {});
}

/** Whether these values are all that the text needs. Texts for one and for several are not asked for so. */
export function isFilledBy(key: Key, values: Record<string, unknown>): boolean {
  const entry = english[key];
  return typeof entry === "string" && [...entry.matchAll(/\{(\w+)\}/g)].every(([, name = ""]) => name in values);
}

export async function loadLanguage(language: Language): Promise<void> {
  if (language === "fr") languages.fr = (await import("./fr/index")).fr;
}

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${string} ${string}` ? never : Name) | Names<Rest>
  : never;
type Text<K extends Key> = English[K] extends string
  ? English[K]
  : English[K] extends { other: infer Other }
    ? Other
    : never;
type NamesOf<K extends Key> = K extends Key ? Names<Text<K>> | (English[K] extends string ? never : "n") : never;
type Arguments<K extends Key> = [NamesOf<K>] extends [never] ? [] : [Record<NamesOf<K>, string | number>];

/** Puts a key into words; the compiler knows which values each text needs. Numbers are written as the locale does. */
export type Translate = <K extends Key>(key: K, ...values: Arguments<K>) => string;

/** French for every French-speaking place, English for everybody else. */
export function languageOf(locale: string): Language {
  return /^fr\b/i.test(locale) ? "fr" : "en";
}

/** A locale that Intl accepts; Teams and browsers sometimes say things like "en_US" or nothing. */
export function usableLocale(locale: string | undefined): string {
  try {
    return Intl.getCanonicalLocales((locale ?? "").replace("_", "-"))[0] ?? "en";
  } catch {
    return "en";
  }
}

export function translator(locale: string): Translate {
  const messages = languages[languageOf(locale)];
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  return (key, ...[values]) => {
    const given: Record<string, string | number> = values ?? {};
    const text = choose(messages[key] ?? key, Number(given.n), plurals);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = given[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? numbers.format(value) : value;
    });
  };
}

function choose(entry: Entry, n: number, plurals: Intl.PluralRules): string {
  if (typeof entry === "string") return entry;
  return plurals.select(n) === "one" ? entry.one : entry.other;
}
