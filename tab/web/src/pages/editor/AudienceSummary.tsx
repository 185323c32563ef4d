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
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { AudienceCount, FoundPerson } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { explain } from "../../ui/errors";
import { useListsById } from "./ListPicker";
import { PersonLines } from "./PersonLines";
import { useAudienceCount } from "./useAudienceCount";
import { useDraft } from "./useDraft";

const PeopleDialog = lazy(() => import("./PeopleDialog"));

const shown = 20;

const notInstalled = (count: AudienceCount): FoundPerson[] => count.notInstalledPeople;
const unknown = (count: AudienceCount): FoundPerson[] =>
  count.unknownEmails.map((email) => ({ displayName: "", email, state: "unknown" }));

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  line: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS, minHeight: tokens.lineHeightBase500 },
  quiet: { color: tokens.colorNeutralForeground3 },
  notes: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXXS },
});

/** How many will get it: who have the app, without those who have opted out of what is not mandatory. */
export function receivers(count: AudienceCount, mandatory: boolean): number {
  return count.installed - (mandatory ? 0 : (count.optedOut ?? 0));
}

/** "412 people: 398 will receive it, 14 do not have the app". */
export function audienceSentence(
  count: AudienceCount,
  { all, mandatory }: { all: boolean; mandatory: boolean },
  t: Translate,
): string {
  if (all && count.installed === 0) return t("aud.summary.nobodyAll");
  const receive = receivers(count, mandatory);
  const parts = [t("aud.summary.receive", { n: receive })];
  if (receive < count.installed) parts.push(t("aud.summary.optedOut", { n: count.installed - receive }));
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
          <Body1Strong>{audienceSentence(count, fields, t)}</Body1Strong>
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
      {count && !counting && !fields.all && receivers(count, fields.mandatory) === 0 && count.total > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("aud.summary.nobody")}</MessageBarBody>
        </MessageBar>
      )}
      {names && count && (
        <>
          <Notes count={count} />
          <Names
            title={t("aud.without.title")}
            text={t("aud.without.text")}
            people={notInstalled}
            count={count}
            total={count.notInstalled}
          />
          <Names
            title={t("aud.unknown.title")}
            text={t("aud.unknown.text")}
            people={unknown}
            count={count}
            total={count.unknown}
          />
        </>
      )}
    </div>
  );
}

/** Who is left out, and who is named more than once. */
function Notes({ count }: { count: AudienceCount }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { fields } = useDraft();
  const lists = useListsById(count.excluded > 0 ? fields.excludeListIds : []);
  const names = lists.map((each) => each.data?.name).filter((name) => name !== undefined);
  const lines = [
    count.excluded > 0 &&
      names.length > 0 &&
      t("aud.left", { n: count.excluded, lists: new Intl.ListFormat(locale).format(names) }),
    count.duplicates > 0 && t("aud.twice", { n: count.duplicates }),
  ].filter((each) => each !== false);
  return (
    <div className={styles.notes} role="status">
      {lines.map((line) => (
        <Text key={line}>{line}</Text>
      ))}
    </div>
  );
}

interface NamesProps {
  title: string;
  text: string;
  people: (count: AudienceCount) => FoundPerson[];
  count: AudienceCount;
  total: number;
}

function Names({ title, text, people, count, total }: NamesProps) {
  const styles = useStyles();
  const { t } = useLanguage();
  const [open, setOpen] = useState(false);
  if (total === 0) return null;
  return (
    <section className={styles.box}>
      <div>
        <Body1Strong as="h2" block style={{ margin: 0 }}>
          {title}
        </Body1Strong>
        <Caption1 className={styles.quiet}>{text}</Caption1>
      </div>
      <PersonLines people={people(count).slice(0, shown)} />
      <div>
        <Button
          size="small"
          onClick={() => {
            setOpen(true);
          }}
        >
          {t("aud.all.show", { n: total })}
        </Button>
      </div>
      {open && (
        <Suspense fallback={null}>
          <PeopleDialog
            title={title}
            people={people}
            onClose={() => {
              setOpen(false);
            }}
          />
        </Suspense>
      )}
    </section>
  );
}
