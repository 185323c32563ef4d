import "../i18n/home";
import { MenuDivider } from "@fluentui/react-components";
import {
  ArrowUndoRegular,
  BeakerRegular,
  CopyRegular,
  DataBarVerticalRegular,
  DeleteRegular,
  EditRegular,
  InfoRegular,
  SendRegular,
  StopRegular,
} from "@fluentui/react-icons";
import type { Campaign, Status } from "../api/types";
import { useLanguage } from "../i18n/Language";
import type { Translate } from "../i18n/translate";
import { navigate } from "../router";
import type { CampaignAction } from "./CampaignDialogs";
import { campaignPath } from "./campaign";
import { MoreMenu } from "./MoreMenu";
import { notYours } from "./notYours";
import { useSession } from "./Session";
import { WhyItem } from "./WhyItem";

export interface CampaignMenuProps {
  campaign: Campaign;
  onAction: (action: CampaignAction) => void;
}

/** What can be done with a campaign in its state; what cannot be done says why. */
export default function OpenCampaignMenu({ campaign, onAction }: CampaignMenuProps) {
  const { t } = useLanguage();
  const { me } = useSession();
  const { status } = campaign;
  const readOnly = me.can.write ? null : t("app.readonly");
  const notMine = readOnly ?? notYours(campaign, me, t);
  const noSend = me.can.send ? notMine : (readOnly ?? t("app.nosend"));
  const waits = campaign.approval?.state === "waiting" ? t("home.why.waiting") : null;
  const no = whyNot(status, t);
  const go = (path: string) => () => navigate(path);
  const ask = (action: CampaignAction) => () => {
    onAction(action);
  };
  const editor = `/campaigns/${campaign.id}/edit`;

  return (
    <MoreMenu name={campaign.name} defaultOpen>
      <WhyItem icon={<EditRegular />} why={notMine ?? waits ?? no.edit} onClick={go(editor)}>
        {t("home.menu.edit")}
      </WhyItem>
      <WhyItem icon={<BeakerRegular />} why={notMine ?? waits ?? no.try} onClick={go(`${editor}?step=review`)}>
        {t("home.menu.try")}
      </WhyItem>
      <WhyItem icon={<SendRegular />} why={noSend ?? waits ?? no.send} onClick={go(`${editor}?step=review`)}>
        {t("home.menu.send")}
      </WhyItem>
      {status === "scheduled" && (
        <WhyItem icon={<ArrowUndoRegular />} why={noSend} onClick={ask("unschedule")}>
          {t("home.menu.unschedule")}
        </WhyItem>
      )}
      <WhyItem icon={<StopRegular />} why={noSend ?? no.stop} onClick={ask("stop")}>
        {t("home.menu.stop")}
      </WhyItem>
      <MenuDivider />
      <WhyItem icon={<DataBarVerticalRegular />} why={no.report} onClick={go(campaignPath(campaign))}>
        {t("home.menu.report")}
      </WhyItem>
      <WhyItem icon={<InfoRegular />} why={no.information} onClick={go(`${campaignPath(campaign)}?information`)}>
        {t("home.menu.information")}
      </WhyItem>
      <MenuDivider />
      <WhyItem icon={<CopyRegular />} why={readOnly} onClick={ask("clone")}>
        {t("home.menu.clone")}
      </WhyItem>
      <WhyItem icon={<DeleteRegular />} why={notMine ?? no.delete} onClick={ask("delete")}>
        {t("home.menu.delete")}
      </WhyItem>
    </MoreMenu>
  );
}

type Action = "edit" | "try" | "send" | "stop" | "report" | "information" | "delete";

/** Why a campaign in this state does not allow an action; null: it does. */
function whyNot(status: Status, t: Translate): Record<Action, string | null> {
  const draft = status === "draft";
  const scheduled = status === "scheduled";
  const sending = status === "sending";
  return {
    edit: draft ? null : t(scheduled ? "home.why.scheduled" : "home.why.started"),
    try: draft ? null : t(scheduled ? "home.why.try.scheduled" : "home.why.try"),
    send: draft ? null : t(scheduled ? "home.why.send.scheduled" : "home.why.send"),
    stop: sending ? null : t(draft ? "home.why.stop" : scheduled ? "home.why.stop.scheduled" : "home.why.stop.ended"),
    report: draft || scheduled ? t("home.why.report") : null,
    information: draft ? t("home.why.information") : null,
    delete: sending ? t("home.why.sending") : null,
  };
}
