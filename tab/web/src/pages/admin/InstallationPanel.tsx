import {
  Badge,
  Button,
  Caption1,
  Field,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  ProgressBar,
  Select,
  Spinner,
  Subtitle2,
  Text,
  tokens,
} from "@fluentui/react-components";
import { StopRegular } from "@fluentui/react-icons";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import {
  type Installation,
  type InstallTarget,
  installation,
  installTargets,
  stopInstallation,
  type TargetGroup,
  targetGroups,
} from "../../api/installations";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Face, FailedFace } from "../../ui/Faces";
import { useNotify } from "../../ui/Notices";
import { hidden } from "../../ui/PageTitle";
import { usePageStyles } from "../../ui/pageStyles";
import { useNow, useSession } from "../../ui/Session";
import { clockTime, shortMoment } from "../../words/moments";
import { forWhom, stateColor } from "./installWords";

/** How often it is looked at: while it runs, while Teams still has to call, and while people may do something about it. Milliseconds. */
const whileRunning = 1_000;
const whileWaiting = 3_000;
const whileUnreached = 10_000;

const useStyles = makeStyles({
  box: { padding: tokens.spacingHorizontalXL, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "flex-start",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalM,
  },
  words: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXXS,
    minWidth: 0,
    overflowWrap: "anywhere",
  },
  quiet: { color: tokens.colorNeutralForeground3 },
  progress: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  facts: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(9rem, 100%), 1fr))",
    gap: tokens.spacingHorizontalL,
    margin: 0,
  },
  fact: { display: "flex", flexDirection: "column-reverse", justifyContent: "flex-end" },
  number: { margin: 0, fontSize: tokens.fontSizeBase500, fontWeight: tokens.fontWeightSemibold },
  group: { maxWidth: "24rem" },
  people: { listStyleType: "none", margin: 0, padding: 0 },
  person: {
    display: "flex",
    flexWrap: "wrap",
    justifyContent: "space-between",
    columnGap: tokens.spacingHorizontalL,
    padding: `${tokens.spacingVerticalS} 0`,
    borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    ":first-child": { borderTopStyle: "none" },
  },
});

/** One installation: how far it is, and what became of whom. */
export function InstallationPanel({ id, onEnded }: { id: string; onEnded: () => void }) {
  const frame = usePageStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const found = useQuery({
    queryKey: ["installation", id],
    queryFn: ({ signal }) => installation(api, id, signal),
    refetchInterval: ({ state: { data } }) => {
      if (data?.state === "running") return whileRunning;
      if ((data?.waiting ?? 0) > 0) return whileWaiting;
      return (data?.unreached ?? 0) > 0 && whileUnreached;
    },
    staleTime: 0, // opened again, it may be another
  });
  const state = found.data?.state;
  const before = useRef(state);
  useEffect(() => {
    if (before.current === "running" && state !== "running") onEnded();
    before.current = state;
  }, [state, onEnded]);
  const [ran, setRan] = useState(false);
  if (state === "running" && !ran) setRan(true);
  const ended = ran && state !== "running" ? state : undefined;
  return (
    <section className={frame.panel}>
      {/* That it is over is said aloud; how far it is moves too often. */}
      <span role="status" style={hidden}>
        {ended ? t(`install.state.${ended}`) : ""}
      </span>
      {found.isPending ? (
        <Face>
          <Spinner aria-label={t("app.loading")} />
        </Face>
      ) : found.isError && !found.data ? (
        <FailedFace title={t("install.failed.load")} error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Found installation={found.data} onChanged={() => void found.refetch()} />
      )}
    </section>
  );
}

