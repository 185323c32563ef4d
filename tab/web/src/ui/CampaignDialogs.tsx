import "../i18n/home";
import { Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "../api/error";
import type { Campaign } from "../api/types";
import { useLanguage } from "../i18n/Language";
import { navigate } from "../router";
import { doneCount, openCount } from "../words/counts";
import { shortMoment } from "../words/moments";
import { ConfirmDialog } from "./ConfirmDialog";
import { NameField, nameProblem } from "./NameField";
import { useNotify } from "./Notices";
import { useNow, useSession } from "./Session";
import { useRefresh } from "./useRefresh";

export type CampaignAction = "clone" | "delete" | "stop" | "unschedule";

interface Props {
  action: CampaignAction;
  campaign: Campaign;
  onClose: () => void;
  /** After the campaign is gone. */
  onDeleted?: () => void;
}

/** The dialogs that a campaign's menu opens, on the list and on its report alike. */
export default function CampaignDialog(props: Props) {
  switch (props.action) {
    case "clone":
      return <CloneDialog {...props} />;
    case "delete":
      return <DeleteDialog {...props} />;
    case "stop":
      return <StopDialog {...props} />;
    case "unschedule":
      return <UnscheduleDialog {...props} />;
  }
}

function CloneDialog({ campaign, onClose }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefresh();
  const [name, setName] = useState(() => t("clone.default", { name: campaign.name }));
  const problem = nameProblem(name, t);
  return (
    <ConfirmDialog
      title={t("clone.title")}
      confirm={t("clone.do")}
      disabled={problem !== null}
      onClose={onClose}
      onConfirm={async () => {
        const copy = await api.cloneCampaign(campaign.id, name.trim());
        notify("success", t("clone.done", { name: copy.name }));
        await refresh(copy);
        return () => {
          navigate(`/campaigns/${copy.id}/edit`);
        };
      }}
    >
      <Text block>{t("clone.text")}</Text>
      <br />
      <NameField label={t("clone.name")} value={name} problem={problem} onChange={setName} />
    </ConfirmDialog>
  );
}

function DeleteDialog({ campaign, onClose, onDeleted }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefresh();
  const kind = campaign.status === "draft" || campaign.status === "scheduled" ? campaign.status : "finished";
  return (
    <ConfirmDialog
      title={t("delete.title", { name: campaign.name })}
      destructive
      confirm={t("delete.do")}
      onClose={onClose}
      onConfirm={async () => {
        await api.deleteCampaign(campaign.id);
        notify("success", t("delete.done", { name: campaign.name }));
        if (!onDeleted) await refresh();
        return () => {
          onDeleted?.();
          if (onDeleted) void refresh();
        };
      }}
    >
      <Text>{t(`delete.${kind}`)}</Text>
    </ConfirmDialog>
  );
}

function StopDialog({ campaign, onClose }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefresh();
  const [tooLate, setTooLate] = useState(false);
  // Sending goes on, and may end, while the author thinks about it.
  const latest = useQuery({
    queryKey: ["stopping", campaign.id],
    queryFn: ({ signal }) => api.campaign(campaign.id, signal),
    refetchInterval: 2_000,
    gcTime: 0,
  }).data;
  const { counts } = latest ?? campaign;
  const ended = tooLate || isOver(campaign) || (latest !== undefined && isOver(latest));
  return (
    <ConfirmDialog
      title={t(ended ? "stop.ended.title" : "stop.title", { name: campaign.name })}
      destructive
      confirm={ended ? null : t("stop.do")}
      cancel={t("stop.keep")}
      onClose={() => {
        onClose();
        if (ended) void refresh();
      }}
      onConfirm={async () => {
        const stopped = await api.stop(campaign.id).catch((error: unknown) => {
          if (toApiError(error).code === "not_running") setTooLate(true);
          throw error;
        });
        notify("success", t("stop.done", { name: campaign.name }));
        await refresh(stopped);
        return undefined;
      }}
    >
      <Text>
        {ended
          ? t("stop.ended.text")
          : counts && counts.total > 0
            ? t("stop.text", { done: doneCount(counts), total: counts.total, open: openCount(counts) })
            : t("stop.text.preparing")}
      </Text>
    </ConfirmDialog>
  );
}

function isOver({ status }: Campaign): boolean {
  return status !== "sending" && status !== "scheduled";
}

function UnscheduleDialog({ campaign, onClose }: Props) {
  const { t, locale } = useLanguage();
  const { api } = useSession();
  const now = useNow();
  const notify = useNotify();
  const refresh = useRefresh();
  const when = campaign.sendAt ? shortMoment(Date.parse(campaign.sendAt), now, locale, t) : "";
  return (
    <ConfirmDialog
      title={t("unschedule.title", { name: campaign.name })}
      confirm={t("unschedule.do")}
      cancel={t("unschedule.keep")}
      onClose={onClose}
      onConfirm={async () => {
        const draft = await api.unschedule(campaign.id);
        notify("success", t("unschedule.done", { name: campaign.name }));
        // It leads its report to the editor.
        return () => void refresh(draft);
      }}
    >
      <Text>{t("unschedule.text", { when })}</Text>
    </ConfirmDialog>
  );
}
