import {
  Button,
  Field,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  Textarea,
  Title2,
  tokens,
} from "@fluentui/react-components";
import { CheckmarkRegular, DismissRegular, EditRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import type { Approval, Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { MockChat } from "../../preview/MockChat";
import { navigate } from "../../router";
import { theme } from "../../teams/host";
import { BackButton } from "../../ui/BackButton";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { audienceWords, StatusBadge } from "../../ui/campaign";
import { explain } from "../../ui/errors";
import { useNotify } from "../../ui/Notices";
import { notYours } from "../../ui/notYours";
import { pageTitle } from "../../ui/PageTitle";
import { usePageStyles } from "../../ui/pageStyles";
import { useSession } from "../../ui/Session";
import { useRefresh } from "../../ui/useRefresh";
import { Why } from "../../ui/Why";
import { authorName } from "../../words/author";
import { dateAndTime } from "../../words/moments";
import { windowLines } from "../../words/window";
import { useDraft } from "./useDraft";

const useStyles = makeStyles({
  panel: {
    padding: tokens.spacingHorizontalXXL,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    "@media (max-width: 639px)": { padding: tokens.spacingHorizontalL },
  },
  // As wide as a chat.
  chat: { maxWidth: "48rem" },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  window: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  dialog: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

const maxComment = 500;

type Asked = "approve" | "reject" | "withdraw";

/** A draft that cannot be changed here: it waits for approval, or it is somebody else's. It can be read, and decided about. */
export function FrozenDraft({ campaign }: { campaign: Campaign }) {
  const styles = useStyles();
  const frame = usePageStyles();
  const { t, locale } = useLanguage();
  const { api, me } = useSession();
  const client = useQueryClient();
  const notify = useNotify();
  const refresh = useRefresh();
  const themeName = useSyncExternalStore(theme.subscribe, theme.snapshot);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [comment, setComment] = useState("");
  const preview = useQuery({
    queryKey: ["preview", "saved", campaign.id, campaign.version],
    queryFn: ({ signal }) => api.previewSaved(campaign.id, signal),
  });
  const { name, approval } = campaign;
  const waiting = approval?.state === "waiting" ? approval : null;
  const other = me.can.write ? notYours(campaign, me, t) : t("app.readonly");
  const whyNot = !me.can.approve
    ? t("approval.why.role")
    : waiting?.requestedBy.id === me.id
      ? t("approval.why.own")
      : null;

  const close = () => {
    setAsked(null);
    // Somebody else may have decided meanwhile, which is why it could not be decided here.
    void client.invalidateQueries({ queryKey: ["campaign", campaign.id] });
  };

  async function decide(verb: "approve" | "reject") {
    const decided = await api.decide(campaign.id, campaign.version, verb, comment);
    notify("success", t(verb === "approve" ? "approval.approved" : "approval.is.rejected", { name }));
    return () => {
      void refresh(decided);
      navigate("/", { replace: true });
    };
  }

  async function withdraw() {
    const draft = await api.withdraw(campaign.id);
    return () => {
      client.setQueryData(["campaign", draft.id], draft);
      void client.invalidateQueries({ queryKey: ["campaigns"] });
    };
  }

  const button = (verb: "approve" | "reject") => (
    <Why reason={whyNot}>
      <Button
        appearance={verb === "approve" ? "primary" : "secondary"}
        icon={verb === "approve" ? <CheckmarkRegular /> : <DismissRegular />}
        disabledFocusable={whyNot !== null}
        onClick={whyNot === null ? () => setAsked(verb) : undefined}
      >
        {t(`approval.${verb}`)}
      </Button>
    </Why>
  );

  return (
    <main className={frame.page} aria-labelledby={pageTitle}>
      <title>{name}</title>
      <BackButton onClick={() => navigate("/")}>{t("app.back")}</BackButton>
      <header className={frame.head}>
        <Title2 as="h1" id={pageTitle}>
          {name}
        </Title2>
        <StatusBadge status={waiting ? "waiting" : campaign.status} />
      </header>
      {waiting ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            {waitingWords(waiting, me.id, locale, t)}{" "}
            {waiting.window
              ? t("approval.sends.window")
              : waiting.sendAt
                ? t("approval.sends", { when: dateAndTime(Date.parse(waiting.sendAt), locale) })
                : t("approval.sends.now")}
            {waiting.window && (
              <ul className={styles.window}>
                {windowLines(waiting.window, locale, t).map((each) => (
                  <li key={each}>{each}</li>
                ))}
              </ul>
            )}
          </MessageBarBody>
        </MessageBar>
      ) : (
        <MessageBar layout="multiline">
          <MessageBarBody>{other}</MessageBarBody>
        </MessageBar>
      )}
      <section className={`${frame.panel} ${styles.panel}`} aria-label={t("approval.message")}>
        <Text>{audienceWords(campaign, locale, t)}</Text>
        <div className={styles.chat}>
          <MockChat
            activity={preview.data?.activity ?? null}
            placeholder={
              preview.isError ? explain(preview.error, t) : t(preview.data ? "approval.empty" : "app.loading")
            }
            themeName={themeName}
          />
        </div>
      </section>
      {waiting && (
        <div className={styles.actions}>
          {button("approve")}
          {button("reject")}
          {other === null && (
            <Button icon={<EditRegular />} onClick={() => setAsked("withdraw")}>
              {t("approval.withdraw")}
            </Button>
          )}
        </div>
      )}
      {(asked === "approve" || asked === "reject") && waiting && (
        <ConfirmDialog
          title={t(`approval.${asked}.title`, { name })}
          confirm={t(`approval.${asked}`)}
          onClose={close}
          onConfirm={() => decide(asked)}
        >
          <div className={styles.dialog}>
            <Text>
              {asked === "approve" ? t("approval.approve.text", { n: waiting.recipients }) : t("approval.reject.text")}
            </Text>
            <Field label={t("approval.comment")}>
              <Textarea
                value={comment}
                maxLength={maxComment}
                onChange={(_, data) => {
                  setComment(data.value);
                }}
              />
            </Field>
          </div>
        </ConfirmDialog>
      )}
      {asked === "withdraw" && (
        <ConfirmDialog
          title={t("approval.withdraw.title")}
          confirm={t("approval.withdraw")}
          cancel={t("approval.withdraw.keep")}
          onClose={close}
          onConfirm={withdraw}
        >
          <Text>{t("approval.withdraw.text", { name })}</Text>
        </ConfirmDialog>
      )}
    </main>
  );
}

function waitingWords(
  { requestedBy, requestedAt, recipients: n, grown, before }: Approval,
  me: string,
  locale: string,
  t: ReturnType<typeof useLanguage>["t"],
): string {
  const when = dateAndTime(Date.parse(requestedAt), locale);
  if (grown) return before > 0 ? t("approval.grown.again", { when, n, before }) : t("approval.grown", { when, n });
  return requestedBy.id === me
    ? t("approval.waiting.mine", { when, n })
    : t("approval.waiting", { who: authorName(requestedBy, t), when, n });
}

/** Over a draft that was rejected: by whom, and why. */
export function RejectedBar() {
  const { t } = useLanguage();
  const { approval } = useDraft().campaign;
  if (approval?.state !== "rejected") return null;
  const who = approval.by ? authorName(approval.by, t) : "";
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        {approval.comment
          ? t("approval.rejected.comment", { who, comment: approval.comment })
          : t("approval.rejected", { who })}
      </MessageBarBody>
    </MessageBar>
  );
}
