import {
  Badge,
  Button,
  Caption1,
  makeStyles,
  SearchBox,
  Select,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  tokens,
} from "@fluentui/react-components";
import { ChevronDownRegular, ChevronUpRegular, DismissRegular } from "@fluentui/react-icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Fragment, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Counts, Recipient, RecipientPage, RecipientStatus } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { Face, FailedFace } from "../../ui/Faces";
import { Pager } from "../../ui/Pager";
import { RowsSkeleton } from "../../ui/Rows";
import { phone, useMedia, useNow, useSession } from "../../ui/Session";
import { recipientStatuses } from "../../words/counts";
import { shortMoment } from "../../words/moments";
import { usableZone } from "../../words/window";
import { Checks } from "./Checks";
import { reasonWords } from "./Reasons";
import { useFilter } from "./useFilter";

/** One page is shown at a time, so that the report is as quick with a hundred thousand people as with ten. */
const pageSize = 50;

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalM,
    alignItems: "center",
    "@media print": { display: "none" },
  },
  search: { flexGrow: 1, maxWidth: "24rem", "@media (max-width: 639px)": { maxWidth: "none", flexBasis: "100%" } },
  filter: { "@media (max-width: 639px)": { flexGrow: 1 } },
  // Nothing happens to a row under the pointer; in high contrast its words would be lost in the colour of one.
  row: { ":hover, :active": { backgroundColor: "transparent", color: "inherit" } },
  who: { width: "34%" },
  status: { width: "20%" },
  when: { width: "26%" },
  person: { display: "flex", flexDirection: "column", minWidth: 0, paddingBlock: tokens.spacingVerticalSNudge },
  quiet: { color: tokens.colorNeutralForeground3, overflow: "hidden", textOverflow: "ellipsis" },
  find: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  found: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalM,
    color: tokens.colorNeutralForeground3,
  },
  foot: {
    display: "flex",
    alignItems: "center",
    justifyContent: "center",
    gap: tokens.spacingHorizontalM,
    paddingTop: tokens.spacingVerticalS,
    color: tokens.colorNeutralForeground3,
    "@media print": { display: "none" },
  },
  range: { whiteSpace: "nowrap" },
  time: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalXS },
  cards: { listStyleType: "none", margin: 0, padding: 0 },
  about: { display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: tokens.spacingHorizontalM },
  words: { color: tokens.colorNeutralForeground3 },
  state: { whiteSpace: "nowrap" },
  card: {
    paddingBlock: tokens.spacingVerticalS,
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
  unscheduled: "warning",
};

interface Props {
  campaignId: string;
  live: boolean;
  counts: Counts;
  /** Of a campaign with a window: whose clocks its times are by. */
  zone?: string | undefined;
  /** The reasons that somebody has. */
  reasons: string[];
}

