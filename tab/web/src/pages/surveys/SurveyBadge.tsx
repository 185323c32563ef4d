import { Badge } from "@fluentui/react-components";
import type { SurveyStatus } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";

const colours = { draft: "informative", open: "success", closed: "subtle" } as const;

export function SurveyBadge({ status }: { status: SurveyStatus }) {
  const { t } = useLanguage();
  return (
    <Badge appearance="tint" color={colours[status]} size="large">
      {t(`survey.status.${status}`)}
    </Badge>
  );
}
