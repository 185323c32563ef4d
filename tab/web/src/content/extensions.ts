import { Extension, type Extensions } from "@tiptap/core";
import { Bold } from "@tiptap/extension-bold";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Italic } from "@tiptap/extension-italic";
import { Link } from "@tiptap/extension-link";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Text } from "@tiptap/extension-text";
import { Placeholder, UndoRedo } from "@tiptap/extensions";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { variablePattern } from "./document";
import { isLink } from "./links";
import { cleanPasted } from "./paste";

/** Which variables nobody knows, as "[NAME]", each with the reason; told to the editor by a transaction's meta. */
export const unknownVariables = new PluginKey<Record<string, string>>("unknownVariables");

/** Variables stand out as chips while one writes, unknown ones more; in the document they are plain text. */
const Variables = Extension.create({
  name: "variables",
  addProseMirrorPlugins() {
    return [
      new Plugin<Record<string, string>>({
        key: unknownVariables,
        state: {
          init: () => ({}),
          apply: (transaction, before) =>
            (transaction.getMeta(unknownVariables) as Record<string, string> | undefined) ?? before,
        },
        props: {
          decorations(state) {
            const { doc } = state;
            const unknown = unknownVariables.getState(state) ?? {};
            const found: Decoration[] = [];
            doc.descendants((node, position) => {
              for (const match of (node.text ?? "").matchAll(variablePattern)) {
                const from = position + match.index;
                const name = match[0].slice(1, -1).split("|")[0] ?? "";
                const why = unknown[`[${name.trim().toUpperCase()}]`];
                const look = why === undefined ? { class: "variable" } : { class: "variable unknown", title: why };
                found.push(Decoration.inline(from, from + match[0].length, look));
              }
            });
            return DecorationSet.create(doc, found);
          },
        },
      }),
    ];
  },
});

/** What other programs put on the clipboard, in a form that the editor can read. */
const Pasted = Extension.create({
  name: "pasted",
  addProseMirrorPlugins: () => [new Plugin({ props: { transformPastedHTML: cleanPasted } })],
});

/**
 * Exactly what Herald's Markdown subset can say: whatever else is pasted loses its form and keeps its text.
 * Items hold one paragraph, so there are no lists within lists, and Tab leaves the editor.
 */
export function extensions(placeholder: string): Extensions {
  return [
    Document,
    Paragraph,
    Text,
    Bold,
    Italic,
    HardBreak,
    Link.configure({
      openOnClick: false,
      autolink: true,
      defaultProtocol: "https",
      isAllowedUri: (url) => isLink(url),
      shouldAutoLink: (url) => /^https:\/\//i.test(url),
      HTMLAttributes: { target: null, rel: null },
    }),
    BulletList,
    OrderedList,
    ListItem.extend({ content: "paragraph" }),
    ListKeymap,
    UndoRedo,
    Placeholder.configure({ placeholder }),
    Variables,
    Pasted,
  ];
}
