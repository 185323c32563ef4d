import {
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Toast,
  ToastTitle,
  Tooltip,
  tokens,
  useToastController,
} from "@fluentui/react-components";
import { ClockRegular, FastForwardRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { cloud } from "../api/cloud";
import { TOASTER_ID } from "../chat/useArrivals";
import { useFormat, useWords } from "../words";
import { useNarrow } from "./useNarrow";

const useStyles = makeStyles({
  trigger: {
    fontWeight: tokens.fontWeightRegular,
    fontVariantNumeric: "tabular-nums",
    whiteSpace: "nowrap",
  },
});

/** The sandbox's time ticks with the machine's; only its distance from it is the sandbox's own. */
function useSandboxTime(): Date | null {
  const clock = useQuery({
    queryKey: ["clock"],
    queryFn: async () => ({ ahead: Date.parse((await cloud.clock()).now) - Date.now() }),
    // Others may move the clock too (a test, a shell); a quarter of a minute late is soon enough.
    refetchInterval: 15_000,
  });
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return clock.data === undefined ? null : new Date(now + clock.data.ahead);
}

/** Shows what time it is in the sandbox and moves it forward: "send later" needs no waiting. */
export function ClockControl() {
  const styles = useStyles();
  const words = useWords();
  const format = useFormat();
  const isNarrow = useNarrow();
  const now = useSandboxTime();
  const client = useQueryClient();
  const toast = useToastController(TOASTER_ID);
  const advance = useMutation({
    mutationFn: async (by: string) => {
      await cloud.advanceClock(by);
      return cloud.clock();
    },
    onSuccess: (clock) => {
      void client.invalidateQueries({ queryKey: ["clock"] });
      const when = format.moment(new Date(clock.now));
      toast.dispatchToast(
        <Toast>
          <ToastTitle>{words.clockMoved(when)}</ToastTitle>
        </Toast>,
        { intent: "success" },
      );
    },
    onError: (error) =>
      toast.dispatchToast(
        <Toast>
          <ToastTitle>{`${words.clockFailed} ${error.message}`}</ToastTitle>
        </Toast>,
        { intent: "error" },
      ),
  });
  const shown = now === null ? "–" : isNarrow ? format.time(now) : format.moment(now);
  const steps = [
    { by: "1h", label: words.clockHour },
    { by: "24h", label: words.clockDay },
    { by: "144h", label: words.clockSixDays },
  ];
  return (
    <Menu positioning="below-end">
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={words.clockAt(shown)} relationship="label">
          <Button
            appearance="subtle"
            icon={<ClockRegular />}
            className={styles.trigger}
            disabled={now === null}
          >
            {shown}
          </Button>
        </Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList aria-label={words.clockAdvance}>
          {steps.map((step) => (
            <MenuItem
              key={step.by}
              icon={<FastForwardRegular />}
              disabled={advance.isPending}
              onClick={() => advance.mutate(step.by)}
            >
              {step.label}
            </MenuItem>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
