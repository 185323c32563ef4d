import "../../i18n/pages";
import {
  Badge,
  Body1Strong,
  Button,
  Caption1,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Subtitle2,
  Text,
  tokens,
} from "@fluentui/react-components";
import { AppsAddInRegular, ArrowLeftRegular } from "@fluentui/react-icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Installation, installable, installations, type Obstacle } from "../../api/installations";
import { useLanguage } from "../../i18n/Language";
import { useSearch } from "../../router";
import { Face, FailedFace } from "../../ui/Faces";
import { usePageStyles } from "../../ui/pageStyles";
import { RowsSkeleton } from "../../ui/Rows";
import { useNow, useSession } from "../../ui/Session";
import { shortMoment } from "../../words/moments";
import { AdminFrame } from "./AdminFrame";
import { InstallationPanel } from "./InstallationPanel";
import { InstallForm } from "./InstallForm";
import { forWhom, stateColor } from "./installWords";
import { OpenRow } from "./OpenRow";

/** While one runs, what came of others may change with it. */
const lookEvery = 10_000;

const useStyles = makeStyles({
  part: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, paddingTop: tokens.spacingVerticalL },
  intro: { maxWidth: "75ch" },
  rows: { listStyleType: "none", margin: 0, padding: 0 },
  badges: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, marginTop: tokens.spacingVerticalXS },
  quiet: { color: tokens.colorNeutralForeground3 },
  section: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

/** The app installed for people who do not have it. */
export default function InstallPage() {
  const { me } = useSession();
  return <AdminFrame here="install">{me.can.admin && <Install />}</AdminFrame>;
}

function Install() {
  const styles = useStyles();
  const frame = usePageStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const [search, setSearch] = useSearch();
  const may = useQuery({ queryKey: ["installable"], queryFn: ({ signal }) => installable(api, signal), staleTime: 0 });
  const all = useInfiniteQuery({
    queryKey: ["installations"],
    queryFn: ({ signal, pageParam }) => installations(api, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: lookEvery,
  });
  const items = all.data?.pages.flatMap((page) => page.items) ?? [];
  const running = items.find((each) => each.state === "running");
  // One that ran when the page was opened stays with what came of it.
  const [watched, setWatched] = useState<string | null>(null);
  if (running && running.id !== watched) setWatched(running.id);
  const shown = search.get("id") ?? watched;
  const obstacles = may.data?.obstacles ?? [];
  return (
    <div className={styles.part}>
      <Text className={styles.intro}>{t("install.intro")}</Text>
      {may.isError && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("install.unclear")}</MessageBarBody>
        </MessageBar>
      )}
      {obstacles.map((each) => (
        <ObstacleBar key={each} obstacle={each} />
      ))}
      {all.isPending ? (
        <section className={frame.panel}>
          <RowsSkeleton />
        </section>
      ) : all.isError && !all.data ? (
        <FailedFace title={t("install.failed.load")} error={all.error} onRetry={() => void all.refetch()} />
      ) : (
        <>
          {shown === null ? (
            <InstallForm
              campaign={search.get("campaign")}
              hindered={obstacles.length > 0}
              onStarted={(id) => {
                setSearch({ id });
                void all.refetch();
              }}
            />
          ) : (
            <>
              {!running && (
                <div>
                  <Button
                    appearance="subtle"
                    icon={<ArrowLeftRegular />}
                    onClick={() => {
                      setSearch({});
                      setWatched(null);
                    }}
                  >
                    {t("install.back")}
                  </Button>
                </div>
              )}
              <InstallationPanel
                key={shown}
                id={shown}
                onEnded={() => {
                  void all.refetch();
                }}
              />
            </>
          )}
          <section className={styles.section}>
            <Subtitle2 as="h2">{t("install.history")}</Subtitle2>
            <div className={frame.panel}>
              {items.length === 0 ? (
                <Face icon={<AppsAddInRegular />} title={t("install.history.empty")}>
                  {t("install.history.empty.text")}
                </Face>
              ) : (
                <ul className={styles.rows}>
                  {items.map((each) => (
                    <OpenRow
                      key={each.id}
                      onOpen={() => {
                        setSearch({ id: each.id });
                      }}
                    >
                      <Row installation={each} />
                    </OpenRow>
                  ))}
                </ul>
              )}
            </div>
            {all.hasNextPage && (
              <div>
                <Button disabledFocusable={all.isFetchingNextPage} onClick={() => void all.fetchNextPage()}>
                  {t("install.history.more")}
                </Button>
              </div>
            )}
          </section>
        </>
      )}
    </div>
  );
}

/** What is missing before Herald can install anything, and what to do. */
function ObstacleBar({ obstacle }: { obstacle: Obstacle }) {
  const { t } = useLanguage();
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t(`install.obstacle.${obstacle}`)}</MessageBarTitle>
        {t(`install.obstacle.${obstacle}.do`)}
      </MessageBarBody>
    </MessageBar>
  );
}

function Row({ installation }: { installation: Installation }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const number = new Intl.NumberFormat(locale);
  const { state, total, pending, failed, createdBy, createdAt } = installation;
  return (
    <>
      <Body1Strong>{forWhom(installation, t, locale)}</Body1Strong>
      <Caption1 className={styles.quiet}>
        {t("install.by", {
          name: createdBy.displayName || t("install.former"),
          time: shortMoment(Date.parse(createdAt), now, locale, t),
        })}
      </Caption1>
      <span className={styles.badges}>
        <Badge appearance="tint" color={stateColor[state]}>
          {t(`install.state.${state}`)}
        </Badge>
        <Caption1>
          {t("install.progress", { done: number.format(total - pending - failed), total: number.format(total) })}
        </Caption1>
      </span>
    </>
  );
}
