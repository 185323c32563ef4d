import { lazy } from "react";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { useNow } from "../../ui/Session";
import { shortMoment } from "../../words/moments";
import { useCopyMine } from "./useCopyMine";
import { useDraft } from "./useDraft";
import { GoneBar, TwoVersionsBar } from "./VersionBars";

const CompareDialog = lazy(() => import("./CompareDialog"));

/** Two people, one draft: the author decides which version stays. Or it is no draft any more. */
export function ConflictBar() {
  const { state } = useDraft();
  const now = useNow();
  const { t, locale } = useLanguage();
  const copyMine = useCopyMine();
  if (state.kind === "gone") {
    const { theirs } = state;
    return (
      <GoneBar
        title={goneWords(theirs, now, locale, t)}
        copyMine={copyMine}
        {...(theirs ? { show: `/campaigns/${theirs.id}` } : {})}
      />
    );
  }
  if (state.kind !== "conflict") return null;
  const { theirs } = state;
  return <TwoVersionsBar theirs={theirs} compare={(onClose) => <CompareDialog theirs={theirs} onClose={onClose} />} />;
}

function goneWords(theirs: Campaign | null, now: number, locale: string, t: Translate): string {
  switch (theirs?.status) {
    case undefined:
      return t("editor.gone.deleted");
    case "scheduled": {
      const when = theirs.sendAt ? shortMoment(Date.parse(theirs.sendAt), now, locale, t) : "";
      return t("editor.gone.scheduled", { when });
    }
    case "stopped":
      return t("editor.gone.stopped");
    default:
      return t("editor.gone.sent");
  }
}
