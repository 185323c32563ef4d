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
import { AudienceSummary } from "./AudienceSummary";
import { type Step, stepOf } from "./fields";
import { useListsById } from "./ListPicker";
import { SendBox } from "./SendBox";
import { TryBox } from "./TryBox";
import { useDraft } from "./useDraft";

const useStyles = makeStyles({
  part: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  head: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
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

/** Everything on one page: what is missing, what goes out, to whom; then try it, then send it. */
export function ReviewStep({ onStep }: { onStep: (step: Step) => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields, campaign, refused } = useDraft();
  const problems = refused.length > 0 ? refused : (campaign.problems ?? []);
  return (
    <>
      <Subtitle1 as="h2">{t("review.title")}</Subtitle1>
      {problems.length > 0 ? (
        <Problems problems={problems} onStep={onStep} />
      ) : (
        <MessageBar intent="success">
          <MessageBarBody>{t("review.ready")}</MessageBarBody>
        </MessageBar>
      )}
      <Part title={t("review.message")} step="message" onStep={onStep}>
        <span className={styles.format}>
          <FormatIcon format={fields.format} />
          <Text weight="semibold">{t(`format.${fields.format}`)}</Text>
        </span>
        <Body1 className={styles.excerpt}>{excerpt(fields.title, fields.text, fields.format === "card")}</Body1>
      </Part>
      <Part title={t("review.audience")} step="audience" onStep={onStep}>
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
      </Part>
      <div className={styles.rule}>
        <TryBox />
      </div>
      <div className={styles.rule}>
        <SendBox ready={problems.length === 0} />
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

interface PartProps {
  title: string;
  step: Step;
  onStep: (step: Step) => void;
  children: ReactNode;
}

function Part({ title, step, onStep, children }: PartProps) {
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
          aria-label={t("review.goto", { step: title })}
          onClick={() => {
            onStep(step);
          }}
        >
          {t("home.menu.edit")}
        </Button>
      </div>
      {children}
    </section>
  );
}

function Problems({ problems, onStep }: { problems: Problem[]; onStep: (step: Step) => void }) {
  const styles = useStyles();
  const { t } = useLanguage();
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t("review.problems", { n: problems.length })}</MessageBarTitle>
        <ul className={styles.problems}>
          {problems.map((each) => {
            const step = stepOf(each.field);
            return (
              <li key={`${each.field}${each.code}`}>
                {explainProblem(each, t)}{" "}
                {each.field !== "/name" && (
                  <Link
                    as="button"
                    inline
                    onClick={() => {
                      onStep(step);
                    }}
                  >
                    {t("review.goto", { step: t(`editor.step.${step}`) })}
                  </Link>
                )}
              </li>
            );
          })}
        </ul>
      </MessageBarBody>
    </MessageBar>
  );
}
