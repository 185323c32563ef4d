import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSession } from "../../ui/Session";
import { useDebounced } from "./useDraft";

const longest = 100;

/** People by name or address, asked a moment after the last letter; what was asked before is broken off. */
export function usePeople(text: string, limit: number) {
  const { api } = useSession();
  const typed = text.trim();
  const q = useDebounced(typed, 250);
  const asked = q !== "" && typed !== "" && [...q].length <= longest;
  const found = useQuery({
    queryKey: ["people", q, limit],
    queryFn: ({ signal }) => api.people(q, limit, signal),
    enabled: asked,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    retry: false,
  });
  return {
    people: asked ? (found.data?.items ?? []) : [],
    /** The company's directory could not be asked. */
    known: asked && found.data?.source === "known",
    searching: typed !== "" && (q !== typed || (asked && (found.isPending || found.isPlaceholderData))),
    error: asked && found.isError ? found.error : null,
  };
}
