import "../../i18n/home";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { NameField, nameProblem } from "../../ui/NameField";
import { useSession } from "../../ui/Session";

/** A campaign begins with its name; the draft exists from then on, so that nothing written is lost. */
export default function NewCampaignDialog({ onClose }: { onClose: () => void }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const problem = nameProblem(name, t);
  return (
    <ConfirmDialog
      title={t("new.title")}
      confirm={t("new.create")}
      disabled={problem !== null}
      onClose={onClose}
      onDone={() => undefined}
      onConfirm={async () => {
        const campaign = await api.createCampaign({ name: name.trim() });
        client.setQueryData(["campaign", campaign.id], campaign);
        void client.invalidateQueries({ queryKey: ["campaigns"] });
        return () => {
          navigate(`/campaigns/${campaign.id}/edit`, { replace: true });
        };
      }}
    >
      <NameField
        label={t("new.name")}
        hint={t("new.hint")}
        placeholder={t("new.placeholder")}
        value={name}
        problem={name === "" ? null : problem}
        onChange={setName}
      />
    </ConfirmDialog>
  );
}
