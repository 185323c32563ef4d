import {
  FluentProvider,
  makeStyles,
  teamsDarkTheme,
  teamsHighContrastTheme,
  teamsLightTheme,
  type Theme,
  tokens,
} from "@fluentui/react-components";
import type { TeamsTheme } from "./host/protocol";
import { Shell } from "./shell/Shell";
import { useSettings } from "./shell/settings";
import { WordsProvider } from "./words";

const themes: Record<TeamsTheme, Theme> = {
  default: teamsLightTheme,
  dark: teamsDarkTheme,
  contrast: teamsHighContrastTheme,
};

const useStyles = makeStyles({
  page: { height: "100dvh", overflow: "hidden", backgroundColor: tokens.colorNeutralBackground4 },
});

export function App() {
  const styles = useStyles();
  const [settings, change] = useSettings();
  return (
    <WordsProvider language={settings.language}>
      <FluentProvider theme={themes[settings.theme]}>
        {/* Not the provider's own class: Fluent repeats that on every portal, and they would cover the page. */}
        <div className={styles.page}>
          <Shell settings={settings} onChange={change} />
        </div>
      </FluentProvider>
    </WordsProvider>
  );
}
