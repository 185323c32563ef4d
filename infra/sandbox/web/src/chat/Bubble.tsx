import {
  Avatar,
  Badge,
  Body1,
  Button,
  Caption1,
  Caption1Strong,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  MessageBar,
  MessageBarBody,
  mergeClasses,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import { AlertUrgentFilled, EmojiAddRegular, EyeRegular, MegaphoneFilled } from "@fluentui/react-icons";
import { memo } from "react";
import { type ChatEntry, type Person, type ReactionType, reactionTypes } from "../api/types";
import { useFormat, useWords } from "../words";
import { ActivityBody } from "./ActivityBody";
import type { CardSubmission } from "./CardView";
import { emoji } from "./emoji";
import { alerts, ownNotification, writtenAt } from "./notification";

const useStyles = makeStyles({
  line: { display: "flex", gap: tokens.spacingHorizontalS, alignItems: "flex-start", minWidth: 0 },
  mine: { justifyContent: "flex-end" },
  column: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXXS, minWidth: 0 },
  grow: { flexGrow: 1 },
  head: {
    display: "flex",
    alignItems: "center",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalSNudge,
    color: tokens.colorNeutralForeground3,
    minHeight: tokens.lineHeightBase400,
  },
  name: { color: tokens.colorNeutralForeground1 },
  bubble: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
    minWidth: 0,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusLarge,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorTransparentStroke}`,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
  },
  bubbleMine: {
    alignSelf: "flex-end",
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorNeutralForeground1,
  },
  // Teams shows a card by itself, without a bubble around it.
  bare: { padding: 0, backgroundColor: tokens.colorTransparentBackground, border: "none" },
  important: {
    borderLeft: `${tokens.strokeWidthThickest} solid ${tokens.colorStatusDangerBorder2}`,
    paddingLeft: tokens.spacingHorizontalM,
  },
  mark: { alignSelf: "flex-start" },
  gone: { fontStyle: "italic", color: tokens.colorNeutralForeground3 },
  foot: {
    display: "flex",
    // The notification may take several lines; what is beside it stays beside its first one.
    alignItems: "flex-start",
    gap: tokens.spacingHorizontalS,
    color: tokens.colorNeutralForeground3,
  },
  summary: {
    flex: "1 1 0",
    minWidth: "40%",
    paddingTop: tokens.spacingVerticalXXS,
    overflowWrap: "anywhere",
  },
  marks: {
    display: "flex",
    flexWrap: "wrap",
    justifyContent: "flex-end",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    minWidth: 0,
  },
  seen: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalXXS },
});

interface BubbleProps {
  entry: ChatEntry;
  person: Person;
  botIcon: string | undefined;
  onSubmit: (activityId: string, submission: CardSubmission) => Promise<void>;
  onReact: (activityId: string, type: ReactionType) => void;
}

/** One message of the chat, from Herald at the left or from the person at the right. */
export const Bubble = memo(function Bubble({ entry, person, botIcon, onSubmit, onReact }: BubbleProps) {
  const styles = useStyles();
  const words = useWords();
  const format = useFormat();
  const { activity } = entry;
  const mine = entry.from === "user";
  const at = writtenAt(entry);
  const important = !mine && !entry.deleted && alerts(activity);
  const edited = entry.edited === true && !entry.deleted;
  const bare = !mine && !entry.deleted && (activity.text ?? "") === "";
  const notification = ownNotification(activity, words.sentCard);
  const reactions = reactionsOf(entry);
  return (
    <article
      className={mergeClasses(styles.line, mine && styles.mine)}
      aria-label={mine ? person.displayName : words.bot}
    >
      {!mine && (
        <Avatar
          size={28}
          shape="square"
          color="brand"
          icon={<MegaphoneFilled />}
          image={botIcon === undefined ? undefined : { src: botIcon, alt: "" }}
          aria-hidden="true"
        />
      )}
      <div className={mergeClasses(styles.column, !mine && styles.grow)}>
        <div className={styles.head}>
          <Caption1Strong className={styles.name}>{mine ? person.displayName : words.bot}</Caption1Strong>
          {!mine && (
            <Badge appearance="tint" size="small" color="informative">
              {words.app}
            </Badge>
          )}
          {at !== null && (
            <Tooltip content={format.moment(at)} relationship="description">
              <Caption1 as="span">
                <time dateTime={at.toISOString()}>{format.time(at)}</time>
              </Caption1>
            </Tooltip>
          )}
          {edited && <Caption1>{words.edited}</Caption1>}
        </div>
        <div
          className={mergeClasses(
            styles.bubble,
            mine && styles.bubbleMine,
            bare && styles.bare,
            important && styles.important,
          )}
        >
          {important && (
            <Tooltip content={words.alertHint} relationship="description">
              <Badge className={styles.mark} appearance="tint" color="danger" icon={<AlertUrgentFilled />}>
                {words.alert}
              </Badge>
            </Tooltip>
          )}
          {entry.deleted ? (
            <Body1 className={styles.gone}>{words.deleted}</Body1>
          ) : (
            <ActivityBody
              activity={activity}
              from={entry.from}
              onSubmit={(submission) => onSubmit(entry.id, submission)}
            />
          )}
          {entry.notice !== undefined && entry.notice !== "" && !entry.deleted && (
            <MessageBar intent="info" layout="multiline">
              <MessageBarBody>{entry.notice}</MessageBarBody>
            </MessageBar>
          )}
        </div>
        {!mine && !entry.deleted && (
          <div className={styles.foot}>
            <Caption1 className={styles.summary}>
              {notification !== null && words.notification(notification)}
            </Caption1>
            <div className={styles.marks}>
              {typeof entry.readAt === "string" && (
                <Caption1 className={styles.seen}>
                  <EyeRegular aria-hidden="true" />
                  {words.read}
                </Caption1>
              )}
              {reactions.map((type, index) => (
                // The same reaction may come from a fault twice; its place tells the two apart.
                <Badge key={`${type}-${String(index)}`} appearance="outline" color="informative">
                  <span role="img" aria-label={words.reactions[type]}>
                    {emoji[type]}
                  </span>
                </Badge>
              ))}
              <Menu>
                <MenuTrigger disableButtonEnhancement>
                  <Tooltip content={words.reactWith} relationship="label">
                    <Button size="small" appearance="subtle" icon={<EmojiAddRegular />} />
                  </Tooltip>
                </MenuTrigger>
                <MenuPopover>
                  <MenuList>
                    {reactionTypes.map((type) => (
                      <MenuItem
                        key={type}
                        icon={<span aria-hidden="true">{emoji[type]}</span>}
                        onClick={() => onReact(entry.id, type)}
                      >
                        {words.reactions[type]}
                      </MenuItem>
                    ))}
                  </MenuList>
                </MenuPopover>
              </Menu>
            </div>
          </div>
        )}
      </div>
    </article>
  );
});

function reactionsOf(entry: ChatEntry): ReactionType[] {
  return (entry.reactions ?? []).flatMap((one) => reactionTypes.filter((known) => known === one));
}
