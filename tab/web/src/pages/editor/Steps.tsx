import { makeStyles, mergeClasses, Tab, TabList, Tooltip, tokens } from "@fluentui/react-components";
import { CheckmarkFilled, ImportantFilled } from "@fluentui/react-icons";
import { createContext, type RefObject, useCallback, useContext, useEffect, useState } from "react";
import { useLanguage } from "../../i18n/Language";
import { useSearch } from "../../router";
import { explainProblem } from "../../ui/errors";
import { useSelectedInView } from "../../ui/useSelectedInView";
import { type Step, stepOf, steps } from "./fields";
import { useProblems } from "./useProblems";

const useStyles = makeStyles({
  tabs: {
    minWidth: 0,
    flexShrink: 1,
    overflowX: "auto",
    scrollbarWidth: "none",
    marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})`,
    "& > button": { flexShrink: 0 },
  },
  number: {
    display: "inline-flex",
    alignItems: "center",
    justifyContent: "center",
    width: tokens.lineHeightBase300,
    height: tokens.lineHeightBase300,
    borderRadius: tokens.borderRadiusCircular,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    backgroundColor: tokens.colorNeutralForeground3,
    color: tokens.colorNeutralBackground1,
  },
  current: { backgroundColor: tokens.colorBrandBackground, color: tokens.colorNeutralForegroundOnBrand },
  done: { backgroundColor: tokens.colorStatusSuccessForeground1 },
  reason: { whiteSpace: "pre-line" },
});

/** The step is part of the address, so that the browser's back goes one step back. */
export function useStep(): [Step, (step: Step) => void] {
  const [parameters, setParameters] = useSearch();
  const wanted = parameters.get("step");
  const step = steps.find((each) => each === wanted) ?? "message";
  return [
    step,
    (to) => {
      if (to !== step) setParameters({ step: to });
    },
  ];
}

/** Goes to the step in which a problem can be mended, and into its field. */
export const GoTo = createContext<(field: string) => void>(() => undefined);

export function useGoTo(): (field: string) => void {
  return useContext(GoTo);
}

/**
 * Puts the focus into a field of the page, once it is there: steps and their editors are loaded when they are
 * needed. Whoever does something else meanwhile is not interrupted.
 */
export function useFocusField(page: RefObject<HTMLElement | null>): (field: string) => void {
  const [wanted, setWanted] = useState<{ field: string } | null>(null);
  useEffect(() => {
    const root = page.current;
    if (!wanted || !root || focusField(root, wanted.field)) return;
    const stop = () => {
      observer.disconnect();
      root.removeEventListener("pointerdown", stop);
      root.removeEventListener("keydown", stop);
    };
    const observer = new MutationObserver(() => {
      if (focusField(root, wanted.field)) stop();
    });
    observer.observe(root, { childList: true, subtree: true });
    root.addEventListener("pointerdown", stop);
    root.addEventListener("keydown", stop);
    return stop;
  }, [page, wanted]);
  return useCallback((field) => {
    setWanted({ field });
  }, []);
}

const focusable = "input, textarea, select, [contenteditable='true'], button";

/** The field itself, or the one around it, or the first within it; else the first of its step. */
function focusField(root: HTMLElement, field: string): boolean {
  const fields = [...root.querySelectorAll<HTMLElement>("[data-field]")];
  const name = (each: HTMLElement) => each.dataset.field ?? "";
  const found =
    fields.find((each) => name(each) === field) ??
    fields.filter((each) => field.startsWith(`${name(each)}/`)).sort((a, b) => name(b).length - name(a).length)[0] ??
    (field === "/audience" ? root.querySelector("[role='tabpanel'][aria-labelledby='step-audience']") : null) ??
    fields.find((each) => name(each).startsWith(`${field}/`));
  // A text that is still being loaded has a skeleton for now; its toolbar is not the text.
  const target =
    found?.querySelector<HTMLElement>("[contenteditable='true']") ?? found?.querySelector<HTMLElement>(focusable);
  if (!target) return false;
  target.focus();
  target.scrollIntoView({ block: "nearest" });
  return document.activeElement === target;
}

/** What each step still lacks, by its mark; in words on hover and to those who listen. */
export function StepTabs({ step, onStep }: { step: Step; onStep: (step: Step) => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const problems = useProblems();
  const list = useSelectedInView(step);
  return (
    <TabList
      ref={list}
      className={styles.tabs}
      aria-label={t("editor.steps")}
      selectedValue={step}
      onTabSelect={(_, data) => {
        onStep(data.value as Step);
      }}
    >
      {steps.map((each, index) => {
        const name = t(`editor.step.${each}`);
        const reasons = problems
          .filter(({ field }) => stepOf(field) === each)
          .map((problem) => explainProblem(problem, t));
        const done = each !== "review" && reasons.length === 0;
        const why = [...new Set(reasons)].join("\n");
        const label =
          each === "review"
            ? name
            : done
              ? t("editor.step.done", { step: name })
              : t("editor.step.todo", { step: name, why: why.replaceAll("\n", " ") });
        return (
          <Tooltip
            key={each}
            relationship="inaccessible"
            positioning="below"
            content={{ className: styles.reason, children: why }}
            {...(why === "" ? { visible: false } : {})}
          >
            <Tab
              value={each}
              id={`step-${each}`}
              aria-controls="step"
              aria-label={label}
              icon={
                // A mark takes exactly the number's place, so that nothing moves.
                <span
                  className={mergeClasses(
                    styles.number,
                    each === step ? styles.current : done ? styles.done : undefined,
                  )}
                >
                  {each === step || each === "review" ? index + 1 : done ? <CheckmarkFilled /> : <ImportantFilled />}
                </span>
              }
            >
              {name}
            </Tab>
          </Tooltip>
        );
      })}
    </TabList>
  );
}
