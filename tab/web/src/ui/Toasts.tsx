import {
  Button,
  Toast,
  Toaster,
  ToastTitle,
  ToastTrigger,
  useId,
  useToastController,
} from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import type { Notice } from "./Notices";

/** Shows each notice once. */
export default function Toasts({ notices }: { notices: Notice[] }) {
  const toasterId = useId("notices");
  const { dispatchToast } = useToastController(toasterId);
  const shown = useRef(0);
  useEffect(() => {
    // Several may have come at once, or while what draws them was being loaded.
    for (const { id, intent, text, action } of notices.filter((each) => each.id > shown.current)) {
      shown.current = id;
      const urgent = intent === "error";
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
            {text}
          </ToastTitle>
        </Toast>,
        {
          toastId: String(id),
          intent,
          politeness: urgent ? "assertive" : "polite",
          timeout: action ? 15_000 : urgent ? 10_000 : 5_000,
        },
      );
    }
  }, [notices, dispatchToast]);
  return <Toaster toasterId={toasterId} position="bottom" />;
}
