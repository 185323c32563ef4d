import {
  Button,
  Caption1,
  Dropdown,
  makeStyles,
  mergeClasses,
  Option,
  Subtitle2,
  Table,
  TableBody,
  TableCell,
  TableRow,
  Text,
  tokens,
} from "@fluentui/react-components";
import { ClipboardTaskListLtrRegular } from "@fluentui/react-icons";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { toApiError } from "../../api/error";
import { surveys } from "../../api/surveys";
import type { Survey, SurveySort, SurveyStatus } from "../../api/surveyTypes";
import type { Order } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { Link, navigate, useSearch } from "../../router";
import { Face, FailedFace } from "../../ui/Faces";
import { GridHead } from "../../ui/GridHead";
import { NameSearch } from "../../ui/NameSearch";
import { NewButton } from "../../ui/NewButton";
import { pageTitle } from "../../ui/PageTitle";
import { PlacePage } from "../../ui/PlacePage";
import { usePageStyles } from "../../ui/pageStyles";
import { RowsSkeleton, useRowStyles } from "../../ui/Rows";
import { RowsFoot } from "../../ui/RowsFoot";
import { phone, useMedia, useNow, useSession } from "../../ui/Session";
import { shortMoment } from "../../words/moments";
import { SurveyBadge } from "./SurveyBadge";
import { NewSurveyDialog, SurveyDialog } from "./SurveyDialogs";
import { type SurveyAction, SurveyMenu } from "./SurveyMenu";

const pageSize = 50;
const statuses = ["draft", "open", "closed"] as const satisfies SurveyStatus[];
const orders = ["updated.desc", "name.asc", "name.desc", "created.desc"] as const;
type Ordering = (typeof orders)[number] | "updated.asc";

const useStyles = makeStyles({
  tools: { justifyContent: "flex-start" },
  choice: { minWidth: "10rem", "@media (max-width: 639px)": { flexGrow: 1 } },
});

