import "../../i18n/pages";
import { Button, makeStyles, Tab, TabList, Text, tokens } from "@fluentui/react-components";
import { PersonProhibitedRegular } from "@fluentui/react-icons";
import { type ReactNode, useEffect, useRef } from "react";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { Face } from "../../ui/Faces";
import { pageTitle } from "../../ui/PageTitle";
import { PlacePage } from "../../ui/PlacePage";
import { useSession } from "../../ui/Session";

/** The parts of administration, in the order of their tabs. Each is a page of its own at /admin/{part}. */
const parts = ["health", "install", "audit", "people"] as const;
export type AdminPart = (typeof parts)[number];

const useStyles = makeStyles({
  // The words of the first tab stand under the title.
  tabs: { marginLeft: `calc(-1 * ${tokens.spacingHorizontalM})` },
  part: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, minWidth: 0 },
});

interface Props {
  here: AdminPart;
  /** At the right of the title: what the part offers to do. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The tab that was pressed goes with its page; the same one of the next page takes the focus over. */
let pressed: string | null = null;

/** What the pages for Admins share: the place, the title, the way between them. Others see who may open it. */
export function AdminFrame({ here, actions, children }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { me } = useSession();
  const tab = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (pressed === here) tab.current?.focus();
    pressed = null;
  }, [here]);
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
    <PlacePage here="admin" title={t(`admin.tab.${here}`)} heading={t("place.admin")} actions={actions}>
      <TabList
        className={styles.tabs}
        aria-label={t("admin.tabs")}
        selectedValue={here}
        onTabSelect={(_, data) => {
          pressed = String(data.value);
          navigate(`/admin/${pressed}`);
        }}
      >
        {parts.map((part) => (
          <Tab key={part} ref={part === here ? tab : undefined} value={part} id={`tab-${part}`} aria-controls="part">
            {t(`admin.tab.${part}`)}
          </Tab>
        ))}
      </TabList>
      <div id="part" className={styles.part} role="tabpanel" aria-labelledby={`tab-${here}`}>
        {children}
      </div>
    </PlacePage>
  );
}
