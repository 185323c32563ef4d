import type { Campaign, CampaignInput } from "../../api/types";
import { Draft, type DraftOptions, type Editing } from "./Draft";
import { type DraftFields, fieldsOf, inputOf, sameInput } from "./fields";

export type CampaignDraft = Draft<Campaign, DraftFields, CampaignInput>;

const editing: Editing<Campaign, DraftFields, CampaignInput> = {
  fieldsOf,
  inputOf,
  same: sameInput,
  // Sent, scheduled or stopped elsewhere, it is no draft any more.
  open: ({ status }) => status === "draft",
};

export function campaignDraft(campaign: Campaign, options: DraftOptions<Campaign, CampaignInput>): CampaignDraft {
  return new Draft(campaign, editing, options);
}
