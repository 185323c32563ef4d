import {
  Button,
  Caption1,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Select,
  Text,
  tokens,
} from "@fluentui/react-components";
import { AddRegular, ArrowUndoRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { ColumnType, List, ListColumn } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { useNotify } from "../../ui/Notices";
import { useSession } from "../../ui/Session";
import { freeName } from "../../words/columns";
import { useRefreshLists } from "./useRefreshLists";

export const columnTypes = ["text", "number", "date"] as const satisfies ColumnType[];

const useStyles = makeStyles({
  form: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    paddingBottom: tokens.spacingVerticalS,
  },
  rows: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
  },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) 8rem auto",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    alignItems: "end",
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr) auto" },
  },
  type: { "@media (max-width: 639px)": { gridColumn: "1", gridRow: "2" } },
  name: { gridColumn: "1 / -1", color: tokens.colorNeutralForeground3, overflowWrap: "anywhere" },
  gone: { textDecorationLine: "line-through", color: tokens.colorNeutralForeground3, alignSelf: "center" },
  add: { alignSelf: "flex-start" },
});

/** For what the reader asked for this moment. */
export function focusNow(element: HTMLElement | null): void {
  element?.focus();
}

interface Row {
  label: string;
  type: ColumnType;
  /** What it is called in messages, which never changes; null: it is new. */
  name: string | null;
  removed: boolean;
}

/** The columns as they will be: what is new gets its name from its label. */
export function columnsOf(rows: readonly Row[]): ListColumn[] {
  const names = rows.flatMap((each) => (each.name === null ? [] : [each.name]));
  return rows
    .filter((each) => !each.removed)
    .map((each) => {
      const name = each.name ?? freeName(each.label, names);
      if (each.name === null) names.push(name);
      return { name, label: each.label.trim(), type: each.type };
    });
}

/** What the list knows about each person besides address and names. */
export function ColumnsDialog({ list, onClose }: { list: List; onClose: () => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshLists();
  // What the rows were made of: a version that somebody saved meanwhile is not what was edited here.
  const [{ version, name }] = useState(list);
  const [rows, setRows] = useState<Row[]>(() => list.columns.map((each) => ({ ...each, removed: false })));
  const removed = rows.filter((each) => each.removed);
  const columns = columnsOf(rows);
  const change = (at: number, part: Partial<Row>) => {
    setRows((before) => before.map((each, index) => (index === at ? { ...each, ...part } : each)));
  };
  const nameOf = (at: number) =>
    rows[at]?.removed ? rows[at].name : columns[rows.slice(0, at).filter((each) => !each.removed).length]?.name;
  return (
    <ConfirmDialog
      title={t("columns.title")}
      confirm={removed.length > 0 ? t("columns.save.remove", { n: removed.length }) : t("columns.save")}
      disabled={columns.some((each) => each.label === "")}
      onClose={onClose}
      onConfirm={async () => {
        const saved = await api.saveList(list.id, version, { name, columns });
        notify("success", t("columns.saved"));
        await refresh(saved);
        return undefined;
      }}
    >
      <div className={styles.form}>
        <Text>{t("columns.text")}</Text>
        {rows.length > 0 && (
          <ul className={styles.rows}>
            {rows.map((row, at) => {
              const name = nameOf(at);
              const label = row.label.trim() || t("columns.new");
              return (
                <li key={String(at)} className={styles.row}>
                  {row.removed ? (
                    <Text className={styles.gone}>{row.label}</Text>
                  ) : (
                    <Field label={t("columns.label")} required>
                      <Input
                        value={row.label}
                        maxLength={120}
                        placeholder={t("columns.placeholder")}
                        ref={row.name === null ? focusNow : undefined}
                        onChange={(_, data) => {
                          change(at, { label: data.value });
                        }}
                      />
                    </Field>
                  )}
                  <Field className={styles.type} label={t("columns.type")}>
                    <Select
                      value={row.type}
                      disabled={row.removed}
                      onChange={(_, data) => {
                        change(at, { type: data.value as ColumnType });
                      }}
                    >
                      {columnTypes.map((type) => (
                        <option key={type} value={type}>
                          {t(`column.type.${type}`)}
                        </option>
                      ))}
                    </Select>
                  </Field>
                  <Button
                    appearance="subtle"
                    icon={row.removed ? <ArrowUndoRegular /> : <DeleteRegular />}
                    aria-label={t(row.removed ? "columns.keep" : "columns.remove", { name: label })}
                    onClick={() => {
                      if (row.name === null) setRows((before) => before.filter((_, index) => index !== at));
                      else change(at, { removed: !row.removed });
                    }}
                  />
                  <Caption1 className={styles.name}>
                    {row.label.trim() === "" ? t("columns.name.later") : t("columns.name", { name: `[${name ?? ""}]` })}
                  </Caption1>
                </li>
              );
            })}
          </ul>
        )}
        <Button
          className={styles.add}
          icon={<AddRegular />}
          onClick={() => {
            setRows((before) => [...before, { label: "", type: "text", name: null, removed: false }]);
          }}
        >
          {t("columns.add")}
        </Button>
        {removed.length > 0 && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>
              {t("columns.remove.text", {
                n: list.members,
                names: removed.map((each) => each.label).join(", "),
              })}
            </MessageBarBody>
          </MessageBar>
        )}
      </div>
    </ConfirmDialog>
  );
}
