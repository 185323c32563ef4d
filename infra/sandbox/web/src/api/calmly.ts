/**
 * Calls `action` with the browser's next frame, and at most once in `ms` milliseconds however often it is asked; the
 * last ask is always answered. An action that takes longer is waited for, so that slow answers do not pile up.
 */
export function calmly(
  action: () => Promise<void> | void,
  ms: number,
): { ask: () => void; cancel: () => void } {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let resting = false;
  let again = false;
  let turn = 0;
  const run = () => {
    frame = undefined;
    resting = true;
    const mine = turn;
    const rest = () => {
      if (mine !== turn) return;
      timer = setTimeout(() => {
        resting = false;
        if (!again) return;
        again = false;
        ask();
      }, ms);
    };
    void Promise.resolve(action()).then(rest, rest);
  };
  const ask = () => {
    if (resting) again = true;
    else frame ??= requestAnimationFrame(run);
  };
  const cancel = () => {
    turn += 1;
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    clearTimeout(timer);
    resting = false;
    again = false;
  };
  return { ask, cancel };
}
