import { Caption1, makeStyles, Subtitle2, Text, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { surveys } from "../../api/surveys";
import { useLanguage } from "../../i18n/Language";
import { FailedFace } from "../../ui/Faces";
import { useSession } from "../../ui/Session";

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
  },
  link: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "baseline",
    justifyContent: "space-between",
    columnGap: tokens.spacingHorizontalL,
  },
  words: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  campaignId: string;
  /** Grows when somebody followed one. */
  clicks: number;
}

/** The message's links and buttons, and how many people followed each; nothing when it has none. */
export function Links({ campaignId, clicks }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const links = useQuery({
    queryKey: ["links", campaignId, clicks],
    queryFn: ({ signal }) => surveys.links(api, campaignId, signal),
  });
  if (links.isError && !links.data) {
    return <FailedFace title={t("links.failed")} error={links.error} onRetry={() => void links.refetch()} />;
  }
  if (!links.data || links.data.items.length === 0) return null;
  return (
    <>
      <Subtitle2 as="h3">{t("links.title")}</Subtitle2>
      <ul className={styles.list}>
        {links.data.items.map((each) => (
          <li key={each.index} className={styles.link}>
            <span className={styles.words}>
              <Text weight="semibold">{each.text || each.url}</Text>
              {each.text && <Caption1 className={styles.quiet}>{each.url}</Caption1>}
            </span>
            <Text>
              {t("links.people", { n: each.recipients })}{" "}
              <Caption1 className={styles.quiet}>{t("report.clicks", { n: each.clicks })}</Caption1>
            </Text>
          </li>
        ))}
      </ul>
    </>
  );
}
