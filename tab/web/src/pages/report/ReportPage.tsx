import "../../i18n/pages";
import {
  Body1,
  Button,
  Caption1,
  Card,
  Menu,
  MenuButton,
  MenuGroup,
  MenuGroupHeader,
  MenuList,
  MenuPopover,
  MenuTrigger,
  MessageBar,
  MessageBarBody,
  makeStyles,
  mergeClasses,
  ProgressBar,
  SkeletonItem,
  Subtitle1,
  Title2,
  tokens,
  typographyStyles,
  useRestoreFocusTarget,
} from "@fluentui/react-components";
import {
  ArrowDownloadRegular,
  ArrowUndoRegular,
  InfoRegular,
  PeopleAddRegular,
  StopRegular,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import type { FileType, RecipientFilter } from "../../api/client";
import type { Campaign, Progress, Report } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate, Redirect, useParameters, useSearch } from "../../router";
import { BackButton } from "../../ui/BackButton";
import CampaignDialog, { type CampaignAction } from "../../ui/CampaignDialogs";
import { CampaignMenu } from "../../ui/CampaignMenu";
import { FormatIcon, ResultBadge, StatusBadge } from "../../ui/campaign";
import { isNotFound } from "../../ui/errors";
import { FileItems } from "../../ui/FileItems";
import { useInnerPageStyles } from "../../ui/innerPageStyles";
import { NotLoaded } from "../../ui/NotLoaded";
import { notYours } from "../../ui/notYours";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { hidden, pageTitle } from "../../ui/PageTitle";
import { useNow, useSession } from "../../ui/Session";
import { useDownload } from "../../ui/useDownload";
import { useLiveProgress } from "../../ui/useLiveProgress";
import { Why } from "../../ui/Why";
import { authorName } from "../../words/author";
import { doneCount, openCount } from "../../words/counts";
import { dateAndTime, duration, fullMoment, zoneName } from "../../words/moments";
import { windowTimes } from "../../words/window";
import { CountBar } from "./CountBar";
import { Funnel } from "./Funnel";
import { Information } from "./Information";
import { Links } from "./Links";
import { ListOfDialog } from "./ListOfDialog";
import { LiveWindow } from "./LiveWindow";
import { Reasons } from "./Reasons";
import { Recipients } from "./Recipients";
import { SendTimes } from "./SendTimes";
import { SurveyActions } from "./SurveyActions";
import { useFilter } from "./useFilter";

const Hours = lazy(() => import("./Hours"));

