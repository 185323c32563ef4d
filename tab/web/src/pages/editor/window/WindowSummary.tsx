import { Caption1, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useLanguage } from "../../../i18n/Language";
import { previewWords, windowLines } from "../../../words/window";
import { useWindow, useWindowPreview } from "./useWindow";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalL, color: tokens.colorNeutralForeground2 },
});

/** The window in words: what it comes to, and what was chosen. */
export function WindowSummary() {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const [window] = useWindow();
  const { preview } = useWindowPreview();
  if (!window) return null;
  const words = preview ? previewWords(preview, locale, t) : null;
  return (
    <div className={styles.box}>
      {words && <Text>{words}</Text>}
      <ul className={styles.list}>
        {windowLines(window, locale, t).map((each) => (
          <li key={each}>
            <Caption1>{each}</Caption1>
          </li>
        ))}
      </ul>
    </div>
  );
}
