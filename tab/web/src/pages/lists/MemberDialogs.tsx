import { Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { toApiError } from "../../api/error";
import type { List, Member, MemberInput } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { explainProblem } from "../../ui/errors";
import { useNotify } from "../../ui/Notices";
import { useSession } from "../../ui/Session";
import { isAddress } from "../../words/addresses";
import { AddressesField, useAddresses } from "./Addresses";
import { useRefreshLists } from "./useRefreshLists";

const useStyles = makeStyles({
  form: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    paddingBottom: tokens.spacingVerticalS,
  },
  names: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(12rem, 1fr))",
    gap: tokens.spacingHorizontalM,
    alignItems: "start",
  },
});

interface Props {
  list: List;
  onClose: () => void;
}

/** Many at once, by address alone. */
export function AddPeopleDialog({ list, onClose }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const notify = useNotify();
  const refresh = useRefreshLists();
  const addresses = useAddresses();
  return (
    <ConfirmDialog
      title={t("add.title", { name: list.name })}
      confirm={addresses.wrong.length > 0 ? t("add.others") : t("add.do")}
      disabled={!addresses.some}
      onClose={onClose}
      onConfirm={async () => {
        const { added, present } = await addresses.add(list.id);
        const parts = [t("add.done", { n: added })];
        if (present > 0) parts.push(t("add.present", { n: present }));
        notify("success", parts.join(" "));
        await refresh();
        return undefined;
      }}
    >
      <div className={styles.form}>
        <AddressesField addresses={addresses} />
      </div>
    </ConfirmDialog>
  );
}

/** One person with names and values, new or known. */
export function MemberDialog({ list, member, onClose }: Props & { member?: Member }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshLists();
  const [input, setInput] = useState<MemberInput>(() => ({
    email: member?.email ?? "",
    firstName: member?.firstName ?? "",
    lastName: member?.lastName ?? "",
    values: member?.values ?? {},
  }));
  const [refused, setRefused] = useState<unknown>(null);
  const address = input.email.trim();
  const problem = (field: string) => {
    const found = refused === null ? undefined : toApiError(refused).problems.find((each) => each.field === field);
    return found ? ({ validationMessage: explainProblem(found, t), validationState: "error" } as const) : {};
  };
  const change = (part: Partial<MemberInput>) => {
    setInput((before) => ({ ...before, ...part }));
  };
  return (
    <ConfirmDialog
      title={member ? t("member.edit.title") : t("member.add.title")}
      confirm={member ? t("member.save") : t("add.do")}
      disabled={!isAddress(address)}
      onClose={onClose}
      onConfirm={async () => {
        const trimmed = { ...input, email: address };
        try {
          await (member ? api.saveMember(list.id, member.id, trimmed) : api.addMember(list.id, trimmed));
        } catch (error) {
          setRefused(error);
          throw error;
        }
        notify("success", t(member ? "member.saved" : "member.added", { address }));
        await refresh();
        return undefined;
      }}
    >
      <div className={styles.form}>
        <Field
          label={t("member.address")}
          required
          {...(address !== "" && !isAddress(address) && !address.endsWith("@") && address.includes("@")
            ? { validationMessage: t("error.invalid_address"), validationState: "warning" as const }
            : problem("/email"))}
        >
          <Input
            type="email"
            value={input.email}
            onChange={(_, data) => {
              change({ email: data.value });
            }}
          />
        </Field>
        <div className={styles.names}>
          {(["firstName", "lastName"] as const).map((field) => (
            <Field key={field} label={t(`import.role.${field}`)} {...problem(`/${field}`)}>
              <Input
                value={input[field]}
                onChange={(_, data) => {
                  change({ [field]: data.value });
                }}
              />
            </Field>
          ))}
        </div>
        {list.columns.length > 0 && (
          <div className={styles.names}>
            {list.columns.map((column) => (
              <Field
                key={column.name}
                label={column.label}
                hint={column.type === "number" ? t("member.number.hint") : undefined}
                {...problem(`/values/${column.name}`)}
              >
                <Input
                  type={column.type === "date" ? "date" : "text"}
                  inputMode={column.type === "number" ? "decimal" : undefined}
                  value={input.values[column.name] ?? ""}
                  onChange={(_, data) => {
                    change({ values: { ...input.values, [column.name]: data.value } });
                  }}
                />
              </Field>
            ))}
          </div>
        )}
      </div>
    </ConfirmDialog>
  );
}

export function RemoveMemberDialog({ list, member, onClose }: Props & { member: Member }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshLists();
  const name = member.displayName ?? member.email;
  return (
    <ConfirmDialog
      title={t("member.remove.title", { name })}
      destructive
      confirm={t("member.remove.do")}
      onClose={onClose}
      onConfirm={async () => {
        await api.deleteMember(list.id, member.id);
        notify("success", t("member.removed", { name }));
        await refresh();
        return undefined;
      }}
    >
      <Text>{t("member.remove.text", { list: list.name })}</Text>
    </ConfirmDialog>
  );
}
