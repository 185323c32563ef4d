import {
  Body1,
  Button,
  Caption1,
  Card,
  Field,
  Input,
  Menu,
  MenuButton,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  mergeClasses,
  ProgressBar,
  Select,
  Skeleton,
  SkeletonItem,
  Subtitle1,
  Subtitle2,
  Text,
  Title1,
  Title2,
  tokens,
} from "@fluentui/react-components";
import { ArrowDownloadRegular, DataBarVerticalRegular, DismissRegular, ShieldLockRegular } from "@fluentui/react-icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { FileType } from "../../api/client";
import { surveys } from "../../api/surveys";
import type { ResultFilter, Survey, SurveyCampaign, SurveyResults } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { navigate, useSearch } from "../../router";
import { BackButton } from "../../ui/BackButton";
import { explain, isNotFound } from "../../ui/errors";
import { Face, FailedFace } from "../../ui/Faces";
import { FileItems } from "../../ui/FileItems";
import { useInnerPageStyles } from "../../ui/innerPageStyles";
import { NotLoaded } from "../../ui/NotLoaded";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { hidden, pageTitle } from "../../ui/PageTitle";
import { useNow, useSession } from "../../ui/Session";
import { useDownload } from "../../ui/useDownload";
import { Why } from "../../ui/Why";
import { shortMoment } from "../../words/moments";
import { useDebounced } from "../editor/useDraft";
import { percent } from "./arithmetic";
import { QuestionChart } from "./QuestionChart";
import { RemindButton } from "./RemindButton";
import { SurveyBadge } from "./SurveyBadge";
import { SurveyDialog } from "./SurveyDialogs";
import { type SurveyAction, SurveyMenu } from "./SurveyMenu";

const useStyles = makeStyles({
  line: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM },
  filters: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fill, minmax(min(13rem, 100%), 1fr))",
    gap: tokens.spacingHorizontalM,
    alignItems: "end",
    "@media print": { display: "none" },
  },
  rate: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS, minWidth: 0 },
  lead: { display: "flex", flexWrap: "wrap", alignItems: "baseline", gap: tokens.spacingHorizontalM },
  sides: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingHorizontalXXL },
  two: { gridTemplateColumns: "repeat(auto-fit, minmax(min(20rem, 100%), 1fr))" },
  side: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minWidth: 0 },
  question: { overflowWrap: "anywhere" },
});

/** How often the results are looked at again while the page is open. */
const often = 4_000;

const everybody: ResultFilter = { campaign: "", list: "", column: "", value: "" };

export default function ResultsPage({ id }: { id: string }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const survey = useQuery({
    queryKey: ["survey", id],
    queryFn: ({ signal }) => surveys.get(api, id, signal),
    refetchInterval: 4 * often,
  });
  // Somebody may have deleted it meanwhile.
  if (survey.data && !isNotFound(survey.error)) return <Loaded survey={survey.data} />;
  if (survey.isPending) return <ResultsSkeleton />;
  return <NotLoaded what="survey" title={t("survey.load.failed")} query={survey} />;
}

