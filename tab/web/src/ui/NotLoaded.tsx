import { Button } from "@fluentui/react-components";
import { DocumentQuestionMarkRegular } from "@fluentui/react-icons";
import { useLanguage } from "../i18n/Language";
import { navigate } from "../router";
import { isNotFound } from "./errors";
import { Face, FailedFace } from "./Faces";
import { pageTitle } from "./PageTitle";

const places = {
  campaign: { up: "/", back: "app.back", gone: "report.gone.title" },
  survey: { up: "/surveys", back: "survey.back", gone: "survey.gone.title" },
} as const;

interface Props {
  what: keyof typeof places;
  title: string;
  /** What was asked. */
  query: { error: unknown; refetch: () => Promise<unknown> };
}

/** Instead of the page of a campaign or a survey: there is none, or it could not be loaded. */
export function NotLoaded({ what, title, query }: Props) {
  const { t } = useLanguage();
  const gone = isNotFound(query.error);
  const place = places[what];
  const back = (
    <Button appearance={gone ? "primary" : "secondary"} onClick={() => navigate(place.up)}>
      {t(place.back)}
    </Button>
  );
  return (
    <main aria-labelledby={pageTitle}>
      {gone ? (
        <Face page icon={<DocumentQuestionMarkRegular />} title={t(place.gone)} actions={back}>
          {t("report.gone.text")}
        </Face>
      ) : (
        <FailedFace page title={title} error={query.error} onRetry={() => void query.refetch()} actions={back} />
      )}
    </main>
  );
}
