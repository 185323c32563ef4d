import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Audience } from "../../api/types";
import { useSession } from "../../ui/Session";
import { inputOf } from "./fields";
import { useDebounced, useDraft } from "./useDraft";

/** What Herald says of the draft's audience, asked again a moment after that changed; `key` names the question. */
export function useAudienceAnswer<T>(key: string, ask: (audience: Audience, signal: AbortSignal) => Promise<T>) {
  const { fields } = useDraft();
  const current = JSON.stringify(inputOf(fields).audience);
  const audience = useDebounced(current, 400);
  const somebody = fields.unanswered !== null || fields.all || fields.emails.length > 0 || fields.listIds.length > 0;
  const answer = useQuery({
    queryKey: [key, audience],
    queryFn: ({ signal }) => ask(JSON.parse(audience) as Audience, signal),
    enabled: somebody,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  return {
    somebody,
    answer: somebody ? answer.data : undefined,
    /** The answer belongs to an earlier audience, or there is none yet. */
    counting: somebody && (current !== audience || answer.isPlaceholderData || answer.isPending),
    error: somebody && answer.isError ? answer.error : null,
    retry: () => void answer.refetch(),
  };
}

/** How many people the draft would reach. */
export function useAudienceCount() {
  const { api } = useSession();
  const { answer: count, ...rest } = useAudienceAnswer("count", (audience, signal) => api.count(audience, signal));
  return { count, ...rest };
}
