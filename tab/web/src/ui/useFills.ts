import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useSyncExternalStore } from "react";
import { theme } from "../teams/host";

const ink = tokens.colorNeutralForeground1;
const ground = tokens.colorNeutralBackground1;
/** Stripes as wide as the gaps between them. */
const stripes = (angle: string) => `repeating-linear-gradient(${angle}, ${ink} 0 2px, ${ground} 2px 5px)`;

const useColours = makeStyles({
  fill: { forcedColorAdjust: "none" },
  good: { backgroundColor: tokens.colorStatusSuccessBackground3 },
  going: { backgroundColor: tokens.colorBrandBackground },
  // Still empty.
  open: { boxSizing: "border-box", border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStrokeAccessible}` },
  again: { backgroundColor: tokens.colorStatusWarningBackground3 },
  spared: { backgroundColor: tokens.colorPalettePlatinumBorderActive },
  bad: { backgroundColor: tokens.colorStatusDangerBorderActive },
  taken: { backgroundColor: tokens.colorPaletteMarigoldBackground3 },
  missed: { backgroundColor: tokens.colorPaletteLavenderBorderActive },
});

// High contrast has one colour for all of these, so they differ by pattern.
const usePatterns = makeStyles({
  fill: {
    boxSizing: "border-box",
    border: `${tokens.strokeWidthThin} solid ${ink}`,
    backgroundColor: ground,
  },
  good: { backgroundColor: ink },
  going: { backgroundImage: stripes("90deg") },
  open: {},
  again: { backgroundImage: stripes("0deg") },
  spared: { backgroundImage: `radial-gradient(${ink} 1px, ${ground} 1.5px)`, backgroundSize: "4px 4px" },
  bad: { backgroundImage: stripes("135deg") },
  taken: {
    backgroundImage: `linear-gradient(${ink} 1px, transparent 1px), linear-gradient(90deg, ${ink} 1px, transparent 1px)`,
    backgroundSize: "4px 4px",
  },
  missed: { backgroundImage: `repeating-linear-gradient(45deg, ${ink} 0 1px, ${ground} 1px 6px)` },
});

/** What a part of a chart stands for. */
export type Fill = "good" | "going" | "open" | "again" | "spared" | "bad" | "taken" | "missed";

/** The classes that fill the parts of a chart, told apart in every theme: by colour, in high contrast by pattern. */
export function useFills(): (fill: Fill) => string {
  const colours = useColours();
  const patterns = usePatterns();
  const contrast = useSyncExternalStore(theme.subscribe, theme.snapshot) === "contrast";
  return (fill) =>
    contrast ? mergeClasses(colours.fill, patterns.fill, patterns[fill]) : mergeClasses(colours.fill, colours[fill]);
}
