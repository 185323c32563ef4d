import {
  Body1,
  Body1Strong,
  Button,
  Caption1,
  MessageBar,
  MessageBarBody,
  makeStyles,
  mergeClasses,
  Spinner,
  Subtitle2,
  Text,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  ArrowDownloadRegular,
  CheckmarkCircleFilled,
  ErrorCircleFilled,
  HeartPulseRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { HealthFinding, HealthReport, HealthState } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { Face, FailedFace } from "../../ui/Faces";
import { usePageStyles } from "../../ui/pageStyles";
import { RowsSkeleton } from "../../ui/Rows";
import { useNow, useSession } from "../../ui/Session";
import { useDownload } from "../../ui/useDownload";
import { clockTime } from "../../words/moments";
import { AdminFrame } from "./AdminFrame";
import { byUrgency, findingWords } from "./healthWords";

const every = 60_000;

const useStyles = makeStyles({
  actions: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalS,
    "@media (max-width: 639px)": { width: "100%", "& > *": { flexGrow: 1 } },
  },
  summary: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: tokens.spacingHorizontalL,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  words: { display: "flex", flexDirection: "column", minWidth: 0 },
  large: { fontSize: tokens.fontSizeHero700, lineHeight: 1, flexShrink: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  item: {
    display: "grid",
    gridTemplateColumns: "auto minmax(0, 17rem) minmax(0, 1fr)",
    columnGap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottomStyle: "none" },
    "@media (max-width: 639px)": { gridTemplateColumns: "auto minmax(0, 1fr)", rowGap: tokens.spacingVerticalXS },
  },
  icon: { display: "flex", height: tokens.lineHeightBase300, alignItems: "center", fontSize: tokens.fontSizeBase500 },
  text: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    overflowWrap: "anywhere",
    "@media (max-width: 639px)": { gridColumn: "2 / -1" },
  },
  ok: { color: tokens.colorStatusSuccessForeground1 },
  warning: { color: tokens.colorStatusWarningForeground3 },
  problem: { color: tokens.colorStatusDangerForeground1 },
});

/** Whether Herald is well, and what to do where it is not. */
export default function HealthPage() {
  const styles = useStyles();
  const frame = usePageStyles();
  const { t, locale } = useLanguage();
  const { api, me } = useSession();
  const download = useDownload();
  const health = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => api.health(signal),
    refetchInterval: every,
    enabled: me.can.admin,
  });
  const report = health.data;
  const check = () => void health.refetch();
  const time = report ? clockTime(Date.parse(report.at), locale) : "";
  return (
    <AdminFrame
      here="health"
      actions={
        <div className={styles.actions}>
          <Button
            className={frame.action}
            icon={<ArrowDownloadRegular />}
            onClick={() => void download(t("admin.health.package.name"), "zip", api.appPackage)}
          >
            {t("admin.health.package")}
          </Button>
          <Button
            className={frame.action}
            appearance="primary"
            icon={health.isFetching ? <Spinner size="tiny" /> : <ArrowClockwiseRegular />}
            disabledFocusable={health.isFetching}
            onClick={check}
          >
            {health.isFetching ? t("admin.health.checking") : t("admin.health.refresh")}
          </Button>
        </div>
      }
    >
      <section className={frame.panel} aria-label={t("admin.tab.health")} aria-busy={health.isFetching}>
        {health.isPending ? (
          <RowsSkeleton />
        ) : !report ? (
          <FailedFace title={t("admin.health.failed")} error={health.error} onRetry={check} />
        ) : report.findings.length === 0 ? (
          <Face icon={<HeartPulseRegular />} title={t("admin.health.empty")}>
            <Text>{t("admin.health.empty.text")}</Text>
          </Face>
        ) : (
          <>
            {health.isError && (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>{t("admin.health.stale", { time })}</MessageBarBody>
              </MessageBar>
            )}
            <Summary report={report} time={time} />
            <ul className={styles.list}>
              {byUrgency(report.findings).map((finding) => (
                // Several checks may find the same, and one check several things.
                <Finding key={`${finding.check} ${finding.code}`} finding={finding} />
              ))}
            </ul>
          </>
        )}
      </section>
    </AdminFrame>
  );
}

function Summary({ report, time }: { report: HealthReport; time: string }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const n = report.findings.filter((each) => each.state === report.state).length;
  return (
    <header className={styles.summary}>
      <StateIcon state={report.state} large />
      <div className={styles.words} role="status">
        <Subtitle2 as="h2">
          {report.state === "ok" ? t("admin.health.all.ok") : t(`admin.health.all.${report.state}`, { n })}
        </Subtitle2>
        <Caption1 className={styles.quiet}>{t("admin.health.at", { time })}</Caption1>
      </div>
    </header>
  );
}

function Finding({ finding }: { finding: HealthFinding }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { what, cause, remedy } = findingWords(finding, useNow(), locale, t);
  return (
    <li className={styles.item}>
      <span className={styles.icon}>
        <StateIcon state={finding.state} />
      </span>
      <Body1Strong>{what}</Body1Strong>
      <div className={styles.text}>
        <Body1>{cause}</Body1>
        {remedy && (
          <Body1 className={styles.quiet}>
            <Body1Strong>{t("admin.health.do")}</Body1Strong> {remedy}
          </Body1>
        )}
      </div>
    </li>
  );
}

const icons = { ok: CheckmarkCircleFilled, warning: WarningFilled, problem: ErrorCircleFilled };

function StateIcon({ state, large = false }: { state: HealthState; large?: boolean }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const Icon = icons[state];
  return (
    <Icon
      className={mergeClasses(styles[state], large && styles.large)}
      role="img"
      aria-label={t(`admin.health.state.${state}`)}
    />
  );
}