const useStyles = makeStyles({
  line: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
  },
  format: { display: "inline-flex", alignItems: "center", gap: tokens.spacingHorizontalS },
  // Where the focus goes when people are shown below.
  target: {
    ...typographyStyles.subtitle1,
    margin: 0,
    scrollMarginTop: tokens.spacingVerticalXXL,
    borderRadius: tokens.borderRadiusSmall,
    ":focus-visible": { outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}` },
  },
  heading: { display: "flex", flexDirection: "column" },
  between: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "baseline",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalM,
  },
  bones: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  half: { maxWidth: "24rem" },
  live: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
});

const everybody: RecipientFilter = { status: "", reason: "", q: "" };

export default function ReportPage() {
  const { id = "" } = useParameters();
  return <CampaignReport key={id} id={id} />;
}

function CampaignReport({ id }: { id: string }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const report = useQuery({
    queryKey: ["report", id],
    queryFn: async ({ signal }): Promise<Report | "draft"> => {
      const campaign = await api.campaign(id, signal);
      return campaign.status === "draft" ? "draft" : api.report(id, signal);
    },
    // That it was a draft is no reason to leave the page of what may have been sent since.
    refetchOnMount: (query) => (query.state.data === "draft" ? "always" : true),
    // A scheduled campaign starts by itself.
    refetchInterval: (query) => {
      const data = query.state.data;
      if (!data || data === "draft") return false;
      if (data.campaign.status === "scheduled" || data.campaign.status === "sending") return 5_000;
      // People go on seeing, clicking and answering.
      return data.counts.sent > 0 ? 15_000 : false;
    },
  });
  if (report.data === "draft" && report.isFetching) return <ReportSkeleton />;
  if (report.data === "draft" && !report.isError) return <Redirect to={`/campaigns/${id}/edit`} />;
  // Somebody may have deleted it meanwhile.
  if (report.data && report.data !== "draft" && !isNotFound(report.error)) return <Loaded report={report.data} />;
  if (report.isPending) return <ReportSkeleton />;
  return <NotLoaded what="campaign" title={t("report.load.failed")} query={report} />;
}

function Loaded({ report }: { report: Report }) {
  const frame = useInnerPageStyles();
  const styles = useStyles();
  const { t } = useLanguage();
  const { me, api } = useSession();
  const download = useDownload();
  const focusBack = useRestoreFocusTarget();
  const [parameters] = useSearch();
  const [filter, setFilter] = useFilter();
  const [listOf, setListOf] = useState<{ filter: RecipientFilter; count: number | null } | null>(null);
  const recipients = useRef<HTMLHeadingElement>(null);
  const [action, setAction] = useState<CampaignAction | null>(null);
  const { campaign } = report;
  const sending = campaign.status === "sending";
  const progress = useLiveProgress(campaign.id, sending || campaign.status === "scheduled");
  const counts = (sending && progress?.counts) || report.counts;
  const current: Campaign = { ...campaign, counts };
  const { window } = campaign.timing;
  const noSend = me.can.send ? notYours(campaign, me, t) : me.can.write ? t("app.nosend") : t("app.readonly");
  const informationOpen = parameters.has("information");
  const showInformation = (shown: boolean) => {
    const next = new URLSearchParams(parameters);
    if (shown) next.set("information", "");
    else next.delete("information");
    navigate(`/campaigns/${campaign.id}?${next.toString()}`, { replace: true });
  };
  const filtered = filter.status !== "" || filter.reason !== "" || filter.q !== "";
  const noList = me.can.write ? (openCount(counts) > 0 ? t("listof.later") : null) : t("app.readonly");
  const save = (type: FileType, whom: RecipientFilter) =>
    void download(campaign.name, type, (wanted) => api.recipientsFile(campaign.id, wanted, whom));
  const files = (whom: RecipientFilter) => (
    <FileItems
      of="report.download"
      onSave={(type) => {
        save(type, whom);
      }}
    />
  );

  const ask = (name: "stop" | "unschedule") => ({
    disabledFocusable: noSend !== null,
    onClick: noSend
      ? undefined
      : () => {
          setAction(name);
        },
  });

  return (
    <main className={mergeClasses(frame.page, frame.report)} aria-labelledby={pageTitle}>
      <title>{campaign.name}</title>
      <BackButton onClick={() => navigate("/")}>{t("app.back")}</BackButton>
      <header className={frame.head}>
        <div className={frame.title}>
          <Title2 as="h1" id={pageTitle}>
            {campaign.name}
          </Title2>
          <span className={styles.line}>
            <span className={styles.format}>
              <FormatIcon format={campaign.format} />
              <Body1>{t(`format.${campaign.format}`)}</Body1>
            </span>
            <Body1 className={frame.quiet}>
              <SentWords campaign={campaign} />
            </Body1>
            <Body1 className={frame.quiet}>{t("report.by", { name: authorName(campaign.createdBy, t) })}</Body1>
            {campaign.status === "scheduled" || campaign.status === "stopped" ? (
              <StatusBadge status={campaign.status} />
            ) : (
              <ResultBadge result={report.result} />
            )}
          </span>
        </div>
        <div className={frame.actions}>
          {sending && (
            <Why reason={noSend}>
              <Button icon={<StopRegular />} {...focusBack} {...ask("stop")}>
                {t("report.stop")}
              </Button>
            </Why>
          )}
          {campaign.status === "scheduled" && (
            <Why reason={noSend}>
              <Button icon={<ArrowUndoRegular />} {...focusBack} {...ask("unschedule")}>
                {t("report.unschedule")}
              </Button>
            </Why>
          )}
          {campaign.format === "survey" && campaign.content.surveyId && campaign.startedAt !== null && (
            <SurveyActions campaign={campaign} answered={report.engagement.answered} sent={counts.sent} />
          )}
          <Button
            icon={<InfoRegular />}
            {...focusBack}
            onClick={() => {
              showInformation(true);
            }}
          >
            {t("report.info")}
          </Button>
          <CampaignMenu campaign={current} onAction={setAction} />
        </div>
      </header>

      {campaign.restored && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("report.restored")}</MessageBarBody>
        </MessageBar>
      )}
      {campaign.peopleRemoved && (
        <MessageBar layout="multiline">
          <MessageBarBody>{t("report.peopleRemoved", { n: campaign.peopleRemoved.afterDays })}</MessageBarBody>
        </MessageBar>
      )}

      <Card className={frame.section}>
        <div className={styles.between}>
          <Subtitle1 as="h2">{t("report.counts")}</Subtitle1>
          {counts.total > 0 && <Body1 className={frame.quiet}>{t("report.people", { n: counts.total })}</Body1>}
        </div>
        {sending && (window ? <LiveWindow campaign={current} /> : <Live counts={counts} progress={progress} />)}
        {counts.total > 0 ? (
          <CountBar counts={counts} />
        ) : (
          <Body1>
            {campaign.status === "scheduled" ? t("report.waiting") : sending ? t("home.preparing") : t("report.nobody")}
          </Body1>
        )}
      </Card>

      {counts.sent > 0 && (
        <Card className={frame.section}>
          <Funnel report={{ ...report, counts }} />
          <Links campaignId={campaign.id} clicks={report.engagement.clicks} />
        </Card>
      )}

      {report.reasons.length > 0 && (
        <Card className={frame.section}>
          <Subtitle1 as="h2">{openCount(counts) > 0 ? t("report.reasons.open") : t("report.reasons")}</Subtitle1>
          <Reasons
            reasons={report.reasons}
            noList={noList}
            onShow={(reason) => {
              setFilter({ status: "", reason, q: "" });
              recipients.current?.focus();
              recipients.current?.scrollIntoView({ block: "start" });
            }}
            onList={(reason, count) => {
              setListOf({ filter: { status: "", reason, q: "" }, count });
            }}
          />
        </Card>
      )}

      {campaign.startedAt !== null && counts.total > 0 && (
        <Card className={frame.section}>
          {window ? (
            <Suspense fallback={null}>
              <Hours campaignId={campaign.id} live={sending} />
            </Suspense>
          ) : (
            <SendTimes campaignId={campaign.id} live={sending} />
          )}
        </Card>
      )}

      {counts.total > 0 && (
        <Card className={frame.section}>
          <div className={styles.between}>
            <div className={styles.heading}>
              <h2 ref={recipients} tabIndex={-1} className={styles.target}>
                {t("report.grid")}
              </h2>
              {window && (
                <Caption1 className={frame.quiet}>{t("hours.zone", { zone: zoneName(window.timeZone) })}</Caption1>
              )}
            </div>
            <div className={frame.actions}>
              {filtered && (
                <Why reason={noList}>
                  <Button
                    icon={<PeopleAddRegular />}
                    disabledFocusable={noList !== null}
                    {...focusBack}
                    onClick={() => {
                      if (noList === null) setListOf({ filter, count: null });
                    }}
                  >
                    {t("reasons.list")}
                  </Button>
                </Why>
              )}
              <Menu>
                <MenuTrigger disableButtonEnhancement>
                  <MenuButton icon={<ArrowDownloadRegular />}>{t("report.download")}</MenuButton>
                </MenuTrigger>
                <MenuPopover>
                  <MenuList>
                    {filtered ? (
                      <>
                        <MenuGroup>
                          <MenuGroupHeader>{t("report.download.shown")}</MenuGroupHeader>
                          {files(filter)}
                        </MenuGroup>
                        <MenuGroup>
                          <MenuGroupHeader>{t("report.download.all")}</MenuGroupHeader>
                          {files(everybody)}
                        </MenuGroup>
                      </>
                    ) : (
                      files(everybody)
                    )}
                  </MenuList>
                </MenuPopover>
              </Menu>
            </div>
          </div>
          <Recipients
            campaignId={campaign.id}
            live={sending}
            counts={counts}
            zone={window?.timeZone}
            reasons={report.reasons.map(({ reason }) => reason)}
          />
        </Card>
      )}

      <Announcer sending={sending} status={campaign.status} />
      {informationOpen && (
        <Information
          campaign={campaign}
          onClose={() => {
            showInformation(false);
          }}
        />
      )}
      {listOf && (
        <ListOfDialog
          campaign={campaign}
          {...listOf}
          onClose={() => {
            setListOf(null);
          }}
        />
      )}
      {action && (
        <CampaignDialog
          action={action}
          campaign={current}
          onClose={() => {
            setAction(null);
          }}
          onDeleted={() => navigate("/", { replace: true })}
        />
      )}
    </main>
  );
}

/** "Sent Friday 27 November, 14:30, in 2 minutes 10 seconds", or when it will be. */
function SentWords({ campaign }: { campaign: Campaign }) {
  const { t, locale } = useLanguage();
  const now = useNow();
  const { status, sendAt, startedAt, completedAt } = campaign;
  const window = windowTimes(campaign, locale);
  if (window && status === "scheduled") return t("report.window", window);
  if (window && status === "sending") return t("report.window.began", window);
  if (status === "scheduled" && sendAt)
    return t("report.scheduled", { when: fullMoment(Date.parse(sendAt), now, locale, t) });
  if (!startedAt) return t("report.notsent");
  const began = Date.parse(startedAt);
  const when = dateAndTime(began, locale);
  if (status === "sending") return t("report.began", { when });
  if (!completedAt) return t("report.sent", { when });
  return t("report.sent.in", { when, time: duration(Math.max(1_000, Date.parse(completedAt) - began), locale) });
}

function Live({ counts, progress }: { counts: Report["counts"]; progress: Progress | undefined }) {
  const frame = useInnerPageStyles();
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const done = doneCount(counts);
  const { total } = counts;
  const eta = progress?.etaSeconds;
  const rate = progress?.ratePerSecond;
  const words =
    typeof eta === "number"
      ? t("report.progress", { done, total, left: t("report.left", { time: duration(eta * 1_000, locale) }) })
      : t("report.progress.noeta", { done, total });
  return (
    <div className={styles.live}>
      <ProgressBar {...(total > 0 ? { value: done, max: total } : {})} thickness="large" aria-label={words} />
      <div className={styles.between}>
        <Body1>{words}</Body1>
        {typeof rate === "number" && (
          <Caption1 className={frame.quiet}>{t("report.rate", { n: Math.round(rate) })}</Caption1>
        )}
      </div>
    </div>
  );
}

/** Says once, aloud, that it is over; the numbers themselves move too often to be read out. */
function Announcer({ sending, status }: { sending: boolean; status: Campaign["status"] }) {
  const { t } = useLanguage();
  const [wasSending, setWasSending] = useState(sending);
  if (sending && !wasSending) setWasSending(true);
  const over = wasSending && !sending;
  return (
    <div role="status" style={hidden}>
      {over ? (status === "stopped" ? t("live.stopped") : t("live.done")) : ""}
    </div>
  );
}

/** The title, the bar, and the people. */
function ReportSkeleton() {
  const frame = useInnerPageStyles();
  const styles = useStyles();
  return (
    <PageSkeleton page={mergeClasses(frame.page, frame.report)} className={styles.bones}>
      <SkeletonItem className={styles.half} size={40} />
      <SkeletonItem className={styles.half} size={16} />
      <Card className={frame.section}>
        <SkeletonItem className={styles.half} size={24} />
        <SkeletonItem size={24} />
        <SkeletonItem className={styles.half} size={16} />
      </Card>
      <Card className={frame.section}>
        <SkeletonItem className={styles.half} size={24} />
        <SkeletonItem size={128} />
      </Card>
      <Card className={frame.section}>
        <SkeletonItem className={styles.half} size={24} />
        <SkeletonItem size={48} />
        <SkeletonItem size={48} />
        <SkeletonItem size={48} />
      </Card>
    </PageSkeleton>
  );
}
