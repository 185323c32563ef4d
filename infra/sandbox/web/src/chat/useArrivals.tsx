import {
  makeStyles,
  Toast,
  ToastBody,
  ToastTitle,
  tokens,
  useToastController,
} from "@fluentui/react-components";
import { AlertUrgentRegular, ChatRegular } from "@fluentui/react-icons";
import { useEffect, useEffectEvent, useRef } from "react";
import type { ChatEntry, Person } from "../api/types";
import { useWords } from "../words";
import { alerts, isVisible, notificationText } from "./notification";

const useStyles = makeStyles({
  // As much as Teams shows of a message.
  text: {
    display: "block",
    maxHeight: `calc(2 * ${tokens.lineHeightBase300})`,
    overflow: "hidden",
    overflowWrap: "anywhere",
  },
});

export const TOASTER_ID = "teams-notifications";
/** How many notifications the page shows at once. */
export const MAX_TOASTS = 3;

/** Previews the notification of each message that arrives while its chat is open, as Teams would show it. */
export function useArrivals(person: Person | null | undefined, entries: ChatEntry[] | undefined): void {
  const styles = useStyles();
  const words = useWords();
  const toast = useToastController(TOASTER_ID);
  const known = useRef<{ person: string; ids: Set<string> } | null>(null);
  const announce = useEffectEvent((name: string, entry: ChatEntry) => {
    const important = alerts(entry.activity);
    toast.dispatchToast(
      <Toast>
        <ToastTitle media={important ? <AlertUrgentRegular /> : <ChatRegular />}>
          {important ? `${words.toastTitle(name)} · ${words.alert}` : words.toastTitle(name)}
        </ToastTitle>
        <ToastBody subtitle={words.bot}>
          <span className={styles.text}>{notificationText(entry.activity, words.sentCard)}</span>
        </ToastBody>
      </Toast>,
      { intent: important ? "warning" : "info", timeout: 6000 },
    );
  });
  useEffect(() => {
    if (person === null || person === undefined || entries === undefined) return;
    const ids = new Set(entries.map((entry) => entry.id));
    const before = known.current;
    known.current = { person: person.id, ids };
    // The first look at a chat is history, not news.
    if (before?.person !== person.id) return;
    const news = entries.filter(
      (entry) => entry.from === "bot" && !entry.deleted && isVisible(entry) && !before.ids.has(entry.id),
    );
    // A burst would keep notifications coming for minutes after it.
    for (const entry of news.slice(-MAX_TOASTS)) announce(person.displayName, entry);
  }, [person, entries]);
}
