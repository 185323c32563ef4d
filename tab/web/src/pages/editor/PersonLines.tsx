import { Caption1, makeStyles, tokens } from "@fluentui/react-components";
import type { FoundPerson } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { MemberIcon } from "../../ui/MemberState";

const useStyles = makeStyles({
  list: {
    margin: 0,
    padding: 0,
    listStyleType: "none",
    display: "grid",
    gridTemplateColumns: "repeat(auto-fill, minmax(min(16rem, 100%), 1fr))",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    overflowWrap: "anywhere",
  },
  line: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS, minWidth: 0 },
  words: { display: "flex", flexDirection: "column", minWidth: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** People with their state beside each. */
export function PersonLines({ people }: { people: FoundPerson[] }) {
  const styles = useStyles();
  const { t } = useLanguage();
  return (
    <ul className={styles.list}>
      {people.map((each) => (
        <li key={each.email} className={styles.line}>
          <MemberIcon state={each.state} label={t(`member.state.${each.state}`)} />
          <span className={styles.words}>
            {each.displayName || each.email}
            {each.displayName && <Caption1 className={styles.quiet}>{each.email}</Caption1>}
          </span>
        </li>
      ))}
    </ul>
  );
}
