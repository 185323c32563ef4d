import type { WireEntry } from "../api/types";

export type WireBodies = Pick<WireEntry, "request" | "response">;

/** One request without what it carried, which is read only when somebody opens it. */
export interface WireHead extends Omit<WireEntry, "request" | "response"> {
  bodies: () => WireBodies;
}

// The sandbox writes the bodies last. Inside a JSON string the quotes would be escaped, so this is the member itself.
const BODIES = ',"request":';

/** Reads an event of the wire; null when it is not a request. */
export function readHead(data: string): WireHead | null {
  const end = data.indexOf(BODIES);
  const head = parse(end < 0 ? data : `${data.slice(0, end)}}`);
  if (head === null || !isEntry(head)) return null;
  return {
    ...head,
    bodies: () => {
      const whole = parse(data);
      return { request: whole?.request ?? null, response: whole?.response ?? null };
    },
  };
}

function isEntry(head: Partial<WireEntry>): head is WireEntry {
  return typeof head.seq === "number" && typeof head.path === "string" && typeof head.method === "string";
}

function parse(json: string): Partial<WireEntry> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
