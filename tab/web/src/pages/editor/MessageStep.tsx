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
import { phone, useMedia } from "../../ui/Session";
import { CardForm } from "./CardForm";
import { useAudienceCount } from "./useAudienceCount";
import { useDraft, useFieldProblem, useUnknownVariables } from "./useDraft";

const RichText = lazy(() => import("../../content/RichText"));

const formats = ["idea", "success", "important", "card", "message"] as const satisfies Format[];

const useStyles = makeStyles({
  formats: {
    display: "grid",
    gridTemplateColumns: `repeat(${String(formats.length)}, minmax(0, 1fr))`,
    gap: tokens.spacingHorizontalS,
    alignItems: "stretch",
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  format: {
    alignItems: "center",
    minWidth: 0,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    padding: tokens.spacingHorizontalXS,
    ":hover": { backgroundColor: tokens.colorSubtleBackgroundHover },
  },
  chosen: {
    border: `${tokens.strokeWidthThin} solid ${tokens.colorCompoundBrandStroke}`,
    boxShadow: `inset 0 0 0 ${tokens.strokeWidthThin} ${tokens.colorCompoundBrandStroke}`,
  },
  label: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS },
  tile: { flexDirection: "column" },
  tight: { paddingInline: 0 },
});

/** The format as cards to choose from, and the form that belongs to it. */
export function MessageStep() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft, generation } = useDraft();
  const small = useMedia(phone);
  return (
    <>
      <Field label={t("editor.format")} hint={fields.format === "survey" ? null : t(`format.${fields.format}.text`)}>
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
              labelPosition={small ? "after" : "below"}
              className={mergeClasses(styles.format, fields.format === format && styles.chosen)}
              label={{
                className: small ? undefined : styles.tight,
                children: (
                  <span className={mergeClasses(styles.label, !small && styles.tile)}>
                    <FormatIcon format={format} />
                    <Text weight="semibold" align={small ? "start" : "center"}>
                      {t(`format.${format}`)}
                    </Text>
                  </span>
                ),
              }}
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
  const { count } = useAudienceCount();
  const problem = useFieldProblem();
  const unknown = useUnknownVariables("/content/text");
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
            columns={count?.columns ?? []}
            unknown={unknown}
            onChange={(text) => {
              draft.edit({ text });
            }}
          />
        </Suspense>
      )}
    </Field>
  );
}
