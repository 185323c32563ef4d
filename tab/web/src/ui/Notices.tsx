import { Toast, Toaster, ToastTitle, useId, useToastController } from "@fluentui/react-components";
import { createContext, type ReactNode, useCallback, useContext } from "react";

type Notify = (intent: "success" | "error" | "info", text: string) => void;

const Context = createContext<Notify>(() => undefined);

/** Short notices at the bottom, read aloud by screen readers. */
export function Notices({ children }: { children: ReactNode }) {
  const toasterId = useId("notices");
  const { dispatchToast } = useToastController(toasterId);
  const notify = useCallback<Notify>(
    (intent, text) => {
      dispatchToast(
        <Toast>
          <ToastTitle>{text}</ToastTitle>
        </Toast>,
        {
          intent,
          politeness: intent === "error" ? "assertive" : "polite",
          timeout: intent === "error" ? 10_000 : 5_000,
        },
      );
    },
    [dispatchToast],
  );
  return (
    <Context value={notify}>
      {children}
      <Toaster toasterId={toasterId} position="bottom" />
    </Context>
  );
}

export function useNotify(): Notify {
  return useContext(Context);
}
