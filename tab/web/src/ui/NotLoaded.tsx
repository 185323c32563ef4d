import { Button } from "@fluentui/react-components";
import { DocumentQuestionMarkRegular } from "@fluentui/react-icons";
import { useLanguage } from "../i18n/Language";
import { navigate } from "../router";
import { isNotFound } from "./errors";
import { Face, FailedFace } from "./Faces";
import { pageTitle } from "./PageTitle";

interface Props {
  title: string;
  error: unknown;
  onRetry: () => void;
}

/** Instead of a campaign's page: there is no such campaign, or it could not be loaded. */
export function NotLoaded({ title, error, onRetry }: Props) {
  const { t } = useLanguage();
  const gone = isNotFound(error);
  const home = (
    <Button appearance={gone ? "primary" : "secondary"} onClick={() => navigate("/")}>
      {t("app.back")}
    </Button>
  );
  return (
    <main aria-labelledby={pageTitle}>
      {gone ? (
        <Face page icon={<DocumentQuestionMarkRegular />} title={t("report.gone.title")} actions={home}>
          {t("report.gone.text")}
        </Face>
      ) : (
        <FailedFace page title={title} error={error} onRetry={onRetry} actions={home} />
      )}
    </main>
  );
}
