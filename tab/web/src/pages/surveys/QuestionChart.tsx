import { Caption1, makeStyles, Text, tokens } from "@fluentui/react-components";
import type { QuestionResult, ResultFilter } from "../../api/surveyTypes";
import { useLanguage } from "../../i18n/Language";
import { answerWords } from "./answerWords";
import { Average, Bars, Histogram, NpsChart } from "./charts";
import { Texts } from "./Texts";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minWidth: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  surveyId: string;
  result: QuestionResult;
  filter: ResultFilter;
}

/** What the answers to one question add up to, drawn as fits its type. */
export function QuestionChart({ surveyId, result, filter }: Props) {
  const styles = useStyles();
  const { t } = useLanguage();
  if (result.suppressed) return <Text className={styles.quiet}>{t("results.suppressed")}</Text>;
  if (result.count === 0) return <Text className={styles.quiet}>{t("results.unanswered")}</Text>;
  return (
    <div className={styles.box}>
      <Caption1 className={styles.quiet}>{t("results.count", { n: result.count })}</Caption1>
      <Chart surveyId={surveyId} result={result} filter={filter} />
    </div>
  );
}

function Chart({ surveyId, result, filter }: Props) {
  const { t } = useLanguage();
  const { type, text, count, options = [], distribution = [], average, nps } = result;
  switch (type) {
    case "choice":
    case "multichoice":
    case "yesno":
      return (
        <Bars
          title={text}
          total={count}
          rows={options.map((each) => ({
            key: each.id,
            name: answerWords({ options }, each.id, t),
            count: each.count,
          }))}
        />
      );
    case "rating":
      return (
        <>
          {average !== undefined && <Average average={average} of={5} />}
          <Bars
            title={text}
            total={count}
            rows={distribution
              .map((each) => ({ key: each.from, name: t("chart.stars", { n: Number(each.from) }), count: each.count }))
              .reverse()}
          />
        </>
      );
    case "nps":
      return (
        <>
          {nps && <NpsChart title={t("chart.nps.of", { title: text })} nps={nps} />}
          <Histogram title={text} bins={distribution} type={type} />
        </>
      );
    case "number":
      return (
        <>
          {average !== undefined && <Average average={average} />}
          <Histogram title={text} bins={distribution} type={type} />
        </>
      );
    case "date":
      return <Histogram title={text} bins={distribution} type={type} />;
    case "text":
    case "longtext":
      return <Texts surveyId={surveyId} question={result} filter={filter} />;
  }
}
