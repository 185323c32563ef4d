import { lazy, type ReactElement, Suspense, useState } from "react";

const WhyTooltip = lazy(() => import("./WhyTooltip"));

interface Props {
  reason: string | null | undefined;
  children: ReactElement;
}

/** A control that says why it cannot be used, when it cannot. What draws the reason is loaded with the first one. */
export function Why({ reason, children }: Props) {
  const [needed, setNeeded] = useState(Boolean(reason));
  if (reason && !needed) setNeeded(true);
  if (!needed) return children;
  return (
    <Suspense fallback={children}>
      <WhyTooltip reason={reason}>{children}</WhyTooltip>
    </Suspense>
  );
}
