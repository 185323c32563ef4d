import { Caption1, Checkbox, Combobox, Field, makeStyles, Option, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import type { SendWindow } from "../../../api/types";
import { useLanguage } from "../../../i18n/Language";
import { timeZone as ownZone, zoneName } from "../../../words/moments";
import { usableZone } from "../../../words/window";
import { useProblemAt } from "./useProblemAt";
import { useWindowPreview } from "./useWindow";

/** Enough to choose from; more are found by typing. */
const offered = 40;
/** So many places are named, the largest first. */
const named = 4;

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
  field: { maxWidth: "24rem" },
  list: { maxHeight: "20rem" },
  option: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  below: { paddingLeft: tokens.spacingHorizontalXXXL, maxWidth: "60ch" },
});

interface Props {
  window: SendWindow;
  zones: string[];
  onChange: (change: Partial<SendWindow>) => void;
}

/** Whose clocks the hours are meant by. */
export function ZoneField({ window, zones, onChange }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const problem = useProblemAt();
  const { preview } = useWindowPreview();
  const [typed, setTyped] = useState<string | null>(null);
  const { timeZone, ownTimeZone = false } = window;
  const people = preview?.zones ?? [];
  const likely = [timeZone, ...people.map((each) => each.timeZone), ownZone()];
  const found = matching([...new Set([...likely.filter((each) => zones.includes(each)), ...zones])], typed ?? "");
  return (
    <div className={styles.box}>
      <Field label={t("window.zone")} className={styles.field} {...problem("/timing/window/timeZone")}>
        <Combobox
          freeform
          value={typed ?? zoneName(timeZone)}
          selectedOptions={[timeZone]}
          placeholder={t("window.zone.search")}
          listbox={{ className: styles.list }}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
          onFocus={(event) => {
            // Typing looks for another one.
            event.target.select();
          }}
          onBlur={() => {
            // What was typed and not chosen is no zone.
            setTyped(null);
          }}
          onOptionSelect={(_, data) => {
            // Typing something else deselects, which is not a choice.
            if (!data.optionValue) return;
            setTyped(null);
            onChange({ timeZone: data.optionValue });
          }}
        >
          {found.map((each) => (
            <Option key={each} value={each} text={zoneName(each)}>
              <span className={styles.option}>
                {zoneName(each)}
                <Caption1 className={styles.quiet}>{zoneDetail(each, locale)}</Caption1>
              </span>
            </Option>
          ))}
          {found.length === 0 && (
            <Option disabled value="" text="">
              {t("window.zone.none")}
            </Option>
          )}
        </Combobox>
      </Field>
      <Checkbox
        label={t("window.zone.own")}
        checked={ownTimeZone}
        onChange={(_, data) => {
          onChange({ ownTimeZone: data.checked === true });
        }}
      />
      {ownTimeZone && (
        <div className={styles.below}>
          <Caption1 block className={styles.quiet}>
            {t("window.zone.own.text", { zone: zoneName(timeZone) })}
          </Caption1>
          {people.length > 0 && <Text size={200}>{peopleWords(people)}</Text>}
        </div>
      )}
    </div>
  );

  function peopleWords(all: { timeZone: string; people: number }[]): string {
    const sorted = [...all].sort((a, b) => b.people - a.people);
    const words = sorted
      .slice(0, named)
      .map((each) => t("window.zone.people", { zone: zoneName(each.timeZone), n: each.people }));
    const rest = sorted.slice(named).reduce((sum, each) => sum + each.people, 0);
    if (rest > 0) words.push(t("window.zone.elsewhere", { n: rest }));
    return words.join(" · ");
  }
}

/** Those whose name has what was typed, places that begin with it first. */
export function matching(zones: string[], typed: string): string[] {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[\s_]+/g, " ")
      .trim();
  const wanted = plain(typed);
  if (wanted === "") return zones.slice(0, offered);
  const begins = zones.filter((each) => plain(zoneName(each)).startsWith(wanted));
  const has = zones.filter((each) => !begins.includes(each) && plain(each).includes(wanted));
  return [...begins, ...has].slice(0, offered);
}

/** "Europe, GMT+1" */
function zoneDetail(zone: string, locale: string): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: usableZone(zone), timeZoneName: "shortOffset" });
  const offset = parts.formatToParts().find(({ type }) => type === "timeZoneName")?.value ?? "";
  const region = zone.split("/").slice(0, -1).join(", ").replaceAll("_", " ");
  return [region, offset].filter(Boolean).join(", ");
}
