import { Button, makeStyles, mergeClasses, Subtitle2, Tooltip, tokens } from "@fluentui/react-components";
import { ChatAddRegular } from "@fluentui/react-icons";
import type { UseQueryResult } from "@tanstack/react-query";
import type { PeoplePage } from "../api/types";
import { layout, narrow } from "../shell/layout";
import { MAX_CHATS, type Settings } from "../shell/settings";
import { useWords } from "../words";
import { ChatColumn } from "./ChatColumn";
import { InstallBar } from "./InstallBar";

const useStyles = makeStyles({
  area: {
    flexShrink: 0,
    minWidth: 0,
    minHeight: 0,
    display: "flex",
    flexDirection: "column",
    backgroundColor: tokens.colorNeutralBackground3,
    [narrow]: { width: "100%", flexGrow: 1 },
  },
  one: { width: layout.oneColumn, [narrow]: { width: "100%" } },
  two: { width: `min(calc(2 * ${layout.columnIdeal}), ${layout.chatShare})`, [narrow]: { width: "100%" } },
  three: { width: `min(calc(3 * ${layout.columnIdeal}), ${layout.chatShare})`, [narrow]: { width: "100%" } },
  hidden: { display: "none" },
  head: {
    display: "flex",
    alignItems: "center",
    minHeight: layout.titleHeight,
    paddingLeft: tokens.spacingHorizontalM,
    paddingRight: tokens.spacingHorizontalM,
    borderLeft: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  heading: { margin: 0, flexGrow: 1 },
  columns: {
    flexGrow: 1,
    minHeight: 0,
    display: "flex",
    overflowX: "auto",
    scrollSnapType: "x proximity",
  },
  install: { borderLeft: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}` },
});

/** Where "skip to the chats" goes. */
export const CHATS_ID = "chats";

interface ChatAreaProps {
  hidden: boolean;
  settings: Settings;
  people: UseQueryResult<PeoplePage>;
  botIcon: string | undefined;
  onChats: (chats: string[]) => void;
}

/** The chats beside the tab: up to three people at once. */
export function ChatArea(props: ChatAreaProps) {
  const styles = useStyles();
  const words = useWords();
  const people = props.people.data?.items ?? [];
  // Until somebody is chosen, the tenant's first person: a page that shows a chat explains itself.
  const chats = props.settings.chats.length > 0 ? props.settings.chats : [people[0]?.upn ?? ""];
  const full = chats.length >= MAX_CHATS;
  const counted = props.people.data?.installed;
  const nobodyYet =
    counted === undefined ? people.length > 0 && people.every((person) => !person.installed) : counted === 0;
  return (
    <aside
      className={mergeClasses(
        styles.area,
        [styles.one, styles.two, styles.three][chats.length - 1],
        props.hidden && styles.hidden,
      )}
      id={CHATS_ID}
      tabIndex={-1}
      aria-label={words.chats}
    >
      <div className={styles.head}>
        <Subtitle2 as="h2" className={styles.heading}>
          {words.chats}
        </Subtitle2>
        <Tooltip
          content={full ? words.addChatFull : words.addChat}
          relationship={full ? "description" : "label"}
        >
          <Button
            appearance="subtle"
            icon={<ChatAddRegular />}
            aria-label={words.addChat}
            disabledFocusable={full}
            onClick={() => props.onChats([...chats, ""])}
          />
        </Tooltip>
      </div>
      <div className={styles.install}>
        <InstallBar
          nobodyYet={nobodyYet}
          total={props.people.data?.total ?? 0}
          installed={props.people.data?.installed}
        />
      </div>
      <div className={styles.columns}>
        {chats.map((upn, index) => (
          <ChatColumn
            // The same person may be shown twice, and an empty column has no name: the place is the identity.
            key={index}
            upn={upn}
            botIcon={props.botIcon}
            onPick={(person) => props.onChats(chats.with(index, person.upn))}
            onClose={chats.length === 1 ? null : () => props.onChats(chats.toSpliced(index, 1))}
          />
        ))}
      </div>
    </aside>
  );
}
