import {
  Button,
  Caption1,
  makeStyles,
  mergeClasses,
  SearchBox,
  Select,
  Subtitle2,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import { ArrowImportRegular, DeleteRegular, EditRegular, PeopleAddRegular } from "@fluentui/react-icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useRef, useState } from "react";
import type { List, ListColumn, Member } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { Face, FailedFace } from "../../ui/Faces";
import { MemberState, memberStates } from "../../ui/MemberState";
import { Pager } from "../../ui/Pager";
import { usePageStyles } from "../../ui/pageStyles";
import { RowsSkeleton, useRowStyles } from "../../ui/Rows";
import { phone, useMedia, useSession } from "../../ui/Session";
import { valueWords } from "../../words/columns";
import { Samples } from "./ListsPage";

/** One page is shown at a time, so that the page is as quick with a hundred thousand people as with ten. */
const pageSize = 50;

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalM,
    padding: tokens.spacingHorizontalL,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  search: { flexGrow: 1, maxWidth: "24rem", "@media (max-width: 639px)": { maxWidth: "none", flexBasis: "100%" } },
  filter: { "@media (max-width: 639px)": { flexGrow: 1 } },
  scroll: { overflowX: "auto" },
  who: { width: "18rem" },
  state: { width: "10rem" },
  buttons: { width: "6rem" },
  row: { backgroundColor: tokens.colorNeutralBackground1 },
  // Stays in view while the columns are scrolled.
  fixed: { position: "sticky", right: 0, backgroundColor: "inherit" },
  number: { textAlign: "right", fontVariantNumeric: "tabular-nums" },
  numberHead: { "& > *": { justifyContent: "flex-end" } },
  person: { display: "flex", flexDirection: "column", minWidth: 0, paddingBlock: tokens.spacingVerticalSNudge },
  cut: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  quiet: { color: tokens.colorNeutralForeground3 },
  values: { gridColumn: "1 / -1", display: "flex", flexWrap: "wrap", columnGap: tokens.spacingHorizontalL },
  nowrap: { whiteSpace: "nowrap" },
});

interface Props {
  list: List;
  onImport: () => void;
  onEdit: (member: Member) => void;
  onRemove: (member: Member) => void;
}

/** The people of a list, a page at a time; found by address, name or state. */
export function Members({ list, onImport, onEdit, onRemove }: Props) {
  const frame = usePageStyles();
  const styles = useStyles();
  const { t } = useLanguage();
  const { api, me } = useSession();
  const small = useMedia(phone);
  const panel = useRef<HTMLElement>(null);
  const [search, setSearch] = useState("");
  const [state, setState] = useState("");
  // Where the pages before this one, after the first, and this one began.
  const [cursors, setCursors] = useState<string[]>([]);
  const q = useDeferredValue(search.trim());
  const cursor = cursors.at(-1) ?? null;
  const members = useQuery({
    queryKey: ["members", list.id, q, state, cursor],
    queryFn: ({ signal }) => api.members(list.id, { q, state, cursor, limit: pageSize }, signal),
    placeholderData: keepPreviousData,
  });
  const people = members.data?.items ?? [];
  // The last one of a page was removed, and the page with them.
  if (members.data?.items.length === 0 && cursors.length > 0 && !members.isPlaceholderData)
    setCursors(cursors.slice(0, -1));
  const next = members.data?.next ?? null;
  const before = cursors.length * pageSize;
  const filtered = q !== "" || state !== "";
  const turn = (to: string[]) => {
    setCursors(to);
    panel.current?.scrollIntoView({ block: "start" });
  };
  const View = small ? Cards : Grid;
  return (
    <>
      <section ref={panel} className={frame.panel} aria-label={t("members.title")} aria-busy={members.isFetching}>
        {(list.members > 0 || filtered) && (
          <div className={styles.bar}>
            <SearchBox
              className={styles.search}
              value={search}
              placeholder={t("report.grid.search")}
              aria-label={t("report.grid.search")}
              onChange={(_, data) => {
                setSearch(data.value);
                setCursors([]);
              }}
            />
            <Select
              className={styles.filter}
              value={state}
              aria-label={t("report.grid.filter")}
              onChange={(_, data) => {
                setState(data.value);
                setCursors([]);
              }}
            >
              <option value="">{t("report.grid.all")}</option>
              {memberStates.map((each) => (
                <option key={each} value={each}>
                  {t(`member.state.${each}`)}
                </option>
              ))}
            </Select>
          </div>
        )}
        {members.isPending ? (
          <RowsSkeleton />
        ) : members.isError && !members.data ? (
          <FailedFace title={t("members.failed")} error={members.error} onRetry={() => void members.refetch()} />
        ) : people.length > 0 ? (
          <View columns={list.columns} people={people} onEdit={onEdit} onRemove={onRemove} />
        ) : filtered ? (
          <Face>{t("report.grid.empty")}</Face>
        ) : (
          <Face
            icon={<PeopleAddRegular />}
            title={t("members.empty.title")}
            actions={
              me.can.write ? (
                <Button icon={<ArrowImportRegular />} onClick={onImport}>
                  {t("list.import")}
                </Button>
              ) : null
            }
          >
            <Text block align="center">
              {t("members.empty.text")}
            </Text>
            <Samples centred />
          </Face>
        )}
      </section>
      {people.length > 0 && (
        <footer className={frame.foot}>
          <Pager cursors={cursors} next={next} waiting={members.isPlaceholderData} onTurn={turn}>
            <Caption1 role="status" className={styles.nowrap}>
              {filtered
                ? t("members.range", { from: before + 1, to: before + people.length })
                : t("members.range.of", {
                    from: before + 1,
                    to: before + people.length,
                    total: members.data?.total ?? list.members,
                  })}
            </Caption1>
          </Pager>
        </footer>
      )}
    </>
  );
}

