import {
  Body1,
  Caption1,
  Field,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Subtitle2,
  ToggleButton,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import {
  DarkThemeRegular,
  DesktopRegular,
  PhoneRegular,
  WeatherMoonRegular,
  WeatherSunnyRegular,
} from "@fluentui/react-icons";
import { type ReactNode, useState, useSyncExternalStore } from "react";
import type { Activity } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { MockChat } from "../../preview/MockChat";
import { type ThemeName, theme } from "../../teams/host";
import { explain } from "../../ui/errors";
import { isAddress } from "../../words/addresses";
import { RecipientPicker } from "./RecipientPicker";
import { useDebounced, useDraft } from "./useDraft";
import { usePreview } from "./usePreview";

const useStyles = makeStyles({
  panel: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minWidth: 0 },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalM,
  },
  switches: { display: "flex", gap: tokens.spacingHorizontalM },
  group: { display: "flex" },
  quiet: { color: tokens.colorNeutralForeground3 },
  notices: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
});

const themeIcons: Record<ThemeName, React.JSX.Element> = {
  default: <WeatherSunnyRegular />,
  dark: <WeatherMoonRegular />,
  contrast: <DarkThemeRegular />,
};
const themeNames = Object.keys(themeIcons) as ThemeName[];
const widths = { desktop: <DesktopRegular />, phone: <PhoneRegular /> };
type Width = keyof typeof widths;

interface FrameProps {
  activity: Activity | null;
  placeholder: string;
  alert?: boolean;
  /** What is chosen above the chat. */
  choice?: ReactNode;
  /** What is said below it. */
  children?: ReactNode;
}

/** A message as Teams draws it, in any of its themes and in two widths. */
export function PreviewFrame({ activity, placeholder, alert = false, choice, children }: FrameProps) {
  const styles = useStyles();
  const { t } = useLanguage();
  const outside = useSyncExternalStore(theme.subscribe, theme.snapshot);
  const [chosen, setChosen] = useState<ThemeName | null>(null);
  const [width, setWidth] = useState<Width>("desktop");
  return (
    <div className={styles.panel}>
      <div className={styles.head}>
        <Subtitle2 as="h2">{t("preview.title")}</Subtitle2>
        <div className={styles.switches}>
          <div className={styles.group} role="group" aria-label={t("preview.theme")}>
            {themeNames.map((name) => (
              <Tooltip key={name} content={t(`preview.theme.${name}`)} relationship="label">
                <ToggleButton
                  appearance="subtle"
                  size="small"
                  icon={themeIcons[name]}
                  checked={(chosen ?? outside) === name}
                  onClick={() => {
                    setChosen(name);
                  }}
                />
              </Tooltip>
            ))}
          </div>
          <div className={styles.group} role="group" aria-label={t("preview.width")}>
            {(Object.keys(widths) as Width[]).map((name) => (
              <Tooltip key={name} content={t(`preview.width.${name}`)} relationship="label">
                <ToggleButton
                  appearance="subtle"
                  size="small"
                  icon={widths[name]}
                  checked={width === name}
                  onClick={() => {
                    setWidth(name);
                  }}
                />
              </Tooltip>
            ))}
          </div>
        </div>
      </div>
      {choice}
      <MockChat
        activity={activity}
        placeholder={placeholder}
        themeName={chosen ?? outside}
        narrow={width === "phone"}
        alert={alert}
      />
      {children}
    </div>
  );
}

/** What recipients will see: made by Herald from the code that sends, drawn by the renderer that Teams uses. */
export function PreviewPanel() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, unreadableAt } = useDraft();
  const [as, setAs] = useState("");
  const someone = useDebounced(isAddress(as.trim()) ? as.trim() : "", 400);
  const { shown, error } = usePreview(someone);
  const nobody = error?.code === "user_not_found";
  const wrong = unreadableAt.length > 0 || error?.status === 422;
  return (
    <PreviewFrame
      activity={shown?.activity ?? null}
      placeholder={t("preview.empty")}
      alert={fields.format === "important"}
      choice={
        <Field
          label={t("preview.as")}
          orientation="horizontal"
          {...(nobody && someone ? { validationMessage: t("preview.unknown"), validationState: "error" as const } : {})}
        >
          <RecipientPicker value={as} onChange={setAs} />
        </Field>
      }
    >
      <div role="status" className={styles.notices}>
        {!nobody && (wrong || error) && (
          <MessageBar intent={wrong ? "warning" : "error"}>
            <MessageBarBody>
              {wrong
                ? t(shown ? "preview.stale" : "preview.stale.none")
                : `${t("preview.failed")}. ${explain(error, t)}`}
            </MessageBarBody>
          </MessageBar>
        )}
        {shown && shown.missing.length > 0 && (
          <MessageBar intent="warning">
            <MessageBarBody>
              {t("preview.missing", {
                n: shown.missing.length,
                names: shown.missing.map((name) => `[${name.replace(/[[\]]/g, "")}]`).join(", "),
              })}
            </MessageBarBody>
          </MessageBar>
        )}
      </div>
      {shown?.activity.summary && (
        <div>
          <Caption1 block className={styles.quiet}>
            {t("preview.notification")}
          </Caption1>
          <Body1>{shown.activity.summary}</Body1>
        </div>
      )}
    </PreviewFrame>
  );
}
