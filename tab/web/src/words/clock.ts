/**
 * The moment it is for Herald, in milliseconds. Every answer carries Herald's time; when this computer's clock
 * is off by more than a little, "in 5 hours" follows Herald, because Herald is the one that sends.
 */
let offset = 0;
const tolerated = 5_000;

export function observeServerTime(date: string | null): void {
  if (!date) return;
  const server = Date.parse(date);
  if (Number.isNaN(server)) return;
  const difference = server - Date.now();
  offset = Math.abs(difference) > tolerated ? difference : 0;
}

export function now(): number {
  return Date.now() + offset;
}

const listeners = new Set<() => void>();
let tick = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** For useSyncExternalStore: a moment that moves on every 15 seconds while someone looks. */
export const wallClock = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    timer ??= setInterval(() => {
      tick = now();
      for (const each of listeners) each();
    }, 15_000);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        clearInterval(timer);
        timer = undefined;
        tick = 0;
      }
    };
  },
  snapshot(): number {
    if (tick === 0) tick = now();
    return tick;
  },
};
