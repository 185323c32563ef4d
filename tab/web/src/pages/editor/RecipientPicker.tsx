import { Button, Caption1, Combobox, makeStyles, Option, tokens } from "@fluentui/react-components";
import { ChevronLeftRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { keepPreviousData, useQueries } from "@tanstack/react-query";
import type { ComponentProps, ReactElement } from "react";
import type { FoundPerson, MemberState } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { MemberIcon } from "../../ui/MemberState";
import { useSession } from "../../ui/Session";
import { useDebounced, useDraft } from "./useDraft";
import { usePeople } from "./usePeople";

/** Enough to choose from; more are found by typing. */
const offered = 8;
const askedLists = 5;
/** As many of each list can be leafed through. */
const leaves = 200;

const useStyles = makeStyles({
  row: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalXXS, width: "100%" },
  combobox: { minWidth: 0, width: "100%", flexGrow: 1 },
  list: { maxHeight: "20rem" },
  option: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalM, width: "100%", minWidth: 0 },
  words: { display: "flex", flexDirection: "column", flexGrow: 1, minWidth: 0, overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props extends Omit<ComponentProps<typeof Combobox>, "value" | "onChange" | "children"> {
  value: string;
  onChange: (value: string) => void;
}

interface Somebody {
  email: string;
  name: string;
  state?: MemberState;
}

/** The members of the audience's lists that match, in the order of the lists. */
function useMembers(lists: string[], q: string, limit: number): Somebody[] {
  const { api } = useSession();
  const found = useQueries({
    queries: lists.map((id) => ({
      queryKey: ["members", id, q, "", null, limit],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.members(id, { q, state: "", cursor: null, limit }, signal),
      placeholderData: keepPreviousData,
      staleTime: 30_000,
    })),
  });
  return found.flatMap(({ data }) =>
    (data?.items ?? []).map((each) => ({
      email: each.email,
      name: [each.firstName, each.lastName].filter(Boolean).join(" ") || (each.displayName ?? ""),
      state: each.state,
    })),
  );
}

/** Each once, as first named. */
function once(people: Somebody[]): Somebody[] {
  const seen = new Map<string, Somebody>();
  for (const each of people) {
    const key = each.email.toLowerCase();
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()];
}

const asSomebody = ({ email, displayName, state }: FoundPerson): Somebody => ({ email, name: displayName, state });

/** Somebody of the audience or else of the company, found by name or address; and the one before or after. */
export function RecipientPicker({ value, onChange, ...field }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields } = useDraft();
  const text = value.trim();
  const q = useDebounced(text, 250);
  const lists = fields.all ? [] : fields.listIds.slice(0, askedLists);
  const typed = fields.all ? [] : fields.emails.map((email) => ({ email, name: "" }));
  const found = useMembers(lists, q, offered);
  const { people } = usePeople(text, offered);
  const options = once([
    ...found,
    ...typed.filter((each) => each.email.toLowerCase().includes(text.toLowerCase())),
    ...people.map(asSomebody),
  ]).slice(0, offered);
  const everybody = once([...useMembers(lists, "", leaves), ...typed]);
  const at = everybody.findIndex((each) => each.email.toLowerCase() === text.toLowerCase());
  const leaf = (by: number, label: string, icon: ReactElement) => {
    const to = everybody[at < 0 && by < 0 ? -1 : at + by];
    return (
      <Button
        appearance="subtle"
        size="small"
        icon={icon}
        aria-label={label}
        title={at < 0 ? label : `${label} (${t("preview.at", { n: at + 1, total: everybody.length })})`}
        disabledFocusable={!to}
        onClick={() => {
          if (to) onChange(to.email);
        }}
      />
    );
  };
  return (
    <div className={styles.row}>
      <Combobox
        {...field}
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
        {options.map(({ email, name, state }) => (
          <Option key={email} value={email} text={email}>
            <span className={styles.option}>
              <span className={styles.words}>
                {name || email}
                {name && <Caption1 className={styles.quiet}>{email}</Caption1>}
              </span>
              {state && <MemberIcon state={state} label={t(`member.state.${state}`)} />}
            </span>
          </Option>
        ))}
      </Combobox>
      {everybody.length > 1 && (
        <>
          {leaf(-1, t("preview.previous"), <ChevronLeftRegular />)}
          {leaf(1, t("preview.next"), <ChevronRightRegular />)}
        </>
      )}
    </div>
  );
}