/** Every recipient with one state, a page at a time; found by state, reason, name or address. */
export function Recipients({ campaignId, live, counts, zone, reasons }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const small = useMedia(phone);
  const bar = useRef<HTMLDivElement>(null);
  const [filter, setFilter] = useFilter();
  const [search, setSearch] = useTyped(filter.q, (q) => {
    setFilter({ ...filter, q }, { replace: true });
  });
  const { status, reason, q } = filter;
  // Where the pages before this one, after the first, and this one began; another filter begins anew.
  const [pages, setPages] = useState({ of: "", cursors: [] as string[] });
  const key = JSON.stringify(filter);
  const cursors = pages.of === key ? pages.cursors : [];
  const cursor = cursors.at(-1) ?? null;
  const list = useQuery({
    queryKey: ["recipients", campaignId, status, reason, q, cursor],
    queryFn: ({ signal }) => api.recipients(campaignId, filter, { cursor, limit: pageSize }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: live ? 5_000 : false,
  });
  const people = list.data?.items ?? [];
  const next = list.data?.next ?? null;
  const filtered = status !== "" || reason !== "" || q !== "";
  const offered = reason === "" || reasons.includes(reason) ? reasons : [...reasons, reason];
  const before = cursors.length * pageSize;
  const turn = (to: string[]) => {
    setPages({ of: key, cursors: to });
    bar.current?.scrollIntoView({ block: "start" });
  };
  const View = small ? Cards : Grid;
  return (
    <>
      <div ref={bar} className={styles.find}>
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
              setFilter({ ...filter, status: data.value }, { replace: true });
            }}
          >
            <option value="">{t("report.grid.all")}</option>
            {recipientStatuses.map((each) => (
              <option key={each} value={each}>
                {t(`count.${each}`)}
              </option>
            ))}
          </Select>
          {offered.length > 0 && (
            <Select
              className={styles.filter}
              value={reason}
              aria-label={t("report.col.reason")}
              onChange={(_, data) => {
                setFilter({ ...filter, reason: data.value }, { replace: true });
              }}
            >
              <option value="">{t("report.grid.reasons")}</option>
              {offered.map((each) => (
                <option key={each} value={each}>
                  {reasonWords(each, t)}
                </option>
              ))}
            </Select>
          )}
        </div>
        <div className={styles.found}>
          <Caption1 role="status">{filtered && list.data ? foundWords(list.data, counts.total, t) : ""}</Caption1>
          {filtered && (
            <Button
              size="small"
              appearance="subtle"
              icon={<DismissRegular />}
              onClick={() => {
                setSearch("");
                setFilter({ status: "", reason: "", q: "" }, { replace: true });
              }}
            >
              {t("report.grid.everybody")}
            </Button>
          )}
        </div>
      </div>
      {list.isPending ? (
        <RowsSkeleton />
      ) : list.isError && people.length === 0 ? (
        <FailedFace title={t("report.grid.failed")} error={list.error} onRetry={() => void list.refetch()} />
      ) : people.length === 0 ? (
        <Face>{filtered ? t("report.grid.empty") : t("report.grid.none")}</Face>
      ) : (
        <div aria-busy={list.isPlaceholderData}>
          <View people={people} zone={zone} />
        </div>
      )}
      {(before > 0 || next !== null) && (
        <div className={styles.foot}>
          <Pager cursors={cursors} next={next} waiting={list.isPlaceholderData} onTurn={turn}>
            <Caption1 className={styles.range}>
              {list.data && !list.data.more
                ? t("members.range.of", { from: before + 1, to: before + people.length, total: list.data.total })
                : t("members.range", { from: before + 1, to: before + people.length })}
            </Caption1>
          </Pager>
        </div>
      )}
    </>
  );
}

/** "1,204 of 100,000 people" */
function foundWords({ total, more }: RecipientPage, all: number, t: Translate): string {
  return t(more ? "report.grid.found.more" : "report.grid.found", { found: total, n: all });
}