/** All surveys, to be asked by campaigns. */
export default function SurveysPage() {
  const frame = usePageStyles();
  const styles = useStyles();
  const { t } = useLanguage();
  const { api, me } = useSession();
  const small = useMedia(phone);
  const [parameters, setParameters] = useSearch();
  const [creating, setCreating] = useState(false);
  const [dialog, setDialog] = useState<{ action: SurveyAction; survey: Survey } | null>(null);
  const view = {
    q: parameters.get("q") ?? "",
    status: statuses.find((each) => each === parameters.get("status")) ?? ("" as const),
    sort: (["updated.asc", ...orders] as const).find((each) => each === parameters.get("sort")) ?? "updated.desc",
  };
  const show = (change: Partial<Record<keyof typeof view, string>>) => {
    const next = { ...view, ...change };
    const said = Object.entries(next).filter(
      ([name, value]) => value !== "" && !(name === "sort" && value === orders[0]),
    );
    setParameters(Object.fromEntries(said), { replace: true });
  };
  const q = useDeferredValue(view.q.trim());
  const [sort, order] = view.sort.split(".") as [SurveySort, Order];
  const found = useInfiniteQuery({
    queryKey: ["surveys", q, view.status, view.sort],
    queryFn: ({ pageParam, signal }) =>
      surveys.page(api, { q, status: view.status, sort, order, cursor: pageParam, limit: pageSize }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    // Answers come by themselves.
    refetchInterval: (query) => 15_000 * Math.max(1, query.state.data?.pages.length ?? 1),
  });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  const forbidden = found.isError && toApiError(found.error).status === 403;
  const narrowed = q !== "" || view.status !== "";
  const newButton = (
    <NewButton why={me.can.write ? null : t("survey.readonly")} onClick={() => setCreating(true)}>
      {t("surveys.new")}
    </NewButton>
  );
  const View = small ? Cards : Grid;
  return (
    <PlacePage here="surveys" title={t("place.surveys")} actions={newButton}>
      {(items.length > 0 || narrowed) && (
        <div className={mergeClasses(frame.bar, styles.tools)}>
          <NameSearch value={view.q} onChange={(q) => show({ q })} />
          <Dropdown
            inlinePopup
            className={styles.choice}
            aria-label={t("surveys.filter")}
            value={view.status === "" ? t("surveys.filter.all") : t(`survey.status.${view.status}`)}
            selectedOptions={[view.status]}
            onOptionSelect={(_, data) => {
              show({ status: data.optionValue ?? "" });
            }}
          >
            <Option value="">{t("surveys.filter.all")}</Option>
            {statuses.map((each) => (
              <Option key={each} value={each}>
                {t(`survey.status.${each}`)}
              </Option>
            ))}
          </Dropdown>
          {small && (
            <Dropdown
              inlinePopup
              className={styles.choice}
              aria-label={t("home.sort")}
              value={t(`surveys.sort.${view.sort}`)}
              selectedOptions={[view.sort]}
              onOptionSelect={(_, data) => {
                show({ sort: data.optionValue ?? "" });
              }}
            >
              {orders.map((each) => (
                <Option key={each} value={each}>
                  {t(`surveys.sort.${each}`)}
                </Option>
              ))}
            </Dropdown>
          )}
        </div>
      )}
      <section className={frame.panel} aria-labelledby={pageTitle} aria-busy={found.isFetching}>
        {found.isPending ? (
          <RowsSkeleton />
        ) : forbidden ? (
          <Face icon={<ClipboardTaskListLtrRegular />} title={t("surveys.forbidden")}>
            {t("error.forbidden")}
          </Face>
        ) : found.isError && items.length === 0 ? (
          <FailedFace title={t("surveys.failed")} error={found.error} onRetry={() => void found.refetch()} />
        ) : items.length > 0 ? (
          <View
            items={items}
            sort={view.sort}
            onSort={(next) => {
              show({ sort: next });
            }}
            onAction={(action, survey) => {
              setDialog({ action, survey });
            }}
          />
        ) : narrowed ? (
          <Face
            actions={
              <Button
                onClick={() => {
                  show({ q: "", status: "" });
                }}
              >
                {t(view.status === "" ? "home.empty.clear" : "home.empty.clearall")}
              </Button>
            }
          >
            {view.status === "" ? t("surveys.empty.search", { q }) : t("surveys.empty.filter")}
          </Face>
        ) : (
          <Face icon={<ClipboardTaskListLtrRegular />} title={t("surveys.empty.title")} actions={newButton}>
            <Text block align="center">
              {t("surveys.empty.text")}
            </Text>
          </Face>
        )}
      </section>
      <RowsFoot
        words={found.isPending || (found.isError && items.length === 0) ? "" : t("surveys.shown", { n: items.length })}
        empty={items.length === 0}
        rows={found}
      />
      {creating && (
        <NewSurveyDialog
          onClose={() => {
            setCreating(false);
          }}
          onCreated={(survey) => {
            navigate(`/surveys/${survey.id}`);
          }}
        />
      )}
      {dialog && (
        <SurveyDialog
          {...dialog}
          onClose={() => {
            setDialog(null);
          }}
        />
      )}
    </PlacePage>
  );
}

/** "12 of 25", or that nobody has it yet. */
export function answeredWords({ answered, sent }: Pick<Survey, "answered" | "sent">, t: Translate): string {
  return sent > 0 ? t("surveys.answered.of", { answered, sent }) : t("surveys.answered.none");
}

interface Props {
  items: Survey[];
  sort: Ordering;
  onSort: (sort: Ordering) => void;
  onAction: (action: SurveyAction, survey: Survey) => void;
}

const columns = ["name", "questions", "status", "campaigns", "answered", "updated"] as const;

function Grid({ items, sort, onSort, onAction }: Props) {
  const styles = useRowStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  const number = new Intl.NumberFormat(locale);
  const [by, order] = sort.split(".") as [SurveySort, Order];
  return (
    <Table sortable aria-label={t("place.surveys")} className={styles.table}>
      <GridHead
        columns={columns}
        words={(column) => t(`surveys.col.${column}`)}
        middle={["updated"]}
        sort={{
          columns: ["name", "updated"],
          by,
          order,
          onSort: (column) => {
            if (column === "name") onSort(sort === "name.asc" ? "name.desc" : "name.asc");
            else onSort(sort === "updated.desc" ? "updated.asc" : "updated.desc");
          },
        }}
      />
      <TableBody>
        {items.map((each) => (
          <TableRow key={each.id} className={styles.row}>
            <TableCell className={styles.cell}>
              <span className={styles.name}>
                <Link className={styles.link} to={`/surveys/${each.id}`}>
                  {each.name}
                </Link>
              </span>
            </TableCell>
            <TableCell className={styles.cell}>{number.format(each.questions.length)}</TableCell>
            <TableCell className={styles.cell}>
              <SurveyBadge status={each.status} />
            </TableCell>
            <TableCell className={styles.cell}>{number.format(each.campaigns)}</TableCell>
            <TableCell className={styles.cell}>
              {each.sent > 0 ? (
                <Link className={styles.link} to={`/surveys/${each.id}/results`}>
                  {answeredWords(each, t)}
                </Link>
              ) : (
                answeredWords(each, t)
              )}
            </TableCell>
            <TableCell className={styles.cell}>{shortMoment(Date.parse(each.updatedAt), now, locale, t)}</TableCell>
            <TableCell className={styles.end}>
              <SurveyMenu
                survey={each}
                onAction={(action) => {
                  onAction(action, each);
                }}
              />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

const useCardStyles = makeStyles({ badge: { justifySelf: "start", marginTop: tokens.spacingVerticalXS } });

function Cards({ items, onAction }: Props) {
  const styles = useRowStyles();
  const own = useCardStyles();
  const { t, locale } = useLanguage();
  const now = useNow();
  return (
    <ul className={styles.cards}>
      {items.map((each) => (
        <li key={each.id} className={mergeClasses(styles.card, styles.two)}>
          <Subtitle2 as="h2" block className={styles.breaking}>
            <Link className={styles.link} to={`/surveys/${each.id}`}>
              {each.name}
            </Link>
          </Subtitle2>
          <SurveyMenu
            survey={each}
            onAction={(action) => {
              onAction(action, each);
            }}
          />
          <span className={mergeClasses(styles.details, styles.whole)}>
            <Caption1>
              {t("survey.questions", { n: each.questions.length })} · {answeredWords(each, t)}
            </Caption1>
            <Caption1>{t("list.updated", { when: shortMoment(Date.parse(each.updatedAt), now, locale, t) })}</Caption1>
            <span className={own.badge}>
              <SurveyBadge status={each.status} />
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
