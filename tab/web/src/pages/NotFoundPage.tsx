import "../i18n/home";
import { Button, Text } from "@fluentui/react-components";
import { DocumentQuestionMarkRegular } from "@fluentui/react-icons";
import { useLanguage } from "../i18n/Language";
import { navigate } from "../router";
import { Face } from "../ui/Faces";
import { pageTitle } from "../ui/PageTitle";

/** An address that leads nowhere. */
export default function NotFoundPage() {
  const { t } = useLanguage();
  return (
    <main aria-labelledby={pageTitle}>
      <Face
        page
        icon={<DocumentQuestionMarkRegular />}
        title={t("app.notfound.title")}
        actions={
          <Button appearance="primary" onClick={() => navigate("/")}>
            {t("app.back")}
          </Button>
        }
      >
        <Text>{t("app.notfound.text")}</Text>
      </Face>
    </main>
  );
}
