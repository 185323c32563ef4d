import { Field, makeStyles, Tag, TagGroup, tokens } from "@fluentui/react-components";
import type { SendWindow } from "../../../api/types";
import { useLanguage } from "../../../i18n/Language";
import { daysOf, dayWords, maxHolidays } from "../../../words/window";
import { DayPicker } from "../DayPicker";
import { dateOf, textOf } from "./dates";
import { useProblemAt } from "./useProblemAt";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS, maxWidth: "18rem" },
  tags: { flexWrap: "wrap", rowGap: tokens.spacingVerticalXS },
});

interface Props {
  window: SendWindow;
  onChange: (change: Partial<SendWindow>) => void;
}

/** Days of the window that are left out. */
export function HolidaysField({ window, onChange }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const problem = useProblemAt();
  const { holidays = [] } = window;
  const days = daysOf(window);
  const [first, last] = [dateOf(days[0] ?? ""), dateOf(days.at(-1) ?? "")];
  return (
    <div className={styles.box}>
      <Field label={t("window.holidays")} hint={t("window.holidays.hint")} {...problem("/timing/window/holidays")}>
        <DayPicker
          // Chosen days stand below; the field is for the next one.
          key={holidays.join()}
          value={null}
          placeholder={t("window.holidays.add")}
          disabled={holidays.length >= maxHolidays}
          {...(first ? { minDate: first, initialPickerDate: first } : {})}
          {...(last ? { maxDate: last } : {})}
          calendar={{ restrictedDates: holidays.flatMap((each) => dateOf(each) ?? []) }}
          onChange={(chosen) => {
            const day = textOf(chosen);
            if (!holidays.includes(day)) onChange({ holidays: [...holidays, day] });
          }}
        />
      </Field>
      {holidays.length > 0 && (
        <TagGroup
          className={styles.tags}
          aria-label={t("window.holidays")}
          onDismiss={(_, data) => {
            onChange({ holidays: holidays.filter((each) => each !== data.value) });
          }}
        >
          {holidays.map((each) => (
            <Tag
              key={each}
              value={each}
              dismissible
              dismissIcon={{ "aria-label": t("window.holidays.remove", { day: dayWords(each, locale) }) }}
            >
              {dayWords(each, locale)}
            </Tag>
          ))}
        </TagGroup>
      )}
    </div>
  );
}
