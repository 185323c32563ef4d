import {
  Button,
  Toast,
  Toaster,
  ToastTitle,
  ToastTrigger,
  useId,
  useToastController,
} from "@fluentui/react-components";
import { useEffect } from "react";
import type { Notice } from "./Notices";

/** Shows each notice once. */
export default function Toasts({ notices }: { notices: Notice[] }) {
  const toasterId = useId("notices");
  const { dispatchToast } = useToastController(toasterId);
  const last = notices.at(-1);
  useEffect(() => {
    if (!last) return;
    const urgent = last.intent === "error";
    const { action } = last;
    dispatchToast(
      <Toast>
        <ToastTitle
          action={
            action && (
              <ToastTrigger>
                <Button appearance="transparent" size="small" onClick={action.run}>
                  {action.label}
                </Button>
              </ToastTrigger>
            )
          }
        >
          {last.text}
        </ToastTitle>
      </Toast>,
      {
        toastId: String(last.id),
        intent: last.intent,
        politeness: urgent ? "assertive" : "polite",
        timeout: action ? 15_000 : urgent ? 10_000 : 5_000,
      },
    );
  }, [last, dispatchToast]);
  return <Toaster toasterId={toasterId} position="bottom" />;
}
