/** Calls `action` at most once in `ms` milliseconds however often it is asked, the last ask included. */
export function coalesce(action: () => void, ms: number): { ask: () => void; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const ask = () => {
    if (timer !== undefined) {
      again = true;
      return;
    }
    action();
    timer = setTimeout(() => {
      timer = undefined;
      if (again) {
        again = false;
        ask();
      }
    }, ms);
  };
  return { ask, cancel: () => clearTimeout(timer) };
}
