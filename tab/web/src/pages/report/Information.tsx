import { Link, makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode, useSyncExternalStore } from "react";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { MockChat } from "../../preview/MockChat";
import { navigate } from "../../router";
import { theme } from "../../teams/host";
import { audienceWords } from "../../ui/campaign";
import { explain, isNotFound } from "../../ui/errors";
import { phone, useMedia, useNow, useSession } from "../../ui/Session";
import { SideDrawer } from "../../ui/SideDrawer";
import { useClosing } from "../../ui/useClosing";
import { authorName } from "../../words/author";
import { dateAndTime, duration, fullMoment } from "../../words/moments";
import {
  durationWords,
  holidayWords,
  hoursWords,
  presenceWords,
  usableZone,
  windowTimes,
  zoneWords,
} from "../../words/window";

const useStyles = makeStyles({
  list: {
    display: "grid",
    gridTemplateColumns: "auto 1fr",
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalM,
    margin: 0,
  },
  term: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, minWidth: 0, overflowWrap: "anywhere" },
  addresses: { maxHeight: "12rem", overflowY: "auto", margin: 0, padding: 0, listStyleType: "none" },
  message: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
    paddingTop: tokens.spacingVerticalL,
  },
});

/** The report has all of them, one by one. */
const shownAddresses = 200;

/** Lists by name, as they are called today; each leads to the list, unless it is gone. */
function ListNames({ ids, onOpen }: { ids: string[]; onOpen: (path: string) => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const lists = useQueries({
    queries: ids.map((id) => ({ queryKey: ["list", id], queryFn: () => api.list(id), retry: false })),
  });
  return (
    <ul className={styles.addresses}>
      {lists.map((list, index) => (
        <li key={ids[index]}>
          {list.data ? (
            <Link
              onClick={() => {
                onOpen(`/lists/${list.data.id}`);
              }}
            >
              {list.data.name}
            </Link>
          ) : list.isPending ? (
            t("app.loading")
          ) : isNotFound(list.error) ? (
            t("info.list.gone")
          ) : (
            explain(list.error, t)
          )}
        </li>
      ))}
    </ul>
  );
}

/** What was sent, to whom, by what channel and when: readable for as long as the campaign exists. */
export function Information({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { api, config } = useSession();
  const now = useNow();
  const small = useMedia(phone);
  const themeName = useSyncExternalStore(theme.subscribe, theme.snapshot);
  const preview = useQuery({
    queryKey: ["preview", "saved", campaign.id, campaign.version],
    queryFn: ({ signal }) => api.previewSaved(campaign.id, signal),
  });
  const { open, closeThen } = useClosing();
  const leave = (path: string) => {
    closeThen(() => navigate(path));
  };
  const { startedAt, completedAt, sendAt } = campaign;
  const began = startedAt ? Date.parse(startedAt) : null;
  const ended = completedAt ? Date.parse(completedAt) : null;
  const rows: [string, ReactNode][] = [
    [t("info.channel"), t("info.channel.teams", { bot: config.botName })],
    [t("info.format"), t(`format.${campaign.format}`)],
    [t("info.audience"), audienceWords(campaign, locale, t)],
    [t("info.created"), authorName(campaign.createdBy, t)],
  ];
  const { window } = campaign.timing;
  const times = windowTimes(campaign, locale);
  if (window && times) {
    rows.push(
      [t("info.window.start"), times.from],
      [t("info.window.end"), times.until],
      [t("info.duration"), durationWords(window, t)],
      [t("window.hours"), hoursWords(window.hours, locale, t)],
    );
    if (window.holidays?.length) rows.push([t("window.holidays"), holidayWords(window.holidays, locale)]);
    rows.push([t("window.zone"), zoneWords(window, t)], [t("window.presence"), presenceWords(window, t)]);
    if (window.perHour) rows.push([t("window.speed.title"), t("window.line.speed", { n: window.perHour })]);
    if (ended) rows.push([t("info.end"), dateAndTime(ended, locale, usableZone(window.timeZone))]);
  } else if (campaign.status === "scheduled" && sendAt) {
    rows.push([t("info.scheduled"), fullMoment(Date.parse(sendAt), now, locale, t)]);
  } else {
    rows.push([t("info.start"), began ? dateAndTime(began, locale) : t("info.notyet")]);
    rows.push([t("info.end"), ended ? dateAndTime(ended, locale) : t("info.notyet")]);
    if (began) rows.push([t("info.duration"), duration((ended ?? now) - began, locale)]);
  }
  for (const kind of ["listIds", "excludeListIds"] as const) {
    const ids = campaign.audience[kind];
    if (ids?.length) rows.push([t(`info.${kind}`), <ListNames key={kind} ids={ids} onOpen={leave} />]);
  }
  if (campaign.audience.emails?.length) {
    rows.push([
      t("info.addresses"),
      <ul key="addresses" className={styles.addresses}>
        {campaign.audience.emails.slice(0, shownAddresses).map((email) => (
          <li key={email}>{email}</li>
        ))}
        {campaign.audience.emails.length > shownAddresses && (
          <li>{t("info.addresses.more", { n: campaign.audience.emails.length - shownAddresses })}</li>
        )}
      </ul>,
    ]);
  }
  return (
    <SideDrawer title={t("info.title")} open={open} size={small ? "full" : "medium"} onClose={() => closeThen(onClose)}>
      <dl className={styles.list}>
        {rows.map(([term, value]) => (
          <Fragment key={term}>
            <dt className={styles.term}>{term}</dt>
            <dd className={styles.value}>{value}</dd>
          </Fragment>
        ))}
      </dl>
      <div className={styles.message}>
        <Text className={styles.term}>{t("info.message")}</Text>
        {preview.isPending ? (
          <Spinner size="small" />
        ) : preview.isError ? (
          <Text>{explain(preview.error, t)}</Text>
        ) : (
          <MockChat
            activity={preview.data.activity}
            placeholder={t("preview.failed")}
            themeName={themeName}
            narrow
            alert={campaign.format === "important"}
          />
        )}
      </div>
    </SideDrawer>
  );
}
