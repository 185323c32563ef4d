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
import { type ReactNode, useState } from "react";
import { useLanguage } from "../i18n/Language";
import { explain } from "./errors";

interface Props {
  title: string;
  children: ReactNode;
  confirm: string;
  cancel?: string;
  /** Why it cannot be confirmed yet; the button stays disabled. */
  disabled?: boolean;
  onConfirm: () => Promise<void>;
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

  async function run() {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onDone();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      modalType="alert"
      onOpenChange={(_, data) => {
        if (!data.open && !busy) onClose();
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
              <Button appearance="secondary" disabled={busy} onClick={onClose}>
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
