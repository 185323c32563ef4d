import {
  Caption1,
  Label,
  Link,
  makeStyles,
  Skeleton,
  SkeletonItem,
  Text,
  Toolbar,
  ToolbarButton,
  Tooltip,
  tokens,
  useId,
} from "@fluentui/react-components";
import {
  ArrowRedoRegular,
  ArrowUndoRegular,
  CheckmarkCircleRegular,
  CodeTextRegular,
  DocumentAddRegular,
  ErrorCircleRegular,
} from "@fluentui/react-icons";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import type { Problem } from "../../api/types";
import { sampleCard } from "../../content/card";
import { indentOf, lineAndColumn, placeOf, readJson } from "../../content/json";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { explainProblem } from "../../ui/errors";
import { Why } from "../../ui/Why";
import { maxCardText, readCard, textOf } from "./cardText";
import type { JsonEditorHandle, Mark } from "./JsonEditor";
import { useDraft } from "./useDraft";
import { usePreview } from "./usePreview";

const JsonEditor = lazy(() => import("./JsonEditor"));

const useStyles = makeStyles({
  view: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS, minWidth: 0 },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalS,
  },
  bar: { padding: 0, flexWrap: "wrap" },
  quiet: { color: tokens.colorNeutralForeground3 },
  state: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalSNudge },
  bad: { color: tokens.colorStatusDangerForeground1, flexShrink: 0 },
  good: { color: tokens.colorStatusSuccessForeground1, flexShrink: 0 },
  list: {
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXXL,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    overflowWrap: "anywhere",
  },
});

/** The card as JSON, with what is wrong at its line. */
export function JsonView() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, draft } = useDraft();
  const editor = useRef<JsonEditorHandle>(null);
  const [initial] = useState(() => textOf(fields));
  const [history, setHistory] = useState({ undo: false, redo: false });
  const label = useId("json");
  const hint = useId("json-hint");
  const text = textOf(fields);
  const marks = useMarks(text, t);
  const broken = useMemo(() => readCard(text).card === null, [text]);

  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <Label id={label}>{t("card.json.label")}</Label>
        <Toolbar size="small" className={styles.bar} aria-label={t("card.json.toolbar")}>
          <Why reason={broken ? t("card.json.format.not") : null}>
            <ToolbarButton
              icon={<CodeTextRegular />}
              disabledFocusable={broken}
              onClick={() => {
                if (!broken) editor.current?.replace(JSON.stringify(JSON.parse(text), null, indentOf(text)));
              }}
            >
              {t("card.json.format")}
            </ToolbarButton>
          </Why>
          <ToolbarButton
            icon={<DocumentAddRegular />}
            onClick={() => {
              const sample = sampleCard({
                title: t("card.sample.title"),
                text: t("card.sample.text"),
                when: t("card.sample.when"),
                date: t("card.sample.date"),
                where: t("card.sample.where"),
                place: t("card.sample.place"),
                button: t("card.sample.button"),
              });
              editor.current?.replace(JSON.stringify(sample, null, 2));
            }}
          >
            {t("card.json.sample")}
          </ToolbarButton>
          <Tooltip content={t("text.undo")} relationship="label">
            <ToolbarButton
              icon={<ArrowUndoRegular />}
              disabled={!history.undo}
              onClick={() => {
                editor.current?.undo();
              }}
            />
          </Tooltip>
          <Tooltip content={t("text.redo")} relationship="label">
            <ToolbarButton
              icon={<ArrowRedoRegular />}
              disabled={!history.redo}
              onClick={() => {
                editor.current?.redo();
              }}
            />
          </Tooltip>
        </Toolbar>
      </div>
      <Suspense
        fallback={
          <Skeleton>
            <SkeletonItem size={128} />
          </Skeleton>
        }
      >
        <JsonEditor
          ref={editor}
          initial={initial}
          labelledBy={label}
          describedBy={hint}
          marks={marks}
          onHistory={setHistory}
          onChange={(changed) => {
            const { card } = readCard(changed);
            draft.edit({ cardText: changed, ...(card ? { card } : {}) });
            draft.setUnreadable(card === null);
          }}
        />
      </Suspense>
      <Caption1 id={hint} className={styles.quiet}>
        {t("card.json.hint")}
      </Caption1>
      <div role="status" className={styles.state}>
        {marks.length > 0 ? (
          <>
            <ErrorCircleRegular className={styles.bad} aria-hidden />
            <Text weight="semibold">{t("card.json.problems", { n: marks.length })}</Text>
          </>
        ) : (
          <>
            <CheckmarkCircleRegular className={styles.good} aria-hidden />
            <Text>{t("card.json.good")}</Text>
          </>
        )}
      </div>
      {marks.length > 0 && (
        <ul className={styles.list} aria-label={t("card.json.problems.label")}>
          {marks.map((mark) => (
            <li key={`${String(mark.from)} ${mark.message}`}>
              <Link
                as="button"
                inline
                onClick={() => {
                  editor.current?.goTo(mark);
                }}
              >
                {t("card.json.line", { line: lineAndColumn(text, mark.from).line })}
              </Link>{" "}
              {mark.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What is wrong with the text, and where: what makes it unreadable at once, what Herald says of it after a pause. */
function useMarks(text: string, t: Translate): Mark[] {
  const { problems } = usePreview("");
  // While Herald is asked again, what it said last stands, at the places of today.
  const [known, setKnown] = useState<Problem[]>([]);
  if (problems && problems !== known && !(problems.length === 0 && known.length === 0)) setKnown(problems);
  return useMemo(() => marksOf(text, known, t), [text, known, t]);
}

function marksOf(text: string, problems: Problem[], t: Translate): Mark[] {
  const { problem } = readCard(text);
  if (problem) {
    const { line, column } = lineAndColumn(text, problem.from);
    const values = { value: problem.value, line, column, limit: maxCardText / 1024 };
    return [{ from: problem.from, to: problem.to, message: t(`problem.${problem.code}`, values) }];
  }
  const { places } = readJson(text);
  const root = "/content/card";
  return problems
    .filter(({ field }) => field.startsWith("/content"))
    .map((each) => {
      const pointer = each.field.startsWith(root) ? each.field.slice(root.length) : "";
      // What concerns the whole card is said where it begins.
      const { from, to } = placeOf(places, pointer);
      return { from, to: pointer === "" ? Math.min(to, from + 1) : to, message: explainProblem(each, t) };
    })
    .sort((a, b) => a.from - b.from);
}
