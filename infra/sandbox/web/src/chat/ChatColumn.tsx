import {
  Badge,
  Button,
  Caption1,
  makeStyles,
  Persona,
  Skeleton,
  SkeletonItem,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import {
  AppsAddInRegular,
  ChatEmptyRegular,
  ChatWarningRegular,
  DismissRegular,
  PersonQuestionMarkRegular,
  PersonSearchRegular,
} from "@fluentui/react-icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { cloud } from "../api/cloud";
import { useChat, usePerson } from "../api/queries";
import type { ChatEntry, Person, ReactionType } from "../api/types";
import { Face } from "../shell/Face";
import { layout, narrow } from "../shell/layout";
import { useWords } from "../words";
import { Bubble } from "./Bubble";
import type { CardSubmission } from "./CardView";
import { ComposeBox } from "./ComposeBox";
import { isVisible } from "./notification";
import { PersonMenu } from "./PersonMenu";
import { PersonPicker, stateOf } from "./PersonPicker";
import { presenceBadge, presenceName } from "./presence";
import { useArrivals } from "./useArrivals";

/** Pixels from the end of a chat within which a person counts as reading its end. */
const NEAR_END = 64;
/** How many messages are drawn first, and how many more each time somebody asks. */
const MESSAGES_STEP = 30;

const useStyles = makeStyles({
  column: {
    flexGrow: 1,
    flexShrink: 1,
    flexBasis: 0,
    minWidth: layout.columnMin,
    minHeight: 0,
    display: "flex",
    flexDirection: "column",
    scrollSnapAlign: "start",
    borderLeft: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    [narrow]: { minWidth: "100%", borderLeft: "none" },
  },
  pick: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    paddingBottom: 0,
  },
  who: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  persona: { flex: "1 1 180px", minWidth: 0, overflow: "hidden" },
  clip: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", maxWidth: "100%" },
  badge: { whiteSpace: "nowrap", flexShrink: 0 },
  log: {
    flexGrow: 1,
    minHeight: 0,
    overflowY: "auto",
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalM,
  },
  earlier: { alignSelf: "center", flexShrink: 0 },
  skeleton: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalM,
  },
});

interface ChatColumnProps {
  /** Whose chat, by UPN; empty: not chosen yet. */
  upn: string;
  botIcon: string | undefined;
  onPick: (person: Person) => void;
  onClose: (() => void) | null;
}

/** One person's chat with Herald. */
export function ChatColumn(props: ChatColumnProps) {
  const styles = useStyles();
  const words = useWords();
  const found = usePerson(props.upn);
  const person = found.data ?? null;
  const chat = useChat(person?.id ?? "");
  const entries = chat.data?.filter(isVisible);
  useArrivals(person, chat.data);
  const last = entries?.findLast((entry) => entry.from === "bot" && !entry.deleted);

  let content: ReactNode;
  if (props.upn === "") {
    content = <Face calm icon={<PersonSearchRegular />} title="" text={words.noPersonYet} />;
  } else if (found.isError) {
    content = (
      <Face
        icon={<ChatWarningRegular />}
        title={words.chatFailed}
        text={found.error.message}
        onRetry={() => void found.refetch()}
      />
    );
  } else if (found.data === null) {
    content = <Face icon={<PersonQuestionMarkRegular />} title="" text={words.personGone} />;
  } else if (person !== null && chat.isError) {
    content = (
      <Face
        icon={<ChatWarningRegular />}
        title={words.chatFailed}
        text={chat.error.message}
        onRetry={() => void chat.refetch()}
      />
    );
  } else if (person === null || entries === undefined) {
    content = (
      <Skeleton className={styles.skeleton} aria-label={words.loading}>
        <SkeletonItem size={64} />
        <SkeletonItem size={32} />
        <SkeletonItem size={96} />
      </Skeleton>
    );
  } else if (entries.length === 0) {
    content = <EmptyChat person={person} />;
  } else {
    content = <Log key={`log ${person.id}`} person={person} entries={entries} botIcon={props.botIcon} />;
  }

  return (
    <section
      className={styles.column}
      aria-label={person === null ? words.pickPerson : words.chatColumn(person.displayName)}
    >
      <div className={styles.pick}>
        <PersonPicker person={person} onPick={props.onPick} />
        {person !== null && <PersonMenu person={person} last={last} />}
        {props.onClose !== null && (
          <Tooltip
            content={person === null ? words.closeEmptyChat : words.closeChat(person.displayName)}
            relationship="label"
          >
            <Button appearance="subtle" icon={<DismissRegular />} onClick={props.onClose} />
          </Tooltip>
        )}
      </div>
      {person !== null && (
        <div className={styles.who}>
          <Persona
            className={styles.persona}
            size="medium"
            primaryText={{ children: person.displayName, className: styles.clip }}
            avatar={{ color: "colorful", name: person.displayName, "aria-hidden": true }}
            presence={{ status: presenceBadge(person.presence), title: presenceName(words, person.presence) }}
            secondaryText={{ children: person.upn, className: styles.clip }}
          />
          <Badge
            className={styles.badge}
            appearance="tint"
            color={person.installed ? (person.blocked ? "danger" : "success") : "informative"}
          >
            {stateOf(words, person)}
          </Badge>
        </div>
      )}
      {content}
      {person !== null && <ComposeBox key={person.id} person={person} />}
    </section>
  );
}

