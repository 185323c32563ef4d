import { Caption1, Combobox, makeStyles, Option, Persona, tokens } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { usePeople } from "../api/queries";
import type { Person } from "../api/types";
import { useFormat, useWords } from "../words";
import { presenceBadge, presenceName } from "./presence";

/** Milliseconds of quiet before the server is asked: nobody searches for every letter of a name. */
const QUIET_MS = 200;

const useStyles = makeStyles({
  combobox: { minWidth: 0, flexGrow: 1 },
  input: { minWidth: 0, width: "100%" },
  listbox: { maxHeight: "60vh" },
  more: {
    display: "block",
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    color: tokens.colorNeutralForeground3,
  },
});

/** Chooses whose chat a column shows, searching at the server. */
export function PersonPicker(props: { person: Person | null; onPick: (person: Person) => void }) {
  const styles = useStyles();
  const words = useWords();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const [query, setQuery] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQuery((typed ?? "").trim()), QUIET_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = usePeople(query, open);
  const people = found.data?.items ?? [];
  const total = found.data?.total ?? 0;

  return (
    <Combobox
      className={styles.combobox}
      input={{ className: styles.input }}
      listbox={{ className: styles.listbox }}
      aria-label={words.pickPerson}
      placeholder={words.pickPersonPlaceholder}
      // The server decides what matches; the box must not filter again by its own idea of it.
      freeform
      value={typed ?? props.person?.displayName ?? ""}
      selectedOptions={props.person === null ? [] : [props.person.upn]}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onFocus={(event) => event.currentTarget.select()}
      onOpenChange={(_, data) => {
        setOpen(data.open);
        if (!data.open) setTyped(null);
      }}
      onOptionSelect={(_, data) => {
        const person = people.find((one) => one.upn === data.optionValue);
        setTyped(null);
        if (person !== undefined) props.onPick(person);
      }}
    >
      {people.map((person) => (
        <Option key={person.id} value={person.upn} text={person.displayName}>
          <Persona
            size="small"
            textPosition="after"
            name={person.displayName}
            avatar={{ color: "colorful", "aria-hidden": true }}
            presence={{ status: presenceBadge(person.presence), title: presenceName(words, person.presence) }}
            secondaryText={`${person.upn} · ${stateOf(words, person)}`}
          />
        </Option>
      ))}
      {found.isPending && open && (
        <Option disabled text={words.loading}>
          {words.loading}
        </Option>
      )}
      {found.isError && (
        <Option disabled text={found.error.message}>
          {found.error.message}
        </Option>
      )}
      {found.data !== undefined && people.length === 0 && (
        <Option disabled text={words.pickNobody}>
          {words.pickNobody}
        </Option>
      )}
      {total > people.length && people.length > 0 && (
        <Option disabled text={words.pickMore(format.number(total))}>
          <Caption1>{words.pickMore(format.number(total))}</Caption1>
        </Option>
      )}
    </Combobox>
  );
}

/** Whether a message can reach that person, in two or three words. */
export function stateOf(words: ReturnType<typeof useWords>, person: Person): string {
  if (!person.installed) return words.notInstalled;
  return person.blocked ? words.blocked : words.installed;
}
