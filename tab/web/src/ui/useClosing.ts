import { useEffect, useState } from "react";

/**
 * For dialogs: the dialog closes first and what follows comes after, because torn away while open it would leave the
 * page inert. The focus goes back to where it was.
 */
export function useClosing(): { open: boolean; closeThen: (run: () => void) => void } {
  const [opener] = useState(() => document.activeElement);
  const [after, setAfter] = useState<{ run: () => void } | null>(null);
  useEffect(() => {
    if (!after) return;
    after.run();
    focusBack(opener);
  }, [after, opener]);
  return {
    open: after === null,
    closeThen: (run) => {
      setAfter({ run });
    },
  };
}

/** To where the reader was; when that is gone, to the page as a whole. */
function focusBack(opener: Element | null): void {
  const target = opener instanceof HTMLElement && opener.isConnected ? opener : document.querySelector("main");
  if (!target) return;
  if (target.tagName === "MAIN") target.tabIndex = -1;
  target.focus();
}
