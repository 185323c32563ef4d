import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { AlertFilled } from "@fluentui/react-icons";
import type { Format } from "../../api/types";
import { FormatIcon } from "../../ui/campaign";

const useStyles = makeStyles({
  chat: {
    display: "flex",
    alignItems: "center",
    boxSizing: "border-box",
    width: "100%",
    height: "6.5rem",
    padding: tokens.spacingHorizontalS,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    // Forced colours take backgrounds away, and with them everything that is drawn here.
    forcedColorAdjust: "none",
  },
  card: {
    position: "relative",
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    boxSizing: "border-box",
    width: "100%",
    padding: tokens.spacingHorizontalS,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  bubble: { width: "80%" },
  alert: { border: `${tokens.strokeWidthThin} solid ${tokens.colorStatusDangerBorder1}` },
  bell: {
    position: "absolute",
    top: `calc(-1 * ${tokens.spacingVerticalSNudge})`,
    right: `calc(-1 * ${tokens.spacingHorizontalXS})`,
    color: tokens.colorStatusDangerForeground1,
    fontSize: tokens.fontSizeBase400,
    lineHeight: 0,
  },
  band: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalSNudge },
  line: {
    height: tokens.spacingVerticalXS,
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorNeutralStroke1,
  },
  ring: {
    boxSizing: "border-box",
    flexShrink: 0,
    width: tokens.spacingVerticalMNudge,
    height: tokens.spacingVerticalMNudge,
    borderRadius: tokens.borderRadiusCircular,
    border: `${tokens.strokeWidthThick} solid ${tokens.colorBrandStroke1}`,
  },
  heading: { height: tokens.spacingVerticalSNudge, width: "45%" },
  idea: { backgroundColor: tokens.colorBrandForeground1 },
  success: { backgroundColor: tokens.colorStatusSuccessForeground1 },
  important: { backgroundColor: tokens.colorStatusDangerForeground1 },
  title: { backgroundColor: tokens.colorNeutralForeground2 },
  long: { width: "95%" },
  middle: { width: "80%" },
  short: { width: "55%" },
  image: {
    height: tokens.spacingVerticalXXL,
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorBrandBackground2,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorBrandStroke2}`,
  },
  buttons: { display: "flex", gap: tokens.spacingHorizontalXS },
  button: {
    width: "30%",
    height: tokens.spacingVerticalMNudge,
    borderRadius: tokens.borderRadiusSmall,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    boxSizing: "border-box",
  },
});

/** What a message of this format looks like in the chat, in small. */
export function FormatPicture({ format }: { format: Format }) {
  const styles = useStyles();
  const line = (...classes: string[]) => <span className={mergeClasses(styles.line, ...classes)} />;
  if (format === "message") {
    return (
      <span className={styles.chat} aria-hidden>
        <span className={mergeClasses(styles.card, styles.bubble)}>
          {line(styles.long)}
          {line(styles.middle)}
          {line(styles.short)}
        </span>
      </span>
    );
  }
  if (format === "card") {
    return (
      <span className={styles.chat} aria-hidden>
        <span className={styles.card}>
          {line(styles.heading, styles.title)}
          <span className={styles.image} />
          {line(styles.middle)}
          <span className={styles.buttons}>
            <span className={styles.button} />
            <span className={styles.button} />
          </span>
        </span>
      </span>
    );
  }
  if (format === "survey") {
    return (
      <span className={styles.chat} aria-hidden>
        <span className={styles.card}>
          {line(styles.heading, styles.title)}
          {[styles.middle, styles.short].map((width) => (
            <span key={width} className={styles.band}>
              <span className={styles.ring} />
              {line(width)}
            </span>
          ))}
          <span className={styles.button} />
        </span>
      </span>
    );
  }
  return (
    <span className={styles.chat} aria-hidden>
      <span className={mergeClasses(styles.card, format === "important" && styles.alert)}>
        {format === "important" && <AlertFilled className={styles.bell} />}
        <span className={styles.band}>
          <FormatIcon format={format} />
          {line(styles.heading, styles[format])}
        </span>
        {line(styles.long)}
        {line(styles.short)}
      </span>
    </span>
  );
}
