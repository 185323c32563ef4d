import { useLanguage } from "../i18n/Language";
import { explain } from "./errors";
import { useNotify } from "./Notices";

/** Fetches a file, which needs the reader's token, and gives it to the browser to keep; says so when that fails. */
export function useDownload() {
  const { t } = useLanguage();
  const notify = useNotify();
  return async <Type extends string>(name: string, type: Type, load: (type: Type) => Promise<Blob>) => {
    try {
      const url = URL.createObjectURL(await load(type));
      const link = document.createElement("a");
      link.href = url;
      link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60) || "herald"}.${type}`;
      link.click();
      URL.revokeObjectURL(url);
    } catch (error) {
      notify("error", `${t("report.download.failed")}: ${explain(error, t)}`);
    }
  };
}
