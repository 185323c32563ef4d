import "../../i18n/pages";
import {
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  Field,
  Input,
  makeStyles,
  mergeClasses,
  OverlayDrawer,
  Skeleton,
  SkeletonItem,
  Tab,
  TabList,
  tokens,
  useRestoreFocusTarget,
} from "@fluentui/react-components";
import {
  ArrowLeftRegular,
  CheckmarkFilled,
  DismissRegular,
  DocumentQuestionMarkRegular,
  EyeRegular,
} from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate, Redirect, useParameters, useSearch } from "../../router";
import { isNotFound } from "../../ui/errors";
import { Face, FailedFace } from "../../ui/Faces";
import { HiddenTitle, pageTitle } from "../../ui/PageTitle";
import { phone, useMedia, useSession, wide } from "../../ui/Session";
import { useSelectedInView } from "../../ui/useSelectedInView";
import { AudienceStep } from "./AudienceStep";
import { Draft } from "./Draft";
import { type Step, stepOf, steps } from "./fields";
import { LeaveGuard } from "./LeaveGuard";
import { MessageStep } from "./MessageStep";
import { PreviewPanel } from "./PreviewPanel";
import { ReviewStep } from "./ReviewStep";
import { ConflictBar, SaveStatus } from "./SaveStatus";
import { DraftContext, useDraft, useFieldProblem } from "./useDraft";

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
  top: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
  back: { marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})` },
  name: { maxWidth: "40rem" },
  steps: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
  tabs: {
    minWidth: 0,
    flexShrink: 1,
    overflowX: "auto",
    scrollbarWidth: "none",
    marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})`,
    "& > button": { flexShrink: 0 },
  },
  eye: { flexShrink: 0 },
  number: {
    display: "inline-flex",
    alignItems: "center",
    justifyContent: "center",
    width: tokens.lineHeightBase300,
    height: tokens.lineHeightBase300,
    borderRadius: tokens.borderRadiusCircular,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    backgroundColor: tokens.colorNeutralForeground3,
    color: tokens.colorNeutralBackground1,
  },
  current: { backgroundColor: tokens.colorBrandBackground, color: tokens.colorNeutralForegroundOnBrand },
  done: { backgroundColor: tokens.colorStatusSuccessForeground1 },
  columns: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: tokens.spacingHorizontalXXL,
    alignItems: "start",
  },
  two: { gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr)" },
  panel: {
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow2,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorTransparentStroke}`,
    padding: tokens.spacingHorizontalXXL,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXXL,
    "@media (max-width: 639px)": { padding: tokens.spacingHorizontalL },
  },
  side: { position: "sticky", top: tokens.spacingVerticalL },
  foot: { display: "flex", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
  last: { marginLeft: "auto" },
});

export default function EditorPage() {
  const { id = "" } = useParameters();
  return <Load key={id} id={id} />;
}

function Load({ id }: { id: string }) {
  const { t } = useLanguage();
  const { api, me } = useSession();
  const campaign = useQuery({
    queryKey: ["campaign", id],
    queryFn: ({ signal }) => api.campaign(id, signal),
    // Always begin from what Herald has now; from then on the draft keeps itself up to date.
    staleTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (campaign.data && !(campaign.isFetching && campaign.data.status === "draft" && campaign.isStale)) {
    if (campaign.data.status !== "draft" || !me.can.write) return <Redirect to={`/campaigns/${id}`} />;
    return <Editor initial={campaign.data} />;
  }
  if (campaign.data) return <Editor initial={campaign.data} />;
  if (campaign.isPending) return <EditorSkeleton />;
  const home = <Button onClick={() => navigate("/")}>{t("app.back")}</Button>;
  return (
    <main aria-labelledby={pageTitle}>
      {isNotFound(campaign.error) ? (
        <Face page icon={<DocumentQuestionMarkRegular />} title={t("report.gone.title")} actions={home}>
          {t("report.gone.text")}
        </Face>
      ) : (
        <FailedFace
          page
          title={t("editor.load.failed")}
          error={campaign.error}
          onRetry={() => void campaign.refetch()}
          actions={home}
        />
      )}
    </main>
  );
}

function Editor({ initial }: { initial: Campaign }) {
  const { api } = useSession();
  const client = useQueryClient();
  const [draft] = useState(
    () =>
      new Draft(initial, {
        save: (version, input) => api.saveCampaign(initial.id, version, input),
        onSaved: (campaign) => {
          client.setQueryData(["campaign", campaign.id], campaign);
          void client.invalidateQueries({ queryKey: ["campaigns"] });
        },
      }),
  );
  useEffect(() => draft.dispose, [draft]);
  return (
    <DraftContext value={draft}>
      <LeaveGuard />
      <Page />
    </DraftContext>
  );
}

function Page() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, generation, draft } = useDraft();
  const problem = useFieldProblem();
  const roomy = useMedia(wide);
  const small = useMedia(phone);
  const focusBack = useRestoreFocusTarget();
  const [drawer, setDrawer] = useState(false);
  const [step, setStep] = useStep();
  const at = steps.indexOf(step);
  const previous = steps[at - 1];
  const next = steps[at + 1];

  return (
    <main className={styles.page} aria-labelledby={pageTitle}>
      <title>{fields.name || t("editor.name")}</title>
      <HiddenTitle>{fields.name || t("editor.name")}</HiddenTitle>
      <div className={styles.top}>
        <Button className={styles.back} appearance="subtle" icon={<ArrowLeftRegular />} onClick={() => navigate("/")}>
          {t("app.back")}
        </Button>
        <SaveStatus />
      </div>
      <ConflictBar />
      <Field
        label={t("editor.name")}
        required
        className={styles.name}
        {...problem("/name", fields.name.trim() ? null : t("name.required"))}
      >
        <Input
          size="large"
          value={fields.name}
          maxLength={120}
          onChange={(_, data) => {
            draft.edit({ name: data.value });
          }}
        />
      </Field>
      <div className={styles.steps}>
        <StepTabs step={step} onStep={setStep} />
        {!roomy && (
          <Button
            className={styles.eye}
            icon={<EyeRegular />}
            aria-label={t("editor.preview")}
            {...focusBack}
            onClick={() => {
              setDrawer(true);
            }}
          >
            {small ? null : t("editor.preview")}
          </Button>
        )}
      </div>
      <div className={mergeClasses(styles.columns, roomy && styles.two)}>
        <section className={styles.panel} id="step" role="tabpanel" aria-labelledby={`step-${step}`} key={generation}>
          {step === "message" && <MessageStep />}
          {step === "audience" && <AudienceStep />}
          {step === "review" && <ReviewStep onStep={setStep} />}
          <div className={styles.foot}>
            {previous && (
              <Button
                onClick={() => {
                  setStep(previous);
                }}
              >
                {t("editor.previous", { step: t(`editor.step.${previous}`) })}
              </Button>
            )}
            {next && (
              <Button
                className={styles.last}
                appearance="primary"
                onClick={() => {
                  setStep(next);
                }}
              >
                {t("editor.next", { step: t(`editor.step.${next}`) })}
              </Button>
            )}
          </div>
        </section>
        {roomy && (
          <aside className={mergeClasses(styles.panel, styles.side)}>
            <PreviewPanel />
          </aside>
        )}
      </div>
      {!roomy && (
        <OverlayDrawer
          open={drawer}
          position="end"
          size="medium"
          onOpenChange={(_, data) => {
            setDrawer(data.open);
          }}
        >
          <DrawerHeader>
            <DrawerHeaderTitle
              action={
                <Button
                  appearance="subtle"
                  icon={<DismissRegular />}
                  aria-label={t("app.close")}
                  onClick={() => {
                    setDrawer(false);
                  }}
                />
              }
            >
              {t("editor.preview")}
            </DrawerHeaderTitle>
          </DrawerHeader>
          <DrawerBody>
            <PreviewPanel />
          </DrawerBody>
        </OverlayDrawer>
      )}
    </main>
  );
}

/** The step is part of the address, so that the browser's back goes one step back. */
function useStep(): [Step, (step: Step) => void] {
  const [parameters, setParameters] = useSearch();
  const wanted = parameters.get("step");
  const step = steps.find((each) => each === wanted) ?? "message";
  return [
    step,
    (to) => {
      if (to !== step) setParameters(to === "message" ? {} : { step: to });
    },
  ];
}

function StepTabs({ step, onStep }: { step: Step; onStep: (step: Step) => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { campaign } = useDraft();
  const list = useSelectedInView(step);
  const open = new Set((campaign.problems ?? []).map((each) => stepOf(each.field)));
  return (
    <TabList
      ref={list}
      className={styles.tabs}
      aria-label={t("editor.steps")}
      selectedValue={step}
      onTabSelect={(_, data) => {
        onStep(data.value as Step);
      }}
    >
      {steps.map((each, index) => {
        const name = t(`editor.step.${each}`);
        const done = each !== "review" && !open.has(each);
        const label = each === "review" ? name : t(done ? "editor.step.done" : "editor.step.todo", { step: name });
        return (
          <Tab
            key={each}
            value={each}
            id={`step-${each}`}
            aria-controls="step"
            aria-label={label}
            icon={
              // A check takes exactly the number's place, so that nothing moves.
              <span
                className={mergeClasses(styles.number, each === step ? styles.current : done ? styles.done : undefined)}
              >
                {done && each !== step ? <CheckmarkFilled /> : index + 1}
              </span>
            }
          >
            {name}
          </Tab>
        );
      })}
    </TabList>
  );
}

function EditorSkeleton() {
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
