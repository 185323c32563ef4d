import {
  Button,
  Caption1,
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
import { ListPicker } from "./ListPicker";
import { useDraft, useFieldProblem } from "./useDraft";

const PeopleField = lazy(() => import("./PeopleField"));
const NewListDialog = lazy(() => import("../lists/ListDialogs").then((each) => ({ default: each.NewListDialog })));
const ImportWizard = lazy(() => import("../lists/ImportWizard").then((each) => ({ default: each.ImportWizard })));

const useStyles = makeStyles({
  label: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  new: { whiteSpace: "nowrap" },
});

/** Everybody, or people from lists and by address; less the people of other lists. `title` asks for whom; `everybody` says who all users are. */
export function AudienceFields({ title, everybody }: { title: string; everybody: string }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const problem = useFieldProblem();
  const [creating, setCreating] = useState(false);
  const [importing, setImporting] = useState<List | null>(null);
  const option = (name: "all" | "some", text: string) => (
    <span className={styles.label}>
      <Text weight="semibold">{t(`aud.${name}`)}</Text>
      <Caption1 className={styles.quiet}>{text}</Caption1>
    </span>
  );
  return (
    <>
      <Field label={title}>
        <RadioGroup
          value={fields.all ? "all" : "some"}
          onChange={(_, data) => {
            draft.edit({ all: data.value === "all" });
          }}
        >
          <Radio value="all" label={option("all", everybody)} />
          <Radio value="some" label={option("some", t("aud.some.text"))} />
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
