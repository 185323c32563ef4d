import "../../i18n/pages";
import {
  Body1,
  Button,
  Field,
  Input,
  Menu,
  MenuButton,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  mergeClasses,
  SkeletonItem,
  Spinner,
  Title2,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import {
  AddRegular,
  ArrowImportRegular,
  CheckmarkRegular,
  ColumnTripleEditRegular,
  DismissRegular,
  DocumentQuestionMarkRegular,
  EditRegular,
  MailRegular,
  PersonAddRegular,
} from "@fluentui/react-icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { toApiError } from "../../api/error";
import type { List, Member } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { navigate, useParameters, useSearch } from "../../router";
import { BackButton } from "../../ui/BackButton";
import { explain, isNotFound } from "../../ui/errors";
import { Face, FailedFace } from "../../ui/Faces";
import { useInnerPageStyles } from "../../ui/innerPageStyles";
import { peopleWords } from "../../ui/listWords";
import { nameProblem } from "../../ui/NameField";
import { useNotify } from "../../ui/Notices";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { HiddenTitle, pageTitle } from "../../ui/PageTitle";
import { usePageStyles } from "../../ui/pageStyles";
import { useNow, useSession } from "../../ui/Session";
import { Why } from "../../ui/Why";
import { authorName } from "../../words/author";
import { shortMoment } from "../../words/moments";
import { ColumnsDialog, focusNow } from "./ColumnsDialog";
import { ImportWizard } from "./ImportWizard";
import { ListDialog, renameList } from "./ListDialogs";
import { ListMenu } from "./ListMenu";
import { AddPeopleDialog, MemberDialog, RemoveMemberDialog } from "./MemberDialogs";
import { Members } from "./Members";
import { NotAllowedFace } from "./NotAllowedFace";
import { useRefreshLists } from "./useRefreshLists";

const useStyles = makeStyles({
  head: { alignItems: "flex-start" },
  title: { flexGrow: 1, flexBasis: "18rem" },
  name: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS },
  rename: { display: "flex", alignItems: "flex-start", gap: tokens.spacingHorizontalXS, maxWidth: "40rem" },
  field: { flexGrow: 1 },
  quiet: { color: tokens.colorNeutralForeground3 },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  bones: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalXL,
  },
});

export default function ListPage() {
  const { id = "" } = useParameters();
  return <Load key={id} id={id} />;
}

function Load({ id }: { id: string }) {
  const frame = usePageStyles();
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const list = useQuery({
    queryKey: ["list", id],
    queryFn: ({ signal }) => api.list(id, signal),
    // A large list is being counted.
    refetchInterval: (query) => (query.state.data?.installed === null ? 2_000 : false),
  });
  // Somebody may have deleted it meanwhile.
  if (list.data && !isNotFound(list.error)) return <Loaded list={list.data} />;
  if (list.isPending) {
    return (
      <PageSkeleton page={frame.page} className={styles.bones}>
        <SkeletonItem size={32} style={{ maxWidth: "24rem" }} />
        <SkeletonItem size={16} style={{ maxWidth: "16rem" }} />
        <SkeletonItem size={128} />
      </PageSkeleton>
    );
  }
  const all = <Button onClick={() => navigate("/lists")}>{t("list.back")}</Button>;
  return (
    <main aria-labelledby={pageTitle}>
      {isNotFound(list.error) ? (
        <Face page icon={<DocumentQuestionMarkRegular />} title={t("list.gone.title")} actions={all}>
          {t("report.gone.text")}
        </Face>
      ) : toApiError(list.error).status === 403 ? (
        <NotAllowedFace page />
      ) : (
        <FailedFace
          page
          title={t("list.failed")}
          error={list.error}
          onRetry={() => void list.refetch()}
          actions={all}
        />
      )}
    </main>
  );
}

type Dialog =
  | { kind: "addresses" | "person" | "columns" | "delete" }
  | { kind: "edit" | "remove"; member: Member }
  | null;

