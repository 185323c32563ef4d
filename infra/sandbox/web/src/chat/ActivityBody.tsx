import {
  Body1,
  Image,
  makeStyles,
  Skeleton,
  SkeletonItem,
  tokens,
  typographyStyles,
} from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import type { Activity, Attachment } from "../api/types";
import { useWords } from "../words";
import type { CardSubmission } from "./CardView";
import { messageHtml } from "./markdown";

const CardView = lazy(() => import("./CardView"));

const useStyles = makeStyles({
  text: {
    ...typographyStyles.body1,
    overflowWrap: "anywhere",
    "& p": { margin: 0 },
    "& p + p, & ul, & ol": { marginTop: tokens.spacingVerticalS, marginBottom: 0 },
    "& ul, & ol": { paddingLeft: tokens.spacingHorizontalXL },
    "& a": { color: tokens.colorBrandForegroundLink },
    "& img": { maxWidth: "100%", borderRadius: tokens.borderRadiusMedium },
    "& hr": {
      border: "none",
      borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    },
  },
  plain: { whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  picture: { maxWidth: "100%" },
  unknown: { color: tokens.colorNeutralForeground3, fontStyle: "italic" },
  skeleton: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
});

export interface ActivityBodyProps {
  activity: Activity;
  from: "bot" | "user";
  onSubmit: (submission: CardSubmission) => Promise<void>;
}

/** What a message says: its text in Teams' Markdown, its cards, its pictures. */
export function ActivityBody(props: ActivityBodyProps) {
  const styles = useStyles();
  const { activity, from } = props;
  const text = activity.text ?? "";
  return (
    <>
      {text !== "" &&
        (from === "user" ? (
          <Body1 className={styles.plain}>{text}</Body1>
        ) : (
          // Sanitised in messageHtml: only Teams' tags, only http(s) and mailto.
          <div
            className={styles.text}
            dangerouslySetInnerHTML={{ __html: messageHtml(text, activity.textFormat) }}
          />
        ))}
      {(activity.attachments ?? []).map((attachment, index) => (
        // Attachments have no identity but their place in the message.
        <AttachmentView key={index} attachment={attachment} onSubmit={props.onSubmit} />
      ))}
    </>
  );
}

function AttachmentView(props: { attachment: Attachment; onSubmit: ActivityBodyProps["onSubmit"] }) {
  const styles = useStyles();
  const words = useWords();
  const { attachment } = props;
  if (attachment.contentType === "application/vnd.microsoft.card.adaptive") {
    return (
      <Suspense
        fallback={
          <Skeleton className={styles.skeleton} aria-label={words.cardLoading}>
            <SkeletonItem size={24} />
            <SkeletonItem size={64} />
          </Skeleton>
        }
      >
        <CardView card={attachment.content} onSubmit={props.onSubmit} />
      </Suspense>
    );
  }
  if (
    attachment.contentType.startsWith("image/") &&
    attachment.contentUrl !== undefined &&
    /^(https?:|data:image\/(png|jpeg|gif);)/i.test(attachment.contentUrl)
  ) {
    return (
      <Image
        className={styles.picture}
        src={attachment.contentUrl}
        alt={attachment.name ?? words.image}
        shape="rounded"
        fit="contain"
      />
    );
  }
  return <Body1 className={styles.unknown}>{words.unknownAttachment(attachment.contentType)}</Body1>;
}
