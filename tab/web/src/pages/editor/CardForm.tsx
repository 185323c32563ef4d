import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Tab,
  TabList,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import { beyondForm, cardOf, fitsForm, formOf, isWholeForm } from "../../content/card";
import { rewrite } from "../../content/json";
import { useLanguage } from "../../i18n/Language";
import { isKey, isPlain, type Key, type Translate } from "../../i18n/translate";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { CardFieldset } from "./CardFieldset";
import { isUnreadable, readCard } from "./cardText";
import type { DraftFields } from "./fields";
import { JsonView } from "./JsonView";
import { useDraft } from "./useDraft";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  tabs: { marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})` },
});

/** An Adaptive Card, seen as a form or as JSON. Going from one to the other loses nothing. */
export function CardForm() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const [asking, setAsking] = useState<"simplify" | "discard" | null>(null);
  const unreadable = isUnreadable(fields);
  const broken = unreadable || (fields.card !== null && !fitsForm(fields.card));
  const show = (view: DraftFields["cardView"]) => {
    if (view !== fields.cardView) draft.edit(view === "json" ? asJson(fields) : asForm(fields));
  };
  return (
    <div className={styles.form}>
      <TabList
        size="small"
        className={styles.tabs}
        aria-label={t("card.mode")}
        selectedValue={fields.cardView}
        onTabSelect={(_, data) => {
          show(data.value as DraftFields["cardView"]);
        }}
      >
        <Tab value="form">{t("card.form")}</Tab>
        <Tab value="json">{t("card.json")}</Tab>
      </TabList>
      {fields.cardView === "json" ? (
        <JsonView />
      ) : broken ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("card.broken")}</MessageBarBody>
          <MessageBarActions>
            <Button
              onClick={() => {
                show("json");
              }}
            >
              {t("card.broken.json")}
            </Button>
            {unreadable && (
              <Button
                onClick={() => {
                  setAsking("discard");
                }}
              >
                {t("card.broken.discard")}
              </Button>
            )}
          </MessageBarActions>
        </MessageBar>
      ) : (
        <>
          <Beyond
            onJson={() => {
              show("json");
            }}
            onSimplify={() => {
              setAsking("simplify");
            }}
          />
          <CardFieldset />
        </>
      )}
      {asking && (
        <ConfirmDialog
          title={t(`card.${asking}.title`)}
          destructive
          confirm={t(`card.${asking}.do`)}
          onConfirm={() => {
            if (asking === "discard") {
              draft.edit({ cardText: null });
              draft.setUnreadable(false);
            } else if (fields.card) draft.edit({ ...formOf(fields.card), card: null, cardText: null });
            return Promise.resolve(undefined);
          }}
          onClose={() => {
            setAsking(null);
          }}
        >
          <Text>{t(`card.${asking}.text`)}</Text>
        </ConfirmDialog>
      )}
    </div>
  );
}

function asJson(fields: DraftFields): Partial<DraftFields> {
  if (fields.card) return { cardView: "json" };
  const card = cardOf(fields);
  const before = fields.cardText === null ? null : readCard(fields.cardText).card;
  const cardText = fields.cardText !== null && before ? rewrite(fields.cardText, before, card) : null;
  return { cardView: "json", card, cardText };
}

/** A card that the form shows whole is the form's again; any other stays JSON, and the form writes into it. */
function asForm(fields: DraftFields): Partial<DraftFields> {
  const { card } = fields;
  if (card && !isUnreadable(fields) && isWholeForm(card)) return { cardView: "form", ...formOf(card), card: null };
  return { cardView: "form" };
}

/** Says what the form does not show, and that it stays. */
function Beyond({ onJson, onSimplify }: { onJson: () => void; onSimplify: () => void }) {
  const { t, locale } = useLanguage();
  const { fields } = useDraft();
  const beyond = fields.card ? beyondForm(fields.card) : [];
  if (beyond.length === 0) return null;
  const parts = [...new Set(beyond.map((type) => partWords(type, t)))];
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>{t("card.beyond", { parts: new Intl.ListFormat(locale).format(parts) })}</MessageBarBody>
      <MessageBarActions>
        <Button onClick={onJson}>{t("card.beyond.json")}</Button>
        <Button onClick={onSimplify}>{t("card.beyond.simplify")}</Button>
      </MessageBarActions>
    </MessageBar>
  );
}

function partWords(type: string, t: Translate): string {
  const key = `card.part.${type.startsWith("Input.") ? "Input" : type}`;
  return isKey(key) && isPlain(key) ? t(key as Extract<Key, `card.part.${string}`>) : t("card.part.other");
}
