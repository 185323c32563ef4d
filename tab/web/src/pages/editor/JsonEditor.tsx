import { defaultKeymap, history, historyKeymap, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tokens } from "@fluentui/react-components";
import { tags } from "@lezer/highlight";
import { type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef, useState } from "react";

/** Something wrong, as offsets into the text. */
export interface Mark {
  from: number;
  to: number;
  message: string;
}

export interface JsonEditorHandle {
  goTo: (mark: Mark) => void;
  /** Another text in place of this one; undo brings it back. */
  replace: (text: string) => void;
  undo: () => void;
  redo: () => void;
}

interface Props {
  ref?: Ref<JsonEditorHandle>;
  /** Read once. */
  initial: string;
  labelledBy: string;
  describedBy: string;
  marks: Mark[];
  onChange: (text: string) => void;
  onHistory: (can: { undo: boolean; redo: boolean }) => void;
}

const look = EditorView.theme({
  "&": {
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderBottomColor: tokens.colorNeutralStrokeAccessible,
    borderRadius: tokens.borderRadiusMedium,
    overflow: "hidden",
  },
  "&.cm-focused": {
    outline: "none",
    borderBottomColor: tokens.colorCompoundBrandStroke,
    boxShadow: `inset 0 calc(-1 * ${tokens.strokeWidthThin}) 0 ${tokens.colorCompoundBrandStroke}`,
  },
  ".cm-scroller": {
    fontFamily: tokens.fontFamilyMonospace,
    lineHeight: tokens.lineHeightBase300,
    minHeight: "20rem",
    maxHeight: "60vh",
  },
  ".cm-content": { caretColor: tokens.colorNeutralForeground1, overflowWrap: "anywhere" },
  ".cm-cursor": { borderLeftColor: tokens.colorNeutralForeground1 },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: tokens.colorNeutralBackground1Selected,
  },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: tokens.colorBrandBackground2,
    outline: `${tokens.strokeWidthThin} solid ${tokens.colorBrandStroke2}`,
  },
  ".cm-gutters": {
    color: tokens.colorNeutralForeground3,
    backgroundColor: tokens.colorNeutralBackground2,
    border: "none",
  },
  ".cm-gutter-lint .cm-lint-marker-error": {
    content: "none",
    width: "0.6em",
    height: "0.6em",
    marginTop: "0.35em",
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorStatusDangerForeground1,
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: `underline wavy ${tokens.colorStatusDangerForeground1}`,
    textDecorationSkipInk: "none",
  },
  ".cm-tooltip": {
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow8,
    fontFamily: tokens.fontFamilyBase,
    fontSize: tokens.fontSizeBase200,
    maxWidth: "24rem",
  },
  ".cm-diagnostic-error": { borderLeftColor: tokens.colorStatusDangerForeground1 },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: tokens.colorBrandForeground1 },
  { tag: tags.string, color: tokens.colorNeutralForeground1 },
  { tag: [tags.number, tags.bool, tags.null], color: tokens.colorStatusSuccessForeground1 },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: tokens.colorNeutralForeground3 },
]);

/** A field for JSON: numbered lines, undo, and what is wrong marked where it stands. Tab leaves it, as it does any field. */
export default function JsonEditor({ ref, initial, labelledBy, describedBy, marks, onChange, onHistory }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<EditorView | null>(null);
  const changed = useEffectEvent((state: EditorState) => {
    onChange(state.doc.toString());
    onHistory({ undo: undoDepth(state) > 0, redo: redoDepth(state) > 0 });
  });

  useEffect(() => {
    if (!place.current) return;
    const created = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: initial,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          json(),
          syntaxHighlighting(colours),
          look,
          EditorView.lineWrapping,
          keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
          EditorView.contentAttributes.of({
            "aria-labelledby": labelledBy,
            "aria-describedby": describedBy,
            spellcheck: "false",
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state);
          }),
        ],
      }),
    });
    setView(created);
    return () => {
      created.destroy();
    };
  }, [initial, labelledBy, describedBy]);

  useEffect(() => {
    if (!view) return;
    const end = view.state.doc.length;
    const found = marks.map((mark) => ({
      from: Math.min(mark.from, end),
      to: Math.min(mark.to, end),
      message: mark.message,
      severity: "error" as const,
    }));
    view.dispatch(setDiagnostics(view.state, found));
  }, [view, marks]);

  useImperativeHandle(ref, () => {
    return {
      goTo: ({ from, to }) => {
        const end = view?.state.doc.length ?? 0;
        view?.dispatch({
          selection: { anchor: Math.min(from, end), head: Math.min(to, end) },
          effects: EditorView.scrollIntoView(Math.min(from, end), { y: "center" }),
        });
        view?.focus();
      },
      replace: (text) => {
        view?.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } });
        view?.focus();
      },
      undo: () => {
        if (view) undo(view);
        view?.focus();
      },
      redo: () => {
        if (view) redo(view);
        view?.focus();
      },
    };
  }, [view]);

  return <div ref={place} />;
}
