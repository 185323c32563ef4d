import {
  Avatar,
  Badge,
  Caption1,
  FluentProvider,
  makeStyles,
  mergeClasses,
  Subtitle2,
  teamsLightTheme,
  tokens,
} from "@fluentui/react-components";
import { AlertRegular } from "@fluentui/react-icons";
import { lazy, Suspense } from "react";
import type { Activity } from "../api/types";
import { darkThemes } from "../darkThemes";
import { useLanguage } from "../i18n/Language";
import type { ThemeName } from "../teams/host";
import { useNow, useSession } from "../ui/Session";
import { clockTime } from "../words/moments";

const CardView = lazy(() => import("./CardView"));
const TextView = lazy(async () => ({ default: (await import("./CardView")).TextView }));

const useStyles = makeStyles({
  frame: {
    borderRadius: tokens.borderRadiusXLarge,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    overflow: "hidden",
    backgroundColor: tokens.colorNeutralBackground3,
    color: tokens.colorNeutralForeground1,
    width: "100%",
    boxSizing: "border-box",
  },
  phone: { maxWidth: "22.5rem", marginInline: "auto" },
  head: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorNeutralBackground2,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  chat: {
    display: "flex",
    gap: tokens.spacingHorizontalS,
    padding: tokens.spacingHorizontalM,
    minHeight: "12rem",
  },
  message: { flexGrow: 1, minWidth: 0, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
  by: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS, color: tokens.colorNeutralForeground3 },
  bubble: {
    alignSelf: "flex-start",
    boxSizing: "border-box",
    maxWidth: "100%",
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusLarge,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
  },
  card: { padding: 0, width: "100%", overflow: "hidden" },
  alert: { border: `${tokens.strokeWidthThin} solid ${tokens.colorStatusDangerBorder1}` },
  // What draws the message is loaded with the first one: until then the bubble says so instead of standing there empty.
  drawing: { display: "block", padding: tokens.spacingVerticalS, color: tokens.colorNeutralForeground3 },
  empty: { alignSelf: "center", margin: "auto", color: tokens.colorNeutralForeground3, textAlign: "center" },
});

interface Props {
  activity: Activity | null;
  /** Said instead of a message when there is none. */
  placeholder: string;
  themeName: ThemeName;
  narrow?: boolean;
  alert?: boolean;
}

/** One message in a chat with the bot, as Teams shows it to the recipient. */
export function MockChat({ activity, placeholder, themeName, narrow = false, alert = false }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { config } = useSession();
  const now = useNow();
  const icon = { src: "/assets/icon-color.png" };
  const card = activity?.attachments?.find((each) => each.contentType === "application/vnd.microsoft.card.adaptive");
  const empty = !card && !activity?.text?.trim();
  return (
    <FluentProvider
      theme={themeName === "default" ? teamsLightTheme : darkThemes[themeName]}
      className={mergeClasses(styles.frame, narrow && styles.phone)}
      role="region"
      aria-label={t("preview.chat", { bot: config.botName })}
    >
      <div className={styles.head}>
        <Avatar image={icon} name={config.botName} shape="square" size={24} aria-hidden />
        <Subtitle2>{config.botName}</Subtitle2>
        <Badge appearance="outline" color="informative" size="small">
          {t("preview.app")}
        </Badge>
      </div>
      <div className={styles.chat}>
        {empty ? (
          <span className={styles.empty}>{placeholder}</span>
        ) : (
          <>
            {!narrow && <Avatar image={icon} name={config.botName} shape="square" size={32} aria-hidden />}
            <div className={styles.message}>
              <span className={styles.by}>
                <Caption1>{config.botName}</Caption1>
                <Caption1>{clockTime(now, locale)}</Caption1>
                {alert && <AlertRegular aria-hidden />}
              </span>
              <div className={mergeClasses(styles.bubble, card && styles.card, alert && styles.alert)}>
                <Suspense fallback={<Caption1 className={styles.drawing}>{t("app.loading")}</Caption1>}>
                  {card ? <CardView card={card.content} /> : <TextView text={activity?.text ?? ""} />}
                </Suspense>
              </div>
            </div>
          </>
        )}
      </div>
    </FluentProvider>
  );
}
