import { teamsDarkTheme, teamsHighContrastTheme, teamsLightTheme } from "@fluentui/react-components";
import type { ThemeName } from "./teams/host";

const themes = { default: teamsLightTheme, dark: teamsDarkTheme, contrast: teamsHighContrastTheme };

/** Fluent's theme for Teams' name of it. */
export function themeOf(name: ThemeName) {
  return themes[name];
}
