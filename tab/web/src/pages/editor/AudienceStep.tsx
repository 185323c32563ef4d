import { Caption1, Field, makeStyles, Radio, RadioGroup, Text, Textarea, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { parseAddresses } from "../../words/addresses";
import { AudienceSummary } from "./AudienceSummary";
import { useDraft, useFieldProblem } from "./useDraft";

const shownInvalid = 20;

const useStyles = makeStyles({
  label: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  area: { "& textarea": { minHeight: "10rem" } },
});

/** Everybody who has the app, or people by address. */
export function AudienceStep() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const problem = useFieldProblem();
  const [text, setText] = useState(() => fields.emails.join("\n"));
  const { invalid, duplicates } = parseAddresses(text);
  const option = (name: "all" | "some") => (
    <span className={styles.label}>
      <Text weight="semibold">{t(`aud.${name}`)}</Text>
      <Caption1 className={styles.quiet}>{t(`aud.${name}.text`)}</Caption1>
    </span>
  );
  const invalidWords =
    invalid.length > 0
      ? `${t("aud.invalid", { n: invalid.length })} ${invalid.slice(0, shownInvalid).join(", ")}${
          invalid.length > shownInvalid ? ` ${t("aud.and.more", { n: invalid.length - shownInvalid })}` : ""
        }`
      : null;
  return (
    <>
      <Field label={t("aud.title")}>
        <RadioGroup
          value={fields.all ? "all" : "some"}
          onChange={(_, data) => {
            draft.edit({ all: data.value === "all" });
          }}
        >
          <Radio value="all" label={option("all")} />
          <Radio value="some" label={option("some")} />
        </RadioGroup>
      </Field>
      {!fields.all && (
        <Field
          label={t("aud.addresses")}
          hint={
            <>
              {t("aud.addresses.hint")} {duplicates > 0 && t("aud.duplicates", { n: duplicates })}
            </>
          }
          {...(invalidWords
            ? { validationMessage: invalidWords, validationState: "warning" as const }
            : problem("/audience/emails"))}
        >
          <Textarea
            className={styles.area}
            value={text}
            resize="vertical"
            spellCheck={false}
            onChange={(_, data) => {
              setText(data.value);
              draft.edit({ emails: parseAddresses(data.value).valid });
            }}
          />
        </Field>
      )}
      <AudienceSummary names />
    </>
  );
}
