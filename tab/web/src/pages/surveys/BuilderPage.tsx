import {
  Button,
  Field,
  Input,
  Link,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  mergeClasses,
  tokens,
} from "@fluentui/react-components";
import { DataBarVerticalRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { surveys } from "../../api/surveys";
import type { Survey } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { navigate, Redirect } from "../../router";
import { explainProblem } from "../../ui/errors";
import { nameProblem } from "../../ui/NameField";
import { NotLoaded } from "../../ui/NotLoaded";
import { useMedia, useSession, wide } from "../../ui/Session";
import { EditorFrame, EditorSkeleton, useEditorStyles } from "../editor/EditorFrame";
import { LeaveGuard } from "../editor/LeaveGuard";
import { PreviewDrawer } from "../editor/PreviewDrawer";
import { GoTo, useFocusField, useGoTo } from "../editor/Steps";
import { beginning, SavingContext, useLooks } from "../editor/useSaving";
import { Questions } from "./Questions";
import { maxIntro } from "./questions";
import { RichField } from "./RichField";
import { Settings } from "./Settings";
import { SurveyBadge } from "./SurveyBadge";
import { SurveyConflictBar } from "./SurveyConflict";
import { SurveyDialog } from "./SurveyDialogs";
import { type SurveyAction, SurveyMenu } from "./SurveyMenu";
import { type Shown, SurveyPreview } from "./SurveyPreview";
import { surveyDraft } from "./surveyDraft";
import { SurveyDraftContext, useSurveyDraft, useSurveyProblem } from "./useSurveyDraft";

const useStyles = makeStyles({
  head: { display: "flex", flexWrap: "wrap", alignItems: "flex-end", gap: tokens.spacingHorizontalM },
  name: { flexGrow: 1, minWidth: "12rem" },
  tools: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS, marginLeft: "auto" },
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, minWidth: 0 },
  panel: {
    padding: tokens.spacingHorizontalXL,
    gap: tokens.spacingVerticalXL,
    "@media (max-width: 639px)": { padding: tokens.spacingHorizontalL },
  },
  side: { maxHeight: "calc(100vh - 2rem)", overflowY: "auto" },
  problems: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  // On the coloured ground of a message, a link of its own colour has too little contrast in dark.
  way: { color: "inherit", ":hover": { color: "inherit" }, ":hover:active": { color: "inherit" } },
});

/** A survey as its author writes it; those who may only read see its results. */
export default function BuilderPage({ id }: { id: string }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api, me } = useSession();
  // What is being edited keeps itself up to date.
  const [begun, setBegun] = useState(false);
  const survey = useQuery({
    queryKey: ["survey", id],
    queryFn: ({ signal }) => surveys.get(api, id, signal),
    ...beginning,
    enabled: !begun,
  });
  // What is known from before may be over.
  if (survey.isSuccess && survey.isFetchedAfterMount && !begun) setBegun(true);
  if (!me.can.write) return <Redirect to={`/surveys/${id}/results`} />;
  if (begun && survey.data) return <Builder initial={survey.data} />;
  if (survey.isPending || !survey.isFetchedAfterMount) return <EditorSkeleton className={styles.panel} />;
  return <NotLoaded what="survey" title={t("survey.load.failed")} query={survey} />;
}

function Builder({ initial }: { initial: Survey }) {
  const { api } = useSession();
  const client = useQueryClient();
  const [draft] = useState(() =>
    surveyDraft(initial, {
      save: (version, input) => surveys.save(api, initial.id, version, input),
      load: () => surveys.get(api, initial.id),
      onSaved: (survey) => {
        client.setQueryData(["survey", survey.id], survey);
        void client.invalidateQueries({ queryKey: ["surveys"] });
        void client.invalidateQueries({ queryKey: ["preview"] });
      },
      // Until it is asked for again, the list would show it as it was.
      onGone: () => void client.invalidateQueries({ queryKey: ["surveys"] }),
    }),
  );
  useEffect(() => draft.live(), [draft]);
  useLooks(draft);
  return (
    <SavingContext value={draft}>
      <SurveyDraftContext value={draft}>
        <LeaveGuard path={`/surveys/${initial.id}`} />
        <Page />
      </SurveyDraftContext>
    </SavingContext>
  );
}

