import {
  Caption1,
  makeStyles,
  mergeClasses,
  Skeleton,
  SkeletonItem,
  Subtitle1,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Timeline } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { FailedFace } from "../../ui/Faces";
import { hidden } from "../../ui/PageTitle";
import { phone, useMedia, useSession } from "../../ui/Session";
import { useFills } from "../../ui/useFills";
import { ceiling, clockOf, labelled, peak, stepWords } from "../../words/timeline";

/** With fewer steps the sentence says it all. */
const fewest = 3;

const fills = { sent: "good", failed: "bad" } as const;

const useStyles = makeStyles({
  chart: {
    display: "grid",
    gridTemplateColumns: "auto 1fr",
    columnGap: tokens.spacingHorizontalS,
    rowGap: tokens.spacingVerticalXS,
    // Numbers and bars stand in the order of time, whichever way the text runs.
    direction: "ltr",
  },
  scale: {
    display: "flex",
    flexDirection: "column",
    justifyContent: "space-between",
    textAlign: "right",
    // The middle of the numbers stands at the lines.
    height: `calc(8rem + ${tokens.lineHeightBase200})`,
    marginBlock: `calc(-0.5 * ${tokens.lineHeightBase200})`,
    color: tokens.colorNeutralForeground3,
    fontVariantNumeric: "tabular-nums",
  },
  plot: {
    display: "flex",
    height: "8rem",
    alignItems: "stretch",
    borderTop: `${tokens.strokeWidthThin} dashed ${tokens.colorNeutralStroke2}`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
  },
  step: {
    flexGrow: 1,
    flexBasis: 0,
    minWidth: 0,
    display: "flex",
    flexDirection: "column",
    justifyContent: "flex-end",
    alignItems: "center",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  bar: {
    width: "80%",
    maxWidth: "3rem",
    flexShrink: 0,
    transitionProperty: "height",
    transitionDuration: tokens.durationSlow,
    "@media (prefers-reduced-motion: reduce)": { transitionProperty: "none" },
  },
  // A border would show where nothing was sent.
  none: { display: "none" },
  axis: { gridColumn: 2, position: "relative", height: tokens.lineHeightBase200 },
  label: {
    position: "absolute",
    whiteSpace: "nowrap",
    color: tokens.colorNeutralForeground3,
    transform: "translateX(-50%)",
  },
  first: { transform: "none", left: 0 },
  last: { transform: "none", right: 0 },
  // Two lines on a phone: what is said about one step must not move what stands below.
  words: { minHeight: tokens.lineHeightBase300, "@media (max-width: 639px)": { minHeight: "2.75rem" } },
  legend: { display: "flex", gap: tokens.spacingHorizontalL, alignItems: "center" },
  entry: { display: "inline-flex", gap: tokens.spacingHorizontalS, alignItems: "center" },
  dot: { width: tokens.spacingHorizontalM, height: tokens.spacingHorizontalM, borderRadius: tokens.borderRadiusSmall },
});

/** When the messages left: a sentence, a chart, and for those who do not see it a table. */
export function SendTimes({ campaignId, live }: { campaignId: string; live: boolean }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const timeline = useQuery({
    queryKey: ["timeline", campaignId],
    queryFn: ({ signal }) => api.timeline(campaignId, signal),
    refetchInterval: live ? 3_000 : false,
  });
  return (
    <>
      <Subtitle1 as="h2">{t("timeline.title")}</Subtitle1>
      {timeline.data ? (
        <Loaded timeline={timeline.data} />
      ) : timeline.isError ? (
        <FailedFace title={t("timeline.failed")} error={timeline.error} onRetry={() => void timeline.refetch()} />
      ) : (
        <Skeleton aria-label={t("app.loading")}>
          <SkeletonItem size={128} />
        </Skeleton>
      )}
    </>
  );
}

function Loaded({ timeline }: { timeline: Timeline }) {
  const { t, locale } = useLanguage();
  const { from, to, buckets, step } = timeline;
  if (!from || !to) return <Text>{t("timeline.none")}</Text>;
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const exact = clockOf(first, last, true, locale);
  const most = peak(buckets);
  const summary =
    first === last
      ? t("timeline.once", { time: exact(first) })
      : t("timeline.summary", {
          from: exact(first),
          to: exact(last),
          step: stepWords(step, locale),
          n: most?.sent ?? 0,
        });
  if (buckets.length < fewest) return <Text>{summary}</Text>;
  return <Chart timeline={timeline} first={first} last={last} summary={summary} />;
}

interface ChartProps {
  timeline: Timeline;
  first: number;
  last: number;
  summary: string;
}

function Chart({ timeline: { buckets, step }, first, last, summary }: ChartProps) {
  const styles = useStyles();
  const fill = useFills();
  const { t, locale } = useLanguage();
  const small = useMedia(phone);
  const [pointed, setPointed] = useState<string | null>(null);
  const clock = clockOf(first, last, step < 60, locale);
  const number = new Intl.NumberFormat(locale);
  const top = ceiling(buckets);
  const some = buckets.some((each) => each.failed > 0);
  const chosen = buckets.find((each) => each.at === pointed);
  const share = (n: number) => `${String((100 * n) / top)}%`;
  return (
    <>
      <Text className={styles.words}>{chosen ? stepOf(chosen, step, clock, t) : summary}</Text>
      {/* What the pointer shows stands in the table as well. */}
      <div className={styles.chart} aria-hidden onPointerLeave={() => setPointed(null)}>
        <div className={styles.scale}>
          <Caption1>{number.format(top)}</Caption1>
          <Caption1>0</Caption1>
        </div>
        <div className={styles.plot}>
          {buckets.map((each) => (
            <div key={each.at} className={styles.step} onPointerEnter={() => setPointed(each.at)}>
              {(["failed", "sent"] as const).map((part) => (
                <div
                  key={part}
                  className={mergeClasses(styles.bar, fill(fills[part]), each[part] === 0 && styles.none)}
                  style={{ height: share(each[part]) }}
                />
              ))}
            </div>
          ))}
        </div>
        <div className={styles.axis}>
          {labelled(buckets.length, small ? 3 : 5).map((index) => {
            // In the middle of its step, unless that would cut it off at the side.
            const narrow = buckets.length > (small ? 3 : 8);
            const end = narrow && index === 0 ? styles.first : narrow && index === buckets.length - 1 && styles.last;
            return (
              <Caption1
                key={index}
                className={mergeClasses(styles.label, end)}
                style={end ? undefined : { left: `${String((100 * (index + 0.5)) / buckets.length)}%` }}
              >
                {clock(Date.parse(buckets[index]?.at ?? ""))}
              </Caption1>
            );
          })}
        </div>
      </div>
      {some && (
        <div className={styles.legend}>
          {(["sent", "failed"] as const).map((each) => (
            <span key={each} className={styles.entry}>
              <span className={mergeClasses(styles.dot, fill(fills[each]))} aria-hidden />
              <Caption1>{t(each === "sent" ? "timeline.sent" : "timeline.failed.col")}</Caption1>
            </span>
          ))}
        </div>
      )}
      <div style={hidden}>
        <table>
          <caption>{t("timeline.title")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("timeline.from")}</th>
              <th scope="col">{t("timeline.sent")}</th>
              <th scope="col">{t("timeline.failed.col")}</th>
            </tr>
          </thead>
          <tbody>
            {buckets.map((each) => (
              <tr key={each.at}>
                <th scope="row">{clock(Date.parse(each.at))}</th>
                <td>{number.format(each.sent)}</td>
                <td>{number.format(each.failed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** "14:30 to 14:31: 3,012 sent, 2 failed" */
function stepOf(each: Timeline["buckets"][number], step: number, clock: (at: number) => string, t: Translate): string {
  const at = Date.parse(each.at);
  const place = { from: clock(at), to: clock(at + step * 1_000), sent: each.sent };
  return each.failed > 0 ? t("timeline.step.failed", { ...place, failed: each.failed }) : t("timeline.step", place);
}
