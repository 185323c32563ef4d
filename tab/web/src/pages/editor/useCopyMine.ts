import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { maxName } from "../../ui/NameField";
import { useSession } from "../../ui/Session";
import { useRefresh } from "../../ui/useRefresh";
import { inputOf } from "./fields";
import { useDraft } from "./useDraft";

/** Makes a new draft of what stands here; what it gives back goes there, once a dialog that asked has closed. */
export function useCopyMine(): () => Promise<() => void> {
  const { t } = useLanguage();
  const { api } = useSession();
  const { draft } = useDraft();
  const refresh = useRefresh();
  return async () => {
    const input = inputOf(draft.get().fields);
    const name = [...t("clone.default", { name: input.name })].slice(0, maxName).join("");
    const copy = await api.createCampaign({ ...input, name });
    return () => {
      void refresh(copy);
      draft.forget();
      navigate(`/campaigns/${copy.id}/edit`, { replace: true });
    };
  };
}
