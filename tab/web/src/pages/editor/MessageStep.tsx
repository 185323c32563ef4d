import {
  Field,
  makeStyles,
  mergeClasses,
  Radio,
  RadioGroup,
  Skeleton,
  SkeletonItem,
  Text,
  tokens,
} from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import type { Format } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { FormatIcon } from "../../ui/campaign";
import { CardForm } from "./CardForm";
import { useDraft, useFieldProblem } from "./useDraft";

const RichText = lazy(() => import("../../content/RichText"));

const formats = ["idea", "success", "important", "card", "message"] as const satisfies Format[];

const useStyles = makeStyles({
  formats: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fill, minmax(13rem, 1fr))",
    gap: tokens.spacingHorizontalM,
  },
  format: {
    alignItems: "flex-start",
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    padding: tokens.spacingHorizontalXS,
    ":hover": { backgroundColor: tokens.colorSubtleBackgroundHover },
  },
  chosen: {
    border: `${tokens.strokeWidthThin} solid ${tokens.colorCompoundBrandStroke}`,
    boxShadow: `inset 0 0 0 ${tokens.strokeWidthThin} ${tokens.colorCompoundBrandStroke}`,
  },
  label: {
    display: "grid",
    gridTemplateColumns: "auto 1fr",
    columnGap: tokens.spacingHorizontalS,
    alignItems: "center",
  },
  sentence: { gridColumn: "1 / -1", color: tokens.colorNeutralForeground3, paddingTop: tokens.spacingVerticalXS },
});

/** The format as cards to choose from, and the form that belongs to it. */
export function MessageStep() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft, generation } = useDraft();
  return (
    <>
      <Field label={t("editor.format")}>
        <RadioGroup
          className={styles.formats}
          value={fields.format}
          onChange={(_, data) => {
            draft.setUnreadable(false);
            draft.edit({ format: data.value as Format });
          }}
        >
          {formats.map((format) => (
            <Radio
              key={format}
              value={format}
              className={mergeClasses(styles.format, fields.format === format && styles.chosen)}
              label={
                <span className={styles.label}>
                  <FormatIcon format={format} />
                  <Text weight="semibold">{t(`format.${format}`)}</Text>
                  <Text size={200} className={styles.sentence}>
                    {t(`format.${format}.text`)}
                  </Text>
                </span>
              }
            />
          ))}
        </RadioGroup>
      </Field>
      {fields.format === "card" ? <CardForm key={generation} /> : <TextField label={t("text.label")} required />}
    </>
  );
}

export function TextField({ label, required = false }: { label: string; required?: boolean }) {
  const { fields, draft } = useDraft();
  const problem = useFieldProblem();
  return (
    <Field label={label} required={required} {...problem("/content/text")}>
      {() => (
        <Suspense
          fallback={
            <Skeleton>
              <SkeletonItem size={128} />
            </Skeleton>
          }
        >
          <RichText
            initial={fields.text}
            label={label}
            onChange={(text) => {
              draft.edit({ text });
            }}
          />
        </Suspense>
      )}
    </Field>
  );
}