function Found({ installation: i, onChanged }: { installation: Installation; onChanged: () => void }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const now = useNow();
  const [stopping, setStopping] = useState(false);
  const number = new Intl.NumberFormat(locale);
  const done = i.total - i.pending;
  const have = i.installed + i.already;
  const facts: [string, number][] = [];
  if (i.waiting !== undefined) {
    const unreached = i.unreached ?? 0;
    facts.push([t("install.ready"), have - i.waiting - unreached], [t("install.waiting"), i.waiting]);
    if (unreached > 0) facts.push([t("install.unreached"), unreached]);
  }
  facts.push([t("install.notInstalled"), i.failed]);
  facts.push([t(i.state === "running" ? "install.open" : "install.left"), i.pending]);
  return (
    <div className={styles.box}>
      <div className={styles.head}>
        <div className={styles.words}>
          <Subtitle2 as="h2">{i.state === "running" ? t("install.running") : forWhom(i, t, locale)}</Subtitle2>
          {i.state === "running" && <Text>{forWhom(i, t, locale)}</Text>}
          <Caption1 className={styles.quiet}>
            {t("install.by", {
              name: i.createdBy.displayName || t("install.former"),
              time: shortMoment(Date.parse(i.createdAt), now, locale, t),
            })}
          </Caption1>
        </div>
        {i.state === "running" ? (
          <Button
            icon={<StopRegular />}
            onClick={() => {
              setStopping(true);
            }}
          >
            {t("install.stop")}
          </Button>
        ) : (
          <Badge appearance="tint" color={stateColor[i.state]}>
            {t(`install.state.${i.state}`)}
          </Badge>
        )}
      </div>
      {i.reason && (
        <MessageBar intent={i.state === "failed" ? "error" : "warning"} layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t(`install.obstacle.${i.reason}`)}</MessageBarTitle>
            {t(`install.obstacle.${i.reason}.do`)}
          </MessageBarBody>
        </MessageBar>
      )}
      {i.state === "running" && (
        <div className={styles.progress}>
          <ProgressBar value={done} max={i.total} thickness="large" aria-label={t("install.running")} />
          <Caption1>{t("install.progress", { done: number.format(done), total: number.format(i.total) })}</Caption1>
          {i.resumeAt !== null && Date.parse(i.resumeAt) > now && (
            <MessageBar intent="info" layout="multiline">
              <MessageBarBody>
                {t("install.paused", { time: clockTime(Date.parse(i.resumeAt), locale) })}
              </MessageBarBody>
            </MessageBar>
          )}
        </div>
      )}
      <dl className={styles.facts}>
        {facts.map(([term, value]) => (
          <div key={term} className={styles.fact}>
            <dt className={styles.quiet}>{term}</dt>
            <dd className={styles.number}>{number.format(value)}</dd>
          </div>
        ))}
      </dl>
      {(i.waiting ?? 0) > 0 && <Caption1 className={styles.quiet}>{t("install.waiting.text")}</Caption1>}
      {(i.unreached ?? 0) > 0 && <Caption1 className={styles.quiet}>{t("install.unreached.text")}</Caption1>}
      {i.named ? <People installation={i} /> : <Text className={styles.quiet}>{t("install.people.gone")}</Text>}
      {stopping && (
        <ConfirmDialog
          title={t("install.stop.title")}
          confirm={t("install.stop")}
          destructive
          onConfirm={async () => {
            await stopInstallation(api, i.id);
            return () => {
              notify("success", t("install.stopped"));
              onChanged();
            };
          }}
          onClose={() => {
            setStopping(false);
          }}
        >
          <Text>{t("install.stop.text")}</Text>
        </ConfirmDialog>
      )}
    </div>
  );
}

function People({ installation: i }: { installation: Installation }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const [chosen, setChosen] = useState<TargetGroup | null>(null);
  const group = chosen ?? firstGroup(i);
  const found = useInfiniteQuery({
    // What became of people is asked again when it has changed.
    queryKey: ["installation people", i.id, group, i.pending, i.waiting, i.unreached],
    queryFn: ({ signal, pageParam }) => installTargets(api, i.id, group, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
  const label: Record<TargetGroup, string> = {
    failed: t("install.notInstalled"),
    waiting: t("install.waiting"),
    unreached: t("install.unreached"),
    ready: t("install.ready"),
    pending: t(i.state === "running" ? "install.open" : "install.left"),
  };
  const people = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={styles.progress}>
      <Field className={styles.group} label={t("install.people")}>
        <Select
          value={group}
          onChange={(_, data) => {
            setChosen(data.value as TargetGroup);
          }}
        >
          {targetGroups.map((each) => (
            <option key={each} value={each}>
              {label[each]}
            </option>
          ))}
        </Select>
      </Field>
      <div aria-busy={found.isFetching}>
        {found.isPending ? (
          <Spinner size="tiny" aria-label={t("app.loading")} />
        ) : found.isError && !found.data ? (
          <FailedFace title={t("install.people.failed")} error={found.error} onRetry={() => void found.refetch()} />
        ) : people.length === 0 ? (
          <Text className={styles.quiet}>{t("install.people.none")}</Text>
        ) : (
          <ul className={styles.people}>
            {people.map((each) => (
              <li key={each.id} className={styles.person}>
                <span className={styles.words}>
                  <Text>{nameOf(each, t)}</Text>
                  {each.displayName && <Caption1 className={styles.quiet}>{each.email}</Caption1>}
                </span>
                <Caption1 className={styles.quiet}>{whyOf(each, t)}</Caption1>
              </li>
            ))}
          </ul>
        )}
        {found.hasNextPage && (
          <Button size="small" disabledFocusable={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {t("install.people.more")}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Whom to show first: those about whom something can be done. */
function firstGroup(i: Installation): TargetGroup {
  if (i.failed > 0) return "failed";
  if ((i.unreached ?? 0) > 0) return "unreached";
  return (i.waiting ?? 0) > 0 ? "waiting" : "ready";
}

function nameOf(target: InstallTarget, t: Translate): string {
  if (target.id.startsWith("removed:")) return t("install.person.removed");
  return target.displayName || target.email || target.id;
}

function whyOf(target: InstallTarget, t: Translate): string {
  if (target.reason === "removed") return t("install.person.removed.why");
  if (target.reason) return t(`install.person.${target.reason}`);
  return target.state === "already" ? t("install.person.already") : "";
}
