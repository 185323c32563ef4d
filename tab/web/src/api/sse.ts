/** Server-sent events, read from fetch, because EventSource cannot send the Authorization header. */

export interface ServerEvent {
  event: string;
  data: string;
  id: string | null;
}

/**
 * Takes the text of an event stream in pieces cut anywhere and gives the events that are
 * complete, after https://html.spec.whatwg.org/multipage/server-sent-events.html.
 */
export class SseParser {
  private rest = "";
  private event = "";
  private data: string[] = [];
  private id: string | null = null;

  push(chunk: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    let text = this.rest + chunk;
    // A CR at the very end may be the first half of CRLF: keep it for the next piece.
    let held = "";
    if (text.endsWith("\r")) {
      held = "\r";
      text = text.slice(0, -1);
    }
    const lines = text.split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? "") + held;
    for (const line of lines) {
      const done = this.line(line);
      if (done) events.push(done);
    }
    return events;
  }

  private line(line: string): ServerEvent | null {
    if (line === "") {
      const complete =
        this.data.length > 0 ? { event: this.event || "message", data: this.data.join("\n"), id: this.id } : null;
      this.event = "";
      this.data = [];
      return complete;
    }
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "event") this.event = value;
    else if (field === "data") this.data.push(value);
    else if (field === "id") this.id = value;
    return null;
  }
}

const firstDelay = 1_000;
const longestDelay = 15_000;

/** How long to wait before the n-th try (0, 1, 2 …) to connect again, in milliseconds. */
export function reconnectDelay(attempt: number): number {
  return Math.min(longestDelay, firstDelay * 2 ** attempt);
}

export interface Follow {
  open: (signal: AbortSignal) => Promise<Response>;
  onEvent: (event: ServerEvent) => void;
  /** After a break: whatever happened in between was missed, so look it up. */
  onReconnect: () => void;
  /** It could not be connected again at once: what was heard last is getting old. */
  onLost?: () => void;
  signal: AbortSignal;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Follows a stream until the signal aborts, and connects again whenever it breaks. */
export async function follow({ open, onEvent, onReconnect, onLost, signal, wait = pause }: Follow): Promise<void> {
  let attempt = 0;
  let broken = false;
  while (!signal.aborted) {
    try {
      const response = await open(signal);
      if (!response.body) throw new Error("an event stream without a body");
      if (broken) onReconnect();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new SseParser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        attempt = 0;
        for (const event of parser.push(value)) onEvent(event);
      }
    } catch {
      // The reason does not matter: connect again below, unless we were told to stop.
    }
    if (signal.aborted) return;
    if (attempt > 0) onLost?.();
    broken = true;
    await wait(reconnectDelay(attempt), signal);
    attempt += 1;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