/** What is being typed, given on when the typing pauses; it follows when the value changes elsewhere. */
function useTyped(value: string, onPause: (value: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    setKnown(value);
    if (text.trim() !== value) setText(value);
  }
  const pause = useEffectEvent(() => {
    if (text.trim() !== value) onPause(text.trim());
  });
  useEffect(() => {
    const timer = setTimeout(pause, text === "" ? 0 : 250);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return [text, setText];
}

interface PeopleProps {
  people: Recipient[];
  zone: string | undefined;
}

function Grid({ people, zone }: PeopleProps) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const [open, toggle] = useOpen();
  return (
    <Table aria-label={t("report.grid")}>
      <TableHeader>
        <TableRow>
          <TableHeaderCell className={styles.who}>{t("report.col.person")}</TableHeaderCell>
          <TableHeaderCell className={styles.status}>{t("report.col.status")}</TableHeaderCell>
          <TableHeaderCell>{t("report.col.reason")}</TableHeaderCell>
          <TableHeaderCell className={styles.when}>{t("report.col.time")}</TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {people.map((each, index) => {
          const key = each.email || String(index);
          return (
            <Fragment key={key}>
              <TableRow className={styles.row}>
                <TableCell>
                  <Person person={each} />
                </TableCell>
                <TableCell>
                  <State status={each.status} />
                </TableCell>
                <TableCell>{each.reason ? reasonWords(each.reason, t) : ""}</TableCell>
                <TableCell>
                  <span className={styles.time}>
                    {timeWords(each, now, locale, t, zone)}
                    <MoreButton person={each} open={open === key} onClick={() => toggle(key)} />
                  </span>
                </TableCell>
              </TableRow>
              {open === key && (each.checks ?? []).length > 0 && (
                <TableRow className={styles.row}>
                  <TableCell colSpan={4}>
                    <Checks person={each} zone={zone} />
                  </TableCell>
                </TableRow>
              )}
            </Fragment>
          );
        })}
      </TableBody>
    </Table>
  );
}

function Cards({ people, zone }: PeopleProps) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const [open, toggle] = useOpen();
  return (
    <ul className={styles.cards}>
      {people.map((each, index) => {
        const key = each.email || String(index);
        return (
          <li key={key} className={styles.card}>
            <Person person={each} />
            <span className={styles.about}>
              <State status={each.status} />
              <Caption1 className={styles.words}>
                {[each.reason ? reasonWords(each.reason, t) : "", timeWords(each, now, locale, t, zone)]
                  .filter(Boolean)
                  .join(", ")}
              </Caption1>
              <MoreButton person={each} open={open === key} onClick={() => toggle(key)} />
            </span>
            {open === key && (each.checks ?? []).length > 0 && <Checks person={each} zone={zone} />}
          </li>
        );
      })}
    </ul>
  );
}

function Person({ person }: { person: Recipient }) {
  const styles = useStyles();
  const { t } = useLanguage();
  return (
    <span className={styles.person}>
      <Text truncate className={person.removed ? styles.quiet : undefined}>
        {person.removed ? t("report.removed") : person.displayName || person.email}
      </Text>
      {person.displayName && <Caption1 className={styles.quiet}>{person.email}</Caption1>}
    </span>
  );
}

function State({ status }: { status: RecipientStatus }) {
  const styles = useStyles();
  const { t } = useLanguage();
  return (
    <Badge className={styles.state} appearance="tint" color={colours[status]}>
      {t(`count.${status}`)}
    </Badge>
  );
}

/** Which one of the people is shown with everything that is known of them. */
function useOpen(): [string | null, (key: string) => void] {
  const [open, setOpen] = useState<string | null>(null);
  return [
    open,
    (key) => {
      setOpen(open === key ? null : key);
    },
  ];
}

/** Of a campaign with a window there is more to say of each: when it was looked whether they were there. */
function MoreButton({ person, open, onClick }: { person: Recipient; open: boolean; onClick: () => void }) {
  const { t } = useLanguage();
  if (!person.checks?.length) return null;
  return (
    <Button
      size="small"
      appearance="subtle"
      icon={open ? <ChevronUpRegular /> : <ChevronDownRegular />}
      aria-expanded={open}
      aria-label={t("checks.show.of", { name: person.displayName || person.email })}
      title={t("checks.show")}
      onClick={onClick}
    />
  );
}

function timeWords(person: Recipient, now: number, locale: string, t: Translate, zone?: string): string {
  const parts: string[] = [];
  const moment = (at: string) => shortMoment(Date.parse(at), now, locale, t, zone && usableZone(zone));
  if (person.sentAt) parts.push(moment(person.sentAt));
  else if (person.nextAttemptAt && person.status === "rescheduled") {
    parts.push(t("report.next", { time: moment(person.nextAttemptAt) }));
  } else if (person.nextAttemptAt && person.checks && person.status === "pending") {
    parts.push(t("checks.planned", { time: moment(person.nextAttemptAt) }));
  }
  if (person.readAt) parts.push(t("report.read"));
  if (person.snoozedUntil) {
    parts.push(t("report.comesBack", { time: moment(person.snoozedUntil) }));
  }
  if (person.clicks > 0) parts.push(t("report.clicks", { n: person.clicks }));
  if (person.attempts > 1) parts.push(t("report.attempts", { n: person.attempts }));
  return parts.join(", ");
}
