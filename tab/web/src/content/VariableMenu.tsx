import {
  Button,
  Field,
  Input,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Popover,
  PopoverSurface,
  type PositioningVirtualElement,
  Select,
  ToolbarButton,
  tokens,
} from "@fluentui/react-components";
import { BracesVariableRegular } from "@fluentui/react-icons";
import type { Editor } from "@tiptap/react";
import { useEffect, useRef, useState } from "react";
import type { AudienceColumn } from "../api/types";
import { useLanguage } from "../i18n/Language";
import { variableAt, variableText } from "./document";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, width: "18rem" },
  actions: { display: "flex", justifyContent: "flex-end", gap: tokens.spacingHorizontalS },
});

interface Props {
  editor: Editor;
  columns: AudienceColumn[];
}

/** Names and the lists' columns, to stand in the text for each recipient's own value. */
export function VariableMenu({ editor, columns }: Props) {
  const { t } = useLanguage();
  const button = useRef<HTMLButtonElement>(null);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    if (editor.isDestroyed) return;
    const { dom } = editor.view;
    const keys = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !event.altKey || !variableHere(editor)) return;
      event.preventDefault();
      event.stopPropagation();
      setAsking(true);
    };
    const twice = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest(".variable")) setAsking(true);
    };
    // Before the editor's own keys: Enter would begin a line.
    dom.addEventListener("keydown", keys, { capture: true });
    dom.addEventListener("dblclick", twice);
    return () => {
      dom.removeEventListener("keydown", keys, { capture: true });
      dom.removeEventListener("dblclick", twice);
    };
  }, [editor]);
  const insert = (name: string) => () => editor.chain().focus().insertContent(`[${name}]`).run();
  const target: PositioningVirtualElement = {
    getBoundingClientRect: () => button.current?.getBoundingClientRect() ?? new DOMRect(),
  };
  return (
    <>
      <Menu>
        <MenuTrigger>
          <ToolbarButton ref={button} icon={<BracesVariableRegular />}>
            {t("text.variable")}
          </ToolbarButton>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem secondaryContent="[FIRSTNAME]" onClick={insert("FIRSTNAME")}>
              {t("text.variable.first")}
            </MenuItem>
            <MenuItem secondaryContent="[LASTNAME]" onClick={insert("LASTNAME")}>
              {t("text.variable.last")}
            </MenuItem>
            <MenuDivider />
            {columns.length === 0 && <MenuItem disabled>{t("text.variable.none")}</MenuItem>}
            {columns.map((column) => (
              <MenuItem
                key={column.name}
                secondaryContent={`[${column.name}]`}
                subText={
                  column.missingIn?.length
                    ? t("text.variable.missing", { lists: column.missingIn.join(", ") })
                    : undefined
                }
                onClick={insert(column.name)}
              >
                {column.label}
              </MenuItem>
            ))}
            <MenuDivider />
            <MenuItem
              onClick={() => {
                setAsking(true);
              }}
            >
              {t("text.fallback.menu")}
            </MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <Popover
        open={asking}
        trapFocus
        positioning={{ position: "below", align: "start", target }}
        onOpenChange={(_, data) => {
          setAsking(data.open);
          if (!data.open) editor.commands.focus();
        }}
      >
        <PopoverSurface aria-label={t("text.fallback.title")}>
          <FallbackForm
            editor={editor}
            columns={columns}
            onDone={() => {
              setAsking(false);
              editor.commands.focus();
            }}
          />
        </PopoverSurface>
      </Popover>
    </>
  );
}

/** The variable at the cursor, with its place in the document. */
export function variableHere(editor: Editor) {
  const { $from } = editor.state.selection;
  if (!$from.parent.isTextblock) return null;
  const before = $from.parent.textBetween(0, $from.parentOffset, undefined, "\ufffc");
  const found = variableAt($from.parent.textBetween(0, $from.parent.content.size, undefined, "\ufffc"), before.length);
  const start = $from.start();
  return found ? { ...found, from: start + found.from, to: start + found.to } : null;
}

/** A variable with words for those without a value; the one at the cursor is changed. */
function FallbackForm({ editor, columns, onDone }: Props & { onDone: () => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const [present] = useState(() => variableHere(editor));
  const names = [
    { name: "FIRSTNAME", label: t("text.variable.first") },
    { name: "LASTNAME", label: t("text.variable.last") },
    ...columns,
  ];
  const known = names.find((each) => each.name === present?.name.toUpperCase());
  if (present && !known) names.push({ name: present.name, label: `[${present.name}]` });
  const [name, setName] = useState(known?.name ?? present?.name ?? "FIRSTNAME");
  const [fallback, setFallback] = useState(present?.fallback ?? "");
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        const text = variableText({ name, fallback });
        const chain = editor.chain().focus();
        if (present) chain.insertContentAt({ from: present.from, to: present.to }, text).run();
        else chain.insertContent(text).run();
        onDone();
      }}
    >
      <Field label={t("text.fallback.value")}>
        <Select
          value={name}
          onChange={(_, data) => {
            setName(data.value);
          }}
        >
          {names.map((each) => (
            <option key={each.name} value={each.name}>
              {each.label}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("text.fallback.text")} hint={t("text.fallback.hint")}>
        <Input
          value={fallback}
          maxLength={200}
          onChange={(_, data) => {
            setFallback(data.value);
          }}
        />
      </Field>
      <div className={styles.actions}>
        <Button onClick={onDone}>{t("app.cancel")}</Button>
        <Button type="submit" appearance="primary">
          {t(present ? "text.fallback.change" : "text.link.insert")}
        </Button>
      </div>
    </form>
  );
}
