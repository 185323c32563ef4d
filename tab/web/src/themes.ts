import { type Theme, teamsLightTheme } from "@fluentui/react-components";
import type { ThemeName } from "./teams/host";

/** Fluent's themes by Teams' names. The light one is always there, the others are loaded when Teams asks for one. */
let known: Partial<Record<ThemeName, Theme>> = { default: teamsLightTheme };

export async function loadTheme(name: ThemeName): Promise<void> {
  if (!known[name]) known = { ...known, ...(await import("./darkThemes")).darkThemes };
}

export function themeOf(name: ThemeName): Theme {
  return known[name] ?? teamsLightTheme;
}
