import {
  Button,
  Caption1,
  Field,
  Input,
  Label,
  makeStyles,
  Text,
  Tooltip,
  tokens,
  useId,
} from "@fluentui/react-components";
import { AddRegular, ArrowDownRegular, ArrowUpRegular, DeleteRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import type { RowKind } from "../../content/card";
import { useLanguage } from "../../i18n/Language";
import { hidden } from "../../ui/PageTitle";
import { Why } from "../../ui/Why";
import { near } from "./limits";
import type { CardInForm } from "./useCard";
import { useFieldProblem } from "./useDraft";

const useStyles = makeStyles({
  rows: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, alignItems: "flex-start" },
  head: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    width: "100%",
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
  },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 2fr) minmax(0, 3fr) auto",
    gap: tokens.spacingHorizontalM,
    alignItems: "start",
    "@media (max-width: 639px)": {
      gridTemplateColumns: "minmax(0, 1fr)",
      gap: tokens.spacingVerticalS,
      padding: tokens.spacingHorizontalM,
      borderRadius: tokens.borderRadiusLarge,
      border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    },
  },
  // Beside the inputs, under their labels.
  tools: {
    display: "flex",
    marginTop: `calc(${tokens.lineHeightBase300} + ${tokens.spacingVerticalXS})`,
    "@media (max-width: 639px)": { marginTop: 0, justifyContent: "flex-end" },
  },
  undo: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalM },
});

type ColumnName = "title" | "value" | "url";

interface Props {
  card: CardInForm;
  kind: RowKind;
  /** How many there can be. */
  max: number;
  columns: { name: ColumnName; limit: number; problem?: (value: string) => string | null }[];
}

/** Where the focus goes once the rows stand anew. */
type Focus = { row: number; part: ColumnName | "up" | "down" } | "undo";

/** Several of a kind, one under the other: to add, change, remove (and bring back), and put into another order. */
export function Rows({ card, kind, max, columns }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const problem = useFieldProblem();
  const name = useId("rows");
  const box = useRef<HTMLDivElement>(null);
  const focus = useRef<Focus | null>(null);
  const [removed, setRemoved] = useState<{ n: number; undo: () => void } | null>(null);
  const [said, setSaid] = useState("");
  const rows = card.fields[kind];
  const full = rows.length >= max;

  useEffect(() => {
    const to = focus.current;
    if (!to) return;
    focus.current = null;
    const place = to === "undo" ? "undo" : `${String(to.row)}-${to.part}`;
    box.current?.querySelector<HTMLElement>(`[data-place="${place}"]`)?.focus();
  });

  const move = (from: number, to: number, part: "up" | "down") => {
    card.moveRow(kind, from, to);
    focus.current = { row: to, part };
    setRemoved(null);
    setSaid(t(`card.${kind}.moved`, { at: to + 1, of: rows.length }));
  };

  return (
    <div ref={box} className={styles.rows} role="group" aria-labelledby={name}>
      <div className={styles.head}>
        <Label id={name} weight="semibold">
          {t(`card.${kind}`)}
        </Label>
        <Caption1 className={styles.quiet}>{t(`card.${kind}.hint`)}</Caption1>
      </div>
      {rows.length > 0 && (
        <ol className={styles.list}>
          {rows.map((row, index) => {
            const n = index + 1;
            const values: Partial<Record<ColumnName, string>> = row;
            return (
              // Rows have no identity but their place.
              <li key={String(index)} className={styles.row}>
                {columns.map((column) => {
                  const value = values[column.name] ?? "";
                  const limit = near(value, column.limit, t);
                  return (
                    <Field
                      key={column.name}
                      label={t(`card.${kind}.${column.name}` as "card.buttons.url", { n })}
                      hint={limit.hint}
                      {...problem(
                        `${card.rowPointer(kind, index)}/${column.name}`,
                        limit.problem ?? column.problem?.(value),
                      )}
                    >
                      <Input
                        type={column.name === "url" ? "url" : "text"}
                        data-place={`${String(index)}-${column.name}`}
                        value={value}
                        placeholder={column.name === "url" ? "https://" : undefined}
                        onChange={(_, data) => {
                          card.setRow(kind, index, { [column.name]: data.value });
                        }}
                      />
                    </Field>
                  );
                })}
                <div className={styles.tools}>
                  {rows.length > 1 && <Move kind={kind} part="up" row={index} of={rows.length} onMove={move} />}
                  {rows.length > 1 && <Move kind={kind} part="down" row={index} of={rows.length} onMove={move} />}
                  <Tooltip content={t("card.row.remove")} relationship="description">
                    <Button
                      appearance="subtle"
                      icon={<DeleteRegular />}
                      aria-label={t(`card.${kind}.remove`, { n })}
                      onClick={() => {
                        setRemoved({ n, undo: card.removeRow(kind, index) });
                        focus.current = "undo";
                      }}
                    />
                  </Tooltip>
                </div>
              </li>
            );
          })}
        </ol>
      )}
      {removed && (
        <div className={styles.undo}>
          <Text>{t(`card.${kind}.removed`, { n: removed.n })}</Text>
          <Button
            size="small"
            data-place="undo"
            onClick={() => {
              removed.undo();
              setRemoved(null);
              focus.current = { row: removed.n - 1, part: "title" };
            }}
          >
            {t("card.row.undo")}
          </Button>
        </div>
      )}
      <Why reason={full ? t(`card.${kind}.max`) : null}>
        <Button
          icon={<AddRegular />}
          disabledFocusable={full}
          onClick={() => {
            card.addRow(kind);
            setRemoved(null);
            focus.current = { row: rows.length, part: "title" };
          }}
        >
          {t(`card.${kind}.add`)}
        </Button>
      </Why>
      <span role="status" style={hidden}>
        {said}
      </span>
    </div>
  );
}

interface MoveProps {
  kind: RowKind;
  part: "up" | "down";
  row: number;
  of: number;
  onMove: (from: number, to: number, part: "up" | "down") => void;
}

function Move({ kind, part, row, of, onMove }: MoveProps) {
  const { t } = useLanguage();
  const to = part === "up" ? row - 1 : row + 1;
  const dead = to < 0 || to >= of;
  return (
    <Why reason={dead ? t(`card.row.${part}.not`) : null}>
      <Button
        appearance="subtle"
        icon={part === "up" ? <ArrowUpRegular /> : <ArrowDownRegular />}
        aria-label={t(`card.${kind}.${part}`, { n: row + 1 })}
        data-place={`${String(row)}-${part}`}
        disabledFocusable={dead}
        onClick={() => {
          if (!dead) onMove(row, to, part);
        }}
      />
    </Why>
  );
}