interface ViewProps {
  columns: ListColumn[];
  people: Member[];
  onEdit: (member: Member) => void;
  onRemove: (member: Member) => void;
}

function Grid({ columns, people, onEdit, onRemove }: ViewProps) {
  const rows = useRowStyles();
  const styles = useStyles();
  const { t, locale } = useLanguage();
  return (
    <div className={styles.scroll}>
      {/* Wide enough for its columns; what does not fit is scrolled to. */}
      <Table
        aria-label={t("members.title")}
        className={rows.table}
        style={{ minWidth: `${String(46 + columns.length * 8)}rem` }}
      >
        <TableHeader>
          <TableRow className={styles.row}>
            <TableHeaderCell className={mergeClasses(rows.cell, styles.who)}>{t("member.address")}</TableHeaderCell>
            <TableHeaderCell className={styles.state}>{t("report.col.status")}</TableHeaderCell>
            <TableHeaderCell>{t("import.role.firstName")}</TableHeaderCell>
            <TableHeaderCell>{t("import.role.lastName")}</TableHeaderCell>
            {columns.map((column) => (
              <TableHeaderCell
                key={column.name}
                title={`[${column.name}]`}
                className={mergeClasses(column.type === "number" && mergeClasses(styles.number, styles.numberHead))}
              >
                <span className={styles.cut}>{column.label}</span>
              </TableHeaderCell>
            ))}
            <TableHeaderCell className={mergeClasses(styles.buttons, styles.fixed)}>
              <span className={rows.hidden}>{t("home.col.actions")}</span>
            </TableHeaderCell>
          </TableRow>
        </TableHeader>
        <TableBody>
          {people.map((each) => (
            <TableRow key={each.id} className={styles.row}>
              <TableCell className={rows.cell}>
                <Person member={each} />
              </TableCell>
              <TableCell>
                <MemberState state={each.state} />
              </TableCell>
              <TableCell className={styles.cut}>{each.firstName}</TableCell>
              <TableCell className={styles.cut}>{each.lastName}</TableCell>
              {columns.map((column) => (
                <TableCell
                  key={column.name}
                  className={mergeClasses(styles.cut, column.type === "number" && styles.number)}
                  title={each.values[column.name]}
                >
                  {valueWords(each.values[column.name] ?? "", column.type, locale)}
                </TableCell>
              ))}
              <TableCell className={mergeClasses(rows.end, styles.fixed)}>
                <Actions member={each} onEdit={onEdit} onRemove={onRemove} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

function Cards({ columns, people, onEdit, onRemove }: ViewProps) {
  const rows = useRowStyles();
  const styles = useStyles();
  const { locale } = useLanguage();
  return (
    <ul className={rows.cards}>
      {people.map((each) => {
        const name = [each.firstName, each.lastName].filter(Boolean).join(" ") || each.displayName;
        const values = columns.filter((column) => (each.values[column.name] ?? "") !== "");
        return (
          <li key={each.id} className={mergeClasses(rows.card, rows.two)}>
            <span className={rows.breaking}>
              <Subtitle2 as="h2" block>
                {name ?? each.email}
              </Subtitle2>
              {name && <Caption1 className={styles.quiet}>{each.email}</Caption1>}
            </span>
            <Actions member={each} onEdit={onEdit} onRemove={onRemove} />
            <Caption1 className={rows.whole}>
              <MemberState state={each.state} />
            </Caption1>
            {values.length > 0 && (
              <Caption1 className={mergeClasses(styles.values, styles.quiet)}>
                {values.map((column) => (
                  <span key={column.name}>
                    {column.label}: {valueWords(each.values[column.name] ?? "", column.type, locale)}
                  </span>
                ))}
              </Caption1>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Person({ member }: { member: Member }) {
  const styles = useStyles();
  return (
    <span className={styles.person}>
      <Text truncate wrap={false} title={member.email}>
        {member.email}
      </Text>
      {member.displayName && (
        <Caption1 className={mergeClasses(styles.quiet, styles.cut)}>{member.displayName}</Caption1>
      )}
    </span>
  );
}

function Actions({ member, onEdit, onRemove }: { member: Member } & Pick<Props, "onEdit" | "onRemove">) {
  const { t } = useLanguage();
  const { me } = useSession();
  const styles = useStyles();
  if (!me.can.write) return null;
  const name = member.email;
  return (
    <span className={styles.nowrap}>
      <Tooltip content={t("member.edit", { name })} relationship="label">
        <Button
          appearance="subtle"
          icon={<EditRegular />}
          onClick={() => {
            onEdit(member);
          }}
        />
      </Tooltip>
      <Tooltip content={t("member.remove", { name })} relationship="label">
        <Button
          appearance="subtle"
          icon={<DeleteRegular />}
          onClick={() => {
            onRemove(member);
          }}
        />
      </Tooltip>
    </span>
  );
}
