import { Button, Caption1, Spinner } from "@fluentui/react-components";
import { useLanguage } from "../i18n/Language";
import { hidden } from "./PageTitle";
import { usePageStyles } from "./pageStyles";

interface Props {
  /** How many there are. */
  words: string;
  /** There is no row, and the words are for screen readers only. */
  empty?: boolean;
  rows: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}

/** Under the rows of a first page: how many are shown, and the way to more. */
export function RowsFoot({ words, empty = false, rows }: Props) {
  const frame = usePageStyles();
  const { t } = useLanguage();
  return (
    <footer className={frame.foot}>
      <Caption1 role="status" style={empty ? hidden : undefined}>
        {words}
      </Caption1>
      {rows.hasNextPage && (
        <Button
          disabledFocusable={rows.isFetchingNextPage}
          icon={rows.isFetchingNextPage ? <Spinner size="tiny" /> : undefined}
          onClick={() => void rows.fetchNextPage()}
        >
          {t("app.more")}
        </Button>
      )}
    </footer>
  );
}
