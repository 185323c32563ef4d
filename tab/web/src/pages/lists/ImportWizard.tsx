import {
  Body1,
  Body1Strong,
  Button,
  Caption1,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  mergeClasses,
  Radio,
  RadioGroup,
  Select,
  Spinner,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  tokens,
} from "@fluentui/react-components";
import { ArrowUploadRegular, CheckmarkCircleFilled, DocumentTableRegular } from "@fluentui/react-icons";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { toApiError } from "../../api/error";
import type { ColumnRole, ColumnType, ImportColumn, ImportReport, List } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { explain, explainProblem } from "../../ui/errors";
import { useNotify } from "../../ui/Notices";
import { useSession } from "../../ui/Session";
import { useClosing } from "../../ui/useClosing";
import { examples, isMappable, mappingProblems, withRole } from "../../words/columns";
import { columnTypes } from "./ColumnsDialog";
import { Samples } from "./ListsPage";
import { RowProblems } from "./RowProblems";
import { useRefreshLists } from "./useRefreshLists";

const roles = ["address", "firstName", "lastName", "custom", "ignore"] as const satisfies ColumnRole[];
const previewRows = 5;

const useStyles = makeStyles({
  surface: { maxWidth: "60rem", width: "calc(100% - 2rem)" },
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, minHeight: "16rem" },
  heading: { outlineStyle: "none" },
  quiet: { color: tokens.colorNeutralForeground3 },
  drop: {
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    textAlign: "center",
    gap: tokens.spacingVerticalM,
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
    border: `${tokens.strokeWidthThin} dashed ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  over: {
    border: `${tokens.strokeWidthThin} dashed ${tokens.colorCompoundBrandStroke}`,
    backgroundColor: tokens.colorBrandBackground2,
  },
  icon: { fontSize: tokens.fontSizeHero800, lineHeight: 1, color: tokens.colorNeutralForeground3 },
  columns: { listStyleType: "none", margin: 0, padding: 0 },
  column: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr) minmax(0, 2fr) minmax(0, 2fr)",
    gap: tokens.spacingHorizontalM,
    alignItems: "start",
    paddingBlock: tokens.spacingVerticalM,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottomStyle: "none" },
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr) minmax(0, 1fr)" },
  },
  header: {
    display: "flex",
    flexDirection: "column",
    minWidth: 0,
    "@media (max-width: 639px)": { gridColumn: "1 / -1" },
  },
  input: { minWidth: 0, width: "100%" },
  role: { "@media (max-width: 639px)": { gridColumn: "1 / -1" } },
  cut: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  scroll: {
    overflowX: "auto",
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    ":focus-visible": { outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}` },
  },
  part: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  done: { display: "flex", gap: tokens.spacingHorizontalM, alignItems: "flex-start" },
  good: { color: tokens.colorStatusSuccessForeground1, fontSize: tokens.fontSizeHero700, flexShrink: 0 },
});

type Step = "file" | "columns" | "check" | "replace" | "done";
const counted: readonly Step[] = ["file", "columns", "check"];

interface Props {
  list: List;
  onClose: () => void;
}

