import type { PresenceBadgeStatus } from "@fluentui/react-components";
import type { Words } from "../words";

const badges: Record<string, PresenceBadgeStatus> = {
  Available: "available",
  AvailableIdle: "available",
  Busy: "busy",
  BusyIdle: "busy",
  DoNotDisturb: "do-not-disturb",
  Away: "away",
  BeRightBack: "away",
  Offline: "offline",
};

/** Graph's availability as Fluent's dot. */
export const presenceBadge = (availability: string): PresenceBadgeStatus => badges[availability] ?? "unknown";

export function presenceName(words: Words, availability: string): string {
  const names: Record<string, string> = words.presence;
  return names[availability] ?? words.presence.Unknown;
}
