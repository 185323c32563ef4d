import {
  Body1,
  Button,
  Link,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Subtitle1,
  Subtitle2,
  Text,
  tokens,
} from "@fluentui/react-components";
import { EditRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import type { Problem } from "../../api/types";
import { useLanguage } from "../../i18n/Language";
import { FormatIcon } from "../../ui/campaign";
import { explainProblem } from "../../ui/errors";
import { useNow } from "../../ui/Session";
import { plannedMoment } from "../../words/moments";
import { AudienceSummary } from "./AudienceSummary";
import { inputOf, type Step, stepOf } from "./fields";
import { InstallHint } from "./InstallHint";
import { useListsById } from "./ListPicker";
import { SendBox } from "./SendBox";
import { useGoTo } from "./Steps";
import { SurveyName } from "./SurveyName";
import { TryBox } from "./TryBox";
import { useCampaignName } from "./useCampaignName";
import { useDraft } from "./useDraft";
import { useProblems } from "./useProblems";
import { WindowSummary } from "./window/WindowSummary";

const useStyles = makeStyles({
  part: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  head: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
  name: { overflowWrap: "anywhere" },
  format: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS },
  excerpt: {
    color: tokens.colorNeutralForeground2,
    display: "-webkit-box",
    WebkitLineClamp: 3,
    WebkitBoxOrient: "vertical",
    overflow: "hidden",
    whiteSpace: "pre-line",
    overflowWrap: "anywhere",
  },
  problems: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  rule: {
    borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    paddingTop: tokens.spacingVerticalXL,
  },
});

interface Props {
  onStep: (step: Step) => void;
  /** The preview, where it does not stand beside the steps. */
  preview: ReactNode;
}

/** Everything on one page: what is missing, what goes out, to whom, when; then try it, then send it. */
export function ReviewStep({ onStep, preview }: Props) {
  const styles = useStyles();
  const { t, locale } = useLanguage();
  const { fields } = useDraft();
  const now = useNow();
  const problems = useProblems();
  const goTo = useGoTo();
  const { at = null } = inputOf(fields).timing;
  return (
    <>
      <Subtitle1 as="h2">{t("review.title")}</Subtitle1>
      {problems.length > 0 ? (
        <Problems problems={problems} />
      ) : (
        <MessageBar intent="success">
          <MessageBarBody>{t("review.ready")}</MessageBarBody>
        </MessageBar>
      )}
      <Part
        title={t("editor.name")}
        onEdit={() => {
          goTo("/name");
        }}
      >
        <Text className={styles.name}>{fields.name.trim() || t("name.required")}</Text>
      </Part>
      <Part
        title={t("review.message")}
        onEdit={() => {
          onStep("message");
        }}
      >
        <span className={styles.format}>
          <FormatIcon format={fields.format} />
          <Text weight="semibold">{t(`format.${fields.format}`)}</Text>
        </span>
        {fields.format === "survey" && <SurveyName id={fields.surveyId} />}
        {preview ?? (
          <Body1 className={styles.excerpt}>
            {excerpt(fields.title, fields.format === "survey" ? "" : fields.text, fields.format === "card")}
          </Body1>
        )}
      </Part>
      <Part
        title={t("review.audience")}
        onEdit={() => {
          onStep("audience");
        }}
      >
        <Chosen />
        <AudienceSummary
          nobody={
            <Text>
              {t("review.nobody")}{" "}
              <Link
                as="button"
                inline
                onClick={() => {
                  onStep("audience");
                }}
              >
                {t("review.nobody.do")}
              </Link>
            </Text>
          }
        />
        <InstallHint />
      </Part>
      <Part
        title={t("editor.step.time")}
        onEdit={() => {
          onStep("time");
        }}
      >
        {fields.when === "window" ? (
          <WindowSummary />
        ) : (
          <Text>{at === null ? t("review.time.now") : sentence(plannedMoment(Date.parse(at), now, locale, t))}</Text>
        )}
      </Part>
      <div className={styles.rule}>
        <TryBox />
      </div>
      <div className={styles.rule}>
        <SendBox />
      </div>
    </>
  );
}

/** Which lists, by name. */
function Chosen() {
  const { t } = useLanguage();
  const { fields } = useDraft();
  const included = useListsById(fields.all ? [] : fields.listIds).flatMap((each) => each.data?.name ?? []);
  const excluded = useListsById(fields.excludeListIds).flatMap((each) => each.data?.name ?? []);
  const root = useCampaignName(fields.unanswered);
  if (fields.unanswered !== null) return <Text>{t("aud.unanswered", { name: root ?? t("aud.unanswered.gone") })}</Text>;
  return (
    <>
      {fields.all && <Text>{t("audience.all")}</Text>}
      {included.length > 0 && (
        <Text>
          {t("lists.title")}: {included.join(", ")}
        </Text>
      )}
      {excluded.length > 0 && (
        <Text>
          {t("aud.except")}: {excluded.join(", ")}
        </Text>
      )}
    </>
  );
}

/** Enough of the text to recognise it; the preview beside it shows how it looks. */
function plainText(markdown: string): string {
  return markdown
    .replace(/\n{2,}/g, "\n")
    .replace(/^- /gm, "• ")
    .replace(/\[((?:\\.|[^\]\\])*)\]\(https?:[^)]*\)/g, "$1")
    .replace(/(?<!\\)\*+/g, "")
    .replace(/\\([^\n])/g, "$1");
}

function excerpt(title: string, text: string, card: boolean): string {
  return [card ? title : "", plainText(text)].filter(Boolean).join("\n");
}

/** French days begin small, sentences do not. */
function sentence(words: string): string {
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

interface PartProps {
  title: string;
  onEdit: () => void;
  children: ReactNode;
}

function Part({ title, onEdit, children }: PartProps) {
  const styles = useStyles();
  const { t } = useLanguage();
  return (
    <section className={styles.part}>
      <div className={styles.head}>
        <Subtitle2 as="h3">{title}</Subtitle2>
        <Button
          appearance="subtle"
          size="small"
          icon={<EditRegular />}
          aria-label={t("review.edit", { part: title })}
          onClick={onEdit}
        >
          {t("home.menu.edit")}
        </Button>
      </div>
      {children}
    </section>
  );
}

function Problems({ problems }: { problems: Problem[] }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const goTo = useGoTo();
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t("review.problems", { n: problems.length })}</MessageBarTitle>
        <ul className={styles.problems}>
          {problems.map((each) => {
            const place = each.field === "/name" ? t("editor.name") : t(`editor.step.${stepOf(each.field)}`);
            return (
              <li key={`${each.field} ${each.code} ${each.value ?? ""}`}>
                {explainProblem(each, t)}{" "}
                <Link
                  as="button"
                  inline
                  onClick={() => {
                    goTo(each.field);
                  }}
                >
                  {t("review.goto", { step: place })}
                </Link>
              </li>
            );
          })}
        </ul>
      </MessageBarBody>
    </MessageBar>
  );
}
