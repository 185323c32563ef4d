import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  Spinner,
} from "@fluentui/react-components";
import { type ReactNode, useEffect, useState } from "react";
import { useLanguage } from "../i18n/Language";
import { explain } from "./errors";

interface Props {
  title: string;
  children: ReactNode;
  confirm: string;
  cancel?: string;
  /** Why it cannot be confirmed yet; the button stays disabled. */
  disabled?: boolean;
  /** What it gives back, if anything, happens once the dialog has closed: leaving the page, for example. */
  onConfirm: () => Promise<(() => void) | undefined>;
  onClose: () => void;
  /** After it was done, when that is something else than closing. */
  onDone?: () => void;
}

/** Asks before something is done, shows that it is being done, and stays open with the reason when it fails. */
export function ConfirmDialog({
  title,
  children,
  confirm,
  cancel,
  disabled = false,
  onConfirm,
  onClose,
  onDone = onClose,
}: Props) {
  const { t } = useLanguage();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [opener] = useState(() => document.activeElement);
  // The dialog closes first and what follows comes after: torn away while open it would leave the page inert.
  const [after, setAfter] = useState<{ run: () => void } | null>(null);
  useEffect(() => {
    if (!after) return;
    after.run();
    focusBack(opener);
  }, [after, opener]);

  async function run() {
    setBusy(true);
    setError(null);
    try {
      const next = await onConfirm();
      setAfter({
        run: () => {
          onDone();
          next?.();
        },
      });
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open={after === null}
      modalType="alert"
      surfaceMotion={null}
      onOpenChange={(_, data) => {
        if (!data.open && !busy) setAfter({ run: onClose });
      }}
    >
      <DialogSurface>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!disabled && !busy) void run();
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent>
              {children}
              {error !== null && (
                <MessageBar intent="error" politeness="assertive">
                  <MessageBarBody>{explain(error, t)}</MessageBarBody>
                </MessageBar>
              )}
            </DialogContent>
            <DialogActions>
              <Button
                appearance="secondary"
                disabled={busy}
                onClick={() => {
                  setAfter({ run: onClose });
                }}
              >
                {cancel ?? t("app.cancel")}
              </Button>
              <Button
                type="submit"
                appearance="primary"
                disabled={disabled}
                disabledFocusable={busy}
                icon={busy ? <Spinner size="tiny" /> : undefined}
              >
                {confirm}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

/** To where the reader was; when that is gone, to the page as a whole. */
function focusBack(opener: Element | null): void {
  const target = opener instanceof HTMLElement && opener.isConnected ? opener : document.querySelector("main");
  if (!target) return;
  if (target.tagName === "MAIN") target.tabIndex = -1;
  target.focus();
}