/** From a file to people on the list; until the last button nothing is written. */
export function ImportWizard({ list, onClose }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshLists();
  const { open, closeThen } = useClosing();
  const [step, setStep] = useState<Step>("file");
  const [file, setFile] = useState<File | null>(null);
  const [read, setRead] = useState<ImportReport | null>(null);
  const [mapping, setMapping] = useState<ImportColumn[]>([]);
  const [checked, setChecked] = useState<ImportReport | null>(null);
  const [mode, setMode] = useState<"add" | "replace">("add");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const mappable = isMappable(mappingProblems(mapping));

  useEffect(() => {
    // The button that was pressed has gone; the reader goes on where the new step begins.
    if (step !== "file") heading.current?.focus();
  }, [step]);

  async function work(task: () => Promise<void>) {
    setBusy(true);
    setError(null);
    try {
      await task();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  }

  const choose = (chosen: File) =>
    work(async () => {
      setFile(chosen);
      const report = await api.importFile(list.id, { file: chosen, dryRun: true });
      setRead(report);
      setMapping(report.columns);
      setStep("columns");
    });

  const check = () =>
    work(async () => {
      if (!file) return;
      setChecked(await api.importFile(list.id, { file, mapping, dryRun: true }));
      setStep("check");
    });

  const write = () =>
    work(async () => {
      if (!file || !checked) return;
      try {
        const report = await api.importFile(list.id, { file, mapping, mode, skipWrong: checked.wrong > 0 });
        setChecked(report);
        setStep("done");
        await refresh();
      } catch (caught) {
        // The list's columns changed meanwhile, or the file did: show what is wrong now.
        const found = toApiError(caught).import;
        if (found) {
          setChecked(found);
          setStep("check");
        }
        throw caught;
      }
    });

  const back = (to: Step) => () => {
    setError(null);
    setStep(to);
  };
  const close = () => {
    if (busy) return;
    closeThen(() => {
      onClose();
      if (file && step !== "done") notify("info", t("import.nothing"));
    });
  };
  const replaces = mode === "replace" && list.members > 0;

  const actions: ReactNode[] = [];
  const primary = (words: string, run: () => unknown, disabled = false) => (
    <Button
      key="primary"
      appearance="primary"
      disabled={disabled}
      disabledFocusable={busy || undefined}
      icon={busy ? <Spinner size="tiny" /> : undefined}
      onClick={() => {
        if (!busy) void run();
      }}
    >
      {words}
    </Button>
  );
  const secondary = (words: string, run: () => void) => (
    <Button key={words} disabled={busy} onClick={run}>
      {words}
    </Button>
  );
  if (step === "file") actions.push(secondary(t("app.cancel"), close));
  if (step === "columns") {
    actions.push(
      secondary(t("app.cancel"), close),
      secondary(t("import.back"), back("file")),
      primary(t("import.check"), check, !mappable),
    );
  }
  if (step === "check" && checked) {
    const { good, wrong } = checked;
    actions.push(
      secondary(wrong > 0 ? t("import.cancel") : t("app.cancel"), close),
      secondary(t("import.back"), back("columns")),
    );
    if (good > 0) {
      const words = wrong > 0 ? t("import.good", { n: good }) : t("import.do", { n: good });
      actions.push(primary(words, replaces ? back("replace") : write));
    }
  }
  if (step === "replace") {
    actions.push(secondary(t("import.back"), back("check")), primary(t("import.replace.do"), write));
  }
  if (step === "done") {
    actions.push(primary(t("app.close"), close));
  }

  const at = counted.indexOf(step);
  return (
    <Dialog
      open={open}
      modalType={step === "file" ? "modal" : "alert"}
      surfaceMotion={null}
      onOpenChange={(_, data) => {
        if (!data.open && data.type !== "backdropClick") close();
      }}
    >
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{t("import.title", { name: list.name })}</DialogTitle>
          <DialogContent className={styles.content}>
            <div>
              {at >= 0 && (
                <Caption1 block className={styles.quiet}>
                  {t("import.step", { at: at + 1, of: counted.length })}
                </Caption1>
              )}
              <Text as="h2" block size={400} weight="semibold" ref={heading} tabIndex={-1} className={styles.heading}>
                {t(`import.step.${step}`)}
              </Text>
            </div>
            {step === "file" && <FileStep file={file} busy={busy} onChoose={(chosen) => void choose(chosen)} />}
            {step === "columns" && read && (
              <ColumnsStep
                read={read}
                mapping={mapping}
                onChange={(changed) => {
                  setMapping(changed);
                  setError(null);
                }}
              />
            )}
            {step === "check" && checked && <CheckStep report={checked} list={list} mode={mode} onMode={setMode} />}
            {step === "replace" && checked && (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>
                  {t("import.replace.text", {
                    before: t("aud.summary.people", { n: list.members }),
                    after: t("aud.summary.people", { n: checked.good }),
                  })}
                </MessageBarBody>
              </MessageBar>
            )}
            {step === "done" && checked && <DoneStep report={checked} list={list} mode={mode} />}
            <div aria-live="polite">
              {error !== null && (
                <MessageBar intent="error" layout="multiline" politeness="assertive">
                  <MessageBarBody>
                    {step === "file" && file && (
                      <MessageBarTitle>{t("import.file.failed", { file: file.name })}</MessageBarTitle>
                    )}
                    {explain(error, t)}
                    <HeaderProblems error={error} />
                  </MessageBarBody>
                </MessageBar>
              )}
            </div>
          </DialogContent>
          <DialogActions fluid={step === "check" || step === "columns"}>{actions}</DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

/** Which columns' names are wrong, one by one. */
function HeaderProblems({ error }: { error: unknown }) {
  const { t } = useLanguage();
  const problems = toApiError(error).problems.filter((each) => each.field === "/file" && each.value);
  if (problems.length === 0) return null;
  return (
    <ul>
      {problems.map((each, at) => (
        <li key={String(at)}>
          {each.value}: {explainProblem(each, t)}
        </li>
      ))}
    </ul>
  );
}

function FileStep({ file, busy, onChoose }: { file: File | null; busy: boolean; onChoose: (file: File) => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- The button inside does the same. */}
      <div
        role="group"
        aria-label={t("import.drop")}
        className={mergeClasses(styles.drop, over && styles.over)}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const dropped = event.dataTransfer.files[0];
          if (dropped && !busy) onChoose(dropped);
        }}
      >
        <span className={styles.icon} aria-hidden>
          {busy ? <Spinner /> : file ? <DocumentTableRegular /> : <ArrowUploadRegular />}
        </span>
        <Body1 role="status">{busy && file ? t("import.reading", { file: file.name }) : t("import.drop")}</Body1>
        <Button
          appearance="primary"
          disabledFocusable={busy}
          onClick={() => {
            if (!busy) input.current?.click();
          }}
        >
          {t(file ? "import.another" : "import.choose")}
        </Button>
        <input
          ref={input}
          hidden
          type="file"
          aria-label={t("import.choose")}
          accept=".csv,.tsv,.tab,.txt,.xlsx,text/csv,text/tab-separated-values,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen) onChoose(chosen);
            // The same file, mended, may be chosen again.
            event.target.value = "";
          }}
        />
      </div>
      <div>
        <Text block>{t("import.hint")}</Text>
        <Samples />
      </div>
    </>
  );
}

