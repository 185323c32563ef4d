import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Spinner,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";
import type { RecipientFilter } from "../../api/client";
import type { Campaign, List } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate } from "../../router";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { explain } from "../../ui/errors";
import { maxName, NameField, nameProblem } from "../../ui/NameField";
import { useNotify } from "../../ui/Notices";
import { useSession } from "../../ui/Session";
import { useClosing } from "../../ui/useClosing";
import { useRefresh } from "../../ui/useRefresh";
import { useRefreshLists } from "../lists/useRefreshLists";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  // Three actions do not fit beside each other on a phone.
  actions: { flexWrap: "wrap", justifyContent: "flex-end" },
});

interface Props {
  campaign: Campaign;
  filter: RecipientFilter;
  /** How many it will be, when that is known. */
  count: number | null;
  onClose: () => void;
}

/** A list of some of the recipients: first its name, and when it is there what can be done with it. */
export function ListOfDialog(props: Props) {
  const [list, setList] = useState<List | null>(null);
  return list ? <Made {...props} list={list} /> : <Make {...props} onMade={setList} />;
}

function Make({ campaign, filter, count, onClose, onMade }: Props & { onMade: (list: List) => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const refresh = useRefreshLists();
  const [name, setName] = useState(() =>
    [...t("listof.default", { name: campaign.name })].slice(0, maxName).join("").trim(),
  );
  const made = useRef<List>(null);
  const problem = nameProblem(name, t, t("list.name.required"));
  return (
    <ConfirmDialog
      title={count === null ? t("listof.title.all") : t("listof.title", { n: count })}
      confirm={t("listof.do")}
      disabled={problem !== null}
      onClose={onClose}
      onDone={() => {
        if (made.current) onMade(made.current);
      }}
      onConfirm={async () => {
        made.current = await api.listOfRecipients(campaign.id, name.trim(), filter);
        await refresh(made.current);
        return undefined;
      }}
    >
      <div className={styles.form}>
        <Text>{t("listof.text")}</Text>
        <NameField label={t("list.name")} value={name} problem={problem} onChange={setName} />
      </div>
    </ConfirmDialog>
  );
}

type Next = "undo" | "send";

function Made({ campaign, list, onClose }: Props & { list: List }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefresh();
  const refreshLists = useRefreshLists();
  const { open, closeThen } = useClosing();
  const [busy, setBusy] = useState<Next | null>(null);
  const [error, setError] = useState<unknown>(null);
  // When it could not be given the list, it is there already: trying again must not make another.
  const copied = useRef<Campaign>(null);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    close.current?.focus();
  }, []);

  const leave = (path?: string) => {
    closeThen(() => {
      onClose();
      if (path) navigate(path);
    });
  };
  async function run(next: Next) {
    setBusy(next);
    setError(null);
    try {
      if (next === "undo") {
        await api.deleteList(list.id);
        notify("success", t("list.delete.done", { name: list.name }));
        await refreshLists();
        leave();
        return;
      }
      const copy = copied.current
        ? await api.campaign(copied.current.id)
        : await api.cloneCampaign(campaign.id, nameOfCopy(t("clone.default", { name: campaign.name })));
      copied.current = copy;
      const { name, format, content } = copy;
      const saved = await api.saveCampaign(copy.id, copy.version, {
        name,
        format,
        content,
        audience: { listIds: [list.id], emails: [], excludeListIds: [] },
        timing: { at: null },
      });
      await refresh(saved);
      leave(`/campaigns/${copy.id}/edit`);
    } catch (caught) {
      setError(caught);
      setBusy(null);
    }
  }
  const spins = (next: Next) => (busy === next ? <Spinner size="tiny" /> : undefined);
  return (
    <Dialog
      open={open}
      surfaceMotion={null}
      onOpenChange={(_, data) => {
        if (!data.open && busy === null) leave();
      }}
    >
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t("listof.done.title")}</DialogTitle>
          <DialogContent>
            <Text block role="status">
              {t("listof.done", { name: list.name, n: list.members })}
            </Text>
            {error !== null && (
              <MessageBar intent="error" politeness="assertive">
                <MessageBarBody>{explain(error, t)}</MessageBarBody>
              </MessageBar>
            )}
          </DialogContent>
          <DialogActions className={styles.actions} fluid>
            <Button disabledFocusable={busy !== null} icon={spins("undo")} onClick={() => void run("undo")}>
              {t("listof.undo")}
            </Button>
            <Button
              disabledFocusable={busy !== null}
              onClick={() => {
                leave(`/lists/${list.id}`);
              }}
            >
              {t("listof.open")}
            </Button>
            <Button disabledFocusable={busy !== null} icon={spins("send")} onClick={() => void run("send")}>
              {t("listof.send")}
            </Button>
            <Button
              ref={close}
              appearance="primary"
              disabledFocusable={busy !== null}
              onClick={() => {
                leave();
              }}
            >
              {t("app.close")}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function nameOfCopy(name: string): string {
  return [...name].slice(0, maxName).join("").trim();
}
