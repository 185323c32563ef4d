import { Button, Caption1, Combobox, Field, makeStyles, Option, Text, tokens } from "@fluentui/react-components";
import { DismissRegular, PeopleListRegular } from "@fluentui/react-icons";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { List } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { explain, isNotFound } from "../../ui/errors";
import { peopleWords } from "../../ui/listWords";
import { useSession } from "../../ui/Session";
import { useDebounced } from "./useDraft";

const offered = 30;

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, alignItems: "flex-end" },
  field: { flexGrow: 1, minWidth: "14rem" },
  combobox: { width: "100%", minWidth: 0 },
  list: { maxHeight: "20rem" },
  option: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  chosen: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column" },
  entry: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    paddingBlock: tokens.spacingVerticalXS,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  icon: { fontSize: tokens.fontSizeBase500, color: tokens.colorNeutralForeground3, flexShrink: 0 },
  words: { display: "flex", flexDirection: "column", flexGrow: 1, minWidth: 0, overflowWrap: "anywhere" },
});

/** The lists with these ids, in their order; what is not known yet is undefined. */
export function useListsById(ids: string[]) {
  const { api } = useSession();
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ["list", id],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.list(id, signal),
      staleTime: 30_000,
    })),
  });
}

interface Props {
  label: string;
  hint?: string | undefined;
  ids: string[];
  onChange: (ids: string[]) => void;
  problem?: object;
  /** Beside the field: another way to a list. */
  action?: ReactNode;
}

/** Lists, found by name and chosen with their numbers beside them. */
export function ListPicker({ label, hint, ids, onChange, problem, action }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const [search, setSearch] = useState("");
  const q = useDebounced(search.trim(), 200);
  const found = useQuery({
    queryKey: ["lists", "pick", q],
    queryFn: ({ signal }) => api.lists({ q, cursor: null, limit: offered }, signal),
    placeholderData: keepPreviousData,
  });
  const chosen = useListsById(ids);
  const options = found.data?.items ?? [];
  const note = found.isError
    ? explain(found.error, t)
    : found.isPending
      ? t("aud.lists.loading")
      : options.length === 0
        ? q
          ? t("lists.empty.search", { q })
          : t("lists.empty.title")
        : found.data?.next
          ? t("aud.lists.more")
          : null;
  return (
    <div className={styles.box}>
      <div className={styles.row}>
        <Field className={styles.field} label={label} hint={hint} {...problem}>
          <Combobox
            className={styles.combobox}
            multiselect
            value={search}
            placeholder={t("aud.lists.placeholder")}
            selectedOptions={ids}
            listbox={{ className: styles.list }}
            onChange={(event) => {
              setSearch(event.target.value);
            }}
            onOpenChange={(_, data) => {
              if (!data.open) setSearch("");
            }}
            onOptionSelect={(_, data) => {
              if (!data.optionValue) return;
              // In the order chosen: the values of the first list count.
              const id = data.optionValue;
              onChange(ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]);
              setSearch("");
            }}
          >
            {options.map((each) => (
              <Option key={each.id} value={each.id} text={each.name}>
                <span className={styles.option}>
                  {each.name}
                  <Caption1 className={styles.quiet}>{peopleWords(each, t)}</Caption1>
                </span>
              </Option>
            ))}
            {note && (
              <Option key="note" disabled text={note}>
                {note}
              </Option>
            )}
          </Combobox>
        </Field>
        {action}
      </div>
      {ids.length > 0 && (
        <ul className={styles.chosen} aria-label={t("aud.lists.chosen", { label })}>
          {ids.map((id, at) => {
            const query = chosen[at];
            const list: List | undefined = query?.data;
            const gone = query?.isError === true && isNotFound(query.error);
            const name = list?.name ?? (gone ? t("aud.lists.gone") : query?.isError ? explain(query.error, t) : "…");
            return (
              <li key={id} className={styles.entry}>
                <PeopleListRegular aria-hidden className={styles.icon} />
                <span className={styles.words}>
                  <Text weight="semibold">{name}</Text>
                  {list && <Caption1 className={styles.quiet}>{peopleWords(list, t)}</Caption1>}
                </span>
                <Button
                  appearance="subtle"
                  size="small"
                  icon={<DismissRegular />}
                  aria-label={t("aud.lists.remove", { name })}
                  onClick={() => {
                    onChange(ids.filter((each) => each !== id));
                  }}
                />
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
