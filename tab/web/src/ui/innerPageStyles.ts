import { makeStyles, tokens } from "@fluentui/react-components";

/** The shape of the pages behind the first ones: of one campaign, of one survey. */
export const useInnerPageStyles = makeStyles({
  page: {
    boxSizing: "border-box",
    maxWidth: "1280px",
    margin: "0 auto",
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXXXL}`,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    "@media (max-width: 639px)": { paddingInline: tokens.spacingHorizontalL },
  },
  // What came of it: a title with what there is to do, and one section after the other.
  report: { maxWidth: "1080px" },
  head: {
    display: "flex",
    flexWrap: "wrap",
    justifyContent: "space-between",
    alignItems: "flex-start",
    gap: tokens.spacingHorizontalL,
  },
  title: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    minWidth: 0,
    overflowWrap: "anywhere",
  },
  quiet: { color: tokens.colorNeutralForeground3 },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, "@media print": { display: "none" } },
  section: { gap: tokens.spacingVerticalL, padding: tokens.spacingHorizontalXL },
});
