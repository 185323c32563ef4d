import { skipToken, useQuery } from "@tanstack/react-query";
import { useSession } from "../../ui/Session";

/** The name of another campaign; undefined while it is not known, or when there is no such campaign. */
export function useCampaignName(id: string | null): string | undefined {
  const { api } = useSession();
  const campaign = useQuery({
    queryKey: ["campaign", id],
    queryFn: id === null ? skipToken : ({ signal }) => api.campaign(id, signal),
    staleTime: 60_000,
  });
  return campaign.data?.name;
}
