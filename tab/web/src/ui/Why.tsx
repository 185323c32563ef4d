import { Tooltip } from "@fluentui/react-components";
import type { ReactElement } from "react";

/**
 * Never a dead button without a reason: with a reason the control says it in a tooltip, also to the keyboard, for
 * which the control must stay focusable (`disabledFocusable`).
 */
export function Why({ reason, children }: { reason: string | null | undefined; children: ReactElement }) {
  if (!reason) return children;
  return (
    <Tooltip content={reason} relationship="description" withArrow>
      {children}
    </Tooltip>
  );
}
