import {
  Button,
  Caption1,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Input,
  makeStyles,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { CopyRegular, SearchRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AudienceCount, FoundPerson } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { explain } from "../../ui/errors";
import { useSession } from "../../ui/Session";
import { inputOf } from "./fields";
import { PersonLines } from "./PersonLines";
import { useDraft } from "./useDraft";

/** The most that Herald names. */
const most = 5000;
/** As many as one can look through; others are searched for. */
const shown = 200;

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  list: { maxHeight: "50vh", overflowY: "auto" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  title: string;
  people: (count: AudienceCount) => FoundPerson[];
  onClose: () => void;
}

/** All people of one kind, to look through, search and copy. */
export default function PeopleDialog({ title, people, onClose }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const { fields } = useDraft();
  const [search, setSearch] = useState("");
  const [said, setSaid] = useState("");
  const { audience } = inputOf(fields);
  const { data, error } = useQuery({
    queryKey: ["count", "all", JSON.stringify(audience)],
    queryFn: ({ signal }) => api.count(audience, signal, most),
    staleTime: 10_000,
  });
  const q = search.trim().toLowerCase();
  const all = data ? people(data) : [];
  const found = all.filter((each) => `${each.displayName} ${each.email}`.toLowerCase().includes(q));
  return (
    <Dialog
      open
      onOpenChange={(_, { open }) => {
        if (!open) onClose();
      }}
    >
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent className={styles.content}>
            <Input
              contentBefore={<SearchRegular />}
              aria-label={t("aud.all.search")}
              placeholder={t("aud.all.search")}
              value={search}
              onChange={(_, { value }) => {
                setSearch(value);
              }}
            />
            {error ? (
              explain(error, t)
            ) : !data ? (
              <Spinner size="tiny" label={t("aud.counting")} />
            ) : (
              // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- It scrolls, so the keyboard must reach it.
              <div className={styles.list} role="region" aria-label={title} tabIndex={0}>
                <PersonLines people={found.slice(0, shown)} />
              </div>
            )}
            <Caption1 role="status" className={styles.quiet}>
              {said ||
                (data && found.length === 0
                  ? t("aud.all.none", { q: search.trim() })
                  : found.length > shown
                    ? t("aud.all.shown", { shown, n: found.length })
                    : "")}
            </Caption1>
          </DialogContent>
          <DialogActions>
            <Button
              icon={<CopyRegular />}
              disabled={found.length === 0}
              onClick={() => {
                navigator.clipboard.writeText(found.map((each) => each.email).join("\n")).then(
                  () => {
                    setSaid(t("aud.copied", { n: found.length }));
                  },
                  () => {
                    setSaid(t("aud.copy.failed"));
                  },
                );
              }}
            >
              {t("aud.copy")}
            </Button>
            <Button appearance="primary" onClick={onClose}>
              {t("app.close")}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
