import { useQueryClient } from "@tanstack/react-query";
import type { Survey } from "../../api/surveyTypes";

/** Everything the page knows about surveys may be out of date now. */
export function useRefreshSurveys() {
  const client = useQueryClient();
  return async (survey?: Survey) => {
    if (survey) client.setQueryData(["survey", survey.id], survey);
    await Promise.all([
      client.invalidateQueries({ queryKey: ["surveys"] }),
      client.invalidateQueries({ queryKey: ["results"] }),
      // Campaigns say of their survey that it is closed, or gone.
      client.invalidateQueries({ queryKey: ["campaign"] }),
    ]);
  };
}
