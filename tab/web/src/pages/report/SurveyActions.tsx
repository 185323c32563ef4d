import { Button } from "@fluentui/react-components";
import { DataBarVerticalRegular } from "@fluentui/react-icons";
import type { Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { isNotFound } from "../../ui/errors";
import { Why } from "../../ui/Why";
import { useSurvey } from "../editor/SurveyName";
import { RemindButton } from "../surveys/RemindButton";

interface Props {
  campaign: Campaign;
  answered: number;
  sent: number;
}

/** From the report of a campaign that asks a survey: its results, and a reminder to those who have not answered. */
export function SurveyActions({ campaign, answered, sent }: Props) {
  const { t } = useLanguage();
  const id = campaign.content.surveyId ?? "";
  // A reminder's answers belong to the campaign that it reminds of.
  const root = campaign.audience.unanswered ?? campaign.id;
  const survey = useSurvey(id);
  const gone = survey.isError && isNotFound(survey.error) ? t("survey.gone.title") : null;
  const everybody = root === campaign.id && sent > 0 && answered >= sent;
  const why = gone ?? (survey.data?.status === "closed" ? t("remind.closed") : everybody ? t("remind.nobody") : null);
  return (
    <>
      <Why reason={gone}>
        <Button
          appearance="primary"
          icon={<DataBarVerticalRegular />}
          disabledFocusable={gone !== null}
          onClick={() => {
            if (gone === null) navigate(`/surveys/${id}/results?campaign=${root}`);
          }}
        >
          {t("survey.menu.results")}
        </Button>
      </Why>
      <RemindButton campaign={{ id: root, name: campaign.name }} why={why} />
    </>
  );
}
