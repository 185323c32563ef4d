import { Field, MessageBar, MessageBarBody, makeStyles, Select } from "@fluentui/react-components";
import type { SurveyView } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { explain } from "../../ui/errors";
import { PreviewFrame } from "../editor/PreviewPanel";
import { useSurveyDraft, useSurveyPreview } from "./useSurveyDraft";

const useStyles = makeStyles({ card: { gridTemplateColumns: "auto minmax(0, 1fr)" }, select: { minWidth: 0 } });

export interface Shown {
  view: SurveyView;
  /** A question's id; "" is how the survey begins. */
  at: string;
}

interface Props {
  shown: Shown;
  onShow: (shown: Shown) => void;
}

/** The survey as people will meet it: any of its cards, live. */
export function SurveyPreview({ shown, onShow }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  const { fields } = useSurveyDraft();
  const { questions } = fields;
  const there = shown.view === "ask" && questions.some(({ id }) => id === shown.at);
  const at = there ? shown.at : "";
  const preview = useSurveyPreview(shown.view, at);
  const wrong = preview.error?.status === 422;
  return (
    <PreviewFrame
      activity={preview.shown?.activity ?? null}
      placeholder={t("builder.preview.empty")}
      choice={
        <Field className={styles.card} label={t("builder.preview.card")} orientation="horizontal">
          <Select
            className={styles.select}
            select={{ className: styles.select }}
            value={shown.view === "ask" ? `ask ${at}` : shown.view}
            onChange={(_, { value }) => {
              const [view = "ask", id = ""] = value.split(" ");
              onShow({ view: view as SurveyView, at: id });
            }}
          >
            <option value="ask ">{t("builder.preview.start")}</option>
            {questions.map((each, index) => (
              <option key={each.id} value={`ask ${each.id}`}>
                {`${String(index + 1)}. ${each.text.trim() || t("builder.untitled")}`}
              </option>
            ))}
            <option value="thanks">{t("builder.preview.thanks")}</option>
            <option value="closed">{t("builder.preview.closed")}</option>
          </Select>
        </Field>
      }
    >
      <div role="status">
        {preview.error && (
          <MessageBar intent={wrong ? "warning" : "error"}>
            <MessageBarBody>
              {wrong
                ? t(preview.shown ? "preview.stale" : "preview.stale.none")
                : `${t("preview.failed")}. ${explain(preview.error, t)}`}
            </MessageBarBody>
          </MessageBar>
        )}
      </div>
    </PreviewFrame>
  );
}
