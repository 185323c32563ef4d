import { Button, MessageBar, MessageBarActions, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { connection } from "../api/connection";
import { useLanguage } from "../i18n/Language";
import { useNotify } from "./Notices";
import { refreshAll } from "./refreshAll";
import { useSession } from "./Session";

const useStyles = makeStyles({ bar: { position: "sticky", top: 0, zIndex: tokens.zIndexMessages } });

/** Between two attempts, in milliseconds: soon at first, then calmly. */
const pauses = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Herald does not answer: says so above the page, which stays, and goes on when it is back. */
export default function ConnectionLost() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const client = useQueryClient();
  const notify = useNotify();
  const [attempts, setAttempts] = useState(0);
  const attempt = useCallback(async () => {
    try {
      await api.me();
    } catch {
      // Whatever it answers, it answers; and when it does not, the next attempt follows.
    }
    if (connection.snapshot() === "lost") setAttempts((before) => before + 1);
  }, [api]);
  // Whoever hears from Herald first: a page that asks now and then may be quicker than the attempts made here.
  useEffect(
    () =>
      connection.subscribe(() => {
        if (connection.snapshot() === "lost") return;
        notify("success", t("app.lost.back"));
        void refreshAll(client);
      }),
    [client, notify, t],
  );
  useEffect(() => {
    const timer = setTimeout(() => void attempt(), pauses[attempts] ?? pauses.at(-1));
    return () => {
      clearTimeout(timer);
    };
  }, [attempt, attempts]);
  useEffect(() => {
    const online = () => void attempt();
    window.addEventListener("online", online);
    return () => {
      window.removeEventListener("online", online);
    };
  }, [attempt]);
  return (
    <aside className={styles.bar} aria-label={t("app.down.title")}>
      <MessageBar intent="warning" layout="auto" politeness="polite">
        <MessageBarBody>{t("app.lost")}</MessageBarBody>
        <MessageBarActions>
          <Button onClick={() => void attempt()}>{t("app.lost.do")}</Button>
        </MessageBarActions>
      </MessageBar>
    </aside>
  );
}
