import {
  Badge,
  Button,
  Caption1,
  Field,
  Input,
  makeStyles,
  mergeClasses,
  Select,
  Switch,
  Text,
  Textarea,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowDownRegular,
  ArrowUpRegular,
  ChevronDownRegular,
  ChevronUpRegular,
  CopyRegular,
  DeleteRegular,
  ReOrderDotsVerticalRegular,
} from "@fluentui/react-icons";
import type { DragEvent, KeyboardEvent } from "react";
import type { Question, QuestionType } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { explainProblem } from "../../ui/errors";
import { Why } from "../../ui/Why";
import { near } from "../editor/limits";
import { Branches } from "./Branches";
import { Options } from "./Options";
import { canBranch, isListed, maxText, newOption, questionTypes } from "./questions";
import { TypePicture } from "./TypePicture";
import { isMissing, useSurveyDraft, useSurveyProblem } from "./useSurveyDraft";

const useStyles = makeStyles({
  card: {
    display: "flex",
    flexDirection: "column",
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow2,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorTransparentStroke}`,
  },
  open: {
    border: `${tokens.strokeWidthThin} solid ${tokens.colorCompoundBrandStroke}`,
    boxShadow: tokens.shadow4,
  },
  above: { borderTop: `${tokens.strokeWidthThickest} solid ${tokens.colorCompoundBrandStroke}` },
  below: { borderBottom: `${tokens.strokeWidthThickest} solid ${tokens.colorCompoundBrandStroke}` },
  head: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    "@media (max-width: 639px)": { flexWrap: "wrap" },
  },
  grip: {
    display: "inline-flex",
    cursor: "grab",
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase400,
    "@media (max-width: 639px)": { display: "none" },
  },
  title: {
    flexGrow: 1,
    minWidth: 0,
    justifyContent: "flex-start",
    fontWeight: tokens.fontWeightRegular,
    paddingInline: tokens.spacingHorizontalS,
    // Beside the picture; the tools come below.
    "@media (max-width: 639px)": { flexBasis: "calc(100% - 4rem)" },
  },
  words: { display: "flex", flexDirection: "column", alignItems: "flex-start", minWidth: 0, textAlign: "left" },
  line: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", maxWidth: "100%" },
  quiet: { color: tokens.colorNeutralForeground3 },
  wrong: { color: tokens.colorStatusWarningForeground3 },
  tools: { display: "flex", flexShrink: 0, marginLeft: "auto" },
  body: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXL} ${tokens.spacingVerticalXL}`,
    "@media (max-width: 639px)": { paddingInline: tokens.spacingHorizontalL },
  },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto",
    gap: tokens.spacingHorizontalL,
    alignItems: "end",
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
});

type Drag = "start" | "over" | "drop" | "end";

interface Props {
  question: Question;
  index: number;
  questions: Question[];
  open: boolean;
  /** Just added: what is not written yet is no news. */
  fresh: boolean;
  reached: boolean;
  /** Where a dragged card would come to stand. */
  mark: "above" | "below" | null;
  onOpen: (open: boolean) => void;
  onChange: (change: Partial<Question>) => void;
  onCopy: () => void;
  onRemove: () => void;
  onMove: (by: -1 | 1) => void;
  onDrag: (state: Drag) => void;
}

