import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import {
  CalendarLtrRegular,
  CheckboxCheckedRegular,
  NumberSymbolRegular,
  RadioButtonRegular,
  StarRegular,
  TextAlignLeftRegular,
  TextFieldRegular,
  ThumbLikeDislikeRegular,
  TopSpeedRegular,
} from "@fluentui/react-icons";
import type { QuestionType } from "../../api/surveyTypes";

const pictures: Record<QuestionType, React.JSX.Element> = {
  choice: <RadioButtonRegular />,
  multichoice: <CheckboxCheckedRegular />,
  yesno: <ThumbLikeDislikeRegular />,
  rating: <StarRegular />,
  nps: <TopSpeedRegular />,
  number: <NumberSymbolRegular />,
  date: <CalendarLtrRegular />,
  text: <TextFieldRegular />,
  longtext: <TextAlignLeftRegular />,
};

const useStyles = makeStyles({
  picture: {
    display: "inline-flex",
    alignItems: "center",
    justifyContent: "center",
    flexShrink: 0,
    width: tokens.lineHeightHero700,
    height: tokens.lineHeightHero700,
    borderRadius: tokens.borderRadiusMedium,
    fontSize: tokens.fontSizeBase500,
    color: tokens.colorBrandForeground2,
    backgroundColor: tokens.colorBrandBackground2,
  },
  small: {
    width: tokens.lineHeightBase500,
    height: tokens.lineHeightBase500,
    fontSize: tokens.fontSizeBase400,
  },
});

/** What kind of answer a question takes, at a glance. */
export function TypePicture({ type, small = false }: { type: QuestionType; small?: boolean }) {
  const styles = useStyles();
  return (
    <span className={mergeClasses(styles.picture, small && styles.small)} aria-hidden>
      {pictures[type]}
    </span>
  );
}
