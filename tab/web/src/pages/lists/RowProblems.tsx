import {
  Caption1,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from "@fluentui/react-components";
import type { RowProblem, WrongAddress } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { explainProblem } from "../../ui/errors";
import { phone, useMedia } from "../../ui/Session";

const shown = 200;

const useStyles = makeStyles({
  box: {
    maxHeight: "18rem",
    overflowY: "auto",
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    ":focus-visible": { outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}` },
  },
  head: { position: "sticky", top: 0, zIndex: 1, backgroundColor: tokens.colorNeutralBackground1 },
  line: { width: "4.5rem", fontVariantNumeric: "tabular-nums" },
  column: { width: "24%" },
  value: { width: "30%", overflowWrap: "anywhere" },
  cell: { paddingBlock: tokens.spacingVerticalXS, overflowWrap: "anywhere" },
  more: { padding: tokens.spacingHorizontalS, color: tokens.colorNeutralForeground3 },
  cards: { listStyleType: "none", margin: 0, padding: 0 },
  card: {
    padding: tokens.spacingHorizontalM,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: "anywhere",
    ":last-child": { borderBottomStyle: "none" },
  },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** The rows that cannot be taken, one by one: where, why, and what stands there. */
export function RowProblems({ problems, total }: { problems: (RowProblem | WrongAddress)[]; total: number }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const small = useMedia(phone);
  const number = new Intl.NumberFormat(locale);
  const rows = problems.slice(0, shown).map((each, index) => ({
    key: String(index),
    line: number.format(each.line),
    column: "column" in each ? each.column : "",
    value: each.value,
    reason: explainProblem({ field: "", ...each }, t),
  }));
  const columns = rows.some((each) => each.column !== "");
  const rest = Math.max(total, problems.length) - rows.length;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- It scrolls, so the keyboard must reach it.
    <div className={styles.box} role="region" aria-label={t("rows.title")} tabIndex={0}>
      {small ? (
        <ul className={styles.cards}>
          {rows.map((each) => (
            <li key={each.key} className={styles.card}>
              <Caption1 block className={styles.quiet}>
                {[t("rows.line.n", { line: each.line }), each.column].filter(Boolean).join(", ")}
              </Caption1>
              {each.reason}
              {each.value && (
                <Caption1 block className={styles.quiet}>
                  {each.value}
                </Caption1>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <Table size="small" aria-label={t("rows.title")}>
          <TableHeader className={styles.head}>
            <TableRow>
              <TableHeaderCell className={styles.line}>{t("rows.line")}</TableHeaderCell>
              {columns && <TableHeaderCell className={styles.column}>{t("rows.column")}</TableHeaderCell>}
              <TableHeaderCell>{t("rows.reason")}</TableHeaderCell>
              <TableHeaderCell className={styles.value}>{t("rows.value")}</TableHeaderCell>
            </TableRow>
          </TableHeader>
          <TableBody>
            {rows.map((each) => (
              <TableRow key={each.key}>
                <TableCell className={styles.cell}>{each.line}</TableCell>
                {columns && <TableCell className={styles.cell}>{each.column}</TableCell>}
                <TableCell className={styles.cell}>{each.reason}</TableCell>
                <TableCell className={styles.cell}>{each.value}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
      {rest > 0 && (
        <Caption1 block className={styles.more}>
          {t("aud.and.more", { n: rest })}
        </Caption1>
      )}
    </div>
  );
}
