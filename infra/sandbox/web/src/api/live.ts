import { useEffect, useEffectEvent, useState } from "react";
import { calmly } from "./calmly";

/** Milliseconds between a broken stream and the next try; the browser itself gives up on a non-200 answer. */
const RETRY_MS = [500, 1000, 2000, 5000];

export interface LiveOptions {
  /** Named events to listen to besides unnamed ones. */
  events: string[];
  onEvent: (data: string) => void;
  /** Called at every (re)connection: what was missed meanwhile must be fetched. */
  onOpen?: () => void;
  onState?: (connected: boolean) => void;
}

/** Follows a server-sent stream and comes back after any failure. Returns the function that ends it. */
export function follow(url: string, options: LiveOptions): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const open = () => {
    source = new EventSource(url);
    source.onopen = () => {
      failures = 0;
      options.onState?.(true);
      options.onOpen?.();
    };
    const hear = (event: MessageEvent<string>) => options.onEvent(event.data);
    source.onmessage = hear;
    for (const name of options.events) source.addEventListener(name, hear);
    source.onerror = () => {
      source?.close();
      options.onState?.(false);
      const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
      failures += 1;
      timer = setTimeout(open, wait);
    };
  };
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  // A browser allows six connections to one HTTP/1.1 host over all its windows. A page that nobody looks
  // at gives its streams back, or a third window of the sandbox would never load.
  const visibility = () => {
    close();
    if (!document.hidden) open();
  };
  document.addEventListener("visibilitychange", visibility);
  if (!document.hidden) open();
  return () => {
    document.removeEventListener("visibilitychange", visibility);
    close();
  };
}

/** Milliseconds between two looks at what changes. */
export const REFRESH_MS = 500;

/** Follows a stream whose events only say "something changed": refreshes at once, then at most twice a second. */
export function useLiveRefresh(url: string, event: string, refresh: () => Promise<void>): boolean {
  // Until it fails it is taken to be up: a page that opens with a warning for a blink cries wolf.
  const [connected, setConnected] = useState(true);
  const onChange = useEffectEvent(refresh);
  useEffect(() => {
    // Installing Herald for a million people is a million changes; one look at the result will do.
    const calm = calmly(() => onChange(), REFRESH_MS);
    const stop = follow(url, { events: [event], onEvent: calm.ask, onOpen: calm.ask, onState: setConnected });
    return () => {
      stop();
      calm.cancel();
    };
  }, [url, event]);
  return connected;
}
