import type { Button, Fact } from "../../api/types";
import {
  blanksBefore,
  type CardFields,
  formOf,
  type Json,
  moved,
  pointerOf,
  type RowKind,
  rowNode,
  rowPointer,
  type TextName,
  withMovedRow,
  withNewRow,
  withoutImage,
  withoutRow,
  withRow,
  withText,
} from "../../content/card";
import { rewrite } from "../../content/json";
import { isSomething } from "./fields";
import { useDraft } from "./useDraft";

/** What the form does to a card, wherever the card is kept: as the form's own fields, or as JSON. */
export interface CardInForm {
  fields: CardFields;
  setText: (name: TextName, value: string) => void;
  setImage: (url: string) => void;
  removeImage: () => void;
  setRow: (kind: RowKind, index: number, change: Partial<Button & Fact>) => void;
  addRow: (kind: RowKind) => void;
  /** Gives back what brings the row back. */
  removeRow: (kind: RowKind, index: number) => () => void;
  moveRow: (kind: RowKind, from: number, to: number) => void;
  /** Where the problems of a field are found, as JSON pointers into the campaign. */
  pointer: (name: TextName | RowKind) => string;
  rowPointer: (kind: RowKind, index: number) => string;
}

export function useCard(): CardInForm {
  const { draft, fields } = useDraft();
  return fields.card ? ofJson(fields.card) : ofFields();

  function ofFields(): CardInForm {
    const change = (kind: RowKind, how: (rows: (Button | Fact)[]) => (Button | Fact)[]) => {
      // Read anew: what brings a row back may be called after other changes.
      draft.edit({ [kind]: how(draft.get().fields[kind]) });
    };
    return {
      fields,
      setText: (name, value) => {
        draft.edit({ [name]: value });
      },
      setImage: (imageUrl) => {
        draft.edit({ imageUrl });
      },
      removeImage: () => {
        draft.edit({ imageUrl: "", imageAlt: "" });
      },
      setRow: (kind, index, to) => {
        change(kind, (rows) => rows.map((row, at) => (at === index ? { ...row, ...to } : row)));
      },
      addRow: (kind) => {
        change(kind, (rows) => [...rows, kind === "facts" ? { title: "", value: "" } : { title: "", url: "" }]);
      },
      removeRow: (kind, index) => {
        const row = fields[kind][index];
        change(kind, (rows) => rows.toSpliced(index, 1));
        return () => {
          if (row) change(kind, (rows) => rows.toSpliced(index, 0, row));
        };
      },
      moveRow: (kind, from, to) => {
        change(kind, (rows) => moved(rows, from, to));
      },
      pointer: (name) => `/content/${name}`,
      rowPointer: (kind, index) =>
        `/content/${kind}/${String(fields[kind].slice(0, index).filter(isSomething).length)}`,
    };
  }

  function ofJson(shown: Json): CardInForm {
    const change = (how: (card: Json) => Json) => {
      const { card, cardText } = draft.get().fields;
      if (!card) return;
      const after = how(card);
      draft.edit({ card: after, cardText: cardText === null ? null : rewrite(cardText, card, after) });
    };
    return {
      fields: formOf(shown),
      setText: (name, value) => {
        change((card) => withText(card, name, value));
      },
      setImage: (url) => {
        change((card) => withText(card, "imageUrl", url));
      },
      removeImage: () => {
        change(withoutImage);
      },
      setRow: (kind, index, to) => {
        change((card) => withRow(card, kind, index, to));
      },
      addRow: (kind) => {
        change((card) => withNewRow(card, kind));
      },
      removeRow: (kind, index) => {
        const node = rowNode(shown, kind, index);
        change((card) => withoutRow(card, kind, index));
        return () => {
          change((card) => withNewRow(card, kind, node, index));
        };
      },
      moveRow: (kind, from, to) => {
        change((card) => withMovedRow(card, kind, from, to));
      },
      pointer: (name) => `/content/card${pointerOf(shown, name)}`,
      // What is blank is not sent, so the places that Herald names are those without.
      rowPointer: (kind, index) =>
        `/content/card${rowPointer(shown, kind, index - (kind === "buttons" ? blanksBefore(shown, index) : 0))}`,
    };
  }
}
