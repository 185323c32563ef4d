import "../i18n/home";
import { Text } from "@fluentui/react-components";
import { PersonProhibitedRegular } from "@fluentui/react-icons";
import type { Me } from "../api/types";
import { useLanguage } from "../i18n/Language";
import { Face } from "../ui/Faces";
import { pageTitle } from "../ui/PageTitle";

/** Signed in, but without a role: who can give one. */
export default function NoRolePage({ me }: { me: Me }) {
  const { t } = useLanguage();
  return (
    <main aria-labelledby={pageTitle}>
      <Face page icon={<PersonProhibitedRegular />} title={t("app.norole.title")}>
        <Text block>{t("app.norole.text", { name: me.displayName, upn: me.upn })}</Text>
        <br />
        <Text block>{t("app.norole.roles")}</Text>
      </Face>
    </main>
  );
}
