import {
  Button,
  Caption1,
  Field,
  Input,
  makeStyles,
  mergeClasses,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Toolbar,
  ToolbarButton,
  ToolbarDivider,
  ToolbarToggleButton,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowRedoRegular,
  ArrowUndoRegular,
  LinkRegular,
  TextBoldRegular,
  TextBulletListLtrRegular,
  TextItalicRegular,
  TextNumberListLtrRegular,
} from "@fluentui/react-icons";
import { type Editor, EditorContent, useEditor, useEditorState } from "@tiptap/react";
import { useEffect, useState } from "react";
import type { AudienceColumn } from "../api/types";
import { useLanguage } from "../i18n/Language";
import type { Doc } from "./document";
import { extensions, unknownVariables } from "./extensions";
import { isLink, isScript } from "./links";
import { fromMarkdown } from "./parse";
import { toMarkdown } from "./serialise";
import { VariableMenu, variableHere } from "./VariableMenu";

const useStyles = makeStyles({
  box: {
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderBottomColor: tokens.colorNeutralStrokeAccessible,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    ":focus-within": {
      borderBottomColor: tokens.colorCompoundBrandStroke,
      boxShadow: `inset 0 calc(-1 * ${tokens.strokeWidthThin}) 0 ${tokens.colorCompoundBrandStroke}`,
    },
  },
  bar: {
    flexWrap: "wrap",
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    padding: tokens.spacingHorizontalXS,
  },
  text: {
    "& .tiptap": {
      minHeight: "10rem",
      maxHeight: "50vh",
      overflowY: "auto",
      padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}`,
      outlineStyle: "none",
      fontSize: tokens.fontSizeBase300,
      lineHeight: tokens.lineHeightBase400,
      overflowWrap: "anywhere",
    },
    "& .tiptap p": { margin: 0 },
    "& .tiptap > * + *": { marginTop: tokens.spacingVerticalM },
    "& .tiptap ul, & .tiptap ol": { paddingLeft: tokens.spacingHorizontalXXL, marginBottom: 0 },
    "& .tiptap a": { color: tokens.colorBrandForegroundLink },
    "& .tiptap .variable": {
      backgroundColor: tokens.colorBrandBackground2,
      color: tokens.colorBrandForeground2,
      borderRadius: tokens.borderRadiusMedium,
      border: `${tokens.strokeWidthThin} solid ${tokens.colorBrandStroke2}`,
      paddingInline: tokens.spacingHorizontalXXS,
      // A chip that breaks is one on each line.
      boxDecorationBreak: "clone",
    },
    "& .tiptap .unknown": {
      backgroundColor: tokens.colorStatusWarningBackground2,
      color: tokens.colorStatusWarningForeground3,
      textDecorationLine: "underline",
      textDecorationStyle: "wavy",
    },
    "& .tiptap p.is-editor-empty:first-child::before": {
      content: "attr(data-placeholder)",
      color: tokens.colorNeutralForeground3,
      float: "left",
      height: 0,
      pointerEvents: "none",
    },
  },
  foot: {
    display: "flex",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalM,
    padding: `0 ${tokens.spacingHorizontalM} ${tokens.spacingVerticalXS}`,
    color: tokens.colorNeutralForeground3,
  },
  count: { flexShrink: 0, marginLeft: "auto" },
  over: { color: tokens.colorPaletteRedForeground1 },
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, width: "18rem", maxWidth: "80vw" },
  actions: { display: "flex", justifyContent: "flex-end", gap: tokens.spacingHorizontalS },
});

/** The longest text of a message that Herald takes, in characters. */
const maxText = 10_000;

interface Props {
  /** Read once; to replace the text from outside, give the component another key. */
  initial: string;
  label: string;
  /** What can be inserted besides the names. */
  columns?: AudienceColumn[];
  /** Variables of the text that nobody knows, as they are written, each with the reason. */
  unknown?: Record<string, string>;
  /** The most that may be written, in characters. */
  max?: number;
  placeholder?: string;
  onChange: (markdown: string) => void;
}

/** The text as people write it; what leaves is Herald's Markdown subset. */
export default function RichText({
  initial,
  label,
  columns = [],
  unknown = noUnknown,
  max = maxText,
  placeholder,
  onChange,
}: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const [content] = useState(() => fromMarkdown(initial));
  // Formatting counts, as it does for Herald.
  const [length, setLength] = useState([...initial].length);
  const editor = useEditor({
    extensions: extensions(placeholder ?? t("text.placeholder")),
    content,
    editorProps: { attributes: { role: "textbox", "aria-multiline": "true", "aria-label": label } },
    onUpdate: ({ editor: changed }) => {
      const markdown = toMarkdown(changed.getJSON() as Doc);
      setLength([...markdown].length);
      onChange(markdown);
    },
  });
  const marked = JSON.stringify(unknown);
  useEffect(() => {
    if (editor.isDestroyed) return;
    editor.view.dispatch(editor.state.tr.setMeta(unknownVariables, JSON.parse(marked)));
  }, [editor, marked]);
  // Counted at each render, which every change brings about: what the hook selected of an editor that TipTap has
  // thrown away would stand until the next key.
  useEditorState({ editor, selector: ({ transactionNumber }) => transactionNumber });
  const count = characters(editor);
  const variable = editor.isDestroyed ? null : variableHere(editor);
  const left = max - length;
  return (
    <div className={styles.box}>
      <Bar editor={editor} columns={columns} />
      <EditorContent className={styles.text} editor={editor} />
      <div className={styles.foot}>
        <Caption1 role="status">{variable && t("text.fallback.keys", { name: variable.name })}</Caption1>
        <Caption1 className={mergeClasses(styles.count, left < 0 && styles.over)}>
          {left < 0
            ? t("card.limit.over", { n: -left })
            : left < max / 5
              ? t("card.limit.left", { n: left })
              : t("text.count", { n: count })}
        </Caption1>
      </div>
    </div>
  );
}

const noUnknown: Record<string, string> = {};

// React may render with an editor that TipTap has just thrown away, and again with its successor.

function characters(editor: Editor): number {
  return editor.isDestroyed ? 0 : [...editor.getText({ blockSeparator: "\n" })].length;
}

function looks(editor: Editor) {
  const alive = !editor.isDestroyed;
  return {
    bold: alive && editor.isActive("bold"),
    italic: alive && editor.isActive("italic"),
    bullets: alive && editor.isActive("bulletList"),
    numbers: alive && editor.isActive("orderedList"),
    undo: alive && editor.can().undo(),
    redo: alive && editor.can().redo(),
  };
}

function Bar({ editor, columns }: { editor: Editor; columns: AudienceColumn[] }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const active = useEditorState({ editor, selector: ({ editor: e }) => looks(e) });
  const checked = (["bold", "italic", "bullets", "numbers"] as const).filter((name) => active[name]);
  const toggle = (name: "bold" | "italic" | "bullets" | "numbers", icon: React.JSX.Element, run: () => void) => (
    <Tooltip content={t(`text.${name}`)} relationship="label">
      <ToolbarToggleButton name="look" value={name} icon={icon} onClick={run} />
    </Tooltip>
  );
  return (
    <Toolbar size="small" aria-label={t("text.toolbar")} className={styles.bar} checkedValues={{ look: checked }}>
      {toggle("bold", <TextBoldRegular />, () => editor.chain().focus().toggleBold().run())}
      {toggle("italic", <TextItalicRegular />, () => editor.chain().focus().toggleItalic().run())}
      <ToolbarDivider />
      {toggle("bullets", <TextBulletListLtrRegular />, () => editor.chain().focus().toggleBulletList().run())}
      {toggle("numbers", <TextNumberListLtrRegular />, () => editor.chain().focus().toggleOrderedList().run())}
      <ToolbarDivider />
      <LinkButton editor={editor} />
      <VariableMenu editor={editor} columns={columns} />
      <ToolbarDivider />
      <Tooltip content={t("text.undo")} relationship="label">
        <ToolbarButton
          icon={<ArrowUndoRegular />}
          disabled={!active.undo}
          onClick={() => editor.chain().focus().undo().run()}
        />
      </Tooltip>
      <Tooltip content={t("text.redo")} relationship="label">
        <ToolbarButton
          icon={<ArrowRedoRegular />}
          disabled={!active.redo}
          onClick={() => editor.chain().focus().redo().run()}
        />
      </Tooltip>
    </Toolbar>
  );
}

function LinkButton({ editor }: { editor: Editor }) {
  const { t } = useLanguage();
  const [open, setOpen] = useState(false);
  const active = useEditorState({ editor, selector: ({ editor: e }) => !e.isDestroyed && e.isActive("link") });
  return (
    <Popover
      open={open}
      trapFocus
      positioning="below-start"
      onOpenChange={(_, data) => {
        setOpen(data.open);
      }}
    >
      <PopoverTrigger disableButtonEnhancement>
        <Tooltip content={t("text.link")} relationship="label">
          <ToolbarButton icon={<LinkRegular />} appearance={active ? "primary" : "subtle"} />
        </Tooltip>
      </PopoverTrigger>
      <PopoverSurface aria-label={t("text.link.title")}>
        <LinkForm
          editor={editor}
          onDone={() => {
            setOpen(false);
            editor.commands.focus();
          }}
        />
      </PopoverSurface>
    </Popover>
  );
}

function LinkForm({ editor, onDone }: { editor: Editor; onDone: () => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { from, to, empty } = editor.state.selection;
  const existing = editor.getAttributes("link").href as string | undefined;
  const [url, setUrl] = useState(existing ?? "https://");
  const [text, setText] = useState(empty ? "" : editor.state.doc.textBetween(from, to, " "));
  const [tried, setTried] = useState(false);
  const good = isLink(url.trim());
  const begun = !tried && "https://".startsWith(url.trim().toLowerCase());
  const wrong = isScript(url) ? t("problem.script_url") : t("text.link.bad");
  const needsText = empty && !existing;
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!good) return;
        const href = url.trim();
        const chain = editor.chain().focus();
        if (needsText) {
          chain
            .insertContent({ type: "text", text: text.trim() || href, marks: [{ type: "link", attrs: { href } }] })
            .unsetMark("link")
            .run();
        } else {
          chain.extendMarkRange("link").setLink({ href }).run();
        }
        onDone();
      }}
    >
      <Field
        label={t("text.link.url")}
        validationMessage={good || begun ? null : wrong}
        validationState={good || begun ? "none" : "error"}
      >
        <Input
          type="url"
          value={url}
          onChange={(_, data) => {
            setUrl(data.value);
          }}
        />
      </Field>
      {needsText && (
        <Field label={t("text.link.text")}>
          <Input
            value={text}
            onChange={(_, data) => {
              setText(data.value);
            }}
          />
        </Field>
      )}
      <div className={styles.actions}>
        {existing && (
          <Button
            onClick={() => {
              editor.chain().focus().extendMarkRange("link").unsetLink().run();
              onDone();
            }}
          >
            {t("text.link.remove")}
          </Button>
        )}
        <Button type="submit" appearance="primary">
          {t("text.link.insert")}
        </Button>
      </div>
    </form>
  );
}
