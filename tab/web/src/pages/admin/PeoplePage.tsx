import "../../i18n/pages";
import {
  Badge,
  Body1Strong,
  Button,
  Caption1,
  Field,
  Input,
  makeStyles,
  SearchBox,
  Spinner,
  Subtitle2,
  Text,
  tokens,
} from "@fluentui/react-components";
import { ArrowDownloadRegular, DeleteRegular } from "@fluentui/react-icons";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { forgetPerson, knownPeople, knownPerson, privacy } from "../../api/people";
import type { KnownPerson } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { BackButton } from "../../ui/BackButton";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Face, FailedFace } from "../../ui/Faces";
import { useNotify } from "../../ui/Notices";
import { usePageStyles } from "../../ui/pageStyles";
import { RowsSkeleton } from "../../ui/Rows";
import { refreshAll } from "../../ui/refreshAll";
import { useSession } from "../../ui/Session";
import { useDownload } from "../../ui/useDownload";
import { AdminFrame } from "./AdminFrame";
import { OpenRow } from "./OpenRow";

const useStyles = makeStyles({
  search: { maxWidth: "480px", width: "100%" },
  people: { listStyleType: "none", margin: 0, padding: 0 },
  who: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere", flexGrow: 1 },
  badges: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalXS, marginTop: tokens.spacingVerticalXS },
  settings: { marginTop: tokens.spacingVerticalM },
  quiet: { color: tokens.colorNeutralForeground3 },
  box: { padding: tokens.spacingHorizontalXL, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  facts: {
    display: "grid",
    gridTemplateColumns: "max-content 1fr",
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXL}`,
    margin: 0,
    "@media (max-width: 639px)": { gridTemplateColumns: "1fr", rowGap: 0 },
  },
  value: {
    margin: 0,
    overflowWrap: "anywhere",
    "@media (max-width: 639px)": { marginBottom: tokens.spacingVerticalS },
  },
  term: { color: tokens.colorNeutralForeground3 },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  words: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

/** What Herald keeps of a person; giving it to them, and forgetting them. */
export default function PeoplePage() {
  const { me } = useSession();
  return <AdminFrame here="people">{me.can.admin && <People />}</AdminFrame>;
}

function People() {
  const [chosen, setChosen] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const [returned, setReturned] = useState(false);
  return (
    <>
      {chosen === null ? (
        <Search search={search} onSearch={setSearch} onChoose={setChosen} focus={returned} />
      ) : (
        <Person
          id={chosen}
          onBack={() => {
            setReturned(true);
            setChosen(null);
          }}
        />
      )}
      <Settings />
    </>
  );
}

function Search({
  search,
  onSearch,
  onChoose,
  focus,
}: {
  search: string;
  onSearch: (text: string) => void;
  onChoose: (id: string) => void;
  /** Somebody comes back to it; the button that they pressed has gone. */
  focus: boolean;
}) {
  const styles = useStyles();
  const frame = usePageStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const box = useRef<HTMLInputElement>(null);
  const q = useDeferredValue(search.trim());
  const found = useQuery({
    queryKey: ["known", q],
    queryFn: ({ signal }) => knownPeople(api, q, signal),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });
  useEffect(() => {
    if (focus) box.current?.focus();
  }, [focus]);
  const people = q === "" ? [] : (found.data?.items ?? []);
  return (
    <>
      <SearchBox
        ref={box}
        className={styles.search}
        value={search}
        maxLength={100}
        placeholder={t("privacy.search")}
        aria-label={t("privacy.search")}
        onChange={(_, data) => {
          onSearch(data.value);
        }}
      />
      <section className={frame.panel} aria-busy={found.isFetching} aria-label={t("privacy.people")}>
        {q === "" ? (
          <Face>{t("privacy.start")}</Face>
        ) : found.isPending ? (
          <RowsSkeleton />
        ) : found.isError && !found.data ? (
          <FailedFace title={t("privacy.failed")} error={found.error} onRetry={() => void found.refetch()} />
        ) : people.length === 0 ? (
          <Face>{t("privacy.none", { q })}</Face>
        ) : (
          <ul className={styles.people}>
            {people.map((each) => (
              <OpenRow
                key={each.id}
                onOpen={() => {
                  onChoose(each.id);
                }}
              >
                <Body1Strong>{nameOf(each, t)}</Body1Strong>
                <Caption1 className={styles.quiet}>{each.email || each.id}</Caption1>
              </OpenRow>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

const nameOf = (person: KnownPerson, t: Translate) => person.displayName || person.email || t("privacy.nameless");

function Person({ id, onBack }: { id: string; onBack: () => void }) {
  const styles = useStyles();
  const frame = usePageStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const queries = useQueryClient();
  const download = useDownload();
  const [asking, setAsking] = useState(false);
  const back = useRef<HTMLButtonElement>(null);
  const person = useQuery({ queryKey: ["known person", id], queryFn: ({ signal }) => knownPerson(api, id, signal) });
  // The row that was pressed has gone.
  useEffect(() => {
    back.current?.focus();
  }, []);
  return (
    <>
      <BackButton ref={back} onClick={onBack}>
        {t("privacy.back")}
      </BackButton>
      <section className={frame.panel}>
        {person.isPending ? (
          <Face>
            <Spinner aria-label={t("app.loading")} />
          </Face>
        ) : !person.data ? (
          <FailedFace title={t("privacy.person.failed")} error={person.error} onRetry={() => void person.refetch()} />
        ) : (
          <div className={styles.box}>
            <div className={styles.who}>
              <Subtitle2 as="h2">{nameOf(person.data, t)}</Subtitle2>
              {person.data.displayName && <Text className={styles.quiet}>{person.data.email}</Text>}
              <span className={styles.badges}>
                <Badge appearance="tint" color={person.data.state === "installed" ? "success" : "informative"}>
                  {t(`privacy.state.${person.data.state ?? "none"}`)}
                </Badge>
                {person.data.optedOut && (
                  <Badge appearance="tint" color="warning">
                    {t("privacy.optedOut")}
                  </Badge>
                )}
                {person.data.left && (
                  <Badge appearance="tint" color="informative">
                    {t("privacy.left")}
                  </Badge>
                )}
              </span>
            </div>
            <Known person={person.data} />
            <div className={styles.actions}>
              <Button
                icon={<ArrowDownloadRegular />}
                onClick={() => void download(nameOf(person.data, t), "json", () => api.personFile(id))}
              >
                {t("privacy.export")}
              </Button>
              <Button
                icon={<DeleteRegular />}
                onClick={() => {
                  setAsking(true);
                }}
              >
                {t("privacy.forget")}
              </Button>
            </div>
            {asking && (
              <ForgetDialog
                name={nameOf(person.data, t)}
                onForget={async () => {
                  await forgetPerson(api, id);
                  return () => {
                    notify("success", t("privacy.forgot", { name: nameOf(person.data, t) }));
                    // Names of theirs may stand in anything that was loaded.
                    queries.removeQueries({ type: "inactive" });
                    void refreshAll(queries);
                    onBack();
                  };
                }}
                onClose={() => {
                  setAsking(false);
                }}
              />
            )}
          </div>
        )}
      </section>
    </>
  );
}

function Known({ person }: { person: KnownPerson }) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  const rows: [string, string][] = [[t("privacy.id"), person.id]];
  for (const kind of ["deliveries", "lists", "authored", "typed", "installs", "noted"] as const) {
    rows.push([t(`privacy.${kind}`), number.format(person.known?.[kind] ?? 0)]);
  }
  return (
    <dl className={styles.facts} aria-label={t("privacy.known")}>
      {rows.map(([term, value]) => (
        <div key={term} style={{ display: "contents" }}>
          <dt className={styles.term}>{term}</dt>
          <dd className={styles.value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ForgetDialog({
  name,
  onForget,
  onClose,
}: {
  name: string;
  onForget: () => Promise<() => void>;
  onClose: () => void;
}) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const [typed, setTyped] = useState("");
  const plain = (text: string) => text.trim().replace(/\s+/g, " ").toLocaleLowerCase(locale);
  return (
    <ConfirmDialog
      title={t("privacy.forget.title", { name })}
      confirm={t("privacy.forget.do")}
      destructive
      disabled={plain(typed) !== plain(name)}
      onConfirm={onForget}
      onClose={onClose}
    >
      <div className={styles.words}>
        <Text>{t("privacy.forget.text")}</Text>
        <Text>{t("privacy.forget.back")}</Text>
        <Field label={t("privacy.forget.type", { name })}>
          <Input
            value={typed}
            autoComplete="off"
            onChange={(_, data) => {
              setTyped(data.value);
            }}
          />
        </Field>
      </div>
    </ConfirmDialog>
  );
}

function Settings() {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const settings = useQuery({ queryKey: ["privacy"], queryFn: ({ signal }) => privacy(api, signal) });
  if (!settings.data) return null;
  const { retentionDays, forgotten } = settings.data;
  return (
    <section className={styles.settings}>
      <Subtitle2 as="h2">{t("privacy.settings")}</Subtitle2>
      <Text block>
        {retentionDays === 0 ? t("privacy.keep.ever") : t("privacy.keep.days", { n: retentionDays })}{" "}
        {forgotten > 0 && t("privacy.forgotten", { n: forgotten })}
      </Text>
      <Caption1 className={styles.quiet}>{t("privacy.keep.how")}</Caption1>
    </section>
  );
}
