import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import {
  PeopleTeamFilled,
  PeopleTeamRegular,
  PersonProhibitedRegular,
  PersonQuestionMarkRegular,
} from "@fluentui/react-icons";
import type { MemberState as State } from "../api/types";
import { useLanguage } from "../i18n/Language";

const useStyles = makeStyles({
  state: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalXS, minWidth: 0 },
  icon: { flexShrink: 0, fontSize: tokens.fontSizeBase500, color: tokens.colorNeutralForeground3 },
  installed: { color: tokens.colorBrandForeground1 },
  unknown: { color: tokens.colorStatusWarningForeground1 },
  blocked: { color: tokens.colorStatusDangerForeground1 },
});

const icons = {
  installed: PeopleTeamFilled,
  not_installed: PeopleTeamRegular,
  blocked: PersonProhibitedRegular,
  unknown: PersonQuestionMarkRegular,
} as const satisfies Record<State, unknown>;

export const memberStates = Object.keys(icons) as State[];

/** The state as a picture; with a name for it unless words beside it say the same. */
export function MemberIcon({ state, label }: { state: State; label?: string }) {
  const styles = useStyles();
  const Icon = icons[state];
  return (
    <Icon
      {...(label ? { role: "img", "aria-label": label, title: label } : { "aria-hidden": true })}
      className={mergeClasses(
        styles.icon,
        state === "installed" && styles.installed,
        state === "unknown" && styles.unknown,
        state === "blocked" && styles.blocked,
      )}
    />
  );
}

/** Whether somebody will receive what is sent: the Teams icon in colour says yes. */
export function MemberState({ state }: { state: State }) {
  const styles = useStyles();
  const { t } = useLanguage();
  return (
    <span className={styles.state}>
      <MemberIcon state={state} />
      {t(`member.state.${state}`)}
    </span>
  );
}
