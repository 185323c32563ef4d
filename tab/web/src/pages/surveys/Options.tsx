import { Button, Caption1, Field, Input, Label, makeStyles, Tooltip, tokens, useId } from "@fluentui/react-components";
import {
  AddRegular,
  ArrowDownRegular,
  ArrowUpRegular,
  CheckboxUncheckedRegular,
  CircleRegular,
  DeleteRegular,
} from "@fluentui/react-icons";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Option } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { hidden } from "../../ui/PageTitle";
import { Why } from "../../ui/Why";
import { near } from "../editor/limits";
import { maxOption, maxOptions, movedTo, newOption, optionLines } from "./questions";
import { useSurveyProblem } from "./useSurveyDraft";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  head: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
  },
  row: { display: "flex", alignItems: "flex-start", gap: tokens.spacingHorizontalXS },
  text: { flexGrow: 1, minWidth: 0 },
  tools: { display: "flex", flexShrink: 0 },
  add: { alignSelf: "flex-start" },
  undo: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalM },
});

interface Props {
  options: Option[];
  multiple: boolean;
  /** The question's JSON pointer. */
  at: string;
  lenient: boolean;
  onChange: (options: Option[]) => void;
}

/** The options of a question: Enter begins the next one, and many are pasted at once, one a line. */
export function Options({ options, multiple, at, lenient, onChange }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const problem = useSurveyProblem({ lenient });
  const name = useId("options");
  const box = useRef<HTMLDivElement>(null);
  const focus = useRef<string | null>(null);
  const [removed, setRemoved] = useState<{ index: number; option: Option } | null>(null);
  const [said, setSaid] = useState("");
  const full = options.length >= maxOptions;
  useEffect(() => {
    if (focus.current === null) return;
    box.current?.querySelector<HTMLElement>(`[data-option="${focus.current}"]`)?.focus();
    focus.current = null;
  });

  const insert = (index: number, texts: string[]) => {
    const room = texts.slice(0, maxOptions - options.length).map((text) => newOption(text));
    const last = room.at(-1);
    if (!last) return;
    onChange(options.toSpliced(index, 0, ...room));
    setRemoved(null);
    focus.current = last.id;
  };
  const remove = (index: number, to: string) => {
    const option = options[index];
    if (!option) return;
    onChange(options.toSpliced(index, 1));
    setRemoved({ index, option });
    setSaid(t("options.removed", { n: index + 1 }));
    focus.current = to;
  };
  const move = (from: number, to: number, part: "up" | "down") => {
    const option = options[from];
    if (!option || to < 0 || to >= options.length) return;
    onChange(movedTo(options, from, to));
    setSaid(t("options.moved", { at: to + 1, of: options.length }));
    focus.current = `${option.id}-${part}`;
  };

  const keys = (event: KeyboardEvent, index: number, option: Option) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const next = options[index + 1];
      if (next?.text === "") box.current?.querySelector<HTMLElement>(`[data-option="${next.id}"]`)?.focus();
      else if (!full) insert(index + 1, [""]);
    } else if (event.key === "Backspace" && option.text === "" && options.length > 1) {
      event.preventDefault();
      remove(index, options[index === 0 ? 1 : index - 1]?.id ?? "add");
    }
  };
  const paste = (event: ClipboardEvent, index: number, option: Option) => {
    const lines = optionLines(event.clipboardData.getData("text/plain"));
    if (lines.length < 2) return;
    event.preventDefault();
    const [first = "", ...rest] = lines;
    // Into an empty option comes the first line; else all of them come after it.
    const own = option.text.trim() === "";
    const room = maxOptions - options.length;
    const added = (own ? rest : lines).slice(0, room).map((text) => newOption(text));
    const left = (own ? rest : lines).length - added.length;
    const filled = own ? options.map((each, place) => (place === index ? { ...each, text: first } : each)) : options;
    // Empty options that waited below are filled by what was pasted.
    const after = filled.slice(index + 1).filter((each, place) => each.text.trim() !== "" || place >= added.length);
    onChange([...filled.slice(0, index + 1), ...added, ...after].slice(0, maxOptions));
    setRemoved(null);
    setSaid(
      left > 0
        ? t("options.pasted.left", { n: added.length + Number(own), left })
        : t("options.pasted", { n: lines.length }),
    );
    focus.current = added.at(-1)?.id ?? option.id;
  };

  return (
    <div className={styles.box} role="group" aria-labelledby={name} ref={box}>
      <div className={styles.head}>
        <Label id={name}>{t("options.title")}</Label>
        <Caption1 className={styles.quiet}>{t("options.hint")}</Caption1>
      </div>
      <Field {...problem(`${at}/options`)}>
        <ol className={styles.list}>
          {options.map((option, index) => {
            const n = index + 1;
            const limit = near(option.text, maxOption, t);
            return (
              <li key={option.id} className={styles.row}>
                <Field
                  className={styles.text}
                  hint={limit.hint}
                  {...problem(`${at}/options/${String(index)}/text`, limit.problem)}
                >
                  <Input
                    aria-label={t("options.option", { n })}
                    data-option={option.id}
                    contentBefore={multiple ? <CheckboxUncheckedRegular /> : <CircleRegular />}
                    placeholder={t("options.option", { n })}
                    value={option.text}
                    onChange={(_, data) => {
                      onChange(options.map((each) => (each.id === option.id ? { ...each, text: data.value } : each)));
                    }}
                    onKeyDown={(event) => {
                      keys(event, index, option);
                    }}
                    onPaste={(event) => {
                      paste(event, index, option);
                    }}
                  />
                </Field>
                <div className={styles.tools}>
                  {(["up", "down"] as const).map((part) => {
                    const to = part === "up" ? index - 1 : index + 1;
                    const dead = to < 0 || to >= options.length;
                    return (
                      <Why key={part} reason={dead ? t(`card.row.${part}.not`) : null}>
                        <Button
                          appearance="subtle"
                          icon={part === "up" ? <ArrowUpRegular /> : <ArrowDownRegular />}
                          aria-label={t(`options.${part}`, { n })}
                          data-option={`${option.id}-${part}`}
                          disabledFocusable={dead}
                          onClick={() => {
                            if (!dead) move(index, to, part);
                          }}
                        />
                      </Why>
                    );
                  })}
                  <Tooltip content={t("card.row.remove")} relationship="description">
                    <Button
                      appearance="subtle"
                      icon={<DeleteRegular />}
                      aria-label={t("options.remove", { n })}
                      onClick={() => {
                        remove(index, "undo");
                      }}
                    />
                  </Tooltip>
                </div>
              </li>
            );
          })}
        </ol>
      </Field>
      {removed && (
        <div className={styles.undo}>
          <Caption1>{t("options.removed", { n: removed.index + 1 })}</Caption1>
          <Button
            size="small"
            data-option="undo"
            onClick={() => {
              onChange(options.toSpliced(Math.min(removed.index, options.length), 0, removed.option));
              focus.current = removed.option.id;
              setRemoved(null);
            }}
          >
            {t("card.row.undo")}
          </Button>
        </div>
      )}
      <Why reason={full ? t("options.full") : null}>
        <Button
          className={styles.add}
          size="small"
          icon={<AddRegular />}
          data-option="add"
          disabledFocusable={full}
          onClick={() => {
            if (!full) insert(options.length, [""]);
          }}
        >
          {t("options.add")}
        </Button>
      </Why>
      <span role="status" style={hidden}>
        {said}
      </span>
    </div>
  );
}
