import "../../i18n/home";
import { Caption1, makeStyles, tokens } from "@fluentui/react-components";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { windowTimes } from "../../words/window";

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground3 } });

/** Until when a campaign with a window goes on. */
export default function Until({ campaign }: { campaign: Campaign }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const times = windowTimes(campaign, locale);
  return times && <Caption1 className={styles.quiet}>{t("home.until", times)}</Caption1>;
}
