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

function formatIn(locale: string) {
  const moment = new Intl.DateTimeFormat(locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const exactTime = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const tenths = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const number = new Intl.NumberFormat(locale);
  return {
    moment: (at: Date) => moment.format(at),
    time: (at: Date) => time.format(at),
    exactTime: (at: Date) => exactTime.format(at),
    /** Milliseconds: whole ones, but tenths where a whole one would say nothing. */
    duration: (ms: number) => (ms < 10 ? tenths : whole).format(ms),
    number: (value: number) => number.format(value),
  };
}

// Made once: a formatter costs more than a whole row of the wire.
const formats: Record<Language, ReturnType<typeof formatIn>> = {
  en: formatIn(locales.en),
  fr: formatIn(locales.fr),
};

/** Dates and numbers in the page's language. */
export const useFormat = () => formats[use(SpeechContext).language];
