import type { Campaign, Me } from "../api/types";
import type { Translate } from "../i18n/translate";

/** Why somebody who writes campaigns may not change this one; null: they may. */
export function notYours(campaign: Pick<Campaign, "createdBy">, me: Me, t: Translate): string | null {
  return campaign.createdBy.id === me.id || me.can.others
    ? null
    : t("home.why.notyours", { who: campaign.createdBy.displayName });
}