function Loaded({ survey }: { survey: Survey }) {
  const frame = useInnerPageStyles();
  const styles = useStyles();
  const { t } = useLanguage();
  const { api, me } = useSession();
  const download = useDownload();
  const [parameters, setParameters] = useSearch();
  const [action, setAction] = useState<SurveyAction | null>(null);
  const campaigns = useQuery({
    queryKey: ["surveys", survey.id, "campaigns"],
    queryFn: ({ signal }) => surveys.campaigns(api, survey.id, signal),
  });
  // A reminder's answers belong to the campaign that it reminds of.
  const roots = campaigns.data?.items.filter((each) => each.reminderOf === null && each.startedAt !== null) ?? [];
  const filter: ResultFilter = {
    campaign: parameters.get("campaign") ?? "",
    list: parameters.get("list") ?? "",
    column: parameters.get("column") ?? "",
    value: parameters.get("column") ? (parameters.get("value") ?? "") : "",
  };
  const compare = filter.campaign ? (parameters.get("compare") ?? "") : "";
  const show = (change: Partial<ResultFilter & { compare: string }>) => {
    const said = Object.entries({ ...filter, compare, ...change }).filter(([, value]) => value !== "");
    setParameters(Object.fromEntries(said), { replace: true });
  };
  const value = useDebounced(filter.value.trim(), 400);
  // A column without a value is only half a question.
  const asked = { ...filter, column: value === "" ? "" : filter.column, value };
  const results = useResults(survey.id, asked);
  const other = useResults(survey.id, { ...asked, campaign: compare }, compare !== "");
  const chosen = roots.find((each) => each.id === filter.campaign) ?? (roots.length === 1 ? roots[0] : undefined);
  const closed = survey.status === "closed";
  const noRemind = closed
    ? t("remind.closed")
    : roots.length === 0
      ? t("survey.why.results")
      : chosen
        ? null
        : t("remind.choose");
  const noFile = results.data?.suppressed
    ? t("results.suppressed")
    : results.data?.answered === 0
      ? t("results.nofile")
      : null;
  const noWrite = me.can.write ? null : t("survey.readonly");
  const save = (type: FileType) => {
    void download(survey.name, type, (wanted) => surveys.resultsFile(api, survey.id, wanted, asked));
  };
  const sides = [
    { campaign: filter.campaign, filter: asked, results: results.data, failed: results.error },
    ...(compare
      ? [{ campaign: compare, filter: { ...asked, campaign: compare }, results: other.data, failed: other.error }]
      : []),
  ];
  const nameOf = (campaign: string) => roots.find((each) => each.id === campaign)?.name ?? t("results.all");
  return (
    <main className={mergeClasses(frame.page, frame.report)} aria-labelledby={pageTitle}>
      <title>{t("results.title", { name: survey.name })}</title>
      <BackButton onClick={() => navigate("/surveys")}>{t("survey.back")}</BackButton>
      <header className={frame.head}>
        <div className={frame.title}>
          <Title2 as="h1" id={pageTitle}>
            {survey.name}
          </Title2>
          <span className={styles.line}>
            <SurveyBadge status={survey.status} />
            <Closing survey={survey} />
            {(results.data?.anonymous ?? survey.anonymous) && (
              <Body1 className={frame.quiet}>{t("builder.who.anonymous")}</Body1>
            )}
          </span>
        </div>
        <div className={frame.actions}>
          <RemindButton campaign={chosen ?? null} why={noRemind} />
          <Why reason={noFile}>
            <span>
              <Menu>
                <MenuTrigger disableButtonEnhancement>
                  <MenuButton icon={<ArrowDownloadRegular />} disabledFocusable={noFile !== null}>
                    {t("report.download")}
                  </MenuButton>
                </MenuTrigger>
                <MenuPopover>
                  <MenuList>
                    <FileItems of="report.download" onSave={save} />
                  </MenuList>
                </MenuPopover>
              </Menu>
            </span>
          </Why>
          {(closed || survey.status === "open") && (
            <Why reason={noWrite}>
              <Button
                disabledFocusable={noWrite !== null}
                onClick={() => {
                  if (noWrite === null) setAction(closed ? "reopen" : "close");
                }}
              >
                {t(closed ? "survey.reopen.do" : "survey.close.do")}
              </Button>
            </Why>
          )}
          <SurveyMenu survey={survey} here="results" onAction={setAction} />
        </div>
      </header>

      {roots.length > 0 && (
        <Filters
          anonymous={results.data?.anonymous ?? survey.anonymous}
          roots={roots}
          filter={filter}
          compare={compare}
          onChange={show}
        />
      )}

      {results.isError && !results.data ? (
        <Card className={frame.section}>
          <FailedFace title={t("results.failed")} error={results.error} onRetry={() => void results.refetch()} />
        </Card>
      ) : !results.data ? (
        <Skeleton aria-label={t("app.loading")}>
          <SkeletonItem size={128} />
        </Skeleton>
      ) : (
        <>
          <Card className={frame.section}>
            <Subtitle1 as="h2">{t("results.rate")}</Subtitle1>
            <div className={mergeClasses(styles.sides, compare !== "" && styles.two)}>
              {sides.map((side) => (
                <div key={side.campaign} className={styles.side}>
                  {compare !== "" && <Subtitle2 as="h3">{nameOf(side.campaign)}</Subtitle2>}
                  {side.results ? (
                    <Rate results={side.results} />
                  ) : (
                    side.failed && <Text>{explain(side.failed, t)}</Text>
                  )}
                </div>
              ))}
            </div>
          </Card>
          {results.data.suppressed ? (
            <Card className={frame.section}>
              <Face icon={<ShieldLockRegular />} title={t("results.suppressed")}>
                {t("results.suppressed.text")}
              </Face>
            </Card>
          ) : results.data.sent === 0 && results.data.answered === 0 ? (
            <Card className={frame.section}>
              <Face icon={<DataBarVerticalRegular />} title={t("results.empty.title")}>
                {t("results.empty.text")}
              </Face>
            </Card>
          ) : (
            results.data.questions.map((question, index) => (
              <Card key={question.id} className={frame.section} role="group" aria-label={question.text}>
                <Subtitle1 as="h2" className={styles.question}>
                  {index + 1}. {question.text}
                </Subtitle1>
                <div className={mergeClasses(styles.sides, compare !== "" && styles.two)}>
                  {sides.map((side) => {
                    const result = side.results?.questions.find(({ id }) => id === question.id);
                    return (
                      <div key={side.campaign} className={styles.side}>
                        {compare !== "" && <Subtitle2 as="h3">{nameOf(side.campaign)}</Subtitle2>}
                        {result ? (
                          <QuestionChart surveyId={survey.id} result={result} filter={side.filter} />
                        ) : (
                          side.results && <Caption1 className={frame.quiet}>{t("results.notasked")}</Caption1>
                        )}
                      </div>
                    );
                  })}
                </div>
              </Card>
            ))
          )}
        </>
      )}
      <Announcer answered={results.data?.answered} />
      {action && (
        <SurveyDialog
          action={action}
          survey={survey}
          onClose={() => {
            setAction(null);
          }}
          onDeleted={() => navigate("/surveys", { replace: true })}
        />
      )}
    </main>
  );
}

