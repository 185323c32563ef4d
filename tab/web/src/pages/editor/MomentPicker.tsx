import { Body1, Field, Link, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useLanguage } from "../../i18n/Language";
import { useNow, useSession } from "../../ui/Session";
import { clockTime, dateAndTime, duration, plannedMoment, timeZone, zoneName } from "../../words/moments";
import { checkLater, isLeftOut, latestMoment, momentOf, parseTime, timeOf, twin } from "../../words/sendLater";
import { DayPicker } from "./DayPicker";
import { TimeBox } from "./TimeBox";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  row: {
    display: "grid",
    alignItems: "start",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(12rem, 100%), 1fr))",
    gap: tokens.spacingHorizontalM,
    maxWidth: "36rem",
  },
  quiet: { color: tokens.colorNeutralForeground3 },
  wrong: { color: tokens.colorStatusDangerForeground1 },
  says: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
});

interface Props {
  at: number;
  /** The time as it was typed, readable or not; undefined: that of `at`. */
  typed: string | undefined;
  /** `at` stays as it was while the time cannot be read. */
  onChange: (at: number, typed: string | undefined) => void;
}

/** A date and a time of the author's own, at most as far ahead as Herald allows, said back in words. */
export function MomentPicker({ at, typed, onChange }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { config } = useSession();
  const now = useNow();
  const time = typed ?? clockTime(at, locale);
  const read = parseTime(time);
  const latest = latestMoment(now, config.sendLaterMaxHours);
  const until = dateAndTime(latest, locale);
  const setTime = (text: string) => {
    const next = parseTime(text);
    onChange(next ? momentOf(new Date(at), next) : at, text);
  };
  return (
    <div className={styles.form}>
      <Body1 className={styles.quiet}>
        {t("later.text", { time: duration(config.sendLaterMaxHours * 3_600_000, locale), until })}
      </Body1>
      <div className={styles.row} data-field="/timing/at">
        <Field label={t("later.date")} required>
          <DayPicker
            value={new Date(at)}
            minDate={new Date(now)}
            maxDate={new Date(latest)}
            onChange={(chosen) => {
              // What cannot be read keeps standing there; the day is chosen all the same.
              onChange(momentOf(chosen, read ?? timeOf(at)), typed);
            }}
          />
        </Field>
        <Field
          label={t("later.time")}
          required
          validationMessage={read ? null : t("later.invalid")}
          validationState={read ? "none" : "error"}
        >
          <TimeBox value={time} onChange={setTime} />
        </Field>
      </div>
      <Text className={styles.quiet}>{t("later.zone", { zone: zoneName(timeZone()) })}</Text>
      <div role="status" className={styles.says}>
        {read && <Said at={at} wanted={read} onChange={onChange} />}
      </div>
    </div>
  );
}

/** The moment in words, or why it cannot be; and what a night in which the clocks change makes of it. */
function Said({
  at,
  wanted,
  onChange,
}: {
  at: number;
  wanted: { hours: number; minutes: number };
  onChange: Props["onChange"];
}) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { config } = useSession();
  const now = useNow();
  const problem = checkLater(at, now, config.sendLaterMaxHours);
  const other = twin(at);
  if (problem === "past") {
    return (
      <Text weight="semibold" className={styles.wrong}>
        {t("later.past")}
      </Text>
    );
  }
  if (problem === "cap") {
    const until = dateAndTime(latestMoment(now, config.sendLaterMaxHours), locale);
    return (
      <Text weight="semibold" className={styles.wrong}>
        {t("later.cap", { until })}
      </Text>
    );
  }
  return (
    <>
      <Text weight="semibold">{t("later.says", { moment: plannedMoment(at, now, locale, t) })}</Text>
      {isLeftOut(at, wanted) && <Text>{t("later.leftout")}</Text>}
      {other && (
        <Text>
          {t(other.first ? "later.twice.first" : "later.twice.second")}{" "}
          <Link
            as="button"
            inline
            onClick={() => {
              onChange(other.at, undefined);
            }}
          >
            {t(other.first ? "later.twice.take.second" : "later.twice.take.first")}
          </Link>
        </Text>
      )}
    </>
  );
}
