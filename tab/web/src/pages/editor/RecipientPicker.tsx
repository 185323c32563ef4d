import { Caption1, Combobox, makeStyles, Option, tokens } from "@fluentui/react-components";
import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { useLanguage } from "../../i18n/Language";
import { useSession } from "../../ui/Session";
import { useDebounced, useDraft } from "./useDraft";

/** Enough to choose from; more are found by typing. */
const offered = 8;
const askedLists = 5;

const useStyles = makeStyles({
  combobox: { minWidth: 0, width: "100%" },
  list: { maxHeight: "20rem" },
  option: { display: "flex", flexDirection: "column", overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  value: string;
  onChange: (value: string) => void;
}

/** Somebody of the audience, found by address or name; any other address may be typed. */
export function RecipientPicker({ value, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const { fields } = useDraft();
  const text = value.trim();
  const q = useDebounced(text, 250);
  const lists = fields.all ? [] : fields.listIds.slice(0, askedLists);
  const found = useQueries({
    queries: lists.map((id) => ({
      queryKey: ["members", id, q, "", null, offered],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.members(id, { q, state: "", cursor: null, limit: offered }, signal),
      placeholderData: keepPreviousData,
      staleTime: 30_000,
    })),
  });
  const people = new Map<string, string>();
  for (const { data } of found) {
    for (const each of data?.items ?? []) {
      const name = [each.firstName, each.lastName].filter(Boolean).join(" ") || (each.displayName ?? "");
      if (!people.has(each.email.toLowerCase())) people.set(each.email.toLowerCase(), name);
    }
  }
  if (!fields.all) {
    for (const email of fields.emails) {
      const key = email.toLowerCase();
      if (people.size < offered && key.includes(text.toLowerCase()) && !people.has(key)) people.set(key, "");
    }
  }
  return (
    <Combobox
      freeform
      className={styles.combobox}
      value={value}
      selectedOptions={text ? [text] : []}
      placeholder={t("preview.as.placeholder")}
      listbox={{ className: styles.list }}
      onChange={(event) => {
        onChange(event.target.value);
      }}
      onOptionSelect={(_, data) => {
        // Typing something else deselects, which is not a choice.
        if (data.optionValue) onChange(data.optionValue);
      }}
    >
      {[...people].slice(0, offered).map(([email, name]) => (
        <Option key={email} value={email} text={email}>
          <span className={styles.option}>
            {name || email}
            {name && <Caption1 className={styles.quiet}>{email}</Caption1>}
          </span>
        </Option>
      ))}
    </Combobox>
  );
}
