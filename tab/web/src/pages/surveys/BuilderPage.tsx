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
  Skeleton,
  SkeletonItem,
  tokens,
} from "@fluentui/react-components";
import { ArrowLeftRegular, DataBarVerticalRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { surveys } from "../../api/surveys";
import type { Survey } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { navigate, Redirect } from "../../router";
import { explainProblem } from "../../ui/errors";
import { nameProblem } from "../../ui/NameField";
import { HiddenTitle, pageTitle } from "../../ui/PageTitle";
import { useMedia, useSession, wide } from "../../ui/Session";
import { LeaveGuard } from "../editor/LeaveGuard";
import { PreviewDrawer } from "../editor/PreviewDrawer";
import { SaveStatus } from "../editor/SaveStatus";
import { GoTo, useFocusField, useGoTo } from "../editor/Steps";
import { SavingContext, useLooks } from "../editor/useSaving";
import { Questions } from "./Questions";
import { maxIntro } from "./questions";
import { RichField } from "./RichField";
import { Settings } from "./Settings";
import { SurveyBadge } from "./SurveyBadge";
import { SurveyConflictBar } from "./SurveyConflict";
import { SurveyDialog } from "./SurveyDialogs";
import { type SurveyAction, SurveyMenu } from "./SurveyMenu";
import { SurveyNotLoaded } from "./SurveyNotLoaded";
import { type Shown, SurveyPreview } from "./SurveyPreview";
import { surveyDraft } from "./surveyDraft";
import { SurveyDraftContext, useSurveyDraft, useSurveyProblem } from "./useSurveyDraft";

const useStyles = makeStyles({
  page: {
    boxSizing: "border-box",
    maxWidth: "1280px",
    margin: "0 auto",
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXXXL}`,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    "@media (max-width: 639px)": { paddingInline: tokens.spacingHorizontalL },
  },
  top: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalM,
  },
  back: { marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})`, flexShrink: 0, whiteSpace: "nowrap" },
  head: { display: "flex", flexWrap: "wrap", alignItems: "flex-end", gap: tokens.spacingHorizontalM },
  name: { flexGrow: 1, maxWidth: "40rem", minWidth: "12rem" },
  tools: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS, marginLeft: "auto" },
  columns: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: tokens.spacingHorizontalXXL,
    alignItems: "start",
  },
  two: { gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr)" },
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, minWidth: 0 },
  panel: {
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow2,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorTransparentStroke}`,
    padding: tokens.spacingHorizontalXL,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXL,
    "@media (max-width: 639px)": { padding: tokens.spacingHorizontalL },
  },
  side: { position: "sticky", top: tokens.spacingVerticalL, maxHeight: "calc(100vh - 2rem)", overflowY: "auto" },
  problems: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  // On the coloured ground of a message, a link of its own colour has too little contrast in dark.
  way: { color: "inherit", ":hover": { color: "inherit" }, ":hover:active": { color: "inherit" } },
});

/** A survey as its author writes it; those who may only read see its results. */
export default function BuilderPage({ id }: { id: string }) {
  const { api, me } = useSession();
  const survey = useQuery({
    queryKey: ["survey", id],
    queryFn: ({ signal }) => surveys.get(api, id, signal),
    // Always begin from what Herald has now; from then on the draft keeps itself up to date.
    staleTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (!me.can.write) return <Redirect to={`/surveys/${id}/results`} />;
  if (survey.data && !(survey.isFetching && survey.isStale)) return <Builder initial={survey.data} />;
  if (survey.data) return <Builder initial={survey.data} />;
  if (survey.isPending) return <BuilderSkeleton />;
  return <SurveyNotLoaded error={survey.error} onRetry={() => void survey.refetch()} />;
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
    }),
  );
  useEffect(() => draft.dispose, [draft]);
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
  const preview = <SurveyPreview shown={shown} onShow={setShown} />;
  return (
    <GoTo value={goTo}>
      <main className={styles.page} aria-labelledby={pageTitle} ref={page}>
        <title>{fields.name || t("builder.name")}</title>
        <HiddenTitle>{fields.name || t("builder.name")}</HiddenTitle>
        <div className={styles.top}>
          <Button
            className={styles.back}
            appearance="subtle"
            icon={<ArrowLeftRegular />}
            onClick={() => navigate("/surveys")}
          >
            {t("survey.back")}
          </Button>
          <SaveStatus />
        </div>
        <SurveyConflictBar />
        <div className={styles.head}>
          <Field
            label={t("builder.name")}
            required
            className={styles.name}
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
        <div className={mergeClasses(styles.columns, roomy && styles.two)}>
          <div className={styles.form} key={generation}>
            <section className={styles.panel} aria-label={t("builder.intro")}>
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
            <section className={styles.panel} aria-label={t("builder.thanks")}>
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
            <Settings className={styles.panel} />
          </div>
          {roomy && <aside className={mergeClasses(styles.panel, styles.side)}>{preview}</aside>}
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
      </main>
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

function BuilderSkeleton() {
  const styles = useStyles();
  const { t } = useLanguage();
  return (
    <main className={styles.page} aria-labelledby={pageTitle}>
      <HiddenTitle>{t("app.loading")}</HiddenTitle>
      <Skeleton aria-label={t("app.loading")} className={styles.panel}>
        <SkeletonItem size={32} />
        <SkeletonItem size={24} />
        <SkeletonItem size={128} />
      </Skeleton>
    </main>
  );
}
