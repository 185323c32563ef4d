import { mergeClasses, TableHeader, TableHeaderCell, TableRow } from "@fluentui/react-components";
import type { Order } from "../api/types";
import { useLanguage } from "../i18n/Language";
import { useRowStyles } from "./Rows";

interface Props<Column extends string, Sorted extends Column> {
  /** In their order; the column of menus comes after them. */
  columns: readonly Column[];
  words: (column: Column) => string;
  /** Those wider than others; the name is widest. */
  middle: readonly Column[];
  sort?: { columns: readonly Sorted[]; by: string; order: Order; onSort: (column: Sorted) => void };
}

/** The head of a first page's grid. */
export function GridHead<Column extends string, Sorted extends Column = never>(props: Props<Column, Sorted>) {
  const { columns, words, middle, sort } = props;
  const styles = useRowStyles();
  const { t } = useLanguage();
  const sorting = (column: Column) => {
    const sorted = sort?.columns.find((each) => each === column);
    if (!sort || sorted === undefined) return { sortable: false };
    const direction = sort.order === "asc" ? ("ascending" as const) : ("descending" as const);
    return {
      sortDirection: sort.by === column ? direction : undefined,
      onClick: () => {
        sort.onSort(sorted);
      },
    };
  };
  return (
    <TableHeader>
      <TableRow>
        {columns.map((column) => (
          <TableHeaderCell
            key={column}
            className={mergeClasses(
              styles.cell,
              column === "name" && styles.wide,
              middle.includes(column) && styles.middle,
            )}
            {...sorting(column)}
          >
            {words(column)}
          </TableHeaderCell>
        ))}
        <TableHeaderCell className={mergeClasses(styles.cell, styles.narrow)} sortable={false}>
          <span className={styles.hidden}>{t("home.col.actions")}</span>
        </TableHeaderCell>
      </TableRow>
    </TableHeader>
  );
}
