import {
  Body1,
  Button,
  Menu,
  type MenuButtonProps,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  SplitButton,
  Subtitle2,
  Text,
  tokens,
} from "@fluentui/react-components";
import { CalendarClockRegular, SendRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useState } from "react";
import { ApiError } from "../../api/error";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { useNotify } from "../../ui/Notices";
import { useSession } from "../../ui/Session";
import { useRefresh } from "../../ui/useRefresh";
import { Why } from "../../ui/Why";
import { now } from "../../words/clock";
import { shortMoment } from "../../words/moments";
import { useAudienceCount } from "./useAudienceCount";
import { useDraft } from "./useDraft";

const SendLaterDialog = lazy(() => import("./SendLaterDialog"));

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, alignItems: "flex-start" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** SEND NOW, and behind the arrow of the same button SEND LATER. */
export function SendBox({ ready }: { ready: boolean }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { api, me } = useSession();
  const { draft, campaign, fields, state } = useDraft();
  const { count, counting } = useAudienceCount();
  const notify = useNotify();
  const refresh = useRefresh();
  const [dialog, setDialog] = useState<"now" | "later" | null>(null);

  const stuck = state.kind === "failed" || state.kind === "conflict";
  const nobody = count?.installed === 0 && !counting;
  const why = !me.can.write
    ? t("app.readonly")
    : !me.can.send
      ? t("app.nosend")
      : !ready
        ? t("review.why.missing")
        : stuck
          ? t("review.unsaved")
          : null;
  // Someone may get the app until then: only sending now needs somebody to send to.
  const whyNow = why ?? (counting ? t("review.why.counting") : nobody ? t("review.why.nobody") : null);

  async function send(at: number | null) {
    if (!(await draft.flush())) throw new ApiError(0, { code: "not_saved" });
    const { version, name } = draft.get().campaign;
    const sent = await api.send(campaign.id, version, at === null ? null : new Date(at).toISOString());
    notify(
      "success",
      at === null ? t("now.done", { name }) : t("later.done", { name, when: shortMoment(at, now(), locale, t) }),
    );
    return () => {
      void refresh(sent);
      navigate(`/campaigns/${campaign.id}`, { replace: true });
    };
  }

  const open = (name: "now" | "later", reason: string | null) =>
    reason
      ? undefined
      : () => {
          setDialog(name);
        };

  return (
    <section className={styles.box}>
      <div>
        <Subtitle2 as="h3">{t("review.send")}</Subtitle2>
        <Body1 block className={styles.quiet}>
          {t("review.send.text")}
        </Body1>
      </div>
      {why ? (
        <Why reason={why}>
          <Button appearance="primary" size="large" icon={<SendRegular />} disabledFocusable>
            {t("review.now")}
          </Button>
        </Why>
      ) : (
        <Menu positioning="below-end">
          <MenuTrigger disableButtonEnhancement>
            {(trigger: MenuButtonProps) => (
              <Why reason={whyNow}>
                <SplitButton
                  appearance="primary"
                  size="large"
                  icon={<SendRegular />}
                  menuButton={{ ...trigger, "aria-label": t("review.options") }}
                  primaryActionButton={{ onClick: open("now", whyNow), disabledFocusable: whyNow !== null }}
                >
                  {t("review.now")}
                </SplitButton>
              </Why>
            )}
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              <MenuItem icon={<CalendarClockRegular />} onClick={open("later", why)}>
                {t("review.later")}
              </MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      )}
      {dialog === "now" && count && (
        <ConfirmDialog
          title={t("now.title", { name: fields.name })}
          confirm={t("now.do", { n: count.installed })}
          onClose={() => {
            setDialog(null);
          }}
          onConfirm={() => send(null)}
        >
          <Text block>
            {t("now.text", { n: count.installed })}{" "}
            {!fields.all &&
              count.notInstalled + count.unknown > 0 &&
              t("now.without", { n: count.notInstalled + count.unknown })}
          </Text>
          <Text block>{t("now.final")}</Text>
        </ConfirmDialog>
      )}
      {dialog === "later" && (
        <Suspense fallback={null}>
          <SendLaterDialog
            onClose={() => {
              setDialog(null);
            }}
            onSend={send}
          />
        </Suspense>
      )}
    </section>
  );
}
