import { Button, Caption1, Checkbox, Field, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useLanguage } from "../../i18n/Language";
import { AudienceFields } from "./AudienceFields";
import { AudienceSummary } from "./AudienceSummary";
import { useCampaignName } from "./useCampaignName";
import { useDraft, useFieldProblem } from "./useDraft";

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3 },
  reminded: { display: "flex", flexDirection: "column", alignItems: "flex-start", gap: tokens.spacingVerticalS },
});

/** A reminder goes to those who have not answered when it starts; that can be given up for another audience. */
function Reminded({ id }: { id: string }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { draft } = useDraft();
  const name = useCampaignName(id);
  return (
    <div className={styles.reminded}>
      <Text weight="semibold">{t("aud.unanswered", { name: name ?? t("aud.unanswered.gone") })}</Text>
      <Caption1 className={styles.quiet}>{t("aud.unanswered.text")}</Caption1>
      <Button
        size="small"
        onClick={() => {
          draft.edit({ unanswered: null });
        }}
      >
        {t("aud.unanswered.other")}
      </Button>
    </div>
  );
}

/** Who gets it, and whether also those who want only what is mandatory. */
export function AudienceStep() {
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const problem = useFieldProblem();
  const { unanswered } = fields;
  if (unanswered !== null) {
    return (
      <>
        <Field label={t("aud.title")} {...problem("/audience/unanswered")}>
          <Reminded id={unanswered} />
        </Field>
        <AudienceSummary names />
      </>
    );
  }
  return (
    <>
      <AudienceFields title={t("aud.title")} everybody={t("aud.all.text")} />
      <Field hint={t("aud.mandatory.hint")}>
        <Checkbox
          checked={fields.mandatory}
          label={t("aud.mandatory")}
          onChange={(_, data) => {
            draft.edit({ mandatory: data.checked === true });
          }}
        />
      </Field>
      <AudienceSummary names />
    </>
  );
}