function EmptyChat({ person }: { person: Person }) {
  const words = useWords();
  const client = useQueryClient();
  const install = useMutation({
    mutationFn: () => cloud.change(person.id, "install"),
    onSettled: () => void client.invalidateQueries({ queryKey: ["people"] }),
  });
  if (person.installed) {
    return <Face calm icon={<ChatEmptyRegular />} title="" text={words.emptyChat(person.displayName)} />;
  }
  return (
    <Face calm icon={<ChatEmptyRegular />} title="" text={words.emptyChatNotInstalled(person.displayName)}>
      <Button
        appearance="primary"
        icon={<AppsAddInRegular />}
        disabledFocusable={install.isPending}
        onClick={() => install.mutate()}
      >
        {words.install}
      </Button>
      {install.isError && <Caption1 role="alert">{install.error.message}</Caption1>}
    </Face>
  );
}

function Log(props: { person: Person; entries: ChatEntry[]; botIcon: string | undefined }) {
  const styles = useStyles();
  const words = useWords();
  const client = useQueryClient();
  const { person, entries } = props;
  const place = useRef<HTMLDivElement>(null);
  const newest = entries.at(-1)?.id;
  useEffect(() => {
    const log = place.current;
    if (log === null) return;
    // Cards and pictures come later and grow, and the chat may be hidden at first; whoever is at the end stays there.
    let atEnd = true;
    let top = 0;
    const toEnd = () => {
      if (atEnd) log.scrollTop = log.scrollHeight;
    };
    const watch = () => {
      if (log.clientHeight === 0) return;
      // Only going up leaves the end: growing content moves it away too, before we could follow.
      if (log.scrollTop < top) atEnd = false;
      if (log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END) atEnd = true;
      top = log.scrollTop;
    };
    toEnd();
    const grown = new ResizeObserver(toEnd);
    grown.observe(log);
    for (const child of log.children) grown.observe(child);
    log.addEventListener("scroll", watch);
    return () => {
      grown.disconnect();
      log.removeEventListener("scroll", watch);
    };
  }, [newest]);
  // Messages that did not change are not drawn again: what they are given keeps its identity.
  const refresh = useCallback(
    () => client.invalidateQueries({ queryKey: ["chat", person.id] }),
    [client, person.id],
  );
  // Whoever opens the chat sees each card as it is now: those that name the person ask the bot.
  useEffect(() => {
    cloud.refresh(person.id).then(refresh, () => undefined);
  }, [person.id, refresh]);
  const submit = useCallback(
    async (activityId: string, submission: CardSubmission) => {
      await cloud.submit(person.id, { activityId, ...submission });
      await refresh();
    },
    [person.id, refresh],
  );
  const { mutate } = useMutation({
    mutationFn: (one: { id: string; type: ReactionType }) => cloud.react(person.id, one.id, one.type),
    onSettled: refresh,
  });
  const react = useCallback((id: string, type: ReactionType) => mutate({ id, type }), [mutate]);
  const [shown, setShown] = useState(MESSAGES_STEP);
  const showEarlier = () => {
    const log = place.current;
    if (log === null) return;
    const fromEnd = log.scrollHeight - log.scrollTop;
    flushSync(() => setShown((before) => before + MESSAGES_STEP));
    // What was being read stays where it is; the button may be gone.
    log.scrollTop = log.scrollHeight - fromEnd;
    log.focus({ preventScroll: true });
  };
  return (
    <div
      ref={place}
      className={styles.log}
      role="log"
      // What scrolls must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={words.messages(person.displayName)}
    >
      {entries.length > shown && (
        <Button className={styles.earlier} size="small" onClick={showEarlier}>
          {words.earlier}
        </Button>
      )}
      {entries.slice(-shown).map((entry) => (
        <Bubble
          key={entry.id}
          entry={entry}
          person={person}
          botIcon={props.botIcon}
          onSubmit={submit}
          onReact={react}
        />
      ))}
    </div>
  );
}
