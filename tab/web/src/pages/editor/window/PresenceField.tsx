import {
  Caption1,
  Field,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Radio,
  RadioGroup,
  Text,
  tokens,
} from "@fluentui/react-components";
import type { WindowDefaults } from "../../../api/timing";
import type { SendWindow } from "../../../api/types";
import { useLanguage } from "../../../i18n/Language";
import { useProblemAt } from "./useProblemAt";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  label: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  text: { maxWidth: "70ch" },
});

const rules = ["available", "present", "any"] as const satisfies SendWindow["presence"][];
const unknowns = ["send", "wait"] as const satisfies SendWindow["presenceUnknown"][];

interface Props {
  window: SendWindow;
  /** Whether Teams may be asked; undefined while that is not known. */
  allowed: WindowDefaults["presence"] | undefined;
  onChange: (change: Partial<SendWindow>) => void;
}

/** Whether people must be there to get it, what happens when they are not, and when nobody can tell. */
export function PresenceField({ window, allowed, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const problem = useProblemAt();
  const { presence, presenceUnknown } = window;
  const blind = allowed?.available === false;
  return (
    <div className={styles.box}>
      {blind && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t("window.blind.title")}</MessageBarTitle>
            {t("window.blind.text")}
          </MessageBarBody>
        </MessageBar>
      )}
      <Field label={t("window.presence.label")} {...problem("/timing/window/presence", false)}>
        <RadioGroup
          value={presence}
          onChange={(_, data) => {
            onChange({ presence: data.value as SendWindow["presence"] });
          }}
        >
          {rules.map((each) => (
            <Radio
              key={each}
              value={each}
              label={
                <span className={styles.label}>
                  <Text>{t(`window.presence.${each}`)}</Text>
                  <Caption1 className={styles.quiet}>{t(`window.presence.${each}.text`)}</Caption1>
                </span>
              }
            />
          ))}
        </RadioGroup>
      </Field>
      {presence !== "any" && (
        <>
          <Caption1 className={styles.text}>{t("window.ladder")}</Caption1>
          <Field
            label={t("window.unknown")}
            {...(blind && presenceUnknown === "wait"
              ? { validationState: "warning" as const, validationMessage: t("window.unknown.wait.blind") }
              : {})}
            {...problem("/timing/window/presenceUnknown")}
          >
            <RadioGroup
              value={presenceUnknown}
              onChange={(_, data) => {
                onChange({ presenceUnknown: data.value as SendWindow["presenceUnknown"] });
              }}
            >
              {unknowns.map((each) => (
                <Radio key={each} value={each} label={t(`window.unknown.${each}`)} />
              ))}
            </RadioGroup>
          </Field>
        </>
      )}
    </div>
  );
}
