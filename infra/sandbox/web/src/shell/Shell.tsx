import { Link, makeStyles, Tab, TabList, Toaster, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { useBot, useEnvironment, useFirstPeople, useLivePeople } from "../api/queries";
import { CHATS_ID, ChatArea } from "../chat/ChatArea";
import { MAX_TOASTS, TOASTER_ID } from "../chat/useArrivals";
import { TabPane } from "../host/TabPane";
import { WireStrip } from "../wire/WireStrip";
import { useWords } from "../words";
import { AppRail } from "./AppRail";
import { narrow } from "./layout";
import type { Settings } from "./settings";
import { TitleBar } from "./TitleBar";
import { useNarrow } from "./useNarrow";

const useStyles = makeStyles({
  shell: { height: "100%", display: "flex", flexDirection: "column", minWidth: 0 },
  middle: { flexGrow: 1, display: "flex", minHeight: 0, minWidth: 0 },
  skip: {
    position: "absolute",
    zIndex: 2,
    top: tokens.spacingVerticalXS,
    left: tokens.spacingHorizontalXS,
    padding: tokens.spacingHorizontalS,
    backgroundColor: tokens.colorNeutralBackground1,
    ":not(:focus)": { clipPath: "inset(50%)" },
  },
  both: { flexGrow: 1, display: "flex", minWidth: 0, minHeight: 0 },
  content: {
    flexGrow: 1,
    display: "flex",
    flexDirection: "column",
    minWidth: 0,
    minHeight: 0,
    backgroundColor: tokens.colorNeutralBackground3,
    borderTopLeftRadius: tokens.borderRadiusLarge,
    borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderLeft: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    overflow: "hidden",
    [narrow]: { borderTopLeftRadius: 0, borderLeft: "none" },
  },
  views: {
    borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
    display: "flex",
    justifyContent: "center",
    flexShrink: 0,
  },
});

/** The whole of simulated Teams: title bar, rail, tab, chats, wire. */
export function Shell(props: { settings: Settings; onChange: (change: Partial<Settings>) => void }) {
  const styles = useStyles();
  const words = useWords();
  const { settings, onChange } = props;
  const isNarrow = useNarrow();
  const [view, setView] = useState<"tab" | "chat">("tab");
  const connected = useLivePeople();
  const bot = useBot();
  const environment = useEnvironment();
  const people = useFirstPeople();

  const showTab = !isNarrow || view === "tab";
  const showChat = !isNarrow || view === "chat";
  return (
    <div className={styles.shell}>
      <Link href={`#${CHATS_ID}`} className={styles.skip} onClick={() => setView("chat")}>
        {words.skipToChat}
      </Link>
      <TitleBar
        settings={settings}
        onChange={onChange}
        connected={connected}
        people={people.data?.items ?? []}
      />
      <div className={styles.middle}>
        {!isNarrow && <AppRail icon={iconOf(bot.data?.tabUrl)} />}
        <main className={styles.content} aria-label={words.mainPart}>
          <div className={styles.both}>
            <TabPane
              hidden={!showTab}
              settings={settings}
              bot={bot}
              environment={environment}
              people={people}
              onSubEntity={(subEntityId) => onChange({ subEntityId })}
            />
            <ChatArea
              hidden={!showChat}
              settings={settings}
              people={people}
              botIcon={iconOf(bot.data?.tabUrl)}
              onChats={(chats) => onChange({ chats })}
            />
          </div>
          <WireStrip />
        </main>
      </div>
      {isNarrow && (
        <nav className={styles.views} aria-label={words.view}>
          <TabList
            selectedValue={view}
            onTabSelect={(_, data) => setView(data.value === "chat" ? "chat" : "tab")}
          >
            <Tab value="tab">{words.viewTab}</Tab>
            <Tab value="chat">{words.viewChat}</Tab>
          </TabList>
        </nav>
      )}
      <Toaster toasterId={TOASTER_ID} position={isNarrow ? "top" : "bottom-start"} limit={MAX_TOASTS} />
    </div>
  );
}

/** Herald's icon is served by Herald, beside its tab. */
function iconOf(tabUrl: string | undefined): string | undefined {
  if (tabUrl === undefined || !URL.canParse(tabUrl)) return undefined;
  return new URL("/assets/icon-color.png", tabUrl).href;
}
