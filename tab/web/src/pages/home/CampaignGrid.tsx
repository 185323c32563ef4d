import { Caption1, Subtitle2, Table, TableBody, TableCell, TableRow } from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import type { Campaign, Order, Sort } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { Link } from "../../router";
import type { CampaignAction } from "../../ui/CampaignDialogs";
import { CampaignMenu } from "../../ui/CampaignMenu";
import { audienceWords, campaignPath, FormatIcon, StatusBadge, whenWords } from "../../ui/campaign";
import { GridHead } from "../../ui/GridHead";
import { useRowStyles } from "../../ui/Rows";
import { phone, useMedia, useNow } from "../../ui/Session";
import { authorName } from "../../words/author";

const SendingState = lazy(() => import("./SendingState"));

/** A browser keeps few connections open to one address: only so many rows are followed live, the rest by looking again. */
const followed = 2;

interface Props {
  campaigns: Campaign[];
  sort: Sort;
  order: Order;
  onSort: (column: "name" | "when") => void;
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

const columns = ["name", "audience", "when", "by", "status"] as const;

function Grid({ campaigns, sort, order, onSort, onAction }: Props) {
  const styles = useRowStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const isLive = useLive(campaigns);
  return (
    <Table sortable aria-label={t("home.title")} className={styles.table}>
      <GridHead
        columns={columns}
        words={(column) => t(`home.col.${column}`)}
        middle={["when", "by"]}
        sort={{ columns: ["name", "when"], by: sort, order, onSort }}
      />
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
            <TableCell className={styles.cell}>{audienceWords(each, locale, t)}</TableCell>
            <TableCell className={styles.cell}>{whenWords(each, now, locale, t)}</TableCell>
            <TableCell className={styles.cell}>{authorName(each.createdBy, t)}</TableCell>
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
  const styles = useRowStyles();
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
              {audienceWords(each, locale, t)} · {authorName(each.createdBy, t)}
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

/** A badge, or while it is being sent how far it is; and of a campaign with a window until when it goes on. */
function State(props: { campaign: Campaign; live: boolean }) {
  const badge = (
    <StatusBadge status={props.campaign.approval?.state === "waiting" ? "waiting" : props.campaign.status} />
  );
  if (props.campaign.status !== "sending" && !props.campaign.endsAt) return badge;
  return (
    <Suspense fallback={badge}>
      <SendingState {...props} />
    </Suspense>
  );
}
