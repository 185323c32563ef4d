import { makeStyles, mergeClasses, SkeletonItem, tokens } from "@fluentui/react-components";
import type { ReactNode, Ref } from "react";
import { navigate } from "../../router";
import { BackButton } from "../../ui/BackButton";
import { useInnerPageStyles } from "../../ui/innerPageStyles";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { HiddenTitle, pageTitle } from "../../ui/PageTitle";
import { SaveStatus } from "./SaveStatus";

export const useEditorStyles = makeStyles({
  top: {
    display: "flex",
    // Why it is not saved may need a line of its own.
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalM,
  },
  back: { alignSelf: "auto", flexShrink: 0, whiteSpace: "nowrap" },
  name: { maxWidth: "40rem" },
  // The form, and beside it the preview.
  columns: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: tokens.spacingHorizontalXXL,
    alignItems: "start",
  },
  two: { gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr)" },
  panel: {
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow2,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorTransparentStroke}`,
    padding: tokens.spacingHorizontalXXL,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXXL,
    "@media (max-width: 639px)": { padding: tokens.spacingHorizontalL },
  },
  side: { position: "sticky", top: tokens.spacingVerticalL },
});

interface Props {
  ref: Ref<HTMLElement>;
  name: string;
  /** Where the button back leads, and its words. */
  up: string;
  back: string;
  children: ReactNode;
}

/** The page of something that is being written: the way back, and whether it is saved. */
export function EditorFrame({ ref, name, up, back, children }: Props) {
  const page = useInnerPageStyles();
  const styles = useEditorStyles();
  return (
    <main className={page.page} aria-labelledby={pageTitle} ref={ref}>
      <title>{name}</title>
      <HiddenTitle>{name}</HiddenTitle>
      <div className={styles.top}>
        <BackButton className={styles.back} onClick={() => navigate(up)}>
          {back}
        </BackButton>
        <SaveStatus />
      </div>
      {children}
    </main>
  );
}

/** The shape of what is coming. */
export function EditorSkeleton({ className }: { className?: string }) {
  const page = useInnerPageStyles();
  const styles = useEditorStyles();
  return (
    <PageSkeleton page={page.page} className={mergeClasses(styles.panel, className)}>
      <SkeletonItem size={32} />
      <SkeletonItem size={24} />
      <SkeletonItem size={128} />
    </PageSkeleton>
  );
}