interface ColumnsProps {
  read: ImportReport;
  mapping: ImportColumn[];
  onChange: (mapping: ImportColumn[]) => void;
}

function ColumnsStep({ read, mapping, onChange }: ColumnsProps) {
  const styles = useStyles();
  const { t } = useLanguage();
  const problems = mappingProblems(mapping);
  const change = (index: number, part: Partial<ImportColumn>) => {
    onChange(mapping.map((each) => (each.index === index ? { ...each, ...part } : each)));
  };
  return (
    <>
      <Body1>{t("import.columns.text")}</Body1>
      {problems.address === "none" && (
        <MessageBar intent="warning">
          <MessageBarBody>{t("import.address.none")}</MessageBarBody>
        </MessageBar>
      )}
      <ul className={styles.columns}>
        {mapping.map((each) => {
          const header = each.header || t("import.header.none", { n: each.index + 1 });
          const problem = problems.columns.get(each.index);
          const wrong =
            problem && problem !== "role"
              ? ({ validationMessage: t(`column.name.${problem}`), validationState: "error" } as const)
              : {};
          return (
            <li key={each.index} className={styles.column}>
              <span className={styles.header}>
                <Text weight="semibold" className={styles.cut} title={header}>
                  {header}
                </Text>
                <Caption1 className={mergeClasses(styles.quiet, styles.cut)}>
                  {examples(read.preview, each.index).join(", ") || t("import.header.empty")}
                </Caption1>
              </span>
              <Field
                className={styles.role}
                label={{ children: t("import.role"), "aria-hidden": true }}
                {...(problem === "role"
                  ? { validationMessage: t("import.role.twice"), validationState: "error" as const }
                  : {})}
              >
                <Select
                  aria-label={t("import.role.of", { header })}
                  value={each.role}
                  onChange={(_, data) => {
                    onChange(withRole(mapping, each.index, data.value as ColumnRole));
                  }}
                >
                  {roles.map((role) => (
                    <option key={role} value={role}>
                      {t(`import.role.${role}`)}
                    </option>
                  ))}
                </Select>
              </Field>
              {each.role === "custom" && (
                <>
                  <Field label={{ children: t("import.name"), "aria-hidden": true }} {...wrong}>
                    <Input
                      className={styles.input}
                      aria-label={t("import.name.of", { header })}
                      value={each.name}
                      maxLength={64}
                      onChange={(_, data) => {
                        change(each.index, { name: data.value.toUpperCase() });
                      }}
                    />
                  </Field>
                  <Field label={{ children: t("columns.type"), "aria-hidden": true }}>
                    <Select
                      aria-label={t("import.type.of", { header })}
                      value={each.type}
                      onChange={(_, data) => {
                        change(each.index, { type: data.value as ColumnType });
                      }}
                    >
                      {columnTypes.map((type) => (
                        <option key={type} value={type}>
                          {t(`column.type.${type}`)}
                        </option>
                      ))}
                    </Select>
                  </Field>
                </>
              )}
            </li>
          );
        })}
      </ul>
      <FirstRows read={read} mapping={mapping} />
    </>
  );
}

