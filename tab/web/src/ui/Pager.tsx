import { Button, Spinner } from "@fluentui/react-components";
import { ChevronLeftRegular, ChevronRightRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useLanguage } from "../i18n/Language";

interface Props {
  /** Where the pages before this one, after the first, and this one began. */
  cursors: string[];
  /** Where the next one begins; null: this is the last. */
  next: string | null;
  /** A page is on its way. */
  waiting: boolean;
  onTurn: (cursors: string[]) => void;
  /** Which rows the page has. */
  children: ReactNode;
}

/** The way to the page before and to the next one, where there is more than one. */
export function Pager({ cursors, next, waiting, onTurn, children }: Props) {
  const { t } = useLanguage();
  const first = cursors.length === 0;
  const only = first && next === null;
  const last = next === null || waiting;
  return (
    <>
      {!only && (
        <Button
          icon={<ChevronLeftRegular />}
          disabledFocusable={first}
          onClick={() => {
            if (!first) onTurn(cursors.slice(0, -1));
          }}
        >
          {t("members.previous")}
        </Button>
      )}
      {children}
      {!only && (
        <Button
          icon={waiting ? <Spinner size="tiny" /> : <ChevronRightRegular />}
          iconPosition="after"
          disabledFocusable={last}
          onClick={() => {
            if (!last) onTurn([...cursors, next]);
          }}
        >
          {t("members.next")}
        </Button>
      )}
    </>
  );
}
