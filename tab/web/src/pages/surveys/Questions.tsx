import {
  Button,
  Caption1,
  Menu,
  MenuButton,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Subtitle2,
  Text,
  tokens,
} from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Question, QuestionType } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { hidden } from "../../ui/PageTitle";
import { Why } from "../../ui/Why";
import { QuestionCard } from "./QuestionCard";
import {
  type Changed,
  maxQuestions,
  newQuestion,
  questionTypes,
  reached,
  withCopy,
  withMoved,
  withMovedBack,
  withNew,
  withoutQuestion,
  withQuestion,
  withReturned,
} from "./questions";
import { TypePicture } from "./TypePicture";
import { useSurveyDraft } from "./useSurveyDraft";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
  },
  head: { display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground3 },
  undo: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM },
  add: { alignSelf: "flex-start" },
  type: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalM },
  words: { display: "flex", flexDirection: "column" },
  menu: { maxHeight: "70vh", overflowY: "auto" },
  item: { maxWidth: "none" },
});

interface Props {
  /** The question that is open; the others show one line. */
  active: string | null;
  onActive: (id: string | null) => void;
}

/** The questions, one card each: to add, write, copy, remove (and bring back), and put into another order. */
export function Questions({ active, onActive }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useSurveyDraft();
  const { questions } = fields;
  const box = useRef<HTMLElement>(null);
  const focus = useRef<string | null>(null);
  /** What had the focus before the cards changed places; it keeps it. */
  const held = useRef<Element | null>(null);
  const [undo, setUndo] = useState<{ words: string; run: () => void; id: string } | null>(null);
  const [said, setSaid] = useState("");
  const [fresh, setFresh] = useState<string | null>(null);
  const [dragged, setDragged] = useState<{ from: number; over: number } | null>(null);
  const full = questions.length >= maxQuestions;
  const found = reached(questions);

  useLayoutEffect(() => {
    if (held.current instanceof HTMLElement && held.current !== document.activeElement) held.current.focus();
    held.current = null;
  });
  useEffect(() => {
    if (focus.current === null) return;
    box.current?.querySelector<HTMLElement>(`[data-place="${focus.current}"]`)?.focus();
    focus.current = null;
  });

  const set = (next: Question[]) => {
    draft.edit({ questions: next });
  };
  const now = () => draft.get().fields.questions;

  const add = (type: QuestionType) => {
    const question = newQuestion(type);
    const after = questions.findIndex(({ id }) => id === active);
    set(withNew(questions, question, after < 0 ? questions.length : after + 1));
    setUndo(null);
    setFresh(question.id);
    onActive(question.id);
    focus.current = `text-${question.id}`;
  };

  /** Branches that had to go can come back with what made them go. */
  const offer = (words: string, cuts: Changed["cuts"], run: () => void, id: string, always: boolean) => {
    const more = cuts.length > 0 ? ` ${t("builder.cut", { n: cuts.length })}` : "";
    setUndo(always || cuts.length > 0 ? { words: words + more, run, id } : null);
    setSaid(words + more);
  };

  const move = (from: number, to: number) => {
    const question = questions[from];
    if (!question || to < 0 || to >= questions.length || from === to) return;
    held.current = document.activeElement;
    const { questions: next, cuts } = withMoved(questions, from, to);
    set(next);
    const back = () => {
      set(withMovedBack(now(), question.id, from, cuts));
    };
    offer(t("builder.moved", { at: to + 1, of: questions.length }), cuts, back, question.id, false);
  };

  const remove = (index: number) => {
    const question = questions[index];
    if (!question) return;
    const { questions: next, cuts } = withoutQuestion(questions, index);
    set(next);
    const back = () => {
      set(withReturned(now(), question, index, cuts));
    };
    offer(t("builder.removed", { n: index + 1 }), cuts, back, question.id, true);
    if (active === question.id) onActive(null);
    focus.current = "undo";
  };

  return (
    <section className={styles.box} aria-labelledby="questions" ref={box}>
      <div className={styles.head}>
        <Subtitle2 as="h2" id="questions">
          {t("builder.questions")}
        </Subtitle2>
        <Caption1 className={styles.quiet}>
          {t(questions.length > 0 ? "builder.questions.hint" : "builder.questions.none")}
        </Caption1>
      </div>
      {questions.length > 0 && (
        <ol className={styles.list}>
          {questions.map((question, index) => (
            <QuestionCard
              key={question.id}
              question={question}
              index={index}
              questions={questions}
              open={question.id === active}
              fresh={question.id === fresh}
              reached={found[index] ?? true}
              mark={
                dragged?.over === index && dragged.from !== index ? (dragged.from < index ? "below" : "above") : null
              }
              onOpen={(open) => {
                if (open && fresh !== question.id) setFresh(null);
                onActive(open ? question.id : null);
              }}
              onChange={(change) => {
                set(withQuestion(now(), index, change));
              }}
              onCopy={() => {
                const next = withCopy(questions, index);
                set(next);
                setUndo(null);
                setSaid(t("builder.copied", { n: index + 2 }));
                const id = next[index + 1]?.id ?? null;
                onActive(id);
                focus.current = id === null ? null : `text-${id}`;
              }}
              onRemove={() => {
                remove(index);
              }}
              onMove={(by) => {
                move(index, index + by);
              }}
              onDrag={(state) => {
                if (state === "start") setDragged({ from: index, over: index });
                else if (state === "over") setDragged((each) => (each ? { ...each, over: index } : null));
                else if (state === "drop") {
                  if (dragged) move(dragged.from, index);
                  setDragged(null);
                } else setDragged(null);
              }}
            />
          ))}
        </ol>
      )}
      {undo && (
        <div className={styles.undo}>
          <Text>{undo.words}</Text>
          <Button
            size="small"
            data-place="undo"
            onClick={() => {
              undo.run();
              setUndo(null);
              onActive(undo.id);
              focus.current = `text-${undo.id}`;
            }}
          >
            {t("card.row.undo")}
          </Button>
        </div>
      )}
      <Why reason={full ? t("builder.full") : null}>
        <span className={styles.add}>
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <MenuButton
                appearance={questions.length === 0 ? "primary" : "secondary"}
                icon={<AddRegular />}
                disabledFocusable={full}
                data-field="/questions"
              >
                {t("builder.add")}
              </MenuButton>
            </MenuTrigger>
            <MenuPopover className={styles.menu}>
              <MenuList>
                {questionTypes.map((type) => (
                  <MenuItem
                    key={type}
                    className={styles.item}
                    onClick={() => {
                      add(type);
                    }}
                  >
                    <span className={styles.type}>
                      <TypePicture type={type} />
                      <span className={styles.words}>
                        <Text weight="semibold">{t(`question.${type}`)}</Text>
                        <Caption1 className={styles.quiet}>{t(`question.${type}.text`)}</Caption1>
                      </span>
                    </span>
                  </MenuItem>
                ))}
              </MenuList>
            </MenuPopover>
          </Menu>
        </span>
      </Why>
      <span role="status" style={hidden}>
        {said}
      </span>
    </section>
  );
}