/** The file's first rows as they will stand on the list. */
function FirstRows({ read, mapping }: { read: ImportReport; mapping: ImportColumn[] }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const used = mapping.filter((each) => each.role !== "ignore");
  if (used.length === 0 || read.preview.length === 0) return null;
  return (
    <div className={styles.part}>
      <Body1Strong>{t("import.preview")}</Body1Strong>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- It scrolls, so the keyboard must reach it. */}
      <div className={styles.scroll} role="region" aria-label={t("import.preview")} tabIndex={0}>
        <Table size="small" aria-label={t("import.preview")} style={{ minWidth: `${String(used.length * 10)}rem` }}>
          <TableHeader>
            <TableRow>
              {used.map((each) => (
                <TableHeaderCell key={each.index}>
                  {each.role === "custom" ? `[${each.name}]` : t(`import.role.${each.role}`)}
                </TableHeaderCell>
              ))}
            </TableRow>
          </TableHeader>
          <TableBody>
            {read.preview.slice(0, previewRows).map((row, at) => (
              <TableRow key={String(at)}>
                {used.map((each) => (
                  <TableCell key={each.index} className={styles.cut}>
                    {row[each.index] ?? ""}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </div>
    </div>
  );
}

interface CheckProps {
  report: ImportReport;
  list: List;
  mode: "add" | "replace";
  onMode: (mode: "add" | "replace") => void;
}

function CheckStep({ report, list, mode, onMode }: CheckProps) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { total, good, wrong, problems } = report;
  return (
    <>
      <MessageBar intent={wrong === 0 ? "success" : good === 0 ? "error" : "warning"} layout="multiline">
        <MessageBarBody>
          {wrong === 0
            ? t("import.all.good", { n: total })
            : good === 0
              ? t("import.none.good")
              : t("import.some.good", { rows: t("import.rows", { n: total }), good, wrong })}
        </MessageBarBody>
      </MessageBar>
      {wrong > 0 && (
        <section className={styles.part}>
          <Body1Strong>{t("rows.title")}</Body1Strong>
          <RowProblems problems={problems} total={wrong} />
          <Caption1 className={styles.quiet}>{t("import.mend")}</Caption1>
        </section>
      )}
      {list.members > 0 && good > 0 && (
        <Field label={t("import.mode", { people: t("aud.summary.people", { n: list.members }) })}>
          <RadioGroup
            value={mode}
            onChange={(_, data) => {
              onMode(data.value as "add" | "replace");
            }}
          >
            <Radio value="add" label={t("import.mode.add")} />
            <Radio value="replace" label={t("import.mode.replace")} />
          </RadioGroup>
        </Field>
      )}
    </>
  );
}

function DoneStep({ report, list, mode }: Pick<CheckProps, "report" | "list" | "mode">) {
  const styles = useStyles();
  const { t } = useLanguage();
  const replaced = mode === "replace";
  return (
    <>
      <div className={styles.done} role="status">
        <CheckmarkCircleFilled className={styles.good} aria-hidden />
        <div>
          <Body1Strong block>
            {t(replaced ? "import.done.replaced" : "import.done.added", { n: report.imported, name: list.name })}
          </Body1Strong>
          {report.wrong > 0 && <Body1 block>{t("import.done.left", { n: report.wrong })}</Body1>}
        </div>
      </div>
      {report.wrong > 0 && <RowProblems problems={report.problems} total={report.wrong} />}
    </>
  );
}
