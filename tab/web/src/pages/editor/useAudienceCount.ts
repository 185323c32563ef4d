import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSession } from "../../ui/Session";
import { inputOf } from "./fields";
import { useDebounced, useDraft } from "./useDraft";

/** How many people the draft would reach, asked again a moment after the audience changed. */
export function useAudienceCount() {
  const { api } = useSession();
  const { fields } = useDraft();
  const current = JSON.stringify(inputOf(fields).audience);
  const audience = useDebounced(current, 400);
  const somebody = fields.unanswered !== null || fields.all || fields.emails.length > 0 || fields.listIds.length > 0;
  const count = useQuery({
    queryKey: ["count", audience],
    queryFn: ({ signal }) => api.count(JSON.parse(audience), signal),
    enabled: somebody,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  return {
    somebody,
    count: somebody ? count.data : undefined,
    /** The number belongs to an earlier audience, or there is none yet. */
    counting: somebody && (current !== audience || count.isPlaceholderData || count.isPending),
    error: somebody && count.isError ? count.error : null,
    retry: () => void count.refetch(),
  };
}