function Loaded({ list }: { list: List }) {
  const frame = usePageStyles();
  const inner = useInnerPageStyles();
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { me } = useSession();
  const now = useNow();
  const [parameters, setParameters] = useSearch();
  const [dialog, setDialog] = useState<Dialog>(null);
  const [renaming, setRenaming] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const why = me.can.write ? null : t("list.readonly");
  const importing = parameters.has("import") && me.can.write;
  const close = () => {
    setDialog(null);
  };
  const open = (kind: "addresses" | "person" | "columns") => () => {
    setDialog({ kind });
  };
  const startImport = () => {
    setParameters({ import: "" }, { replace: true });
  };

  return (
    <main className={frame.page} aria-labelledby={pageTitle}>
      <title>{list.name}</title>
      <BackButton onClick={() => navigate("/lists")}>{t("list.back")}</BackButton>
      <header className={`${frame.head} ${styles.head}`}>
        <div className={mergeClasses(inner.title, styles.title)}>
          {renaming ? (
            <Rename
              list={list}
              onClose={() => {
                setRenaming(false);
                requestAnimationFrame(() => pencil.current?.focus());
              }}
            />
          ) : (
            <span className={styles.name}>
              <Title2 as="h1" id={pageTitle}>
                {list.name}
              </Title2>
              {me.can.write && (
                <Tooltip content={t("list.rename.do")} relationship="label">
                  <Button
                    ref={pencil}
                    appearance="subtle"
                    icon={<EditRegular />}
                    onClick={() => {
                      setRenaming(true);
                    }}
                  />
                </Tooltip>
              )}
            </span>
          )}
          <Body1 className={styles.quiet} role="status">
            {peopleWords(list, t)}
          </Body1>
          <Body1 className={styles.quiet}>
            {t("list.updated", { when: shortMoment(Date.parse(list.updatedAt), now, locale, t) })} ·{" "}
            {t("list.by", { name: authorName(list.createdBy, t) })}
          </Body1>
        </div>
        <div className={styles.actions}>
          {why === null ? (
            <Menu positioning="below-end">
              <MenuTrigger disableButtonEnhancement>
                <MenuButton appearance="primary" icon={<AddRegular />}>
                  {t("list.add")}
                </MenuButton>
              </MenuTrigger>
              <MenuPopover>
                <MenuList>
                  <MenuItem icon={<MailRegular />} onClick={open("addresses")}>
                    {t("list.add.addresses")}
                  </MenuItem>
                  <MenuItem icon={<PersonAddRegular />} onClick={open("person")}>
                    {t("list.add.person")}
                  </MenuItem>
                </MenuList>
              </MenuPopover>
            </Menu>
          ) : (
            <Why reason={why}>
              <Button appearance="primary" icon={<AddRegular />} disabledFocusable>
                {t("list.add")}
              </Button>
            </Why>
          )}
          <Why reason={why}>
            <Button
              icon={<ArrowImportRegular />}
              disabledFocusable={why !== null}
              onClick={why === null ? startImport : undefined}
            >
              {t("list.import")}
            </Button>
          </Why>
          <Why reason={why}>
            <Button
              icon={<ColumnTripleEditRegular />}
              disabledFocusable={why !== null}
              onClick={why === null ? open("columns") : undefined}
            >
              {t("columns.title")}
            </Button>
          </Why>
          <ListMenu
            own
            list={list}
            onAction={(action) => {
              if (action === "rename") setRenaming(true);
              else setDialog({ kind: "delete" });
            }}
          />
        </div>
      </header>
      <Members
        list={list}
        onImport={startImport}
        onEdit={(member) => {
          setDialog({ kind: "edit", member });
        }}
        onRemove={(member) => {
          setDialog({ kind: "remove", member });
        }}
      />
      {importing && (
        <ImportWizard
          list={list}
          onClose={() => {
            setParameters({}, { replace: true });
          }}
        />
      )}
      {dialog?.kind === "addresses" && <AddPeopleDialog list={list} onClose={close} />}
      {dialog?.kind === "person" && <MemberDialog list={list} onClose={close} />}
      {dialog?.kind === "edit" && <MemberDialog list={list} member={dialog.member} onClose={close} />}
      {dialog?.kind === "remove" && <RemoveMemberDialog list={list} member={dialog.member} onClose={close} />}
      {dialog?.kind === "columns" && <ColumnsDialog list={list} onClose={close} />}
      {dialog?.kind === "delete" && (
        <ListDialog
          action="delete"
          list={list}
          onClose={close}
          onDeleted={() => navigate("/lists", { replace: true })}
        />
      )}
    </main>
  );
}

/** The title as a field: Enter keeps the new name, Escape the old one. */
function Rename({ list, onClose }: { list: List; onClose: () => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const notify = useNotify();
  const refresh = useRefreshLists();
  const [name, setName] = useState(list.name);
  const problem = nameProblem(name, t, t("list.name.required"));
  const save = useMutation({
    mutationFn: (wanted: string) => renameList(api, list, wanted),
    onSuccess: (renamed) => {
      notify("success", t("list.rename.done", { name: renamed.name }));
      void refresh(renamed);
      onClose();
    },
  });
  // What is on its way is not taken back by looking away.
  const cancel = () => {
    if (!save.isPending) onClose();
  };
  const message = problem ?? (save.isError && save.variables === name.trim() ? explain(save.error, t) : null);
  return (
    <>
      <HiddenTitle>{list.name}</HiddenTitle>
      <form
        noValidate
        className={styles.rename}
        onSubmit={(event) => {
          event.preventDefault();
          if (problem !== null || save.isPending) return;
          if (name.trim() === list.name) onClose();
          else save.mutate(name.trim());
        }}
      >
        <Field className={styles.field} validationMessage={message} validationState={message ? "error" : "none"}>
          <Input
            size="large"
            value={name}
            aria-label={t("list.name")}
            ref={focusNow}
            onChange={(_, data) => {
              setName(data.value);
            }}
            onKeyDown={(event) => {
              if (event.key === "Escape") cancel();
            }}
          />
        </Field>
        <Tooltip content={t("member.save")} relationship="label">
          <Button
            type="submit"
            size="large"
            appearance="subtle"
            icon={save.isPending ? <Spinner size="tiny" /> : <CheckmarkRegular />}
          />
        </Tooltip>
        <Tooltip content={t("app.cancel")} relationship="label">
          <Button size="large" appearance="subtle" icon={<DismissRegular />} onClick={cancel} />
        </Tooltip>
      </form>
    </>
  );
}
