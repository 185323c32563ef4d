import {
  Caption1,
  Field,
  makeStyles,
  Radio,
  RadioGroup,
  Subtitle2,
  Switch,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useLanguage } from "../../i18n/Language";
import { useNow } from "../../ui/Session";
import { ClosingPicker, inAWeek } from "./ClosingPicker";
import { useSurveyDraft, useSurveyProblem } from "./useSurveyDraft";

const useStyles = makeStyles({
  label: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** Who answers, whether they may change their mind, and until when. */
export function Settings({ className }: { className: string }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useSurveyDraft();
  const problem = useSurveyProblem();
  const now = useNow();
  const option = (name: string, text: string) => (
    <span className={styles.label}>
      <Text weight="semibold">{name}</Text>
      <Caption1 className={styles.quiet}>{text}</Caption1>
    </span>
  );
  return (
    <section className={className} aria-labelledby="survey-settings">
      <Subtitle2 as="h2" id="survey-settings">
        {t("builder.settings")}
      </Subtitle2>
      <Field label={t("builder.who")}>
        <RadioGroup
          value={fields.anonymous ? "anonymous" : "named"}
          onChange={(_, data) => {
            draft.edit({ anonymous: data.value === "anonymous" });
          }}
        >
          <Radio value="named" label={option(t("builder.who.named"), t("builder.who.named.text"))} />
          <Radio value="anonymous" label={option(t("builder.who.anonymous"), t("builder.who.anonymous.text"))} />
        </RadioGroup>
      </Field>
      <Switch
        checked={fields.allowChange}
        label={option(t("builder.change"), t("builder.change.text"))}
        onChange={(_, data) => {
          draft.edit({ allowChange: data.checked });
        }}
      />
      <Field label={t("builder.closing")}>
        <RadioGroup
          value={fields.closes ? "at" : "hand"}
          onChange={(_, data) => {
            const closes = data.value === "at";
            draft.edit({ closes, at: fields.at ?? (closes ? new Date(inAWeek(now)).toISOString() : null) });
          }}
        >
          <Radio value="hand" label={t("builder.closing.hand")} />
          <Radio value="at" label={t("builder.closing.at")} />
        </RadioGroup>
      </Field>
      {fields.closes && fields.at !== null && (
        <ClosingPicker
          at={Date.parse(fields.at)}
          problem={problem("/closesAt")}
          onChange={(at) => {
            draft.edit({ at: new Date(at).toISOString() });
          }}
        />
      )}
    </section>
  );
}
