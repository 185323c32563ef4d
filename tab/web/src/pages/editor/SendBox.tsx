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
import { CalendarClockRegular, CalendarMultipleRegular, SendRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ApiError } from "../../api/error";
import { sendOver } from "../../api/timing";
import type { SendWindow } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { explain } from "../../ui/errors";
import { useNotify } from "../../ui/Notices";
import { useNow, useSession } from "../../ui/Session";
import { useRefresh } from "../../ui/useRefresh";
import { Why } from "../../ui/Why";
import { WhyItem } from "../../ui/WhyItem";
import { now as serverNow } from "../../words/clock";
import { plannedMoment, shortMoment, weekdayAndTime } from "../../words/moments";
import { usableZone } from "../../words/window";
import { audienceSentence, receivers } from "./AudienceSummary";
import { inputOf } from "./fields";
import { useAudienceCount } from "./useAudienceCount";
import { useDraft } from "./useDraft";
import { useProblems } from "./useProblems";
import { useWindowPreview } from "./window/useWindow";
import { WindowSummary } from "./window/WindowSummary";

const SendLaterDialog = lazy(() => import("./SendLaterDialog"));

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, alignItems: "flex-start" },
  quiet: { color: tokens.colorNeutralForeground3 },
  dialog: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
});

/** What the dialog is about: at once, at the moment or over the window of the step Time, or at a moment still to be chosen. */
type Asked = "now" | "planned" | "window" | "later";

