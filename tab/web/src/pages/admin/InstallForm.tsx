import {
  Body1Strong,
  Button,
  Caption1,
  Checkbox,
  Field,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Spinner,
  Text,
  tokens,
} from "@fluentui/react-components";
import { AppsAddInRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type InstallPreview, previewInstallation, startInstallation } from "../../api/installations";
import type { Audience, Campaign } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import type { Translate } from "../../i18n/translate";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { explain } from "../../ui/errors";
import { useNotify } from "../../ui/Notices";
import { usePageStyles } from "../../ui/pageStyles";
import { useSession } from "../../ui/Session";
import { Why } from "../../ui/Why";
import { AudienceFields } from "../editor/AudienceFields";
import { campaignDraft } from "../editor/campaignDraft";
import { inputOf } from "../editor/fields";
import { useAudienceAnswer } from "../editor/useAudienceCount";
import { DraftContext, useDraft } from "../editor/useDraft";

/** As Herald paces itself; see campaigns.InstallsPerSecond. */
const perMinute = 25 * 60;

const useStyles = makeStyles({
  box: {
    padding: tokens.spacingHorizontalXL,
    display: "flex",
    flexDirection: "column",
    alignItems: "stretch",
    gap: tokens.spacingVerticalL,
    overflow: "visible",
  },
  line: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXXS,
    minHeight: tokens.lineHeightBase500,
  },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  /** Begins with the audience of a campaign. */
  campaign: string | null;
  /** Nothing can be installed as things are. */
  hindered: boolean;
  onStarted: (id: string) => void;
}

/** Choose for whom, see how many, confirm. */
export function InstallForm({ campaign, ...rest }: Props) {
  const { t } = useLanguage();
  const { api } = useSession();
  const given = useQuery({
    queryKey: ["campaign", campaign],
    queryFn: ({ signal }) => api.campaign(campaign ?? "", signal),
    enabled: campaign !== null,
  });
  if (campaign !== null && given.isPending) return <Spinner label={t("app.loading")} />;
  return <Form audience={given.data?.audience ?? {}} {...rest} />;
}

/** The editor's fields work on a draft. This one is kept nowhere but here. */
function audienceDraft(audience: Audience) {
  const at = new Date(0).toISOString();
  const nobody = { id: "", displayName: "" };
  let kept: Campaign = {
    id: "",
    name: "",
    format: "message",
    content: {},
    // Who was reminded has the app.
    audience: audience.unanswered ? {} : audience,
    timing: { at: null },
    status: "draft",
    sendAt: null,
    startedAt: null,
    completedAt: null,
    createdAt: at,
    updatedAt: at,
    createdBy: nobody,
    updatedBy: nobody,
    version: 1,
  };
  return campaignDraft(kept, {
    save: (version, input) => {
      kept = { ...kept, ...input, version: version + 1 };
      return Promise.resolve(kept);
    },
    load: () => Promise.resolve(kept),
  });
}

function Form({ audience, ...rest }: Omit<Props, "campaign"> & { audience: Audience }) {
  const [draft] = useState(() => audienceDraft(audience));
  return (
    <DraftContext value={draft}>
      <Fields {...rest} />
    </DraftContext>
  );
}

function usePreview() {
  const { api } = useSession();
  const { answer: preview, ...rest } = useAudienceAnswer("install preview", (audience, signal) =>
    previewInstallation(api, audience, signal),
  );
  return { preview, ...rest };
}

/** "412 people: 398 have the app, 14 never had it". */
function sentence(preview: InstallPreview, t: Translate): string {
  const kinds = ["installed", "blocked", "missing", "removed", "unknown"] as const;
  const parts = kinds
    .filter((kind) => preview[kind] > 0)
    .map((kind) => t(`install.preview.${kind}`, { n: preview[kind] }));
  const people = t("install.preview.people", { n: preview.total });
  return parts.length > 0 ? t("install.preview", { people, parts: parts.join(", ") }) : people;
}

function Fields({ hindered, onStarted }: Omit<Props, "campaign">) {
  const styles = useStyles();
  const frame = usePageStyles();
  const { t } = useLanguage();
  const { api } = useSession();
  const { draft } = useDraft();
  const notify = useNotify();
  const { somebody, preview, counting, error, retry } = usePreview();
  const [removedToo, setRemovedToo] = useState(false);
  const [asking, setAsking] = useState(false);
  const n = preview ? preview.missing + (removedToo ? preview.removed : 0) : 0;
  const why = hindered
    ? t("install.why.obstacle")
    : !somebody
      ? t("install.why.nobody")
      : preview && !counting && n === 0
        ? t("install.why.everybody")
        : null;
  const minutes = Math.ceil(n / perMinute);
  return (
    <section className={frame.panel} style={{ overflow: "visible" }} aria-label={t("install.for")}>
      <div className={styles.box}>
        <AudienceFields title={t("install.for")} everybody={t("install.all.text")} />
        <div className={styles.line} role="status">
          {!somebody ? (
            <Text className={styles.quiet}>{t("install.none")}</Text>
          ) : counting || !preview ? (
            !error && <Spinner size="tiny" style={{ alignSelf: "flex-start" }} label={t("install.counting")} />
          ) : (
            <>
              <Body1Strong>{sentence(preview, t)}</Body1Strong>
              {n > 0 && (
                <Caption1 className={styles.quiet}>
                  {minutes > 1 ? t("install.preview.time", { n: minutes }) : t("install.preview.soon")}
                </Caption1>
              )}
            </>
          )}
        </div>
        {error && !counting && (
          <MessageBar intent="error">
            <MessageBarBody>
              {t("install.count.failed")}. {explain(error, t)}
            </MessageBarBody>
            <MessageBarActions>
              <Button onClick={retry}>{t("app.retry")}</Button>
            </MessageBarActions>
          </MessageBar>
        )}
        {preview && preview.removed > 0 && (
          <Field hint={t("install.removedToo.hint")}>
            <Checkbox
              checked={removedToo}
              label={t("install.removedToo", { n: preview.removed })}
              onChange={(_, data) => {
                setRemovedToo(data.checked === true);
              }}
            />
          </Field>
        )}
        <div>
          <Why reason={why}>
            <Button
              appearance="primary"
              icon={<AppsAddInRegular />}
              disabledFocusable={why !== null || counting || !preview}
              onClick={() => {
                setAsking(true);
              }}
            >
              {n > 0 ? t("install.start", { n }) : t("install.start.plain")}
            </Button>
          </Why>
        </div>
        {asking && (
          <ConfirmDialog
            title={t("install.confirm", { n })}
            confirm={t("install.confirm.do")}
            onConfirm={async () => {
              const started = await startInstallation(api, inputOf(draft.get().fields).audience, removedToo);
              return () => {
                notify("success", t("install.started"));
                onStarted(started.id);
              };
            }}
            onClose={() => {
              setAsking(false);
            }}
          >
            <Text>{t("install.confirm.text")}</Text>
          </ConfirmDialog>
        )}
      </div>
    </section>
  );
}
