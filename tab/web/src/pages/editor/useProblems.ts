import type { Problem } from "../../api/types";
import { useNow, useSession } from "../../ui/Session";
import { checkLater } from "../../words/sendLater";
import { inputOf } from "./fields";
import { useDraft } from "./useDraft";
import { useWindowProblems } from "./window/useWindow";

/**
 * Everything that stands in the way of sending: what Herald refused to save, or else what it found missing. Whether the
 * planned moment can still be kept changes while one looks, so that is found here.
 */
export function useProblems(): Problem[] {
  const { fields, campaign, refused, unreadableAt } = useDraft();
  const { config } = useSession();
  const now = useNow();
  const windowProblems = useWindowProblems();
  const found: Problem[] = (refused.length > 0 ? refused : (campaign.problems ?? [])).filter(
    ({ field }) => !field.startsWith("/timing/"),
  );
  const unreadable = unreadableAt.map((field) => ({ field, code: "unreadable", message: "" }));
  const { at = null } = inputOf(fields).timing;
  return [...found, ...unreadable, ...timingProblems(at, now, config.sendLaterMaxHours), ...windowProblems];
}

export function timingProblems(at: string | null, now: number, maxHours: number): Problem[] {
  if (at === null) return [];
  const problem = checkLater(Date.parse(at), now, maxHours);
  if (problem === null) return [];
  return [{ field: "/timing/at", code: problem === "cap" ? "send_later_cap" : "send_in_past", message: "" }];
}
