import { Caption1, Field, makeStyles, Radio, RadioGroup, Text, tokens } from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import { useLanguage } from "../../i18n/Language";
import { now } from "../../words/clock";
import { parseTime, suggestion } from "../../words/sendLater";
import type { When } from "./fields";
import { useDraft } from "./useDraft";
import { useWindowDefaults } from "./window/useWindow";

const WindowForm = lazy(() => import("./window/WindowForm"));
const MomentPicker = lazy(() => import("./MomentPicker").then((each) => ({ default: each.MomentPicker })));

const useStyles = makeStyles({
  label: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  // Below the choice that it belongs to, in line with its words.
  picker: {
    marginLeft: `calc(${tokens.spacingHorizontalXXXL} + ${tokens.spacingHorizontalXS})`,
    "@media (max-width: 639px)": { marginLeft: 0 },
  },
});

const choices = ["now", "later", "window"] as const satisfies When[];

/** When it goes out. Kept with the draft; the review sends it so. */
export function TimeStep() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft, unreadableAt } = useDraft();
  // On its way while the author reads the choices.
  useWindowDefaults();

  function choose(at: number, typed: string | undefined) {
    draft.keepText(atField, typed);
    draft.setUnreadable(typed !== undefined && parseTime(typed) === null, atField);
    draft.edit({ when: "later", at: new Date(at).toISOString() });
  }

  return (
    <>
      <Field label={t("time.title")}>
        <RadioGroup
          value={fields.when}
          onChange={(_, data) => {
            const when = data.value as When;
            // What was chosen otherwise is kept, for a change of mind; what cannot be read there stands in nobody's way.
            for (const field of unreadableAt.filter((each) => each.startsWith("/timing"))) {
              draft.setUnreadable(false, field);
              if (field !== atField) draft.keepText(field, undefined);
            }
            if (when === "later") {
              choose(fields.at === null ? suggestion(now()) : Date.parse(fields.at), draft.typedText(atField));
            } else draft.edit({ when });
          }}
        >
          {choices.map((each) => (
            <Radio
              key={each}
              value={each}
              label={
                <span className={styles.label}>
                  <Text weight="semibold">{t(`time.${each}`)}</Text>
                  <Caption1 className={styles.quiet}>{t(`time.${each}.text`)}</Caption1>
                </span>
              }
            />
          ))}
        </RadioGroup>
      </Field>
      {fields.when === "later" && fields.at !== null && (
        <div className={styles.picker}>
          <Suspense fallback={null}>
            <MomentPicker at={Date.parse(fields.at)} typed={draft.typedText(atField)} onChange={choose} />
          </Suspense>
        </div>
      )}
      {fields.when === "window" && (
        <Suspense fallback={null}>
          <WindowForm />
        </Suspense>
      )}
    </>
  );
}

const atField = "/timing/at";
