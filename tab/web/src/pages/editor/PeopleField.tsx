import {
  Button,
  Caption1,
  Combobox,
  Field,
  makeStyles,
  Option,
  Tag,
  TagGroup,
  Textarea,
  tokens,
} from "@fluentui/react-components";
import { PersonRegular, WarningRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { FoundPerson, MemberState } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { explain } from "../../ui/errors";
import { invalidWords } from "../../ui/invalidWords";
import { MemberIcon } from "../../ui/MemberState";
import { isAddress, parseAddresses } from "../../words/addresses";
import { useAudienceCount } from "./useAudienceCount";
import { useDraft } from "./useDraft";
import { usePeople } from "./usePeople";

const offered = 10;
/** Beyond these, tags are no overview any more. */
const shownTags = 20;

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  combobox: { width: "100%", minWidth: 0 },
  list: { maxHeight: "20rem" },
  option: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalM, width: "100%", minWidth: 0 },
  words: { display: "flex", flexDirection: "column", flexGrow: 1, minWidth: 0, overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground3 },
  tags: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalXS },
  tag: { maxWidth: "100%", "& > span": { minWidth: 0, overflowWrap: "anywhere" } },
  wrong: { color: tokens.colorStatusDangerForeground1 },
  actions: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalS },
  area: { "& textarea": { minHeight: "10rem" } },
});

/** Under this name the draft keeps what is no address until it is mended or removed, also while another step is open. */
const unmended = "/audience/emails";

