import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import {
  ArrowUndoRegular,
  CopyRegular,
  DataBarVerticalRegular,
  DeleteRegular,
  EditRegular,
  InfoRegular,
  MoreHorizontalRegular,
  StopRegular,
} from "@fluentui/react-icons";
import type { Campaign } from "../api/types";
import { useLanguage } from "../i18n/Language";
import { navigate } from "../router";
import type { CampaignAction } from "./CampaignDialogs";
import { campaignPath } from "./campaign";
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
  const noSend = me.can.send ? null : (readOnly ?? t("app.nosend"));
  const notEditable = readOnly ?? (status === "draft" ? null : t("home.why.started"));
  const notDeletable = readOnly ?? (status === "sending" ? t("home.why.sending") : null);

  return (
    <Menu defaultOpen>
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          icon={<MoreHorizontalRegular />}
          aria-label={t("home.menu", { name: campaign.name })}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {status !== "draft" && (
            <MenuItem icon={<DataBarVerticalRegular />} onClick={() => navigate(campaignPath(campaign))}>
              {status === "scheduled" ? t("home.menu.information") : t("home.menu.report")}
            </MenuItem>
          )}
          {status !== "draft" && status !== "scheduled" && (
            <MenuItem icon={<InfoRegular />} onClick={() => navigate(`${campaignPath(campaign)}?information`)}>
              {t("home.menu.information")}
            </MenuItem>
          )}
          <WhyItem icon={<EditRegular />} why={notEditable} onClick={() => navigate(`/campaigns/${campaign.id}/edit`)}>
            {t("home.menu.edit")}
          </WhyItem>
          <WhyItem
            icon={<CopyRegular />}
            why={readOnly}
            onClick={() => {
              onAction("clone");
            }}
          >
            {t("home.menu.clone")}
          </WhyItem>
          {status === "scheduled" && (
            <WhyItem
              icon={<ArrowUndoRegular />}
              why={noSend}
              onClick={() => {
                onAction("unschedule");
              }}
            >
              {t("home.menu.unschedule")}
            </WhyItem>
          )}
          {status === "sending" && (
            <WhyItem
              icon={<StopRegular />}
              why={noSend}
              onClick={() => {
                onAction("stop");
              }}
            >
              {t("home.menu.stop")}
            </WhyItem>
          )}
          <WhyItem
            icon={<DeleteRegular />}
            why={notDeletable}
            onClick={() => {
              onAction("delete");
            }}
          >
            {t("home.menu.delete")}
          </WhyItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
