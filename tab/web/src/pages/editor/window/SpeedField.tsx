import { Field, Input, makeStyles } from "@fluentui/react-components";
import type { SendWindow } from "../../../api/types";
import { useLanguage } from "../../../i18n/Language";
import { maxPerHour } from "../../../words/window";
import { useDraft } from "../useDraft";
import { useProblemAt } from "./useProblemAt";

const useStyles = makeStyles({ field: { maxWidth: "24rem" }, input: { maxWidth: "10rem" } });

const field = "/timing/window/perHour";

interface Props {
  window: SendWindow;
  onChange: (change: Partial<SendWindow>) => void;
}

/** How many messages leave within an hour at most. */
export function SpeedField({ window: { perHour = 0 }, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { draft, unreadableAt } = useDraft();
  const problem = useProblemAt();
  const unreadable = unreadableAt.includes(field);
  return (
    <Field
      className={styles.field}
      label={t("window.speed")}
      hint={t("window.speed.hint")}
      {...problem(field)}
      {...(unreadable ? { validationMessage: t("problem.window_per_hour"), validationState: "error" as const } : {})}
    >
      <Input
        className={styles.input}
        inputMode="numeric"
        value={draft.typedText(field) ?? (perHour > 0 ? String(perHour) : "")}
        onChange={(_, data) => {
          const read = readNumber(data.value);
          draft.keepText(field, data.value);
          draft.setUnreadable(read === null, field);
          if (read !== null) onChange({ perHour: read });
        }}
      />
    </Field>
  );
}

/** A whole number, however its thousands are parted; nothing is no limit. */
function readNumber(text: string): number | null {
  const digits = text.replace(/[\s.,'’\u00a0\u202f]/g, "");
  if (digits === "") return text.trim() === "" ? 0 : null;
  const read = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
  return read >= 1 && read <= maxPerHour ? read : null;
}
