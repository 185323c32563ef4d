import {
  Caption1,
  makeStyles,
  mergeClasses,
  Subtitle2,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { Link } from "../../router";
import type { CampaignAction } from "../../ui/CampaignDialogs";
import { CampaignMenu } from "../../ui/CampaignMenu";
import { audienceWords, campaignPath, FormatIcon, StatusBadge, whenWords } from "../../ui/campaign";
import { phone, useMedia, useNow } from "../../ui/Session";

const SendingState = lazy(() => import("./SendingState"));

/** A browser keeps few connections open to one address: only so many rows are followed live, the rest by looking again. */
const followed = 2;

const useStyles = makeStyles({
  row: { minHeight: "3.5rem" },
  name: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalM, minWidth: 0 },
  link: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: "none",
    overflow: "hidden",
    textOverflow: "ellipsis",
    borderRadius: tokens.borderRadiusSmall,
    ":hover": { textDecorationLine: "underline" },
    ":focus-visible": { outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}` },
  },
  table: { "& th": { color: tokens.colorNeutralForeground3 } },
  cell: { paddingInline: tokens.spacingHorizontalL },
  wide: { width: "34%" },
  middle: { width: "20%" },
  narrow: { width: "4rem" },
  end: { textAlign: "right", paddingRight: tokens.spacingHorizontalM },
  hidden: { position: "absolute", clipPath: "inset(50%)" },
  cards: { listStyleType: "none", margin: 0, padding: 0 },
  card: {
    display: "grid",
    gridTemplateColumns: "auto 1fr auto",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    alignItems: "center",
    padding: tokens.spacingHorizontalL,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottomStyle: "none" },
  },
  details: { gridColumn: "2 / -1", color: tokens.colorNeutralForeground3, display: "flex", flexDirection: "column" },
  state: { gridColumn: "2 / -1", paddingTop: tokens.spacingVerticalXS },
  skeleton: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalL,
    padding: tokens.spacingHorizontalL,
  },
  bone: {
    height: tokens.lineHeightBase200,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralStencil1,
    animationName: { from: { opacity: 1 }, "50%": { opacity: 0.5 }, to: { opacity: 1 } },
    animationDuration: "2s",
    animationIterationCount: "infinite",
    "@media (prefers-reduced-motion: reduce)": { animationName: "none" },
  },
  dot: { width: tokens.lineHeightBase400, height: tokens.lineHeightBase400, borderRadius: tokens.borderRadiusCircular },
  long: { flexGrow: 3 },
  short: { flexGrow: 1 },
});

interface Props {
  campaigns: Campaign[];
  onAction: (action: CampaignAction, campaign: Campaign) => void;
}

export function CampaignGrid(props: Props) {
  return useMedia(phone) ? <Cards {...props} /> : <Grid {...props} />;
}

function useLive(campaigns: Campaign[]): (campaign: Campaign) => boolean {
  const ids = campaigns.filter((each) => each.status === "sending").map((each) => each.id);
  const live = new Set(ids.slice(0, followed));
  return (campaign) => live.has(campaign.id);
}

const columns = ["name", "audience", "when", "by", "status", "actions"] as const;

function Grid({ campaigns, onAction }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const isLive = useLive(campaigns);
  const width = (column: (typeof columns)[number]) =>
    column === "name"
      ? styles.wide
      : column === "when"
        ? styles.middle
        : column === "actions"
          ? styles.narrow
          : undefined;
  return (
    <Table aria-label={t("home.title")} className={styles.table}>
      <TableHeader>
        <TableRow>
          {columns.map((column) => (
            <TableHeaderCell key={column} className={mergeClasses(styles.cell, width(column))}>
              {column === "actions" ? (
                <span className={styles.hidden}>{t("home.col.actions")}</span>
              ) : (
                t(`home.col.${column}`)
              )}
            </TableHeaderCell>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {campaigns.map((each) => (
          <TableRow key={each.id} className={styles.row}>
            <TableCell className={styles.cell}>
              <span className={styles.name}>
                <FormatIcon format={each.format} />
                <Link className={styles.link} to={campaignPath(each)}>
                  {each.name}
                </Link>
              </span>
            </TableCell>
            <TableCell className={styles.cell}>{audienceWords(each.audience, t)}</TableCell>
            <TableCell className={styles.cell}>{whenWords(each, now, locale, t)}</TableCell>
            <TableCell className={styles.cell}>{each.createdBy.displayName}</TableCell>
            <TableCell className={styles.cell}>
              <State campaign={each} live={isLive(each)} />
            </TableCell>
            <TableCell className={styles.end}>
              <CampaignMenu
                campaign={each}
                onAction={(action) => {
                  onAction(action, each);
                }}
              />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function Cards({ campaigns, onAction }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const isLive = useLive(campaigns);
  return (
    <ul className={styles.cards}>
      {campaigns.map((each) => (
        <li key={each.id} className={styles.card}>
          <FormatIcon format={each.format} />
          <Subtitle2 as="h2" block>
            <Link className={styles.link} to={campaignPath(each)}>
              {each.name}
            </Link>
          </Subtitle2>
          <CampaignMenu
            campaign={each}
            onAction={(action) => {
              onAction(action, each);
            }}
          />
          <span className={styles.details}>
            <Caption1>{whenWords(each, now, locale, t)}</Caption1>
            <Caption1>
              {audienceWords(each.audience, t)} · {each.createdBy.displayName}
            </Caption1>
          </span>
          {each.status !== "draft" && (
            <span className={styles.state}>
              <State campaign={each} live={isLive(each)} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** A badge, or while it is being sent how far it is. */
function State(props: { campaign: Campaign; live: boolean }) {
  const badge = <StatusBadge status={props.campaign.status} />;
  if (props.campaign.status !== "sending") return badge;
  return (
    <Suspense fallback={badge}>
      <SendingState {...props} />
    </Suspense>
  );
}

/** The shape of what is coming. Drawn here, because Fluent's skeleton would weigh on the first load. */
export function CampaignSkeleton() {
  const styles = useStyles();
  const { t } = useLanguage();
  return (
    <div role="progressbar" aria-label={t("app.loading")}>
      {["a", "b", "c", "d", "e"].map((key) => (
        <div key={key} className={styles.skeleton}>
          <span className={mergeClasses(styles.bone, styles.dot)} />
          <span className={mergeClasses(styles.bone, styles.long)} />
          <span className={mergeClasses(styles.bone, styles.short)} />
          <span className={mergeClasses(styles.bone, styles.short)} />
        </div>
      ))}
    </div>
  );
}
