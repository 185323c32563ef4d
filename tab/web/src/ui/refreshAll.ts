import type { QueryClient } from "@tanstack/react-query";

/** After a time without Herald: everything that the page shows is asked for again, but not who Teams says is there. */
export function refreshAll(client: QueryClient): Promise<void> {
  return client.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] !== "start" && queryKey[0] !== "language",
  });
}
