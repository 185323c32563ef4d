import {
  Button,
  Caption1,
  Field,
  Input,
  makeStyles,
  mergeClasses,
  SearchBox,
  Select,
  Text,
  tokens,
} from "@fluentui/react-components";
import { ArrowDownloadRegular, DocumentSearchRegular } from "@fluentui/react-icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState, useSyncExternalStore } from "react";
import type { AuditEntry, AuditFilter } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { theme } from "../../teams/host";
import { Face, FailedFace } from "../../ui/Faces";
import { usePageStyles } from "../../ui/pageStyles";
import { RowsSkeleton } from "../../ui/Rows";
import { useSession } from "../../ui/Session";
import { useDownload } from "../../ui/useDownload";
import { exactMoment } from "../../words/moments";
import { AdminFrame } from "./AdminFrame";
import { actionKeys, actionOf, actionWords, actorWords, detailWords, targetWords } from "./auditWords";

const useStyles = makeStyles({
  filters: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 2fr) repeat(4, minmax(0, 1fr))",
    gap: tokens.spacingHorizontalM,
    "@media (max-width: 1023px)": { gridTemplateColumns: "repeat(4, minmax(0, 1fr))" },
    "@media (max-width: 639px)": { gridTemplateColumns: "repeat(2, minmax(0, 1fr))" },
    "& > *": { minWidth: 0 },
    "& select": { minWidth: 0, width: "100%" },
  },
  search: { "@media (max-width: 1023px)": { gridColumn: "1 / -1" } },
  wide: { maxWidth: "none", minWidth: 0, width: "100%" },
  // The browser draws the picture that opens its calendar.
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  row: {
    display: "grid",
    gridTemplateColumns: "12rem minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1.5fr)",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXXS,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: "anywhere",
    ":last-child": { borderBottomStyle: "none" },
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  // On a phone what was done comes first.
  who: { "@media (max-width: 639px)": { order: 1 } },
  when: { "@media (max-width: 639px)": { order: 2 } },
  quiet: { color: tokens.colorNeutralForeground3 },
  what: { display: "flex", flexDirection: "column" },
});

const nothing: AuditFilter = { q: "", actor: "", action: "", from: "", to: "" };

/** The first moment of a day, of the one after it when `after`; empty: no bound. */
function bound(day: string, after = false): string {
  const at = new Date(`${day}T00:00:00`);
  if (Number.isNaN(at.getTime())) return "";
  if (after) at.setDate(at.getDate() + 1);
  return at.toISOString();
}

/** Who did what when: searched, narrowed, and taken away as a file. */
export default function AuditPage() {
  const styles = useStyles();
  const frame = usePageStyles();
  const { t } = useLanguage();
  const { api, me } = useSession();
  const download = useDownload();
  const [input, setInput] = useState(nothing);
  const shown = useDeferredValue(input);
  const filter = { ...shown, from: bound(shown.from), to: bound(shown.to, true) };
  const actors = useQuery({
    queryKey: ["audit", "actors"],
    queryFn: ({ signal }) => api.auditActors(signal),
    enabled: me.can.admin,
  });
  const log = useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam, signal }) => api.audit(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    // What one does on this page is noted too.
    staleTime: 0,
    enabled: me.can.admin,
  });
  const entries = log.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (part: Partial<AuditFilter>) => {
    setInput((before) => ({ ...before, ...part }));
  };
  const themeName = useSyncExternalStore(theme.subscribe, theme.snapshot);
  const date = mergeClasses(styles.wide, themeName === "default" ? styles.light : styles.dark);
  const narrowed = Object.values(input).some((each) => each !== "");

  return (
    <AdminFrame
      here="audit"
      actions={
        <Button
          className={frame.action}
          icon={<ArrowDownloadRegular />}
          onClick={() => void download(t("admin.audit.file"), "csv", () => api.auditFile(filter))}
        >
          {t("admin.audit.download")}
        </Button>
      }
    >
      <div className={styles.filters} role="search">
        <Field className={styles.search} label={t("admin.audit.search")}>
          <SearchBox className={styles.wide} value={input.q} onChange={(_, data) => change({ q: data.value })} />
        </Field>
        <Field label={t("admin.audit.person")}>
          <Select className={styles.wide} value={input.actor} onChange={(_, data) => change({ actor: data.value })}>
            <option value="">{t("admin.audit.everybody")}</option>
            {actors.data?.items.map((each) => (
              <option key={each.id} value={each.id}>
                {actorWords(each, t)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("admin.audit.action")}>
          <Select className={styles.wide} value={input.action} onChange={(_, data) => change({ action: data.value })}>
            <option value="">{t("admin.audit.every")}</option>
            {actionKeys.map((key) => (
              <option key={key} value={actionOf(key)}>
                {t(key)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("admin.audit.from")}>
          <Input className={date} type="date" value={input.from} onChange={(_, data) => change({ from: data.value })} />
        </Field>
        <Field label={t("admin.audit.to")}>
          <Input className={date} type="date" value={input.to} onChange={(_, data) => change({ to: data.value })} />
        </Field>
      </div>
      <section className={frame.panel} aria-label={t("admin.tab.audit")} aria-busy={log.isFetching}>
        {log.isPending ? (
          <RowsSkeleton />
        ) : log.isError && !log.data ? (
          <FailedFace title={t("admin.audit.failed")} error={log.error} onRetry={() => void log.refetch()} />
        ) : entries.length === 0 ? (
          <Face
            icon={<DocumentSearchRegular />}
            title={t(narrowed ? "admin.audit.none" : "admin.audit.empty")}
            actions={narrowed ? <Button onClick={() => setInput(nothing)}>{t("admin.audit.clear")}</Button> : undefined}
          >
            {narrowed ? null : <Text>{t("admin.audit.empty.text")}</Text>}
          </Face>
        ) : (
          <ul className={styles.list}>
            {entries.map((each) => (
              <Line key={each.id} entry={each} />
            ))}
          </ul>
        )}
      </section>
      {log.hasNextPage && (
        <div className={frame.foot}>
          <Button disabledFocusable={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t("admin.audit.older")}
          </Button>
        </div>
      )}
    </AdminFrame>
  );
}

function Line({ entry }: { entry: AuditEntry }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const target = targetWords(entry, t);
  const detail = detailWords(entry, locale, t);
  return (
    <li className={styles.row}>
      <Text className={mergeClasses(styles.quiet, styles.when)}>{exactMoment(Date.parse(entry.at), locale)}</Text>
      <Text className={styles.who}>{actorWords(entry.actor, t)}</Text>
      <Text weight="semibold">{actionWords(entry.action, t)}</Text>
      <div className={styles.what}>
        {target && <Text>{target}</Text>}
        {detail.length > 0 && <Caption1 className={styles.quiet}>{detail.join(" · ")}</Caption1>}
      </div>
    </li>
  );
}
