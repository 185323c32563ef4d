import "../../i18n/pages";
import {
  Button,
  Caption1,
  mergeClasses,
  Subtitle2,
  Table,
  TableBody,
  TableCell,
  TableRow,
  Text,
  Link as TextLink,
} from "@fluentui/react-components";
import { PeopleListRegular } from "@fluentui/react-icons";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { toApiError } from "../../api/error";
import type { List } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { Link, navigate } from "../../router";
import { Face, FailedFace } from "../../ui/Faces";
import { GridHead } from "../../ui/GridHead";
import { peopleWords } from "../../ui/listWords";
import { NameSearch } from "../../ui/NameSearch";
import { NewButton } from "../../ui/NewButton";
import { pageTitle } from "../../ui/PageTitle";
import { PlacePage } from "../../ui/PlacePage";
import { usePageStyles } from "../../ui/pageStyles";
import { RowsSkeleton, useRowStyles } from "../../ui/Rows";
import { RowsFoot } from "../../ui/RowsFoot";
import { phone, useMedia, useNow, useSession } from "../../ui/Session";
import { useDownload } from "../../ui/useDownload";
import { authorName } from "../../words/author";
import { shortMoment } from "../../words/moments";
import { ListDialog, NewListDialog } from "./ListDialogs";
import { type ListAction, ListMenu } from "./ListMenu";
import { NotAllowedFace } from "./NotAllowedFace";

const pageSize = 50;

/** All lists: people whom authors write to again and again. */
export default function ListsPage() {
  const frame = usePageStyles();
  const { t } = useLanguage();
  const { api, me } = useSession();
  const small = useMedia(phone);
  const [search, setSearch] = useState("");
  const [creating, setCreating] = useState(false);
  const [dialog, setDialog] = useState<{ action: ListAction; list: List } | null>(null);
  const q = useDeferredValue(search.trim());
  const found = useInfiniteQuery({
    queryKey: ["lists", "page", q],
    queryFn: ({ pageParam, signal }) => api.lists({ q, cursor: pageParam, limit: pageSize }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    // A large list is being counted.
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((each) => each.installed === null)) ? 2_000 : false,
  });
  const lists = found.data?.pages.flatMap((page) => page.items) ?? [];
  const forbidden = found.isError && toApiError(found.error).status === 403;
  const newButton = (
    <NewButton why={me.can.write ? null : t("list.readonly")} onClick={() => setCreating(true)}>
      {t("lists.new")}
    </NewButton>
  );
  const View = small ? Cards : Grid;
  return (
    <PlacePage here="lists" title={t("lists.title")} actions={newButton}>
      {(lists.length > 0 || q !== "") && (
        <div className={frame.bar}>
          <NameSearch value={search} onChange={setSearch} />
        </div>
      )}
      <section className={frame.panel} aria-labelledby={pageTitle} aria-busy={found.isFetching}>
        {found.isPending ? (
          <RowsSkeleton />
        ) : forbidden ? (
          <NotAllowedFace />
        ) : found.isError && lists.length === 0 ? (
          <FailedFace title={t("lists.failed")} error={found.error} onRetry={() => void found.refetch()} />
        ) : lists.length > 0 ? (
          <View
            lists={lists}
            onAction={(action, list) => {
              setDialog({ action, list });
            }}
          />
        ) : q ? (
          <Face
            actions={
              <Button
                onClick={() => {
                  setSearch("");
                }}
              >
                {t("home.empty.clear")}
              </Button>
            }
          >
            {t("lists.empty.search", { q })}
          </Face>
        ) : (
          <Face icon={<PeopleListRegular />} title={t("lists.empty.title")} actions={newButton}>
            <Text block align="center">
              {t("lists.empty.text")}
            </Text>
            <Samples centred />
          </Face>
        )}
      </section>
      {lists.length > 0 && <RowsFoot words={t("lists.shown", { n: lists.length })} rows={found} />}
      {creating && (
        <NewListDialog
          onClose={() => {
            setCreating(false);
          }}
          onCreated={(list, importNext) => {
            navigate(`/lists/${list.id}${importNext ? "?import" : ""}`);
          }}
        />
      )}
      {dialog && (
        <ListDialog
          {...dialog}
          onClose={() => {
            setDialog(null);
          }}
        />
      )}
    </PlacePage>
  );
}

/** The file to begin from, in both forms. */
export function Samples({ centred = false }: { centred?: boolean }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const download = useDownload();
  const sample = (type: "csv" | "xlsx") => (
    <TextLink inline as="button" onClick={() => void download(t("import.sample.name"), type, api.sampleFile)}>
      {t(`import.sample.${type}`)}
    </TextLink>
  );
  return (
    <Text block align={centred ? "center" : "start"}>
      {t("import.sample")} {sample("xlsx")}, {sample("csv")}
    </Text>
  );
}

interface Props {
  lists: List[];
  onAction: (action: ListAction, list: List) => void;
}

const columns = ["name", "people", "installed", "updated", "by"] as const;

function Grid({ lists, onAction }: Props) {
  const styles = useRowStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const number = new Intl.NumberFormat(locale);
  return (
    <Table aria-label={t("lists.title")} className={styles.table}>
      <GridHead columns={columns} words={(column) => t(`lists.col.${column}`)} middle={["updated"]} />
      <TableBody>
        {lists.map((each) => (
          <TableRow key={each.id} className={styles.row}>
            <TableCell className={styles.cell}>
              <span className={styles.name}>
                <Link className={styles.link} to={`/lists/${each.id}`}>
                  {each.name}
                </Link>
              </span>
            </TableCell>
            <TableCell className={styles.cell}>{number.format(each.members)}</TableCell>
            <TableCell className={styles.cell}>
              {each.installed === null ? "…" : number.format(each.installed)}
            </TableCell>
            <TableCell className={styles.cell}>{shortMoment(Date.parse(each.updatedAt), now, locale, t)}</TableCell>
            <TableCell className={styles.cell}>{authorName(each.createdBy, t)}</TableCell>
            <TableCell className={styles.end}>
              <ListMenu
                list={each}
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

function Cards({ lists, onAction }: Props) {
  const styles = useRowStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  return (
    <ul className={styles.cards}>
      {lists.map((each) => (
        <li key={each.id} className={mergeClasses(styles.card, styles.two)}>
          <Subtitle2 as="h2" block className={styles.breaking}>
            <Link className={styles.link} to={`/lists/${each.id}`}>
              {each.name}
            </Link>
          </Subtitle2>
          <ListMenu
            list={each}
            onAction={(action) => {
              onAction(action, each);
            }}
          />
          <span className={mergeClasses(styles.details, styles.whole)}>
            <Caption1>{peopleWords(each, t)}</Caption1>
            <Caption1>
              {t("list.updated", { when: shortMoment(Date.parse(each.updatedAt), now, locale, t) })} ·{" "}
              {authorName(each.createdBy, t)}
            </Caption1>
          </span>
        </li>
      ))}
    </ul>
  );
}