function Page() {
  const frame = useEditorStyles();
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, survey, generation, draft } = useSurveyDraft();
  const problem = useSurveyProblem();
  const roomy = useMedia(wide);
  const [action, setAction] = useState<SurveyAction | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const [shown, setShown] = useState<Shown>({ view: "ask", at: "" });
  const page = useRef<HTMLElement>(null);
  const focusField = useFocusField(page);
  const goTo = useCallback(
    (field: string) => {
      const [, index] = /^\/questions\/(\d+)/.exec(field) ?? [];
      const id = index === undefined ? undefined : draft.get().fields.questions[Number(index)]?.id;
      if (id !== undefined) setActive(id);
      focusField(field);
    },
    [draft, focusField],
  );
  const open = useCallback((id: string | null) => {
    setActive(id);
    if (id !== null) setShown({ view: "ask", at: id });
  }, []);
  const panel = mergeClasses(frame.panel, styles.panel);
  const preview = <SurveyPreview shown={shown} onShow={setShown} />;
  return (
    <GoTo value={goTo}>
      <EditorFrame ref={page} name={fields.name || t("builder.name")} up="/surveys" back={t("survey.back")}>
        <SurveyConflictBar />
        <div className={styles.head}>
          <Field
            label={t("builder.name")}
            required
            className={mergeClasses(frame.name, styles.name)}
            {...problem("/name", nameProblem(fields.name, t, t("survey.name.required")))}
          >
            <Input
              size="large"
              value={fields.name}
              onChange={(_, data) => {
                draft.edit({ name: data.value });
              }}
            />
          </Field>
          <div className={styles.tools}>
            <SurveyBadge status={survey.status} />
            {survey.sent > 0 && (
              <Button icon={<DataBarVerticalRegular />} onClick={() => navigate(`/surveys/${survey.id}/results`)}>
                {t("survey.menu.results")}
              </Button>
            )}
            {!roomy && <PreviewDrawer>{preview}</PreviewDrawer>}
            <SurveyMenu survey={survey} here="builder" onAction={setAction} />
          </div>
        </div>
        <InUse survey={survey} />
        <Missing />
        <div className={mergeClasses(frame.columns, roomy && frame.two)}>
          <div className={styles.form} key={generation}>
            <section className={panel} aria-label={t("builder.intro")}>
              <RichField
                field="/intro"
                label={t("builder.intro")}
                hint={t("builder.intro.hint")}
                placeholder={t("builder.intro.placeholder")}
                value={fields.intro}
                onFocus={() => {
                  setShown({ view: "ask", at: "" });
                }}
                max={maxIntro}
                onChange={(intro) => {
                  draft.edit({ intro });
                }}
              />
            </section>
            <Questions active={active} onActive={open} />
            <section className={panel} aria-label={t("builder.thanks")}>
              <RichField
                field="/thanks"
                label={t("builder.thanks")}
                hint={t("builder.thanks.hint")}
                placeholder={t("builder.thanks.placeholder")}
                value={fields.thanks}
                onFocus={() => {
                  setShown({ view: "thanks", at: "" });
                }}
                max={maxIntro}
                onChange={(thanks) => {
                  draft.edit({ thanks });
                }}
              />
            </section>
            <Settings className={panel} />
          </div>
          {roomy && <aside className={mergeClasses(panel, frame.side, styles.side)}>{preview}</aside>}
        </div>
        {action && (
          <SurveyDialog
            action={action}
            survey={survey}
            onClose={() => {
              setAction(null);
              void draft.look();
            }}
            onDeleted={() => {
              draft.forget();
              navigate("/surveys", { replace: true });
            }}
          />
        )}
      </EditorFrame>
    </GoTo>
  );
}

/** "3 campaigns use version 4": what is changed here is for the next ones. */
function InUse({ survey }: { survey: Survey }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const campaigns = useQuery({
    queryKey: ["surveys", survey.id, "campaigns"],
    queryFn: ({ signal }) => surveys.campaigns(api, survey.id, signal),
    enabled: survey.campaigns > 0,
  });
  const pinned = campaigns.data?.items.flatMap(({ version }) => version ?? []) ?? [];
  const [version, ...others] = new Set(pinned);
  if (version === undefined) return null;
  return (
    <MessageBar layout="multiline">
      <MessageBarBody>
        {others.length === 0
          ? t("builder.used", { n: pinned.length, version })
          : t("builder.used.some", { n: pinned.length })}
      </MessageBarBody>
    </MessageBar>
  );
}

/** What is missing before it can be sent, each with the way there. */
function Missing() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { problems, refused, fields } = useSurveyDraft();
  const goTo = useGoTo();
  // A new survey has nothing yet: that need not be said.
  if (problems.length === 0 || refused.length > 0 || fields.questions.length === 0) return null;
  return (
    <MessageBar intent="warning" layout="multiline" politeness="polite">
      <MessageBarBody>
        <MessageBarTitle>{t("builder.missing", { n: problems.length })}</MessageBarTitle>
        <ul className={styles.problems}>
          {problems.slice(0, 5).map((each) => (
            <li key={`${each.field} ${each.code}`}>
              {explainProblem(each, t)}{" "}
              <Link
                as="button"
                inline
                className={styles.way}
                onClick={() => {
                  goTo(each.field);
                }}
              >
                {t("review.goto", { step: placeWords(each.field, t) })}
              </Link>
            </li>
          ))}
        </ul>
        {problems.length > 5 && t("builder.missing.more", { n: problems.length - 5 })}
      </MessageBarBody>
    </MessageBar>
  );
}

function placeWords(field: string, t: ReturnType<typeof useLanguage>["t"]): string {
  const [, index] = /^\/questions\/(\d+)/.exec(field) ?? [];
  if (index !== undefined) return t("builder.question", { n: Number(index) + 1 });
  if (field.startsWith("/intro")) return t("builder.intro");
  if (field.startsWith("/thanks")) return t("builder.thanks");
  return t("builder.settings");
}
