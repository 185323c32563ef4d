import { Button } from "@fluentui/react-components";
import { DocumentQuestionMarkRegular } from "@fluentui/react-icons";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { isNotFound } from "../../ui/errors";
import { Face, FailedFace } from "../../ui/Faces";
import { pageTitle } from "../../ui/PageTitle";

/** Instead of a survey's page: there is no such survey, or it could not be loaded. */
export function SurveyNotLoaded({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useLanguage();
  const gone = isNotFound(error);
  const back = (
    <Button appearance={gone ? "primary" : "secondary"} onClick={() => navigate("/surveys")}>
      {t("survey.back")}
    </Button>
  );
  return (
    <main aria-labelledby={pageTitle}>
      {gone ? (
        <Face page icon={<DocumentQuestionMarkRegular />} title={t("survey.gone.title")} actions={back}>
          {t("report.gone.text")}
        </Face>
      ) : (
        <FailedFace page title={t("survey.load.failed")} error={error} onRetry={onRetry} actions={back} />
      )}
    </main>
  );
}