/** The split button: what the step Time says as its main part, and the other way behind the arrow. */
export function SendBox() {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { api, me } = useSession();
  const { draft, campaign, fields, state } = useDraft();
  const { count, counting, error } = useAudienceCount();
  const problems = useProblems();
  const now = useNow();
  const notify = useNotify();
  const refresh = useRefresh();
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);

  const { at = null, window } = inputOf(fields).timing;
  const { preview } = useWindowPreview();
  const planned = at === null ? null : Date.parse(at);
  const over = fields.when === "window";
  const stuck = state.kind === "failed" || state.kind === "conflict" || state.kind === "gone";
  const nobody = count?.installed === 0 && !counting;
  const allowed = !me.can.write ? t("app.readonly") : !me.can.send ? t("app.nosend") : null;
  const unsaved = stuck ? t("review.unsaved") : null;
  const missing = problems.length > 0 ? t("review.why.missing") : null;
  // The planned moment stands in the way only of what is sent then.
  const missingNow = problems.some(({ field }) => !field.startsWith("/timing")) ? t("review.why.missing") : null;
  const uncounted = error ? t("aud.failed") : null;
  const empty = counting ? t("review.why.counting") : nobody ? t("review.why.nobody") : uncounted;
  // Someone may get the app until then: only sending now needs somebody to send to.
  const whyNow = allowed ?? missingNow ?? unsaved ?? empty;
  const whyLater = allowed ?? missingNow ?? unsaved;
  const why = planned === null && !over ? whyNow : (allowed ?? missing ?? unsaved);
  // With nothing behind the arrow that could be done, there is no arrow.
  const whole = allowed ?? missingNow ?? unsaved;

  async function send(moment: number | null, spread?: SendWindow) {
    if (!(await draft.flush())) throw new ApiError(0, { code: "not_saved" });
    const { version, name } = draft.get().kept;
    const sent = await draft.leave(() =>
      spread
        ? sendOver(api, campaign.id, version, spread)
        : api.send(campaign.id, version, moment === null ? null : new Date(moment).toISOString()),
    );
    // The list that somebody goes back to before the dialog has closed is to show it.
    void client.invalidateQueries({ queryKey: ["campaigns"] });
    const waits = sent.approval?.state === "waiting";
    if (waits) notify("success", t("approval.asked", { name }));
    else if (moment === null) notify("success", t("now.done", { name }));
    else {
      const when = shortMoment(moment, serverNow(), locale, t);
      notify("success", t(spread ? "window.done" : "later.done", { name, when }), {
        label: t("later.undo"),
        run: () => void takeBack(name),
      });
    }
    return () => {
      void refresh(sent);
      navigate(waits ? "/" : `/campaigns/${campaign.id}`, { replace: true });
    };
  }

  async function takeBack(name: string) {
    try {
      await refresh(await api.unschedule(campaign.id));
      notify("success", t("unschedule.done", { name }));
      navigate(`/campaigns/${campaign.id}/edit?step=review`, { replace: true });
    } catch (error) {
      notify("error", explain(error, t));
    }
  }

  const ask = (what: Asked, reason: string | null) =>
    reason
      ? undefined
      : () => {
          setAsked(what);
        };
  const close = () => {
    setAsked(null);
  };
  const opens = preview?.opensAt ? Date.parse(preview.opensAt) : null;
  const label = over
    ? opens === null
      ? t("review.window")
      : t("review.window.from", { when: weekdayAndTime(opens, locale, usableZone(preview?.timeZone ?? "")) })
    : planned === null
      ? t("review.now")
      : t("review.schedule", { when: weekdayAndTime(planned, locale) });
  const icon = over ? <CalendarMultipleRegular /> : planned === null ? <SendRegular /> : <CalendarClockRegular />;
  const people = count ? audienceSentence(count, fields, t) : null;

  return (
    <section className={styles.box}>
      <div>
        <Subtitle2 as="h3">{t("review.send")}</Subtitle2>
        <Body1 block className={styles.quiet}>
          {t("review.send.text")}
        </Body1>
      </div>
      {whole ? (
        <Why reason={whole}>
          <Button appearance="primary" size="large" icon={icon} disabledFocusable>
            {label}
          </Button>
        </Why>
      ) : (
        <Menu positioning="below-end">
          <MenuTrigger disableButtonEnhancement>
            {(trigger: MenuButtonProps) => (
              <Why reason={why}>
                <SplitButton
                  appearance="primary"
                  size="large"
                  icon={icon}
                  menuButton={{ ...trigger, "aria-label": t("review.options") }}
                  primaryActionButton={{
                    onClick: ask(over ? "window" : planned === null ? "now" : "planned", why),
                    disabledFocusable: why !== null,
                  }}
                >
                  {label}
                </SplitButton>
              </Why>
            )}
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              {(planned !== null || over) && (
                <WhyItem
                  icon={<SendRegular />}
                  why={whyNow}
                  onClick={() => {
                    setAsked("now");
                  }}
                >
                  {t("review.now.instead")}
                </WhyItem>
              )}
              <MenuItem icon={<CalendarClockRegular />} onClick={ask("later", whyLater)}>
                {t(planned === null && !over ? "review.later" : "review.later.other")}
              </MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      )}
      {asked === "now" && count && (
        <ConfirmDialog
          title={t("now.title", { name: fields.name })}
          confirm={t("now.do", { n: receivers(count, fields.mandatory) })}
          onClose={close}
          onConfirm={() => send(null)}
        >
          <div className={styles.dialog}>
            <Text weight="semibold">{people}</Text>
            <Text>{t("now.text", { n: receivers(count, fields.mandatory) })}</Text>
            <Text>{t("now.final")}</Text>
          </div>
        </ConfirmDialog>
      )}
      {asked === "planned" && planned !== null && (
        <ConfirmDialog
          title={t("planned.title", { name: fields.name })}
          confirm={t("later.do")}
          onClose={close}
          onConfirm={() => send(planned)}
        >
          <div className={styles.dialog}>
            {people && <Text weight="semibold">{people}</Text>}
            <Text>{t("later.says", { moment: plannedMoment(planned, now, locale, t) })}</Text>
            <Text>{t("planned.final")}</Text>
          </div>
        </ConfirmDialog>
      )}
      {asked === "window" && window && (
        <ConfirmDialog
          title={t("window.send.title", { name: fields.name })}
          confirm={t("later.do")}
          onClose={close}
          onConfirm={() => send(opens ?? now, window)}
        >
          <div className={styles.dialog}>
            {people && <Text weight="semibold">{people}</Text>}
            <WindowSummary />
            <Text>{t("window.send.final")}</Text>
          </div>
        </ConfirmDialog>
      )}
      {asked === "later" && (
        <Suspense fallback={null}>
          <SendLaterDialog people={people} onClose={close} onSend={send} />
        </Suspense>
      )}
    </section>
  );
}
