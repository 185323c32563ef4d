import { Field, makeStyles, SpinButton, tokens } from "@fluentui/react-components";
import type { SendWindow } from "../../../api/types";
import { useLanguage } from "../../../i18n/Language";
import { useNow } from "../../../ui/Session";
import { addDays, dayIn, maxAhead, maxDays } from "../../../words/window";
import { DayPicker } from "../DayPicker";
import { dateOf, textOf } from "./dates";
import { useProblemAt } from "./useProblemAt";

const useStyles = makeStyles({
  row: {
    display: "grid",
    alignItems: "start",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(12rem, 100%), 1fr))",
    gap: tokens.spacingHorizontalM,
    maxWidth: "36rem",
  },
});

interface Props {
  window: SendWindow;
  onChange: (change: Partial<SendWindow>) => void;
}

/** On which day it begins, and for how many days it goes on. */
export function DaysRow({ window, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const problem = useProblemAt();
  const today = dayIn(window.timeZone, useNow());
  return (
    <div className={styles.row}>
      <Field label={t("window.first")} required {...problem("/timing/window/firstDay")}>
        <DayPicker
          value={dateOf(window.firstDay)}
          minDate={dateOf(today) ?? undefined}
          maxDate={dateOf(addDays(today, maxAhead)) ?? undefined}
          onChange={(chosen) => {
            onChange({ firstDay: textOf(chosen) });
          }}
        />
      </Field>
      <Field label={t("window.days")} required hint={t("window.days.hint")} {...problem("/timing/window/days")}>
        <SpinButton
          value={window.days}
          min={1}
          max={maxDays}
          onChange={(_, data) => {
            const days = data.value ?? Number.parseInt(data.displayValue ?? "", 10);
            if (Number.isInteger(days)) onChange({ days });
          }}
        />
      </Field>
    </div>
  );
}
