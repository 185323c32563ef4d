import { Text } from "@fluentui/react-components";
import { useCallback, useEffect } from "react";
import { useBeforeUnload, useBlocker } from "react-router";
import { useLanguage } from "../../i18n/Language";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { useDraft } from "./useDraft";

/** Leaving saves first; only when that fails does it ask. */
export function LeaveGuard() {
  const { t } = useLanguage();
  const { draft, state, unreadable } = useDraft();
  const unsaved = state.kind !== "saved" || unreadable;
  const blocker = useBlocker(
    useCallback(
      ({ currentLocation, nextLocation }) => {
        const now = draft.get();
        return (now.state.kind !== "saved" || now.unreadable) && currentLocation.pathname !== nextLocation.pathname;
      },
      [draft],
    ),
  );
  useBeforeUnload(
    useCallback(
      (event) => {
        if (unsaved) event.preventDefault();
      },
      [unsaved],
    ),
  );
  useEffect(() => {
    if (blocker.state !== "blocked") return;
    let wanted = true;
    void draft.flush().then((saved) => {
      if (saved && wanted) blocker.proceed();
    });
    return () => {
      wanted = false;
    };
  }, [blocker, draft]);
  const stuck = unreadable || state.kind === "failed" || state.kind === "conflict";
  if (blocker.state !== "blocked" || !stuck) return null;
  return (
    <ConfirmDialog
      title={t("editor.leave.title")}
      confirm={t("editor.leave.do")}
      cancel={t("editor.leave.stay")}
      onConfirm={() => {
        blocker.proceed();
        return Promise.resolve();
      }}
      onClose={() => {
        if (blocker.state === "blocked") blocker.reset();
      }}
    >
      <Text>{t("editor.leave.text")}</Text>
    </ConfirmDialog>
  );
}
