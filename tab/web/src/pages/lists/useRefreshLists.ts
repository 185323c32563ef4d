import { useQueryClient } from "@tanstack/react-query";
import type { List } from "../../api/types";

/** Everything the page knows about lists, and about audiences made of them, may be out of date now. */
export function useRefreshLists() {
  const client = useQueryClient();
  return async (list?: List) => {
    if (list) client.setQueryData(["list", list.id], list);
    await Promise.all(
      ["lists", "list", "members", "count", "preview"].map((key) => client.invalidateQueries({ queryKey: [key] })),
    );
  };
}
