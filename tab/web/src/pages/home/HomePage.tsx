import { Button, makeStyles, mergeClasses, Tab, TabList, tokens } from "@fluentui/react-components";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { lazy, Suspense, useDeferredValue, useState } from "react";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import type { CampaignAction } from "../../ui/CampaignDialogs";
import { Face, FailedFace } from "../../ui/Faces";
import { NameSearch } from "../../ui/NameSearch";
import { NewButton } from "../../ui/NewButton";
import { PlacePage } from "../../ui/PlacePage";
import { usePageStyles } from "../../ui/pageStyles";
import { RowsSkeleton } from "../../ui/Rows";
import { RowsFoot } from "../../ui/RowsFoot";
import { phone, useMedia, useSession } from "../../ui/Session";
import { useSelectedInView } from "../../ui/useSelectedInView";
import { CampaignGrid } from "./CampaignGrid";
import { nextOrder, type TabName, tabNames, tabs, useListView } from "./useListView";

const Filters = lazy(() => import("./Filters"));
const NewCampaignDialog = lazy(() => import("./NewCampaignDialog"));
const RestoredNotice = lazy(() => import("../../ui/RestoredNotice"));
const CampaignDialog = lazy(() => import("../../ui/CampaignDialogs"));

const pageSize = 50;
/** How often the list is looked at again: while something is being sent, and else; milliseconds for each page of it. */
const often = 4_000;
const seldom = 15_000;

