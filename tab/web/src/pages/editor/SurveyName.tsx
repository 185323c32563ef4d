import { Text } from "@fluentui/react-components";
import { skipToken, useQuery } from "@tanstack/react-query";
import { surveys } from "../../api/surveys";
import { useLanguage } from "../../i18n/Language";
import { useSession } from "../../ui/Session";

/** Which survey is asked, by name. */
export function SurveyName({ id }: { id: string }) {
  const { t } = useLanguage();
  const { data } = useSurvey(id);
  if (!data) return null;
  return <Text>{`${data.name}, ${t("survey.questions", { n: data.questions.length })}`}</Text>;
}

/** The survey that a campaign asks, as it is now. */
export function useSurvey(id: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["survey", id],
    queryFn: id === "" ? skipToken : ({ signal }) => surveys.get(api, id, signal),
    retry: false,
  });
}
