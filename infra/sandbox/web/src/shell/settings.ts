import { useState } from "react";
import { type Persona, personas } from "../api/queries";
import { type TeamsTheme, teamsThemes } from "../host/protocol";
import { type Language, languages } from "../words";

export const MAX_CHATS = 3;

/** What the person at the sandbox chose. It lives in the address, so that a view can be linked and reloaded. */
export interface Settings {
  theme: TeamsTheme;
  language: Language;
  persona: Persona;
  /** One address (UPN) for each chat column; empty: nobody chosen in that column yet. */
  chats: string[];
  subEntityId: string;
}

function oneOf<T extends string>(value: string | null, allowed: readonly T[], otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}

export function readSettings(search: string, browserLanguage: string): Settings {
  const query = new URLSearchParams(search);
  const chats = query.get("chats");
  return {
    theme: oneOf(query.get("theme"), teamsThemes, "default"),
    language: oneOf(
      query.get("lang"),
      languages,
      browserLanguage.toLowerCase().startsWith("fr") ? "fr" : "en",
    ),
    persona: oneOf(query.get("as"), personas, "Author"),
    chats: chats === null ? [] : chats.split(",").slice(0, MAX_CHATS),
    subEntityId: query.get("subEntityId") ?? "",
  };
}

export function writeSettings(settings: Settings, search: string): string {
  const query = new URLSearchParams(search);
  query.set("theme", settings.theme);
  query.set("lang", settings.language);
  query.set("as", settings.persona);
  if (settings.chats.length > 0) query.set("chats", settings.chats.join(","));
  if (settings.subEntityId === "") query.delete("subEntityId");
  else query.set("subEntityId", settings.subEntityId);
  return `?${query.toString()}`;
}

export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const [settings, setSettings] = useState(() => readSettings(window.location.search, navigator.language));
  const change = (part: Partial<Settings>) => {
    const next = { ...settings, ...part };
    setSettings(next);
    window.history.replaceState(null, "", writeSettings(next, window.location.search));
  };
  return [settings, change];
}
