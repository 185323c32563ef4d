import { Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { useNow } from "../../ui/Session";
import { plannedMoment, timeZone, zoneName } from "../../words/moments";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS, maxWidth: "18rem" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  at: number;
  problem?: { validationMessage: string; validationState: "error" } | object;
  onChange: (at: number) => void;
}

/** The day and the time until which answers are taken, in the author's own time zone. */
export function ClosingPicker({ at, problem = {}, onChange }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  // A date that is only half typed says nothing yet.
  const [typed, setTyped] = useState<string | null>(null);
  const past = at <= now;
  return (
    <div className={styles.box}>
      <Field
        label={t("builder.closing.when")}
        required
        {...(past
          ? { validationMessage: t("problem.closes_in_past"), validationState: "error" as const }
          : typed === ""
            ? { validationMessage: t("builder.closing.invalid"), validationState: "error" as const }
            : problem)}
      >
        <Input
          type="datetime-local"
          value={typed ?? localOf(at)}
          min={localOf(now)}
          onChange={(_, data) => {
            const next = new Date(data.value).getTime();
            setTyped(Number.isNaN(next) ? data.value : null);
            if (!Number.isNaN(next)) onChange(next);
          }}
        />
      </Field>
      <Text size={200} className={styles.quiet}>
        {past
          ? t("later.zone", { zone: zoneName(timeZone()) })
          : t("builder.closing.says", { moment: plannedMoment(at, now, locale, t) })}
      </Text>
    </div>
  );
}

/** As a field for date and time takes it. */
export function localOf(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** A week from now, at the full hour. */
export function inAWeek(now: number): number {
  const date = new Date(now);
  date.setDate(date.getDate() + 7);
  return date.setMinutes(0, 0, 0);
}
