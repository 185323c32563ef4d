import { Button, Caption1, makeStyles, mergeClasses, Spinner, Text, Title3, tokens } from "@fluentui/react-components";
import { ErrorCircleRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useLanguage } from "../i18n/Language";
import { explain, reference } from "./errors";
import { HiddenTitle, pageTitle } from "./PageTitle";

const useStyles = makeStyles({
  face: {
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    textAlign: "center",
    gap: tokens.spacingVerticalM,
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
  },
  page: { minHeight: "70vh", justifyContent: "center" },
  icon: { fontSize: tokens.fontSizeHero900, lineHeight: 1, color: tokens.colorNeutralForeground3 },
  words: { maxWidth: "60ch", color: tokens.colorNeutralForeground2 },
  actions: { display: "flex", gap: tokens.spacingHorizontalS, flexWrap: "wrap", justifyContent: "center" },
});

const asTitle = { as: "h1", id: pageTitle } as const;

interface FaceProps {
  icon?: ReactNode;
  title?: string;
  children?: ReactNode;
  actions?: ReactNode;
  page?: boolean;
  alert?: boolean;
}

/** One thought in the middle of an empty place: what is the matter, and what can be done. */
export function Face({ icon, title, children, actions, page = false, alert = false }: FaceProps) {
  const styles = useStyles();
  return (
    <div className={mergeClasses(styles.face, page && styles.page)} role={alert ? "alert" : undefined}>
      {icon && (
        <div className={styles.icon} aria-hidden>
          {icon}
        </div>
      )}
      {title && (
        <Title3 align="center" {...(page ? asTitle : { as: "h2" })}>
          {title}
        </Title3>
      )}
      {children && <div className={styles.words}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

/** What failed, why, and what now. */
export function FailedFace({ title, error, onRetry, actions, page = false }: FailedProps) {
  const { t } = useLanguage();
  const id = reference(error);
  return (
    <Face
      alert
      page={page}
      icon={<ErrorCircleRegular />}
      title={title}
      actions={
        <>
          <Button appearance="primary" onClick={onRetry}>
            {t("app.retry")}
          </Button>
          {actions}
        </>
      }
    >
      <Text block align="center">
        {explain(error, t)}
      </Text>
      {id && <Caption1>{t("error.reference", { id })}</Caption1>}
    </Face>
  );
}

interface FailedProps {
  title: string;
  error: unknown;
  onRetry: () => void;
  actions?: ReactNode;
  /** It is the whole page. */
  page?: boolean;
}

export function Loading() {
  const { t } = useLanguage();
  return (
    <main aria-labelledby={pageTitle}>
      <HiddenTitle>Herald</HiddenTitle>
      <Face page>
        <Spinner label={t("app.loading")} labelPosition="below" />
      </Face>
    </main>
  );
}
