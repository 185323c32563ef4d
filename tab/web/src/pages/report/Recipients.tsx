import {
  Badge,
  Button,
  Caption1,
  makeStyles,
  SearchBox,
  Select,
  Skeleton,
  SkeletonItem,
  Spinner,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  tokens,
} from "@fluentui/react-components";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import type { Recipient, RecipientStatus } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { Face, FailedFace } from "../../ui/Faces";
import { phone, useMedia, useNow, useSession } from "../../ui/Session";
import { recipientStatuses } from "../../words/counts";
import { shortMoment } from "../../words/moments";
import { reasonWords } from "./Reasons";

const pageSize = 50;

const useStyles = makeStyles({
  bar: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalM, alignItems: "center" },
  search: { flexGrow: 1, maxWidth: "24rem", "@media (max-width: 639px)": { maxWidth: "none", flexBasis: "100%" } },
  filter: { "@media (max-width: 639px)": { flexGrow: 1 } },
  who: { width: "38%" },
  state: { width: "20%" },
  when: { width: "20%" },
  person: { display: "flex", flexDirection: "column", minWidth: 0, paddingBlock: tokens.spacingVerticalSNudge },
  entry: { display: "flex", flexDirection: "column", minWidth: 0 },
  quiet: { color: tokens.colorNeutralForeground3, overflow: "hidden", textOverflow: "ellipsis" },
  foot: { display: "flex", justifyContent: "center", padding: tokens.spacingVerticalM },
  bones: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    paddingBlock: tokens.spacingVerticalL,
  },
  cards: { listStyleType: "none", margin: 0, padding: 0 },
  card: {
    display: "flex",
    justifyContent: "space-between",
    alignItems: "flex-start",
    gap: tokens.spacingHorizontalM,
    paddingBlock: tokens.spacingVerticalM,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottomStyle: "none" },
  },
});

const colours: Record<RecipientStatus, "success" | "brand" | "informative" | "warning" | "danger" | "subtle"> = {
  sent: "success",
  sending: "brand",
  pending: "informative",
  rescheduled: "warning",
  skipped: "informative",
  failed: "danger",
  cancelled: "warning",
};

/** Every recipient with one state; found by state, name or address. */
export function Recipients({ campaignId, live }: { campaignId: string; live: boolean }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const small = useMedia(phone);
  const [status, setStatus] = useState("");
  const [search, setSearch] = useState("");
  const q = useDeferredValue(search.trim());
  const list = useInfiniteQuery({
    queryKey: ["recipients", campaignId, status, q],
    queryFn: ({ pageParam, signal }) =>
      api.recipients(campaignId, { status, q, cursor: pageParam, limit: pageSize }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: live ? 5_000 : false,
  });
  const people = list.data?.pages.flatMap((page) => page.items) ?? [];
  const View = small ? Cards : Grid;
  return (
    <>
      <div className={styles.bar}>
        <SearchBox
          className={styles.search}
          value={search}
          placeholder={t("report.grid.search")}
          aria-label={t("report.grid.search")}
          onChange={(_, data) => {
            setSearch(data.value);
          }}
        />
        <Select
          className={styles.filter}
          value={status}
          aria-label={t("report.grid.filter")}
          onChange={(_, data) => {
            setStatus(data.value);
          }}
        >
          <option value="">{t("report.grid.all")}</option>
          {recipientStatuses.map((each) => (
            <option key={each} value={each}>
              {t(`count.${each}`)}
            </option>
          ))}
        </Select>
      </div>
      {list.isPending ? (
        <Skeleton className={styles.bones} aria-label={t("app.loading")}>
          <SkeletonItem />
          <SkeletonItem />
          <SkeletonItem />
        </Skeleton>
      ) : list.isError && people.length === 0 ? (
        <FailedFace title={t("report.grid.failed")} error={list.error} onRetry={() => void list.refetch()} />
      ) : people.length === 0 ? (
        <Face>{status || q ? t("report.grid.empty") : t("report.grid.none")}</Face>
      ) : (
        <View people={people} />
      )}
      {list.hasNextPage && (
        <div className={styles.foot}>
          <Button
            disabledFocusable={list.isFetchingNextPage}
            icon={list.isFetchingNextPage ? <Spinner size="tiny" /> : undefined}
            onClick={() => void list.fetchNextPage()}
          >
            {t("app.more")}
          </Button>
        </div>
      )}
    </>
  );
}

function Grid({ people }: { people: Recipient[] }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  return (
    <Table aria-label={t("report.grid")}>
      <TableHeader>
        <TableRow>
          <TableHeaderCell className={styles.who}>{t("report.col.person")}</TableHeaderCell>
          <TableHeaderCell className={styles.state}>{t("report.col.status")}</TableHeaderCell>
          <TableHeaderCell>{t("report.col.reason")}</TableHeaderCell>
          <TableHeaderCell className={styles.when}>{t("report.col.time")}</TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {people.map((each) => (
          <TableRow key={each.email}>
            <TableCell>
              <Person person={each} />
            </TableCell>
            <TableCell>
              <State status={each.status} />
            </TableCell>
            <TableCell>{each.reason ? reasonWords(each.reason, t) : ""}</TableCell>
            <TableCell>{timeWords(each, now, locale, t)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function Cards({ people }: { people: Recipient[] }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  return (
    <ul className={styles.cards}>
      {people.map((each) => (
        <li key={each.email} className={styles.card}>
          <span className={styles.entry}>
            <Person person={each} />
            <Caption1 className={styles.quiet}>
              {[each.reason ? reasonWords(each.reason, t) : "", timeWords(each, now, locale, t)]
                .filter(Boolean)
                .join(", ")}
            </Caption1>
          </span>
          <State status={each.status} />
        </li>
      ))}
    </ul>
  );
}

function Person({ person }: { person: Recipient }) {
  const styles = useStyles();
  return (
    <span className={styles.person}>
      <Text truncate>{person.displayName || person.email}</Text>
      {person.displayName && <Caption1 className={styles.quiet}>{person.email}</Caption1>}
    </span>
  );
}

function State({ status }: { status: RecipientStatus }) {
  const { t } = useLanguage();
  return (
    <Badge appearance="tint" color={colours[status]}>
      {t(`count.${status}`)}
    </Badge>
  );
}

function timeWords(person: Recipient, now: number, locale: string, t: Translate): string {
  const parts: string[] = [];
  if (person.sentAt) parts.push(shortMoment(Date.parse(person.sentAt), now, locale, t));
  else if (person.nextAttemptAt && person.status === "rescheduled") {
    parts.push(t("report.next", { time: shortMoment(Date.parse(person.nextAttemptAt), now, locale, t) }));
  }
  if (person.readAt) parts.push(t("report.read"));
  if (person.clicks > 0) parts.push(t("report.clicks", { n: person.clicks }));
  if (person.attempts > 1) parts.push(t("report.attempts", { n: person.attempts }));
  return parts.join(", ");
}
