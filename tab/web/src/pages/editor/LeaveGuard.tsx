import { Text } from "@fluentui/react-components";
import { useCallback, useEffect, useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { useGuard } from "../../router";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { explain, explainProblem } from "../../ui/errors";
import { useSaving } from "./useSaving";

/** Leaving saves first; only when that fails does it ask. */
export function LeaveGuard({ path: here }: { path: string }) {
  const { t } = useLanguage();
  const { draft, state } = useSaving();
  const [leave, setLeave] = useState<{ proceed: () => void } | null>(null);
  const unsaved = draft.unsaved();

  const asks = useCallback(({ path }: { path: string }) => path !== here && draft.unsaved(), [draft, here]);
  const blocked = useCallback(
    (proceed: () => void) => {
      void draft.flush().then((saved) => {
        if (saved) proceed();
        else setLeave({ proceed });
      });
    },
    [draft],
  );
  useGuard(asks, blocked);

  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => {
      window.removeEventListener("beforeunload", ask);
    };
  }, [unsaved]);

  if (!leave) return null;
  const problem = state.kind === "failed" ? state.error.problems[0] : undefined;
  return (
    <ConfirmDialog
      title={t("editor.leave.title")}
      destructive
      confirm={t("editor.leave.do")}
      cancel={t("editor.leave.stay")}
      onConfirm={() => Promise.resolve(undefined)}
      onDone={leave.proceed}
      onClose={() => {
        setLeave(null);
      }}
    >
      <Text block>{t("editor.leave.text")}</Text>
      {state.kind === "failed" && <Text block>{problem ? explainProblem(problem, t) : explain(state.error, t)}</Text>}
    </ConfirmDialog>
  );
}
