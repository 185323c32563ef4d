import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { ChevronRightRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  item: {
    ":not(:first-child)": { borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}` },
  },
  row: {
    width: "100%",
    justifyContent: "space-between",
    textAlign: "start",
    fontWeight: tokens.fontWeightRegular,
    borderRadius: 0,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
  },
  words: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere", flexGrow: 1 },
});

/** A row of a list that opens what it is about. */
export function OpenRow({ onOpen, children }: { onOpen: () => void; children: ReactNode }) {
  const styles = useStyles();
  return (
    <li className={styles.item}>
      <Button
        appearance="subtle"
        className={styles.row}
        icon={<ChevronRightRegular />}
        iconPosition="after"
        onClick={onOpen}
      >
        <span className={styles.words}>{children}</span>
      </Button>
    </li>
  );
}
