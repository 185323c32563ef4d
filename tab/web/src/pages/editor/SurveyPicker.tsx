import {
  Button,
  Caption1,
  Combobox,
  Field,
  Link,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Option,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { AddRegular, OpenRegular } from "@fluentui/react-icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { surveys } from "../../api/surveys";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { explain, explainProblem, isNotFound } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { SurveyBadge } from "../surveys/SurveyBadge";
import { useSurvey } from "./SurveyName";
import { useDebounced, useDraft, useFieldProblem } from "./useDraft";

const NewSurveyDialog = lazy(() =>
  import("../surveys/SurveyDialogs").then((each) => ({ default: each.NewSurveyDialog })),
);

const useStyles = makeStyles({
  row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  box: { flexGrow: 1, minWidth: "14rem" },
  state: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM },
  quiet: { color: tokens.colorNeutralForeground3 },
});

const limit = 30;

/** Which survey the campaign asks: found by name, or made now. */
export default function SurveyPicker() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const { fields, draft } = useDraft();
  const problem = useFieldProblem();
  const [typed, setTyped] = useState<string | null>(null);
  const [creating, setCreating] = useState(false);
  const chosen = useSurvey(fields.surveyId);
  const gone = chosen.isError && isNotFound(chosen.error);
  const q = useDebounced((typed ?? "").trim(), 300);
  const found = useQuery({
    queryKey: ["surveys", "picker", q],
    queryFn: ({ signal }) =>
      surveys.page(api, { q, status: "", sort: "updated", order: "desc", cursor: null, limit }, signal),
    placeholderData: keepPreviousData,
  });
  const items = found.data?.items ?? [];
  const choose = (id: string) => {
    draft.edit({ surveyId: id });
    setTyped(null);
  };
  return (
    <>
      <Field
        label={t("picker.survey")}
        required
        {...problem("/content/surveyId", gone ? t("problem.survey_unknown") : null)}
      >
        {(control) => (
          <div className={styles.row}>
            <Combobox
              {...control}
              className={styles.box}
              placeholder={t("picker.placeholder")}
              value={typed ?? chosen.data?.name ?? ""}
              selectedOptions={fields.surveyId ? [fields.surveyId] : []}
              onChange={(event) => {
                setTyped(event.target.value);
              }}
              onOpenChange={(_, data) => {
                if (!data.open) setTyped(null);
              }}
              onOptionSelect={(_, data) => {
                if (data.optionValue) choose(data.optionValue);
              }}
            >
              {items.map((each) => (
                <Option key={each.id} value={each.id} text={each.name}>
                  {each.name}
                  <Caption1 className={styles.quiet}>
                    {t("survey.questions", { n: each.questions.length })}, {t(`survey.status.${each.status}`)}
                  </Caption1>
                </Option>
              ))}
              {items.length === 0 && (
                <Option disabled value="" text="">
                  {found.isPending
                    ? t("app.loading")
                    : found.isError
                      ? explain(found.error, t)
                      : t(q === "" ? "picker.none" : "surveys.empty.search", { q })}
                </Option>
              )}
            </Combobox>
            <Button
              icon={<AddRegular />}
              onClick={() => {
                setCreating(true);
              }}
            >
              {t("surveys.new")}
            </Button>
          </div>
        )}
      </Field>
      {chosen.isFetching && !chosen.data && <Spinner size="tiny" label={t("app.loading")} />}
      {chosen.data && <Chosen survey={chosen.data} />}
      {creating && (
        <Suspense fallback={null}>
          <NewSurveyDialog
            onClose={() => {
              setCreating(false);
            }}
            onCreated={(survey) => {
              choose(survey.id);
              navigate(`/surveys/${survey.id}`);
            }}
          />
        </Suspense>
      )}
    </>
  );
}

/** How the chosen survey stands, and what keeps it from being sent. */
function Chosen({ survey }: { survey: NonNullable<ReturnType<typeof useSurvey>["data"]> }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const blocking = survey.problems.filter(({ code }) => code !== "question_unreachable");
  const [first] = blocking;
  const edit = () => {
    navigate(`/surveys/${survey.id}`);
  };
  return (
    <>
      <div className={styles.state}>
        <SurveyBadge status={survey.status} />
        <Caption1>{t("survey.questions", { n: survey.questions.length })}</Caption1>
        <Caption1>{t(survey.anonymous ? "builder.who.anonymous" : "builder.who.named")}</Caption1>
        <Link as="button" onClick={edit}>
          {t("picker.open")} <OpenRegular aria-hidden />
        </Link>
      </div>
      {first && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("picker.incomplete", { why: explainProblem(first, t) })}</MessageBarBody>
          <MessageBarActions>
            <Button onClick={edit}>{t("picker.complete")}</Button>
          </MessageBarActions>
        </MessageBar>
      )}
      {survey.status === "closed" && (
        <MessageBar intent="warning">
          <MessageBarBody>{t("problem.survey_closed")}</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}
