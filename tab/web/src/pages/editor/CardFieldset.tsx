import { Field, Input } from "@fluentui/react-components";
import { isScript } from "../../content/links";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { ImageField } from "./ImageField";
import { near } from "./limits";
import { TextField } from "./MessageStep";
import { Rows } from "./Rows";
import { useCard } from "./useCard";
import { isHttps, useFieldProblem } from "./useDraft";

/** The usual parts of a card, in the order in which people see them. */
export function CardFieldset() {
  const { t } = useLanguage();
  const card = useCard();
  const problem = useFieldProblem();
  const title = near(card.fields.title, 200, t);
  return (
    <>
      <Field label={t("card.title")} hint={title.hint} {...problem(card.pointer("title"), title.problem)}>
        <Input
          value={card.fields.title}
          onChange={(_, data) => {
            card.setText("title", data.value);
          }}
        />
      </Field>
      <ImageField card={card} />
      <TextField
        label={t("card.text")}
        value={card.fields.text}
        pointer={card.pointer("text")}
        onChange={(text) => {
          card.setText("text", text);
        }}
      />
      <Rows
        card={card}
        kind="facts"
        max={10}
        columns={[
          { name: "title", limit: 100 },
          { name: "value", limit: 500 },
        ]}
      />
      <Rows
        card={card}
        kind="buttons"
        max={6}
        columns={[
          { name: "title", limit: 40 },
          { name: "url", limit: 2048, problem: (url) => httpsProblem(url, t) },
        ]}
      />
    </>
  );
}

/** Said at once, before Herald refuses it; an address that is still being begun is let be. */
export function httpsProblem(url: string, t: Translate): string | null {
  const text = url.trim();
  if (text === "" || isHttps(text) || "https://".startsWith(text.toLowerCase())) return null;
  return isScript(text) ? t("problem.script_url") : t("card.https");
}