/** One question: a line, or all that can be said of it. */
export function QuestionCard(props: Props) {
  const { question, index, questions, open, fresh, reached, mark, onOpen, onMove, onDrag } = props;
  const styles = useStyles();
  const { t } = useLanguage();
  const { problems } = useSurveyDraft();
  const at = `/questions/${String(index)}`;
  const n = index + 1;
  const mine = problems.filter(({ field }) => field === at || field.startsWith(`${at}/`));
  const why = mine.find((each) => !(fresh && isMissing(each)));
  const name = question.text.trim() || t("builder.untitled");
  const body = `question-${question.id}`;
  const move = (by: -1 | 1) => {
    const dead = index + by < 0 || index + by >= questions.length;
    const up = by < 0;
    return (
      <Why reason={dead ? t(`card.row.${up ? "up" : "down"}.not`) : null}>
        <Button
          appearance="subtle"
          icon={up ? <ArrowUpRegular /> : <ArrowDownRegular />}
          aria-label={t(up ? "builder.up" : "builder.down", { n })}
          disabledFocusable={dead}
          onClick={() => {
            if (!dead) onMove(by);
          }}
        />
      </Why>
    );
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- The buttons inside do the same.
    <li
      className={mergeClasses(
        styles.card,
        open && styles.open,
        mark === "above" && styles.above,
        mark === "below" && styles.below,
      )}
      aria-label={t("builder.question", { n })}
      data-field={at}
      onKeyDown={(event: KeyboardEvent) => {
        if (!event.altKey || event.defaultPrevented || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
        event.preventDefault();
        onMove(event.key === "ArrowUp" ? -1 : 1);
      }}
      onDragOver={(event: DragEvent) => {
        if (!event.dataTransfer.types.includes(dragType)) return;
        event.preventDefault();
        onDrag("over");
      }}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        onDrag("drop");
      }}
    >
      <div className={styles.head}>
        <span
          className={styles.grip}
          draggable
          aria-hidden
          title={t("builder.drag")}
          onDragStart={(event) => {
            event.dataTransfer.setData(dragType, question.id);
            event.dataTransfer.effectAllowed = "move";
            onDrag("start");
          }}
          onDragEnd={() => {
            onDrag("end");
          }}
        >
          <ReOrderDotsVerticalRegular />
        </span>
        <TypePicture type={question.type} small />
        <Button
          className={styles.title}
          appearance="transparent"
          aria-expanded={open}
          aria-controls={body}
          aria-label={t("builder.question.of", { n, name })}
          icon={open ? <ChevronUpRegular /> : <ChevronDownRegular />}
          iconPosition="after"
          onClick={() => {
            onOpen(!open);
          }}
        >
          <span className={styles.words}>
            <Text weight="semibold" className={styles.line}>
              {n}. {name}
              {question.required && " *"}
            </Text>
            {!open && (
              <Caption1 className={mergeClasses(styles.line, why ? styles.wrong : styles.quiet)}>
                {why ? explainProblem(why, t) : summary(question, t)}
              </Caption1>
            )}
          </span>
        </Button>
        {!reached && (
          <Why reason={t("problem.question_unreachable", { number: n })}>
            <Badge appearance="tint" color="warning" tabIndex={0}>
              {t("builder.unreached")}
            </Badge>
          </Why>
        )}
        <div className={styles.tools}>
          {move(-1)}
          {move(1)}
          <Button
            appearance="subtle"
            icon={<CopyRegular />}
            aria-label={t("builder.copy", { n })}
            onClick={props.onCopy}
          />
          <Button
            appearance="subtle"
            icon={<DeleteRegular />}
            aria-label={t("builder.remove", { n })}
            onClick={props.onRemove}
          />
        </div>
      </div>
      {open && <Body {...props} at={at} id={body} />}
    </li>
  );
}

const dragType = "application/x-herald-question";

/** "One of 3 options, branches" */
function summary(question: Question, t: ReturnType<typeof useLanguage>["t"]): string {
  const { type, options = [], branch = [] } = question;
  const kind = isListed(type)
    ? t(type === "choice" ? "builder.of" : "builder.of.many", { n: options.length })
    : t(`question.${type}`);
  return canBranch(type) && branch.length > 0 ? t("builder.branches", { kind }) : kind;
}

function Body({ question, index, questions, fresh, onChange, at, id }: Props & { at: string; id: string }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const problem = useSurveyProblem({ lenient: fresh });
  const text = near(question.text, maxText, t);
  const help = near(question.help, maxText, t);
  return (
    <div className={styles.body} id={id}>
      <Field label={t("builder.text")} required hint={text.hint} {...problem(`${at}/text`, text.problem)}>
        <Input
          data-place={`text-${question.id}`}
          value={question.text}
          onChange={(_, data) => {
            onChange({ text: data.value });
          }}
        />
      </Field>
      <div className={styles.row}>
        <Field label={t("builder.type")} {...problem(`${at}/type`)}>
          <Select
            value={question.type}
            onChange={(_, data) => {
              const type = data.value as QuestionType;
              const { options = [] } = question;
              onChange({
                type,
                options: isListed(type) && options.length === 0 ? [newOption(), newOption()] : options,
              });
            }}
          >
            {questionTypes.map((type) => (
              <option key={type} value={type}>
                {t(`question.${type}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Switch
          checked={question.required}
          label={t("builder.mustanswer")}
          onChange={(_, data) => {
            onChange({ required: data.checked });
          }}
        />
      </div>
      {isListed(question.type) && (
        <Options
          options={question.options ?? []}
          multiple={question.type === "multichoice"}
          at={at}
          lenient={fresh}
          onChange={(options) => {
            onChange({ options });
          }}
        />
      )}
      <Field
        label={t("builder.help")}
        hint={help.hint ?? t("builder.help.hint")}
        {...problem(`${at}/help`, help.problem)}
      >
        <Textarea
          rows={2}
          value={question.help}
          onChange={(_, data) => {
            onChange({ help: data.value });
          }}
        />
      </Field>
      {canBranch(question.type) && (
        <Branches question={question} index={index} questions={questions} at={at} onChange={onChange} />
      )}
    </div>
  );
}
