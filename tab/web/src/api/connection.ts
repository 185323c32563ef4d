type State = "there" | "lost";

/** Whether Herald answered the last request, as an external store. */
export const connection = (() => {
  let current: State = "there";
  const listeners = new Set<() => void>();
  return {
    set(state: State): void {
      if (state === current) return;
      current = state;
      for (const each of listeners) each();
    },
    snapshot: (): State => current,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
})();