/** People found by name, typed or pasted; all are addresses of the audience. */
export default function PeopleField({ problem }: { problem?: object }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const { count } = useAudienceCount();
  const cache = useQueryClient();
  const [search, setSearch] = useState("");
  const [text, setText] = useState<string | null>(null);
  const [duplicates, setDuplicates] = useState(0);
  const [invalid, setInvalid] = useState(() => draft.typedText(unmended)?.split("\n") ?? []);
  const input = useRef<HTMLInputElement>(null);
  const wasText = useRef(false);
  const { people, known, searching, error } = usePeople(search, offered);

  const keepInvalid = (entries: string[]) => {
    draft.keepText(unmended, entries.length > 0 ? entries.join("\n") : undefined);
    setInvalid(entries);
  };
  const emails = fields.emails;
  /** Takes what was typed or pasted: addresses become people, the rest waits to be mended. */
  const add = (typed: string) => {
    const before = draft.get().fields.emails;
    const all = parseAddresses([...before, typed].join("\n"));
    draft.edit({ emails: all.valid });
    setDuplicates(all.duplicates);
    keepInvalid([...new Set([...invalid, ...all.invalid])]);
    setSearch("");
  };
  const pick = (person: FoundPerson) => {
    cache.setQueryData(["person", person.email.toLowerCase()], person);
    add(person.email);
  };
  const person = (email: string) => cache.getQueryData<FoundPerson>(["person", email.toLowerCase()]);
  const stateOf = (email: string): MemberState | undefined => {
    const same = (each: string) => each.toLowerCase() === email.toLowerCase();
    if (count?.unknownEmails.some(same)) return "unknown";
    return count?.notInstalledPeople.find((each) => same(each.email))?.state ?? person(email)?.state;
  };

  const words = [invalidWords(invalid, t), duplicates > 0 ? t("aud.duplicates", { n: duplicates }) : null].filter(
    (each) => each !== null,
  );
  const state =
    words.length > 0 ? { validationMessage: words.join(" · "), validationState: "warning" as const } : problem;

  if (text !== null) {
    return (
      <div className={styles.box}>
        <Field label={t("people.text.label")} hint={t("people.text.hint")} {...state}>
          <Textarea
            ref={(each) => {
              if (each && !wasText.current) each.focus();
              wasText.current = each !== null;
            }}
            className={styles.area}
            value={text}
            resize="vertical"
            spellCheck={false}
            onChange={(_, data) => {
              const parsed = parseAddresses(data.value);
              setText(data.value);
              setDuplicates(parsed.duplicates);
              draft.edit({ emails: parsed.valid });
              keepInvalid(parsed.invalid);
            }}
          />
        </Field>
        <div>
          <Button
            onClick={() => {
              setText(null);
            }}
          >
            {t("people.text.done")}
          </Button>
        </div>
      </div>
    );
  }

  const fresh = people.filter((each) => !emails.some((email) => email.toLowerCase() === each.email.toLowerCase()));
  const address = search.trim();
  const own = isAddress(address) && !fresh.some((each) => each.email.toLowerCase() === address.toLowerCase());
  const note =
    address === ""
      ? null
      : error
        ? `${t("people.failed")} ${explain(error, t)}`
        : searching
          ? t("people.searching")
          : known
            ? t("people.known")
            : fresh.length === 0 && !own
              ? t("people.nobody")
              : null;
  return (
    <div className={styles.box}>
      <Field label={t("people.label")} hint={t("people.hint")} {...state}>
        <Combobox
          ref={input}
          freeform
          inlinePopup
          className={styles.combobox}
          value={search}
          selectedOptions={[]}
          placeholder={t("people.placeholder")}
          listbox={{ className: styles.list }}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            const typed = event.target.value;
            // "Lee, Ann" is a name; behind an address a comma ends it.
            if (/[;\n\t]/.test(typed) || /@[^,]*,/.test(typed)) add(typed);
            else setSearch(typed);
          }}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData("text/plain");
            if (!/[@;\n\t]/.test(pasted)) return; // a name, to be searched for
            event.preventDefault();
            add(`${search}\n${pasted}`);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !address.includes("@")) return;
            // With an option in hand, Enter takes that.
            if (event.currentTarget.getAttribute("aria-activedescendant")) return;
            event.preventDefault();
            add(address);
          }}
          onBlur={() => {
            if (address.includes("@")) add(address);
          }}
          onOptionSelect={(_, data) => {
            if (!data.optionValue) return;
            const chosen = fresh.find((each) => each.email === data.optionValue);
            if (chosen) pick(chosen);
            else add(data.optionValue);
          }}
        >
          {own && (
            <Option key="own" value={address} text={address}>
              {t("people.add", { email: address })}
            </Option>
          )}
          {fresh.map((each) => (
            <Option key={each.email} value={each.email} text={each.email}>
              <span className={styles.option}>
                <span className={styles.words}>
                  {each.displayName || each.email}
                  {each.displayName && <Caption1 className={styles.quiet}>{each.email}</Caption1>}
                </span>
                <MemberIcon state={each.state} label={t(`member.state.${each.state}`)} />
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
      {(emails.length > 0 || invalid.length > 0) && (
        <>
          <TagGroup
            className={styles.tags}
            size="small"
            aria-label={t("people.chosen")}
            onDismiss={(_, { value }) => {
              const entry = value;
              setDuplicates(0);
              if (entry.startsWith("!")) keepInvalid(invalid.filter((each) => `!${each}` !== entry));
              else draft.edit({ emails: emails.filter((each) => each !== entry) });
              if (emails.length + invalid.length === 1) input.current?.focus();
            }}
          >
            {invalid.slice(0, shownTags).map((entry) => (
              <Tag
                key={`!${entry}`}
                className={styles.tag}
                value={`!${entry}`}
                dismissible
                media={<WarningRegular className={styles.wrong} />}
                dismissIcon={{ "aria-label": t("people.remove", { name: entry }) }}
              >
                {entry}
              </Tag>
            ))}
            {emails.slice(0, shownTags).map((email) => {
              const name = person(email)?.displayName || email;
              const found = stateOf(email);
              return (
                <Tag
                  key={email}
                  className={styles.tag}
                  value={email}
                  title={email}
                  dismissible
                  media={
                    found ? (
                      <MemberIcon state={found} label={t(`member.state.${found}`)} />
                    ) : (
                      <PersonRegular aria-hidden />
                    )
                  }
                  dismissIcon={{ "aria-label": t("people.remove", { name }) }}
                >
                  {name}
                </Tag>
              );
            })}
          </TagGroup>
          <div className={styles.actions}>
            {emails.length > shownTags && (
              <Caption1 className={styles.quiet}>{t("aud.and.more", { n: emails.length - shownTags })}</Caption1>
            )}
            <Button
              size="small"
              appearance="subtle"
              onClick={() => {
                setText([...invalid, ...emails].join("\n"));
              }}
            >
              {t("people.text")}
            </Button>
            <Button
              size="small"
              appearance="subtle"
              onClick={() => {
                draft.edit({ emails: [] });
                keepInvalid([]);
                setDuplicates(0);
                input.current?.focus();
              }}
            >
              {t("people.clear")}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
