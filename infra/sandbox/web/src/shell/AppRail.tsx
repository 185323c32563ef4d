import { makeStyles, mergeClasses, tokens, typographyStyles } from "@fluentui/react-components";
import {
  AlertRegular,
  AppsAddInRegular,
  CalendarRegular,
  CallRegular,
  ChatRegular,
  CloudRegular,
  PeopleTeamRegular,
} from "@fluentui/react-icons";
import { useWords } from "../words";
import { AppMark } from "./AppMark";
import { layout } from "./layout";

const useStyles = makeStyles({
  rail: {
    width: layout.railWidth,
    flexShrink: 0,
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    gap: tokens.spacingVerticalXS,
    paddingTop: tokens.spacingVerticalS,
    backgroundColor: tokens.colorNeutralBackground4,
    color: tokens.colorNeutralForeground3,
    overflow: "hidden",
  },
  entry: {
    ...typographyStyles.caption2,
    width: "100%",
    position: "relative",
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    gap: tokens.spacingVerticalXXS,
    paddingTop: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalS,
  },
  selected: {
    color: tokens.colorBrandForeground1,
    fontWeight: tokens.fontWeightSemibold,
    "::before": {
      content: '""',
      position: "absolute",
      left: tokens.spacingHorizontalXS,
      top: tokens.spacingVerticalS,
      bottom: tokens.spacingVerticalS,
      width: tokens.strokeWidthThicker,
      borderRadius: tokens.borderRadiusCircular,
      backgroundColor: tokens.colorCompoundBrandStroke,
    },
  },
  icon: { fontSize: tokens.fontSizeHero700, lineHeight: 1, display: "flex" },
});

const scenery = [
  { name: "activity", icon: <AlertRegular /> },
  { name: "chat", icon: <ChatRegular /> },
  { name: "teams", icon: <PeopleTeamRegular /> },
  { name: "calendar", icon: <CalendarRegular /> },
  { name: "calls", icon: <CallRegular /> },
  { name: "files", icon: <CloudRegular /> },
] as const;

/** Teams' rail. Only Herald is real; the rest is scenery, so screen readers and the keyboard never meet it. */
export function AppRail(props: { icon: string | undefined }) {
  const styles = useStyles();
  const words = useWords();
  return (
    <nav className={styles.rail} aria-label={words.rail}>
      {scenery.map((entry) => (
        <div key={entry.name} className={styles.entry} aria-hidden="true">
          <span className={styles.icon}>{entry.icon}</span>
          {words.scenery[entry.name]}
        </div>
      ))}
      <div className={mergeClasses(styles.entry, styles.selected)} aria-current="page">
        <AppMark src={props.icon} />
        {words.bot}
      </div>
      <div className={styles.entry} aria-hidden="true">
        <span className={styles.icon}>
          <AppsAddInRegular />
        </span>
        {words.scenery.apps}
      </div>
    </nav>
  );
}
