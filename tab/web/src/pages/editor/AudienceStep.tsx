import {
  Button,
  Caption1,
  Checkbox,
  Field,
  makeStyles,
  Radio,
  RadioGroup,
  Spinner,
  Text,
  tokens,
} from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useState } from "react";
import type { List } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { AudienceSummary } from "./AudienceSummary";
import { ListPicker } from "./ListPicker";
import { useCampaignName } from "./useCampaignName";
import { useDraft, useFieldProblem } from "./useDraft";

const PeopleField = lazy(() => import("./PeopleField"));
const NewListDialog = lazy(() => import("../lists/ListDialogs").then((each) => ({ default: each.NewListDialog })));
const ImportWizard = lazy(() => import("../lists/ImportWizard").then((each) => ({ default: each.ImportWizard })));

const useStyles = makeStyles({
  label: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  new: { whiteSpace: "nowrap" },
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

/** Everybody who has the app, or people from lists and by address; less the people of other lists. */
export function AudienceStep() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const problem = useFieldProblem();
  const [creating, setCreating] = useState(false);
  const [importing, setImporting] = useState<List | null>(null);
  const option = (name: "all" | "some") => (
    <span className={styles.label}>
      <Text weight="semibold">{t(`aud.${name}`)}</Text>
      <Caption1 className={styles.quiet}>{t(`aud.${name}.text`)}</Caption1>
    </span>
  );
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
        <>
          <ListPicker
            label={t("lists.title")}
            hint={fields.listIds.length > 1 ? t("aud.lists.order") : undefined}
            ids={fields.listIds}
            problem={problem("/audience/listIds")}
            onChange={(listIds) => {
              draft.edit({ listIds });
            }}
            action={
              <Button
                className={styles.new}
                icon={<AddRegular />}
                onClick={() => {
                  setCreating(true);
                }}
              >
                {t("aud.lists.new")}
              </Button>
            }
          />
          <Suspense fallback={<Spinner size="tiny" aria-label={t("app.loading")} />}>
            <PeopleField problem={problem("/audience/emails")} />
          </Suspense>
        </>
      )}
      <ListPicker
        label={t("aud.except")}
        hint={t("aud.except.hint")}
        ids={fields.excludeListIds}
        problem={problem("/audience/excludeListIds")}
        onChange={(excludeListIds) => {
          draft.edit({ excludeListIds });
        }}
      />
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
      <Suspense fallback={null}>
        {creating && (
          <NewListDialog
            onClose={() => {
              setCreating(false);
            }}
            onCreated={(list, importNext) => {
              const { listIds } = draft.get().fields;
              if (!listIds.includes(list.id)) draft.edit({ listIds: [...listIds, list.id] });
              if (importNext) setImporting(list);
            }}
          />
        )}
        {importing && (
          <ImportWizard
            list={importing}
            onClose={() => {
              setImporting(null);
            }}
          />
        )}
      </Suspense>
    </>
  );
}
