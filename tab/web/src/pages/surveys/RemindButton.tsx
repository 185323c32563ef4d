import { Button, Spinner, Text } from "@fluentui/react-components";
import { AlertRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { surveys } from "../../api/surveys";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { explain } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { Why } from "../../ui/Why";
import { copyName } from "./SurveyDialogs";

interface Props {
  /** The campaign to remind of. */
  campaign: Pick<Campaign, "id" | "name"> | null;
  /** Why nobody can be reminded; null: somebody may be. */
  why: string | null;
}

/** Drafts a campaign to those who have not answered. */
export function RemindButton({ campaign, why }: Props) {
  const { t } = useLanguage();
  const { me } = useSession();
  const [asking, setAsking] = useState(false);
  const reason = me.can.write ? why : t("app.readonly");
  const dead = reason !== null || campaign === null;
  return (
    <>
      <Why reason={reason}>
        <Button
          icon={<AlertRegular />}
          disabledFocusable={dead}
          onClick={() => {
            if (!dead) setAsking(true);
          }}
        >
          {t("remind.do")}
        </Button>
      </Why>
      {asking && campaign && (
        <RemindDialog
          campaign={campaign}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

function RemindDialog({ campaign, onClose }: { campaign: Pick<Campaign, "id" | "name">; onClose: () => void }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const client = useQueryClient();
  const count = useQuery({
    queryKey: ["unanswered", campaign.id],
    queryFn: ({ signal }) => api.count({ unanswered: campaign.id }, signal),
    staleTime: 0,
  });
  const people = count.data?.total;
  return (
    <ConfirmDialog
      title={t("remind.title")}
      confirm={
        people === 0 ? null : people === undefined ? t("remind.confirm.some") : t("remind.confirm", { n: people })
      }
      disabled={people === undefined}
      onClose={onClose}
      onConfirm={async () => {
        const draft = await surveys.remind(api, campaign.id, copyName(t("remind.default", { name: campaign.name })));
        client.setQueryData(["campaign", draft.id], draft);
        void client.invalidateQueries({ queryKey: ["campaigns"] });
        return () => {
          navigate(`/campaigns/${draft.id}/edit?step=review`);
        };
      }}
    >
      {people === undefined ? (
        count.isError ? (
          <Text>{explain(count.error, t)}</Text>
        ) : (
          <Spinner size="tiny" label={t("aud.counting")} />
        )
      ) : (
        <Text>{people === 0 ? t("remind.nobody") : t("remind.text", { n: people })}</Text>
      )}
    </ConfirmDialog>
  );
}
