import { Field, makeStyles, Radio, RadioGroup, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import type { Api } from "../../api/client";
import { toApiError } from "../../api/error";
import type { List } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { NameField, nameProblem } from "../../ui/NameField";
import { useNotify } from "../../ui/Notices";
import { useSession } from "../../ui/Session";
import { AddressesField, useAddresses } from "./Addresses";
import type { ListAction } from "./ListMenu";
import { useRefreshLists } from "./useRefreshLists";

const useStyles = makeStyles({
  form: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    paddingBottom: tokens.spacingVerticalS,
  },
});

/** Another name concerns nobody's columns: when somebody changed those meanwhile, theirs stay. */
export async function renameList(api: Api, list: List, name: string): Promise<List> {
  const save = ({ version, columns }: List) => api.saveList(list.id, version, { name, columns });
  try {
    return await save(list);
  } catch (error) {
    if (toApiError(error).status !== 412) throw error;
    return save(await api.list(list.id));
  }
}

interface Props {
  action: ListAction;
  list: List;
  onClose: () => void;
  onDeleted?: () => void;
}

export function ListDialog(props: Props) {
  return props.action === "rename" ? <RenameDialog {...props} /> : <DeleteDialog {...props} />;
}

function RenameDialog({ list, onClose }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshLists();
  const [name, setName] = useState(list.name);
  const problem = nameProblem(name, t, t("list.name.required"));
  return (
    <ConfirmDialog
      title={t("list.rename.title", { name: list.name })}
      confirm={t("list.rename.do")}
      disabled={problem !== null}
      onClose={onClose}
      onConfirm={async () => {
        const renamed = await renameList(api, list, name.trim());
        notify("success", t("list.rename.done", { name: renamed.name }));
        await refresh(renamed);
        return undefined;
      }}
    >
      <NameField label={t("list.name")} value={name} problem={problem} onChange={setName} />
    </ConfirmDialog>
  );
}

function DeleteDialog({ list, onClose, onDeleted }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshLists();
  return (
    <ConfirmDialog
      title={t("delete.title", { name: list.name })}
      destructive
      confirm={t("delete.do")}
      onClose={onClose}
      onConfirm={async () => {
        await api.deleteList(list.id);
        notify("success", t("list.delete.done", { name: list.name }));
        if (!onDeleted) await refresh();
        return () => {
          onDeleted?.();
          if (onDeleted) void refresh();
        };
      }}
    >
      <Text>{t("list.delete.text", { n: list.members })}</Text>
    </ConfirmDialog>
  );
}

type Way = "import" | "addresses" | "later";

interface NewProps {
  onClose: () => void;
  /** The list exists now; whether its people come from a file next. */
  onCreated: (list: List, importNext: boolean) => void;
}

/** A list begins with its name, and with people if they are at hand. */
export function NewListDialog({ onClose, onCreated }: NewProps) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const refresh = useRefreshLists();
  const [name, setName] = useState("");
  const [way, setWay] = useState<Way>("import");
  // When the addresses are refused the list is there already: trying again must not make another.
  const [created, setCreated] = useState<List | null>(null);
  const addresses = useAddresses();
  const problem = nameProblem(name, t, t("list.name.required"));
  const confirm =
    way === "import" ? t("list.new.import") : addresses.wrong.length > 0 ? t("add.others") : t("new.create");
  return (
    <ConfirmDialog
      title={t("lists.new")}
      confirm={confirm}
      disabled={problem !== null || (way === "addresses" && !addresses.some)}
      onClose={() => {
        onClose();
        if (created) {
          void refresh();
          onCreated(created, false);
        }
      }}
      onDone={onClose}
      onConfirm={async () => {
        let list = created ?? (await api.createList({ name: name.trim() }));
        if (created && created.name !== name.trim()) list = await renameList(api, created, name.trim());
        setCreated(list);
        if (way === "addresses") await addresses.add(list.id);
        const now = await api.list(list.id);
        await refresh(now);
        return () => {
          onCreated(now, way === "import");
        };
      }}
    >
      <div className={styles.form}>
        <NameField
          label={t("list.name")}
          hint={t("new.hint")}
          placeholder={t("list.new.placeholder")}
          value={name}
          problem={name === "" ? null : problem}
          onChange={setName}
        />
        <Field label={t("list.new.people")}>
          <RadioGroup
            value={way}
            onChange={(_, data) => {
              setWay(data.value as Way);
            }}
          >
            <Radio value="import" label={t("list.new.way.import")} />
            <Radio value="addresses" label={t("list.new.way.addresses")} />
            <Radio value="later" label={t("list.new.way.later")} />
          </RadioGroup>
        </Field>
        {way === "addresses" && <AddressesField addresses={addresses} />}
      </div>
    </ConfirmDialog>
  );
}
