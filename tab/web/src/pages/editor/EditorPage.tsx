import "../../i18n/pages";
import { Button, Field, Input, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { Redirect, useParameters } from "../../router";
import { isNotFound } from "../../ui/errors";
import { nameProblem } from "../../ui/NameField";
import { NotLoaded } from "../../ui/NotLoaded";
import { notYours } from "../../ui/notYours";
import { phone, useMedia, useSession, wide } from "../../ui/Session";
import { AudienceStep } from "./AudienceStep";
import { ConflictBar } from "./ConflictBar";
import { campaignDraft } from "./campaignDraft";
import { EditorFrame, EditorSkeleton, useEditorStyles } from "./EditorFrame";
import { FrozenDraft, RejectedBar } from "./FrozenDraft";
import { stepOf, steps } from "./fields";
import { LeaveGuard } from "./LeaveGuard";
import { MessageStep } from "./MessageStep";
import { PreviewDrawer } from "./PreviewDrawer";
import { PreviewPanel } from "./PreviewPanel";
import { ReviewStep } from "./ReviewStep";
import { GoTo, StepTabs, useFocusField, useStep } from "./Steps";
import { TimeStep } from "./TimeStep";
import { DraftContext, useDraft, useFieldProblem } from "./useDraft";
import { beginning, SavingContext, useLooks } from "./useSaving";

const useStyles = makeStyles({
  steps: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
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
  // What is being edited keeps itself up to date: no answer to a question of somebody else takes it away.
  const [begun, setBegun] = useState(false);
  const campaign = useQuery({
    queryKey: ["campaign", id],
    queryFn: ({ signal }) => api.campaign(id, signal),
    ...beginning,
    enabled: !begun,
  });
  const { data } = campaign;
  // What is known from before may be over.
  if (campaign.isPending || !campaign.isFetchedAfterMount) return <EditorSkeleton />;
  const frozen = data && (data.approval?.state === "waiting" || !me.can.write || notYours(data, me, t));
  if (data?.status === "draft" && frozen && !(campaign.isError && isNotFound(campaign.error))) {
    if (begun) setBegun(false);
    return <FrozenDraft campaign={data} />;
  }
  if (data && begun) return <Editor initial={data} />;
  if (campaign.isError || !data) {
    return <NotLoaded what="campaign" title={t("editor.load.failed")} query={campaign} />;
  }
  if (data.status !== "draft") return <Redirect to={`/campaigns/${id}`} />;
  setBegun(true);
  return <Editor initial={data} />;
}

function Editor({ initial }: { initial: Campaign }) {
  const { api } = useSession();
  const client = useQueryClient();
  const [draft] = useState(() =>
    campaignDraft(initial, {
      save: (version, input) => api.saveCampaign(initial.id, version, input),
      load: () => api.campaign(initial.id),
      onSaved: (campaign) => {
        client.setQueryData(["campaign", campaign.id], campaign);
        void client.invalidateQueries({ queryKey: ["campaigns"] });
      },
      // Until it is asked for again, the list would show it as the draft that it was.
      onGone: () => void client.invalidateQueries({ queryKey: ["campaigns"] }),
    }),
  );
  useEffect(() => draft.live(), [draft]);
  useLooks(draft);
  return (
    <SavingContext value={draft}>
      <DraftContext value={draft}>
        <LeaveGuard path={`/campaigns/${initial.id}/edit`} />
        <Page />
      </DraftContext>
    </SavingContext>
  );
}

function Page() {
  const frame = useEditorStyles();
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, generation, draft } = useDraft();
  const problem = useFieldProblem();
  const roomy = useMedia(wide);
  const small = useMedia(phone);
  const [step, setStep] = useStep();
  const page = useRef<HTMLElement>(null);
  const focusField = useFocusField(page);
  const goTo = useCallback(
    (field: string) => {
      // The name stands above every step.
      if (field !== "/name") setStep(stepOf(field));
      focusField(field);
    },
    [setStep, focusField],
  );
  const at = steps.indexOf(step);
  const previous = steps[at - 1];
  const next = steps[at + 1];

  return (
    <GoTo value={goTo}>
      <EditorFrame ref={page} name={fields.name || t("editor.name")} up="/" back={t("app.back")}>
        <ConflictBar />
        <RejectedBar />
        <Field
          label={t("editor.name")}
          required
          className={frame.name}
          {...problem("/name", nameProblem(fields.name, t))}
        >
          <Input
            size="large"
            value={fields.name}
            onChange={(_, data) => {
              draft.edit({ name: data.value });
            }}
          />
        </Field>
        <div className={styles.steps}>
          <StepTabs step={step} onStep={setStep} />
          {!roomy && step !== "review" && (
            <PreviewDrawer narrow={small}>
              <PreviewPanel />
            </PreviewDrawer>
          )}
        </div>
        <div className={mergeClasses(frame.columns, roomy && frame.two)}>
          <section className={frame.panel} id="step" role="tabpanel" aria-labelledby={`step-${step}`} key={generation}>
            {step === "message" && <MessageStep />}
            {step === "audience" && <AudienceStep />}
            {step === "time" && <TimeStep />}
            {step === "review" && <ReviewStep onStep={setStep} preview={roomy ? null : <PreviewPanel />} />}
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
            <aside className={mergeClasses(frame.panel, frame.side)}>
              <PreviewPanel />
            </aside>
          )}
        </div>
      </EditorFrame>
    </GoTo>
  );
}
