import { MenuItem } from "@fluentui/react-components";
import { DocumentTableRegular, DocumentTextRegular } from "@fluentui/react-icons";
import type { FileType } from "../api/client";
import { useLanguage } from "../i18n/Language";

/** In a menu: the files that something can be taken away as. */
export function FileItems({ of, onSave }: { of: "list.menu" | "report.download"; onSave: (type: FileType) => void }) {
  const { t } = useLanguage();
  return (["xlsx", "csv"] as const).map((type) => (
    <MenuItem
      key={type}
      icon={type === "xlsx" ? <DocumentTableRegular /> : <DocumentTextRegular />}
      onClick={() => {
        onSave(type);
      }}
    >
      {t(`${of}.${type}`)}
    </MenuItem>
  ));
}