const useStyles = makeStyles({
  tabs: {
    overflowX: "auto",
    scrollbarWidth: "none",
    marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})`,
    maxWidth: "100%",
    "& > button": { flexShrink: 0 },
  },
  tab: { display: "inline-flex", alignItems: "center", gap: tokens.spacingHorizontalXS },
  count: {
    minWidth: tokens.lineHeightBase100,
    boxSizing: "border-box",
    paddingInline: tokens.spacingHorizontalXS,
    borderRadius: tokens.borderRadiusCircular,
    textAlign: "center",
    fontSize: tokens.fontSizeBase100,
    lineHeight: tokens.lineHeightBase200,
    fontWeight: tokens.fontWeightSemibold,
    backgroundColor: tokens.colorNeutralBackground6,
    color: tokens.colorNeutralForeground1,
  },
  // The filters come a moment later and find their place.
  tools: { minHeight: tokens.spacingVerticalXXXL, justifyContent: "flex-start" },
  counted: { backgroundColor: tokens.colorBrandBackground, color: tokens.colorNeutralForegroundOnBrand },
});

/** The first page: all campaigns by state. */
export function HomePage({ creating = false }: { creating?: boolean }) {
  const styles = useStyles();
  const frame = usePageStyles();
  const { t, locale } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  const small = useMedia(phone);
  const { api, me } = useSession();
  const [view, setView] = useListView();
  const [dialog, setDialog] = useState<{ action: CampaignAction; campaign: Campaign } | null>(null);
  const { tab, formats, author, sort, order } = view;
  const q = useDeferredValue(view.q.trim());
  const filtered = formats.length > 0 || author !== "";

  const list = useInfiniteQuery({
    queryKey: ["campaigns", tab, q, formats.join(), author, sort, order],
    queryFn: ({ pageParam, signal }) =>
      api.campaigns(
        { statuses: [...tabs[tab]], formats, author, q, sort, order, cursor: pageParam, limit: pageSize },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    // Another tab's rows under this tab's name would be a lie; another search's rows may stay for a moment.
    placeholderData: (previous, query) => (query?.queryKey[1] === tab ? keepPreviousData(previous) : undefined),
    // Campaigns start and end by themselves: look again, often while one is being sent.
    refetchInterval: (query) => {
      const pages = query.state.data?.pages ?? [];
      const sending = (pages[0]?.totals.sending ?? 0) > 0;
      return (sending ? often : seldom) * Math.max(1, pages.length);
    },
  });
  const campaigns = list.data?.pages.flatMap((page) => page.items) ?? [];
  const totals = list.data?.pages[0]?.totals;
  const [lastTotals, setLastTotals] = useState(totals);
  if (totals && totals !== lastTotals) setLastTotals(totals);
  const known = totals ?? lastTotals;
  // The numbers make the tabs wider.
  const tabsList = useSelectedInView(known ? `${tab} counted` : tab);

  const countOf = (name: TabName) => (known ? tabs[name].reduce((sum, status) => sum + known[status], 0) : 0);
  const shown =
    list.isPending || (list.isError && campaigns.length === 0)
      ? ""
      : campaigns.length === 0
        ? t("home.none")
        : list.hasNextPage
          ? t("home.shown.of", { shown: campaigns.length, total: countOf(tab) })
          : t("home.shown", { n: campaigns.length });
  const newButton = (
    <NewButton why={me.can.write ? null : t("app.readonly")} onClick={() => navigate("/new")}>
      {t("home.new")}
    </NewButton>
  );

  return (
    <PlacePage here="campaigns" title={t("home.title")} actions={newButton}>
      {me.restored && (
        <Suspense fallback={null}>
          <RestoredNotice restored={me.restored} />
        </Suspense>
      )}
      <div className={frame.bar}>
        <TabList
          ref={tabsList}
          className={styles.tabs}
          size={small ? "small" : "medium"}
          aria-label={t("home.tabs")}
          selectedValue={tab}
          onTabSelect={(_, data) => {
            setView({ tab: data.value as TabName });
          }}
        >
          {tabNames.map((name) => {
            const count = countOf(name);
            return (
              <Tab key={name} value={name} id={`tab-${name}`} aria-controls="campaigns">
                <span className={styles.tab}>
                  {t(`home.tab.${name}`)}
                  {count > 0 && (
                    <span className={mergeClasses(styles.count, name === tab && styles.counted)}>
                      {number.format(count)}
                    </span>
                  )}
                </span>
              </Tab>
            );
          })}
        </TabList>
      </div>
      <div className={mergeClasses(frame.bar, styles.tools)}>
        <NameSearch value={view.q} onChange={(q) => setView({ q })} />
        <Suspense fallback={null}>
          <Filters view={view} onChange={setView} />
        </Suspense>
      </div>
      <section
        id="campaigns"
        className={frame.panel}
        role="tabpanel"
        aria-labelledby={`tab-${tab}`}
        aria-busy={list.isFetching}
      >
        {list.isPending ? (
          <RowsSkeleton />
        ) : list.isError && campaigns.length === 0 ? (
          <FailedFace title={t("home.failed")} error={list.error} onRetry={() => void list.refetch()} />
        ) : campaigns.length > 0 ? (
          <CampaignGrid
            campaigns={campaigns}
            sort={sort}
            order={order}
            onSort={(column) => {
              setView(nextOrder(view, column));
            }}
            onAction={(action, campaign) => {
              setDialog({ action, campaign });
            }}
          />
        ) : q || filtered ? (
          <Face
            actions={
              <Button
                onClick={() => {
                  setView({ q: "", formats: [], author: "" });
                }}
              >
                {t(filtered ? "home.empty.clearall" : "home.empty.clear")}
              </Button>
            }
          >
            {filtered ? t("home.empty.filter") : t("home.empty.search", { q })}
          </Face>
        ) : (
          <Face actions={tab === "drafts" ? newButton : null}>{t(`home.empty.${tab}`)}</Face>
        )}
      </section>
      {/* Always there, so that a screen reader hears it change. */}
      <RowsFoot words={shown} empty={campaigns.length === 0} rows={list} />
      <Suspense fallback={null}>
        {creating && me.can.write && <NewCampaignDialog onClose={() => navigate("/", { replace: true })} />}
        {dialog && (
          <CampaignDialog
            {...dialog}
            onClose={() => {
              setDialog(null);
            }}
          />
        )}
      </Suspense>
    </PlacePage>
  );
}