function useResults(id: string, filter: ResultFilter, enabled = true) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["results", id, filter],
    queryFn: ({ signal }) => surveys.results(api, id, filter, signal),
    enabled,
    // What stands there stays until the new is there, so nothing jumps.
    placeholderData: keepPreviousData,
    refetchInterval: often,
  });
}

function Closing({ survey }: { survey: Survey }) {
  const frame = useInnerPageStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const at = survey.closedAt ?? survey.closesAt;
  if (at === null) return null;
  const when = shortMoment(Date.parse(at), now, locale, t);
  return (
    <Body1 className={frame.quiet}>
      {t(survey.status === "closed" ? "results.closed" : "results.closes", { when })}
    </Body1>
  );
}

function Rate({ results }: { results: SurveyResults }) {
  const frame = useInnerPageStyles();
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { answered, sent, started, responseRate } = results;
  const words = t("results.answered", { n: answered, sent });
  const begun = Math.max(0, started - answered);
  return (
    <div className={styles.rate}>
      <span className={styles.lead}>
        <Title1>{responseRate === null ? "–" : percent(responseRate, locale)}</Title1>
        <Body1>{words}</Body1>
      </span>
      <ProgressBar value={responseRate ?? 0} thickness="large" aria-label={words} />
      {begun > 0 && <Caption1 className={frame.quiet}>{t("results.begun", { n: begun })}</Caption1>}
    </div>
  );
}

interface FiltersProps {
  anonymous: boolean;
  roots: SurveyCampaign[];
  filter: ResultFilter;
  compare: string;
  onChange: (change: Partial<ResultFilter & { compare: string }>) => void;
}

/** Whose answers count; of an anonymous survey only the campaign can be chosen. */
function Filters({ anonymous, roots, filter, compare, onChange }: FiltersProps) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const lists = useQuery({
    queryKey: ["lists", "filter"],
    queryFn: ({ signal }) => api.lists({ q: "", cursor: null, limit: 200 }, signal),
    enabled: !anonymous,
    staleTime: 60_000,
  });
  const known = lists.data?.items ?? [];
  const columns = new Map(known.flatMap((list) => list.columns.map(({ name, label }) => [name, label] as const)));
  const filtered = Object.values({ ...everybody, ...filter }).some((value) => value !== "");
  return (
    <div className={styles.filters} role="group" aria-label={t("results.filters")}>
      <Field label={t("results.campaign")}>
        <Select
          value={filter.campaign}
          onChange={(_, { value }) => {
            onChange({ campaign: value, compare: value === "" || value === compare ? "" : compare });
          }}
        >
          <option value="">{t("results.all")}</option>
          {roots.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </Select>
      </Field>
      {filter.campaign !== "" && roots.length > 1 && (
        <Field label={t("results.compare")}>
          <Select
            value={compare}
            onChange={(_, { value }) => {
              onChange({ compare: value });
            }}
          >
            <option value="">{t("results.compare.none")}</option>
            {roots
              .filter(({ id }) => id !== filter.campaign)
              .map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
          </Select>
        </Field>
      )}
      {!anonymous && known.length > 0 && (
        <Field label={t("results.list")}>
          <Select
            value={filter.list}
            onChange={(_, { value }) => {
              onChange({ list: value });
            }}
          >
            <option value="">{t("results.everybody")}</option>
            {known.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {!anonymous && columns.size > 0 && (
        <Field label={t("results.column")}>
          <Select
            value={filter.column}
            onChange={(_, { value }) => {
              onChange({ column: value, value: "" });
            }}
          >
            <option value="">{t("results.column.none")}</option>
            {[...columns].map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {!anonymous && filter.column !== "" && (
        <Field label={t("results.value")}>
          <Input
            value={filter.value}
            onChange={(_, { value }) => {
              onChange({ value });
            }}
          />
        </Field>
      )}
      {filtered && (
        <div>
          <Button
            appearance="subtle"
            icon={<DismissRegular />}
            onClick={() => {
              onChange({ ...everybody, compare: "" });
            }}
          >
            {t("home.empty.clearall")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Says when answers come in while the page is open. */
function Announcer({ answered }: { answered: number | undefined }) {
  const { t } = useLanguage();
  const [first, setFirst] = useState(answered);
  if (first === undefined && answered !== undefined) setFirst(answered);
  const more = first !== undefined && answered !== undefined && answered !== first;
  return (
    <span role="status" style={hidden}>
      {more ? t("results.live", { n: answered }) : ""}
    </span>
  );
}

function ResultsSkeleton() {
  const frame = useInnerPageStyles();
  return (
    <PageSkeleton page={mergeClasses(frame.page, frame.report)}>
      <SkeletonItem size={32} />
      <br />
      <SkeletonItem size={128} />
    </PageSkeleton>
  );
}
