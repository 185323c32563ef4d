import { Tooltip } from "@fluentui/react-components";
import { type ReactElement, useState } from "react";

/**
 * Never a dead button without a reason: with a reason the control says it in a tooltip, also to the keyboard, for
 * which the control must stay focusable (`disabledFocusable`). Without one the tooltip keeps quiet, and the control
 * stays the same element, so that it keeps the focus when the reason goes away.
 */
export default function WhyTooltip({
  reason,
  children,
}: {
  reason: string | null | undefined;
  children: ReactElement;
}) {
  const [visible, setVisible] = useState(false);
  return (
    <Tooltip
      content={reason ?? ""}
      relationship={reason ? "description" : "inaccessible"}
      withArrow
      visible={visible && Boolean(reason)}
      onVisibleChange={(_, data) => {
        setVisible(data.visible);
      }}
    >
      {children}
    </Tooltip>
  );
}
