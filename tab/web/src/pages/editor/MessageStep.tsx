import {
  Caption1,
  Field,
  makeStyles,
  mergeClasses,
  Radio,
  RadioGroup,
  Skeleton,
  SkeletonItem,
  shorthands,
  Text,
  tokens,
} from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import type { Format } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { phone, useMedia } from "../../ui/Session";
import { CardForm } from "./CardForm";
import { isUnreadable } from "./cardText";
import { FormatPicture } from "./FormatPicture";
import { useAudienceCount } from "./useAudienceCount";
import { useDraft, useFieldProblem, useUnknownVariables } from "./useDraft";

const RichText = lazy(() => import("../../content/RichText"));
const SurveyPicker = lazy(() => import("./SurveyPicker"));

const formats = ["idea", "success", "important", "card", "message", "survey"] as const satisfies Format[];

const useStyles = makeStyles({
  formats: {
    display: "grid",
    gridTemplateColumns: `repeat(${String(formats.length)}, minmax(0, 1fr))`,
    gap: tokens.spacingHorizontalS,
    alignItems: "stretch",
    "@media (max-width: 1199px)": { gridTemplateColumns: "repeat(3, minmax(0, 1fr))" },
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  format: {
    position: "relative",
    minWidth: 0,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    padding: tokens.spacingHorizontalS,
    ":hover": shorthands.borderColor(tokens.colorNeutralStroke1Hover),
  },
  chosen: {
    border: `${tokens.strokeWidthThin} solid ${tokens.colorCompoundBrandStroke}`,
    boxShadow: `inset 0 0 0 ${tokens.strokeWidthThin} ${tokens.colorCompoundBrandStroke}`,
  },
  // The dot stands before the name, under the picture.
  indicator: { alignSelf: "end", margin: `0 ${tokens.spacingHorizontalXS} ${tokens.spacingVerticalSNudge} 0` },
  // The whole tile is the radio, so that the picture does not stand in a click's way.
  input: { width: "100%", height: "100%", top: 0, left: 0, zIndex: 1 },
  indicatorPhone: { alignSelf: "center" },
  labelled: { padding: 0, flexGrow: 1, minWidth: 0 },
  label: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  row: {
    display: "grid",
    gridTemplateColumns: "8rem minmax(0, 1fr)",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
  },
  picture: { marginLeft: `calc(-1 * (${tokens.spacingHorizontalXS} + ${tokens.spacingHorizontalL}))` },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** The format as cards to choose from, and the form that belongs to it. */
export function MessageStep() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft, generation } = useDraft();
  const small = useMedia(phone);
  return (
    <>
      <Field label={t("editor.format")} hint={small ? null : t(`format.${fields.format}.text`)}>
        <RadioGroup
          className={styles.formats}
          value={fields.format}
          onChange={(_, data) => {
            const format = data.value as Format;
            draft.edit({ format });
            // A card that cannot be read stays as it was typed, and does not keep another format from being saved.
            draft.setUnreadable(isUnreadable({ ...fields, format }));
          }}
        >
          {formats.map((format) => (
            <Radio
              key={format}
              value={format}
              className={mergeClasses(styles.format, fields.format === format && styles.chosen)}
              input={{ className: styles.input }}
              indicator={{ className: mergeClasses(styles.indicator, small && styles.indicatorPhone) }}
              label={{
                className: styles.labelled,
                children: small ? (
                  <span className={styles.row}>
                    <FormatPicture format={format} />
                    <span>
                      <Text block weight="semibold">
                        {t(`format.${format}`)}
                      </Text>
                      <Caption1 className={styles.quiet}>{t(`format.${format}.text`)}</Caption1>
                    </span>
                  </span>
                ) : (
                  <span className={styles.label}>
                    <span className={styles.picture}>
                      <FormatPicture format={format} />
                    </span>
                    <Text size={200} weight="semibold">
                      {t(`format.${format}`)}
                    </Text>
                  </span>
                ),
              }}
            />
          ))}
        </RadioGroup>
      </Field>
      {fields.format === "card" ? (
        <CardForm key={generation} />
      ) : fields.format === "survey" ? (
        <Suspense
          fallback={
            <Skeleton>
              <SkeletonItem size={64} />
            </Skeleton>
          }
        >
          <SurveyPicker />
        </Suspense>
      ) : (
        <TextField label={t("text.label")} required />
      )}
    </>
  );
}

interface TextFieldProps {
  label: string;
  required?: boolean;
  /** What the text is, and where it goes; left out: the message's own. */
  value?: string;
  onChange?: (text: string) => void;
  /** Where its problems are found. */
  pointer?: string;
}

export function TextField({ label, required = false, value, onChange, pointer = "/content/text" }: TextFieldProps) {
  const { fields, draft } = useDraft();
  const { count } = useAudienceCount();
  const problem = useFieldProblem();
  const unknown = useUnknownVariables("/content/text");
  return (
    <Field label={label} required={required} {...problem(pointer)}>
      {() => (
        <Suspense
          fallback={
            <Skeleton>
              <SkeletonItem size={128} />
            </Skeleton>
          }
        >
          <RichText
            initial={value ?? fields.text}
            label={label}
            columns={count?.columns ?? []}
            unknown={unknown}
            onChange={
              onChange ??
              ((text) => {
                draft.edit({ text });
              })
            }
          />
        </Suspense>
      )}
    </Field>
  );
}
