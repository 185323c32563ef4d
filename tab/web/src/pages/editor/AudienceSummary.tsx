import {
  Body1Strong,
  Button,
  Caption1,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Spinner,
  Text,
  tokens,
} from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { AudienceCount } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { explain } from "../../ui/errors";
import { useAudienceCount } from "./useAudienceCount";
import { useDraft } from "./useDraft";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  line: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS, minHeight: tokens.lineHeightBase500 },
  quiet: { color: tokens.colorNeutralForeground3 },
  names: {
    margin: 0,
    padding: 0,
    listStyleType: "none",
    display: "grid",
    gridTemplateColumns: "repeat(auto-fill, minmax(16rem, 1fr))",
    gap: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalL}`,
    overflowWrap: "anywhere",
  },
});

/** "412 people: 398 will receive it, 14 do not have the app". */
export function audienceSentence(count: AudienceCount, all: boolean, t: Translate): string {
  if (all && count.installed === 0) return t("aud.summary.nobodyAll");
  const parts = [t("aud.summary.receive", { n: count.installed })];
  if (count.notInstalled > 0) parts.push(t("aud.summary.without", { n: count.notInstalled }));
  if (count.unknown > 0) parts.push(t("aud.summary.unknown", { n: count.unknown }));
  return t("aud.summary", { people: t("aud.summary.people", { n: count.total }), parts: parts.join(", ") });
}

/** The count in words, and by name who will not receive it. `nobody` stands there while nobody is chosen. */
export function AudienceSummary({ names = false, nobody }: { names?: boolean; nobody?: ReactNode }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields } = useDraft();
  const { somebody, count, counting, error, retry } = useAudienceCount();
  return (
    <div className={styles.box}>
      <div className={styles.line} role="status">
        {!somebody ? (
          (nobody ?? <Text className={styles.quiet}>{t("aud.summary.none")}</Text>)
        ) : counting || !count ? (
          !error && <Spinner size="tiny" label={t("aud.counting")} />
        ) : (
          <Body1Strong>{audienceSentence(count, fields.all, t)}</Body1Strong>
        )}
      </div>
      {error && !counting && (
        <MessageBar intent="error">
          <MessageBarBody>
            {t("aud.failed")}. {explain(error, t)}
          </MessageBarBody>
          <MessageBarActions>
            <Button onClick={retry}>{t("app.retry")}</Button>
          </MessageBarActions>
        </MessageBar>
      )}
      {count && !counting && !fields.all && count.installed === 0 && count.total > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("aud.summary.nobody")}</MessageBarBody>
        </MessageBar>
      )}
      {names && count && (
        <>
          <Names
            title={t("aud.without.title")}
            text={t("aud.without.text")}
            names={count.notInstalledPeople.map((each) => each.displayName || each.email)}
            total={count.notInstalled}
          />
          <Names
            title={t("aud.unknown.title")}
            text={t("aud.unknown.text")}
            names={count.unknownEmails}
            total={count.unknown}
          />
        </>
      )}
    </div>
  );
}

function Names({ title, text, names, total }: { title: string; text: string; names: string[]; total: number }) {
  const styles = useStyles();
  const { t } = useLanguage();
  if (total === 0) return null;
  return (
    <section className={styles.box}>
      <div>
        <Body1Strong as="h2" block style={{ margin: 0 }}>
          {title}
        </Body1Strong>
        <Caption1 className={styles.quiet}>{text}</Caption1>
      </div>
      <ul className={styles.names}>
        {names.map((name, index) => (
          <li key={`${name}-${String(index)}`}>{name}</li>
        ))}
        {total > names.length && <li className={styles.quiet}>{t("aud.and.more", { n: total - names.length })}</li>}
      </ul>
    </section>
  );
}
