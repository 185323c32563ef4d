import type { CSSProperties, ReactNode } from "react";

/** The id of a page's one `<h1>`, after which its main landmark is named. */
export const pageTitle = "page-title";

/** Seen by screen readers only. */
export const hidden: CSSProperties = {
  position: "absolute",
  width: 1,
  height: 1,
  overflow: "hidden",
  clipPath: "inset(50%)",
  whiteSpace: "nowrap",
};

/** The heading of a page that shows its name in another way, in a field for example. */
export function HiddenTitle({ children }: { children: ReactNode }) {
  return (
    <h1 id={pageTitle} style={hidden}>
      {children}
    </h1>
  );
}
