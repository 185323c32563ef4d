import { Input } from "@fluentui/react-components";
import { SearchRegular } from "@fluentui/react-icons";
import { useLanguage } from "../i18n/Language";
import { usePageStyles } from "./pageStyles";

/** Finds rows of a first page by their names. */
export function NameSearch({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const frame = usePageStyles();
  const { t } = useLanguage();
  return (
    <Input
      type="search"
      contentBefore={<SearchRegular />}
      className={frame.search}
      value={value}
      placeholder={t("home.search")}
      aria-label={t("home.search")}
      onChange={(_, data) => {
        onChange(data.value);
      }}
    />
  );
}
