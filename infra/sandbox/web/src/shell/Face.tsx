import { Body1, Button, makeStyles, Subtitle1, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useWords } from "../words";

const useStyles = makeStyles({
  face: {
    flexGrow: 1,
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    justifyContent: "center",
    gap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalXXL,
    textAlign: "center",
  },
  icon: {
    fontSize: tokens.fontSizeHero900,
    lineHeight: 1,
    color: tokens.colorNeutralForeground3,
    display: "flex",
  },
  title: { margin: 0 },
  text: { color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
});

interface FaceProps {
  icon: ReactNode;
  title: string;
  text?: string;
  onRetry?: () => void;
  /** Empty is not an error: it is not announced as one. */
  calm?: boolean;
  children?: ReactNode;
}

/** A place without its content: what is the matter, and what to do. */
export function Face(props: FaceProps) {
  const styles = useStyles();
  const words = useWords();
  return (
    <div className={styles.face} role={props.calm === true ? undefined : "alert"}>
      <span className={styles.icon} aria-hidden="true">
        {props.icon}
      </span>
      {props.title !== "" && (
        <Subtitle1 as="h3" align="center" className={styles.title}>
          {props.title}
        </Subtitle1>
      )}
      {props.text !== undefined && (
        <Body1 align="center" className={styles.text}>
          {props.text}
        </Body1>
      )}
      {props.onRetry !== undefined && (
        <Button appearance="primary" icon={<ArrowClockwiseRegular />} onClick={props.onRetry}>
          {words.retry}
        </Button>
      )}
      {props.children}
    </div>
  );
}
