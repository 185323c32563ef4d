import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useLanguage } from "../i18n/Language";

/** How rows look in the grids of the first pages, and as cards where there is no room for a grid. */
export const useRowStyles = makeStyles({
  row: { minHeight: "3.5rem" },
  name: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalM, minWidth: 0 },
  link: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: "none",
    overflow: "hidden",
    textOverflow: "ellipsis",
    borderRadius: tokens.borderRadiusSmall,
    ":hover": { textDecorationLine: "underline" },
    ":focus-visible": { outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}` },
  },
  table: { "& th": { color: tokens.colorNeutralForeground3 } },
  cell: { paddingLeft: tokens.spacingHorizontalL, paddingRight: tokens.spacingHorizontalL },
  wide: { width: "26%" },
  middle: { width: "15%" },
  narrow: { width: "4rem" },
  end: { textAlign: "right", paddingRight: tokens.spacingHorizontalM },
  hidden: { position: "absolute", clipPath: "inset(50%)" },
  cards: { listStyleType: "none", margin: 0, padding: 0 },
  card: {
    display: "grid",
    gridTemplateColumns: "auto 1fr auto",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    alignItems: "center",
    padding: tokens.spacingHorizontalL,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottomStyle: "none" },
  },
  // Without an icon in front.
  two: { gridTemplateColumns: "1fr auto" },
  whole: { gridColumn: "1 / -1" },
  breaking: { minWidth: 0, overflowWrap: "anywhere" },
  details: { gridColumn: "2 / -1", color: tokens.colorNeutralForeground3, display: "flex", flexDirection: "column" },
  state: { gridColumn: "2 / -1", paddingTop: tokens.spacingVerticalXS },
  skeleton: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalL,
    padding: tokens.spacingHorizontalL,
  },
  bone: {
    height: tokens.lineHeightBase200,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralStencil1,
    animationName: { from: { opacity: 1 }, "50%": { opacity: 0.5 }, to: { opacity: 1 } },
    animationDuration: "2s",
    animationIterationCount: "infinite",
    "@media (prefers-reduced-motion: reduce)": { animationName: "none" },
  },
  dot: { width: tokens.lineHeightBase400, height: tokens.lineHeightBase400, borderRadius: tokens.borderRadiusCircular },
  long: { flexGrow: 3 },
  short: { flexGrow: 1 },
});

/** The shape of what is coming. Drawn here, because Fluent's skeleton would weigh on the first load. */
export function RowsSkeleton() {
  const styles = useRowStyles();
  const { t } = useLanguage();
  return (
    <div role="progressbar" aria-label={t("app.loading")}>
      {["a", "b", "c", "d", "e"].map((key) => (
        <div key={key} className={styles.skeleton}>
          <span className={mergeClasses(styles.bone, styles.dot)} />
          <span className={mergeClasses(styles.bone, styles.long)} />
          <span className={mergeClasses(styles.bone, styles.short)} />
          <span className={mergeClasses(styles.bone, styles.short)} />
        </div>
      ))}
    </div>
  );
}
