import "../../i18n/home";
import { Caption1, makeStyles, tokens } from "@fluentui/react-components";
import { useLanguage } from "../../i18n/Language";
import { useNow } from "../../ui/Session";
import { shortMoment } from "../../words/moments";

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground3 } });

/** Until when a campaign with a window goes on, on the reader's own clocks as everything else on the list. */
export default function Until({ endsAt }: { endsAt: string }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const until = shortMoment(Date.parse(endsAt), useNow(), locale, t);
  return <Caption1 className={styles.quiet}>{t("home.until", { until })}</Caption1>;
}
