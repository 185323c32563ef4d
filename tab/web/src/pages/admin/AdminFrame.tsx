import "../../i18n/pages";
import { Button, Tab, TabList, Text, Title2 } from "@fluentui/react-components";
import { PersonProhibitedRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { Face } from "../../ui/Faces";
import { pageTitle } from "../../ui/PageTitle";
import { Places } from "../../ui/Places";
import { usePageStyles } from "../../ui/pageStyles";
import { useSession } from "../../ui/Session";

/** The parts of administration, in the order of their tabs. Each is a page of its own at /admin/{part}. */
const parts = ["health", "install", "audit", "people"] as const;
export type AdminPart = (typeof parts)[number];

interface Props {
  here: AdminPart;
  /** At the right of the title: what the part offers to do. */
  actions?: ReactNode;
  children: ReactNode;
}

/** What the pages for Admins share: the place, the title, the way between them. Others see who may open it. */
export function AdminFrame({ here, actions, children }: Props) {
  const frame = usePageStyles();
  const { t } = useLanguage();
  const { me } = useSession();
  if (!me.can.admin) {
    return (
      <main aria-labelledby={pageTitle}>
        <title>{t("place.admin")}</title>
        <Face
          page
          icon={<PersonProhibitedRegular />}
          title={t("admin.forbidden.title")}
          actions={
            <Button appearance="primary" onClick={() => navigate("/")}>
              {t("app.back")}
            </Button>
          }
        >
          <Text>{t("admin.forbidden.text")}</Text>
        </Face>
      </main>
    );
  }
  return (
    <>
      <Places here="admin" />
      <main className={frame.page} aria-labelledby={pageTitle}>
        <title>{t(`admin.tab.${here}`)}</title>
        <header className={frame.head}>
          <Title2 as="h1" id={pageTitle}>
            {t("place.admin")}
          </Title2>
          {actions}
        </header>
        <TabList
          aria-label={t("admin.tabs")}
          selectedValue={here}
          onTabSelect={(_, data) => {
            navigate(`/admin/${String(data.value)}`);
          }}
        >
          {parts.map((part) => (
            <Tab key={part} value={part} id={`tab-${part}`} aria-controls="part">
              {t(`admin.tab.${part}`)}
            </Tab>
          ))}
        </TabList>
        <div id="part" role="tabpanel" aria-labelledby={`tab-${here}`}>
          {children}
        </div>
      </main>
    </>
  );
}
