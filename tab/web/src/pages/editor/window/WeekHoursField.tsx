import { Button, Checkbox, Field, makeStyles, mergeClasses, Text, Tooltip, tokens } from "@fluentui/react-components";
import { CopyRegular, DismissRegular, DrinkCoffeeRegular } from "@fluentui/react-icons";
import type { Span, Weekday, WeekHours } from "../../../api/types";
import { useLanguage } from "../../../i18n/Language";
import { timeWords, weekdayName, weekdays } from "../../../words/window";
import { TimeBox } from "../TimeBox";
import { useDraft } from "../useDraft";
import { isLikeMonday, likeMonday, readTime, takesBreak, usual, withBreak } from "./spans";
import { useProblemAt } from "./useProblemAt";

const useStyles = makeStyles({
  week: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
  day: {
    display: "grid",
    gridTemplateColumns: "9rem 1fr",
    columnGap: tokens.spacingHorizontalM,
    alignItems: "start",
    "@media (max-width: 639px)": { gridTemplateColumns: "1fr" },
  },
  spans: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    "@media (max-width: 639px)": { paddingLeft: tokens.spacingHorizontalXXXL },
  },
  span: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalXS },
  time: { minWidth: 0, width: "7rem" },
  box: { minWidth: 0, width: "100%" },
  closed: { color: tokens.colorNeutralForeground3, lineHeight: tokens.lineHeightBase600 },
  copy: { alignSelf: "flex-start" },
});

interface Props {
  hours: WeekHours;
  onChange: (hours: WeekHours) => void;
}

/** The working hours, a row for each day of the week. */
export function WeekHoursField({ hours, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const forget = useForget();
  const problem = useProblemAt();
  return (
    <Field {...problem("/timing/window/hours", false)}>
      <div className={styles.week} role="group" aria-label={t("window.hours")}>
        {weekdays.map((each) => (
          <DayRow
            key={each}
            weekday={each}
            spans={hours[each] ?? []}
            onChange={(spans) => {
              onChange({ ...hours, [each]: spans });
            }}
          />
        ))}
        {!isLikeMonday(hours) && (
          <Button
            className={styles.copy}
            size="small"
            appearance="subtle"
            icon={<CopyRegular />}
            onClick={() => {
              for (const each of weekdays) forget(each);
              onChange(likeMonday(hours));
            }}
          >
            {t("window.hours.copy")}
          </Button>
        )}
      </div>
    </Field>
  );
}

/** What was typed into a day's fields and cannot be read is forgotten with the fields. */
function useForget() {
  const { draft, unreadableAt } = useDraft();
  return (weekday: Weekday) => {
    const at = `/timing/window/hours/${weekday}/`;
    for (const each of unreadableAt.filter((field) => field.startsWith(at))) {
      draft.keepText(each, undefined);
      draft.setUnreadable(false, each);
    }
  };
}

function DayRow({ weekday, spans, onChange }: { weekday: Weekday; spans: Span[]; onChange: (spans: Span[]) => void }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { unreadableAt } = useDraft();
  const forget = useForget();
  const problem = useProblemAt();
  const day = weekdayName(weekday, locale);
  const at = `/timing/window/hours/${weekday}`;
  const found = problem(at);
  const unreadable = unreadableAt.some((each) => each.startsWith(`${at}/`));
  const replace = (next: Span[]) => {
    forget(weekday);
    onChange(next);
  };
  const button = (label: string, icon: React.ReactElement, onClick: () => void) => (
    <Tooltip content={label} relationship="label">
      <Button appearance="subtle" icon={icon} onClick={onClick} />
    </Tooltip>
  );
  return (
    <Field
      {...found}
      {...(unreadable ? { validationMessage: t("later.invalid"), validationState: "error" as const } : {})}
    >
      <div className={styles.day} role="group" aria-label={day}>
        <Checkbox
          label={capital(day, locale)}
          checked={spans.length > 0}
          onChange={(_, data) => {
            replace(data.checked === true ? [usual] : []);
          }}
        />
        <div className={styles.spans}>
          {spans.length === 0 && <Text className={styles.closed}>{t("window.hours.closed")}</Text>}
          {spans.map((span, index) => (
            <div key={index} className={styles.span}>
              <TimeField
                day={day}
                at={`${at}/${String(index)}`}
                span={span}
                end={false}
                onChange={(from) => onChange(spans.with(index, { ...span, from }))}
              />
              <Text aria-hidden>–</Text>
              <TimeField
                day={day}
                at={`${at}/${String(index)}`}
                span={span}
                end
                onChange={(to) => onChange(spans.with(index, { ...span, to }))}
              />
              {index > 0
                ? button(t("window.hours.remove", { day }), <DismissRegular />, () => {
                    replace(spans.toSpliced(index, 1));
                  })
                : takesBreak(spans) &&
                  button(t("window.hours.break", { day }), <DrinkCoffeeRegular />, () => {
                    replace(withBreak(spans));
                  })}
            </div>
          ))}
        </div>
      </div>
    </Field>
  );
}

interface TimeFieldProps {
  day: string;
  /** The stretch's pointer. */
  at: string;
  span: Span;
  end: boolean;
  onChange: (time: string) => void;
}

function TimeField({ day, at, span, end, onChange }: TimeFieldProps) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { draft } = useDraft();
  const field = `${at}/${end ? "to" : "from"}`;
  return (
    <div className={styles.time} data-field={field}>
      <TimeBox
        className={styles.box}
        input={{ className: mergeClasses(styles.box) }}
        aria-label={t(end ? "window.hours.to" : "window.hours.from", { day })}
        value={draft.typedText(field) ?? timeWords(end ? span.to : span.from, locale)}
        onChange={(text) => {
          const time = readTime(text, end);
          draft.keepText(field, text);
          draft.setUnreadable(time === null, field);
          if (time !== null) onChange(time);
        }}
      />
    </div>
  );
}

/** French days begin small, rows do not. */
function capital(words: string, locale: string): string {
  return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
}
