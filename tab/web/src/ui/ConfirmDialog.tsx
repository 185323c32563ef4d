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
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useLanguage } from "../i18n/Language";
import { explain } from "./errors";
import { useClosing } from "./useClosing";

interface Props {
  title: string;
  children: ReactNode;
  /** What the button says that does it; null when there is nothing left to do but close. */
  confirm: string | null;
  cancel?: string;
  /** It takes something away that cannot be brought back. Everything else is a form. */
  destructive?: boolean;
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
  destructive = false,
  disabled = false,
  onConfirm,
  onClose,
  onDone = onClose,
}: Props) {
  const { t } = useLanguage();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const close = useRef<HTMLButtonElement>(null);
  const { open, closeThen } = useClosing();

  // The button that had the focus may just have gone.
  useEffect(() => {
    if (confirm === null) close.current?.focus();
  }, [confirm]);

  async function run() {
    setBusy(true);
    setError(null);
    try {
      const next = await onConfirm();
      closeThen(() => {
        onDone();
        next?.();
      });
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open={open}
      modalType={destructive ? "alert" : "modal"}
      surfaceMotion={null}
      onOpenChange={(_, data) => {
        // A click beside a form is a slip, not a wish to lose what was typed.
        if (!data.open && !busy && data.type !== "backdropClick") closeThen(onClose);
      }}
    >
      <DialogSurface>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (confirm !== null && !disabled && !busy) void run();
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent>
              {children}
              {error !== null && confirm !== null && (
                <MessageBar intent="error" politeness="assertive">
                  <MessageBarBody>{explain(error, t)}</MessageBarBody>
                </MessageBar>
              )}
            </DialogContent>
            <DialogActions>
              <Button
                ref={close}
                appearance={confirm === null ? "primary" : "secondary"}
                disabled={busy}
                onClick={() => {
                  closeThen(onClose);
                }}
              >
                {confirm === null ? t("app.close") : (cancel ?? t("app.cancel"))}
              </Button>
              {confirm !== null && (
                <Button
                  type="submit"
                  appearance="primary"
                  disabled={disabled}
                  disabledFocusable={busy}
                  icon={busy ? <Spinner size="tiny" /> : undefined}
                >
                  {confirm}
                </Button>
              )}
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
