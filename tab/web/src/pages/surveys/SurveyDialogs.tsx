import { makeStyles, Radio, RadioGroup, Text, tokens } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "../../api/error";
import { surveys } from "../../api/surveys";
import type { Survey } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { maxName, NameField, nameProblem } from "../../ui/NameField";
import { useNotify } from "../../ui/Notices";
import { useNow, useSession } from "../../ui/Session";
import { ClosingPicker, inAWeek } from "./ClosingPicker";
import type { SurveyAction } from "./SurveyMenu";
import { useRefreshSurveys } from "./useRefreshSurveys";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

interface NewProps {
  onClose: () => void;
  onCreated: (survey: Survey) => void;
}

/** A survey begins with its name; it exists from then on, so that nothing written is lost. */
export function NewSurveyDialog({ onClose, onCreated }: NewProps) {
  const { t } = useLanguage();
  const { api } = useSession();
  const refresh = useRefreshSurveys();
  const [name, setName] = useState("");
  const problem = nameProblem(name, t, t("survey.name.required"));
  return (
    <ConfirmDialog
      title={t("surveys.new")}
      confirm={t("new.create")}
      disabled={problem !== null}
      onClose={onClose}
      onConfirm={async () => {
        const survey = await surveys.create(api, { name: name.trim(), allowChange: true });
        void refresh(survey);
        return () => {
          onCreated(survey);
        };
      }}
    >
      <NameField
        label={t("new.name")}
        hint={t("new.hint")}
        placeholder={t("survey.name.placeholder")}
        value={name}
        problem={name === "" ? null : problem}
        onChange={setName}
      />
    </ConfirmDialog>
  );
}

interface Props {
  action: SurveyAction;
  survey: Survey;
  onClose: () => void;
  /** After the survey is gone. */
  onDeleted?: () => void;
}

/** The dialogs that a survey's menu opens. */
export function SurveyDialog(props: Props) {
  switch (props.action) {
    case "clone":
      return <CloneDialog {...props} />;
    case "close":
      return <CloseDialog {...props} />;
    case "reopen":
      return <ReopenDialog {...props} />;
    case "campaign":
      return <CampaignDialog {...props} />;
    case "delete":
      return <DeleteDialog {...props} />;
  }
}

function CloneDialog({ survey, onClose }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshSurveys();
  const [name, setName] = useState(() => copyName(t("clone.default", { name: survey.name })));
  const problem = nameProblem(name, t, t("survey.name.required"));
  return (
    <ConfirmDialog
      title={t("survey.clone.title")}
      confirm={t("clone.do")}
      disabled={problem !== null}
      onClose={onClose}
      onConfirm={async () => {
        const copy = await surveys.clone(api, survey.id, name.trim());
        notify("success", t("clone.done", { name: copy.name }));
        await refresh(copy);
        return () => {
          navigate(`/surveys/${copy.id}`);
        };
      }}
    >
      <Text block>{t("survey.clone.text")}</Text>
      <br />
      <NameField label={t("clone.name")} value={name} problem={problem} onChange={setName} />
    </ConfirmDialog>
  );
}

export function copyName(name: string): string {
  return [...name].slice(0, maxName).join("");
}

function CloseDialog({ survey, onClose }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshSurveys();
  return (
    <ConfirmDialog
      title={t("survey.close.title", { name: survey.name })}
      confirm={t("survey.close.do")}
      onClose={onClose}
      onConfirm={async () => {
        const closed = await surveys.close(api, survey.id);
        notify("success", t("survey.close.done", { name: survey.name }));
        await refresh(closed);
        return undefined;
      }}
    >
      <Text>{t("survey.close.text")}</Text>
    </ConfirmDialog>
  );
}

function ReopenDialog({ survey, onClose }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const now = useNow();
  const notify = useNotify();
  const refresh = useRefreshSurveys();
  const [until, setUntil] = useState(false);
  const [at, setAt] = useState(() => inAWeek(now));
  return (
    <ConfirmDialog
      title={t("survey.reopen.title", { name: survey.name })}
      confirm={t("survey.reopen.do")}
      disabled={until && at <= now}
      onClose={onClose}
      onConfirm={async () => {
        const open = await surveys.reopen(api, survey.id, until ? new Date(at).toISOString() : null);
        notify("success", t("survey.reopen.done", { name: survey.name }));
        await refresh(open);
        return undefined;
      }}
    >
      <div className={styles.form}>
        <Text block>{t("survey.reopen.text")}</Text>
        <RadioGroup
          aria-label={t("builder.closing")}
          value={until ? "at" : "hand"}
          onChange={(_, data) => {
            setUntil(data.value === "at");
          }}
        >
          <Radio value="hand" label={t("builder.closing.hand")} />
          <Radio value="at" label={t("builder.closing.at")} />
        </RadioGroup>
        {until && <ClosingPicker at={at} onChange={setAt} />}
      </div>
    </ConfirmDialog>
  );
}

function CampaignDialog({ survey, onClose }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const client = useQueryClient();
  const [name, setName] = useState(survey.name);
  const problem = nameProblem(name, t);
  return (
    <ConfirmDialog
      title={t("survey.campaign.title", { name: survey.name })}
      confirm={t("new.create")}
      disabled={problem !== null}
      onClose={onClose}
      onConfirm={async () => {
        const campaign = await api.createCampaign({
          name: name.trim(),
          format: "survey",
          content: { surveyId: survey.id },
        });
        void client.invalidateQueries({ queryKey: ["campaigns"] });
        return () => {
          navigate(`/campaigns/${campaign.id}/edit?step=audience`);
        };
      }}
    >
      <NameField label={t("new.name")} hint={t("new.hint")} value={name} problem={problem} onChange={setName} />
    </ConfirmDialog>
  );
}

function DeleteDialog({ survey, onClose, onDeleted }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshSurveys();
  // Somebody may answer while the author thinks about it: then Herald says how many have by now.
  const [answered, setAnswered] = useState(survey.answered);
  return (
    <ConfirmDialog
      title={t("delete.title", { name: survey.name })}
      destructive
      confirm={answered > 0 ? t("survey.delete.do", { n: answered }) : t("delete.do")}
      onClose={onClose}
      onConfirm={async () => {
        await surveys.remove(api, survey.id, answered > 0).catch((error: unknown) => {
          const count = toApiError(error).problems.find(({ code }) => code === "survey_has_answers")?.params?.count;
          if (typeof count === "number") setAnswered(count);
          throw error;
        });
        notify("success", t("delete.done", { name: survey.name }));
        if (!onDeleted) await refresh();
        return () => {
          onDeleted?.();
          if (onDeleted) void refresh();
        };
      }}
    >
      <Text>{answered > 0 ? t("survey.delete.answers", { n: answered }) : t("survey.delete.text")}</Text>
    </ConfirmDialog>
  );
}
