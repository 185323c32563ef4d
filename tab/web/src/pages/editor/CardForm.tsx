import { Button, Field, Input, makeStyles, Tab, TabList, Text, Textarea, tokens } from "@fluentui/react-components";
import { AddRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { Button as CardButton } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Why } from "../../ui/Why";
import { cardOf } from "./fields";
import { TextField } from "./MessageStep";
import { isHttps, useDraft, useFieldProblem } from "./useDraft";

const maxButtons = 6;

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  buttons: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, alignItems: "flex-start" },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 2fr) minmax(0, 3fr) auto",
    gap: tokens.spacingHorizontalM,
    width: "100%",
    alignItems: "start",
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr) auto" },
  },
  url: { "@media (max-width: 639px)": { gridColumn: "1", gridRow: "2" } },
  remove: { marginTop: tokens.spacingVerticalXXL },
  json: {
    fontFamily: tokens.fontFamilyMonospace,
    "& textarea": { fontFamily: tokens.fontFamilyMonospace, minHeight: "24rem" },
  },
  tabs: { marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})` },
});

/** An Adaptive Card, from a form or as JSON. */
export function CardForm() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const [asking, setAsking] = useState(false);
  const mode = fields.card ? "json" : "form";
  return (
    <div className={styles.form}>
      <TabList
        size="small"
        className={styles.tabs}
        aria-label={t("card.mode")}
        selectedValue={mode}
        onTabSelect={(_, data) => {
          if (data.value === "json" && !fields.card) draft.edit({ card: cardOf(fields) });
          else if (data.value === "form" && fields.card) setAsking(true);
        }}
      >
        <Tab value="form">{t("card.form")}</Tab>
        <Tab value="json">{t("card.json")}</Tab>
      </TabList>
      {mode === "form" ? <Form /> : <Json />}
      {asking && (
        <ConfirmDialog
          title={t("card.json.switch.title")}
          destructive
          confirm={t("card.json.switch.do")}
          onConfirm={() => {
            draft.setUnreadable(false);
            draft.edit({ card: null });
            return Promise.resolve(undefined);
          }}
          onClose={() => {
            setAsking(false);
          }}
        >
          <Text>{t("card.json.switch.text")}</Text>
        </ConfirmDialog>
      )}
    </div>
  );
}

function Form() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const problem = useFieldProblem();
  const setButton = (index: number, change: Partial<CardButton>) => {
    draft.edit({ buttons: fields.buttons.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  };
  return (
    <>
      <Field label={t("card.title")} {...problem("/content/title")}>
        <Input
          value={fields.title}
          onChange={(_, data) => {
            draft.edit({ title: data.value });
          }}
        />
      </Field>
      <Field
        label={t("card.image")}
        hint={t("card.image.hint")}
        {...problem("/content/imageUrl", httpsProblem(fields.imageUrl, t))}
      >
        <Input
          type="url"
          value={fields.imageUrl}
          placeholder="https://"
          onChange={(_, data) => {
            draft.edit({ imageUrl: data.value });
          }}
        />
      </Field>
      {fields.imageUrl.trim() !== "" && (
        <Field label={t("card.alt")} hint={t("card.alt.hint")} required {...problem("/content/imageAlt")}>
          <Input
            value={fields.imageAlt}
            onChange={(_, data) => {
              draft.edit({ imageAlt: data.value });
            }}
          />
        </Field>
      )}
      <TextField label={t("card.text")} />
      <div className={styles.buttons} role="group" aria-label={t("card.buttons")}>
        {fields.buttons.map((button, index) => {
          const n = index + 1;
          return (
            // Buttons have no identity but their place.
            <div key={String(index)} className={styles.row}>
              <Field label={t("card.button.title", { n })} {...problem(`/content/buttons/${String(index)}/title`)}>
                <Input
                  value={button.title}
                  onChange={(_, data) => {
                    setButton(index, { title: data.value });
                  }}
                />
              </Field>
              <Field
                className={styles.url}
                label={t("card.button.url", { n })}
                {...problem(`/content/buttons/${String(index)}/url`, httpsProblem(button.url, t))}
              >
                <Input
                  type="url"
                  value={button.url}
                  placeholder="https://"
                  onChange={(_, data) => {
                    setButton(index, { url: data.value });
                  }}
                />
              </Field>
              <Button
                className={styles.remove}
                appearance="subtle"
                icon={<DeleteRegular />}
                aria-label={t("card.button.remove", { n })}
                onClick={() => {
                  draft.edit({ buttons: fields.buttons.filter((_, at) => at !== index) });
                }}
              />
            </div>
          );
        })}
        <Why reason={fields.buttons.length >= maxButtons ? t("card.button.max") : null}>
          <Button
            icon={<AddRegular />}
            disabledFocusable={fields.buttons.length >= maxButtons}
            onClick={() => {
              draft.edit({ buttons: [...fields.buttons, { title: "", url: "" }] });
            }}
          >
            {t("card.button.add")}
          </Button>
        </Why>
      </div>
    </>
  );
}

/** Said at once, before Herald refuses it; an address that is still being begun is let be. */
function httpsProblem(url: string, t: Translate): string | null {
  const text = url.trim();
  return text === "" || isHttps(text) || "https://".startsWith(text.toLowerCase()) ? null : t("card.https");
}

function Json() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const problem = useFieldProblem();
  const [text, setText] = useState(() => JSON.stringify(fields.card, null, 2));
  const [wrong, setWrong] = useState<string | null>(null);
  return (
    <Field label={t("card.json.label")} hint={t("card.json.hint")} {...problem("/content/card", wrong)}>
      <Textarea
        className={styles.json}
        value={text}
        resize="vertical"
        spellCheck={false}
        onChange={(_, data) => {
          setText(data.value);
          const read = readCard(data.value, t);
          setWrong(read.problem);
          draft.setUnreadable(read.problem !== null);
          if (read.card) draft.edit({ card: read.card });
        }}
      />
    </Field>
  );
}

function readCard(text: string, t: Translate): { card: Record<string, unknown> | null; problem: string | null } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return { card: null, problem: t("card.json.object") };
    }
    const card = value as Record<string, unknown>;
    if (card.type !== "AdaptiveCard") return { card: null, problem: t("card.json.type") };
    return { card, problem: null };
  } catch (error) {
    return { card: null, problem: t("card.json.invalid", { detail: error instanceof Error ? error.message : "" }) };
  }
}
