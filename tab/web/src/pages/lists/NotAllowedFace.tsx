import { Text } from "@fluentui/react-components";
import { PersonProhibitedRegular } from "@fluentui/react-icons";
import { useLanguage } from "../../i18n/Language";
import { Face } from "../../ui/Faces";

/** Signed in, but without a role for this page. */
export function NotAllowedFace({ page = false }: { page?: boolean }) {
  const { t } = useLanguage();
  return (
    <Face page={page} icon={<PersonProhibitedRegular />} title={t("list.forbidden.title")}>
      <Text>{t("list.forbidden.text")}</Text>
    </Face>
  );
}
