import { useQueryClient } from "@tanstack/react-query";
import type { Campaign } from "../api/types";

/** Everything the page knows about campaigns may be out of date now. */
export function useRefresh() {
  const client = useQueryClient();
  return async (campaign?: Campaign) => {
    if (campaign) client.setQueryData(["campaign", campaign.id], campaign);
    await Promise.all([
      client.invalidateQueries({ queryKey: ["campaigns"] }),
      client.invalidateQueries({ queryKey: ["report"] }),
      client.invalidateQueries({ queryKey: ["recipients"] }),
    ]);
  };
}
