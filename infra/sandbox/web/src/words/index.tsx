import { createContext, type ReactNode, use, useEffect } from "react";
import { en, type Words } from "./en";
import { fr } from "./fr";

export type Language = "en" | "fr";
export type { Words };

export const languages: readonly Language[] = ["en", "fr"];

/** The names of the languages, each in itself. */
export const languageNames: Record<Language, string> = { en: "English", fr: "Français" };

/** The locale that Teams would give to a tab in that language. */
export const locales: Record<Language, string> = { en: "en-US", fr: "fr-FR" };

const all: Record<Language, Words> = { en, fr };

interface Speech {
  language: Language;
  words: Words;
}

const SpeechContext = createContext<Speech>({ language: "en", words: en });

export function WordsProvider(props: { language: Language; children: ReactNode }) {
  const words = all[props.language];
  useEffect(() => {
    document.documentElement.lang = props.language;
    document.title = words.pageTitle;
  }, [props.language, words]);
  return <SpeechContext value={{ language: props.language, words }}>{props.children}</SpeechContext>;
}

export const useWords = (): Words => use(SpeechContext).words;

export const useLanguage = (): Language => use(SpeechContext).language;

/** Dates and numbers in the page's language. */
export function useFormat() {
  const locale = locales[use(SpeechContext).language];
  return {
    moment: (at: Date) =>
      new Intl.DateTimeFormat(locale, {
        weekday: "short",
        day: "numeric",
        month: "short",
        hour: "2-digit",
        minute: "2-digit",
      }).format(at),
    time: (at: Date) => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(at),
    exactTime: (at: Date) =>
      new Intl.DateTimeFormat(locale, {
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
        hourCycle: "h23",
      }).format(at),
    /** Milliseconds: whole ones, but tenths where a whole one would say nothing. */
    duration: (ms: number) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits: ms < 10 ? 1 : 0 }).format(ms),
    number: (value: number) => new Intl.NumberFormat(locale).format(value),
  };
}
