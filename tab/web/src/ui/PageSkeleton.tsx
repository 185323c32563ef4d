import { Skeleton } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { useLanguage } from "../i18n/Language";
import { HiddenTitle, pageTitle } from "./PageTitle";

interface Props {
  page: string;
  className?: string;
  children: ReactNode;
}

/** A page that is being loaded, in the shape of what is coming. */
export function PageSkeleton({ page, className, children }: Props) {
  const { t } = useLanguage();
  return (
    <main className={page} aria-labelledby={pageTitle}>
      <HiddenTitle>{t("app.loading")}</HiddenTitle>
      <Skeleton aria-label={t("app.loading")} className={className}>
        {children}
      </Skeleton>
    </main>
  );
}
