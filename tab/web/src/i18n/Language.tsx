import { createContext, type ReactNode, useContext, useMemo } from "react";
import { type Language, languageOf, type Translate, translator } from "./translate";

interface Spoken {
  t: Translate;
  locale: string;
  language: Language;
}

const Context = createContext<Spoken>({ t: translator("en"), locale: "en", language: "en" });

export function LanguageProvider({ locale, children }: { locale: string; children: ReactNode }) {
  const value = useMemo(() => ({ t: translator(locale), locale, language: languageOf(locale) }), [locale]);
  return <Context value={value}>{children}</Context>;
}

/** The words of the reader's language, and the locale for Intl. */
export function useLanguage(): Spoken {
  return useContext(Context);
}
