import { Button, Caption1, Input, makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import { SearchRegular } from "@fluentui/react-icons";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { surveys } from "../../api/surveys";
import type { QuestionResult, ResultFilter } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { FailedFace } from "../../ui/Faces";
import { useSession } from "../../ui/Session";
import { useDebounced } from "../editor/useDraft";

const pageSize = 20;
/** Fewer are seen at a glance. */
const searchFrom = 6;

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  search: { alignSelf: "flex-start", maxWidth: "100%" },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
    maxHeight: "24rem",
    overflowY: "auto",
  },
  item: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    display: "flex",
    flexDirection: "column",
  },
  text: { whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground3 },
  more: { alignSelf: "flex-start" },
});

interface Props {
  surveyId: string;
  question: QuestionResult;
  filter: ResultFilter;
}

/** What people wrote, to read and to search. */
export function Texts({ surveyId, question, filter }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const [search, setSearch] = useState("");
  const q = useDebounced(search.trim(), 300);
  const found = useInfiniteQuery({
    queryKey: ["texts", surveyId, question.id, filter, q],
    queryFn: ({ pageParam, signal }) =>
      surveys.texts(api, surveyId, { ...filter, question: question.id, q, cursor: pageParam, limit: pageSize }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  // New texts are asked for when their number says that there are some; who reads on the third page stays there.
  const { refetch } = found;
  const known = useRef(question.count);
  useEffect(() => {
    if (known.current === question.count) return;
    known.current = question.count;
    void refetch();
  }, [question.count, refetch]);
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={styles.box}>
      {question.count >= searchFrom && (
        <Input
          type="search"
          className={styles.search}
          contentBefore={<SearchRegular />}
          value={search}
          placeholder={t("texts.search")}
          aria-label={t("texts.search.of", { title: question.text })}
          onChange={(_, data) => {
            setSearch(data.value);
          }}
        />
      )}
      {found.isPending ? (
        <Spinner size="tiny" label={t("app.loading")} />
      ) : found.isError && items.length === 0 ? (
        <FailedFace title={t("texts.failed")} error={found.error} onRetry={() => void found.refetch()} />
      ) : items.length === 0 ? (
        <Text role="status" className={styles.quiet}>
          {t("texts.none", { q })}
        </Text>
      ) : (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- It scrolls, so the keyboard must reach it.
        <ul className={styles.list} tabIndex={0} aria-label={question.text}>
          {items.map((each, index) => (
            <li key={String(index)} className={styles.item}>
              <Text className={styles.text}>{each.text}</Text>
              {each.displayName && <Caption1 className={styles.quiet}>{each.displayName}</Caption1>}
            </li>
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <Button
          className={styles.more}
          size="small"
          disabledFocusable={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t("app.more")}
        </Button>
      )}
    </div>
  );
}
