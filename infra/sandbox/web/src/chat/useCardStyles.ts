import { makeStyles, tokens } from "@fluentui/react-components";

const button = {
  fontFamily: tokens.fontFamilyBase,
  fontSize: tokens.fontSizeBase300,
  lineHeight: tokens.lineHeightBase300,
  fontWeight: tokens.fontWeightSemibold,
  padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
  borderRadius: tokens.borderRadiusMedium,
  border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
  backgroundColor: tokens.colorNeutralBackground1,
  color: tokens.colorNeutralForeground1,
  cursor: "pointer",
  maxWidth: "100%",
  overflow: "hidden",
  textOverflow: "ellipsis",
};

const focus = {
  outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}`,
  outlineOffset: tokens.strokeWidthThin,
};

const field = {
  fontFamily: tokens.fontFamilyBase,
  fontSize: tokens.fontSizeBase300,
  lineHeight: tokens.lineHeightBase300,
  padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalMNudge}`,
  backgroundColor: tokens.colorNeutralBackground1,
  color: tokens.colorNeutralForeground1,
  border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStrokeAccessible}`,
  borderRadius: tokens.borderRadiusMedium,
  boxSizing: "border-box" as const,
};

/** The container styles that a card needs in Teams; the renderer itself only names the classes. */
export const useCardStyles = makeStyles({
  card: {
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusMedium,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    overflow: "hidden",
    "& .ac-pushButton": button,
    "& .ac-pushButton:hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    "& .ac-pushButton:active": { backgroundColor: tokens.colorNeutralBackground1Pressed },
    "& .ac-pushButton:focus-visible": focus,
    "& .ac-pushButton.primary, & .ac-pushButton.style-positive, & .ac-pushButton.style-emphasis": {
      backgroundColor: tokens.colorBrandBackground,
      color: tokens.colorNeutralForegroundOnBrand,
      border: `${tokens.strokeWidthThin} solid ${tokens.colorTransparentStroke}`,
    },
    "& .ac-pushButton:disabled": {
      backgroundColor: tokens.colorNeutralBackgroundDisabled,
      color: tokens.colorNeutralForegroundDisabled,
      cursor: "not-allowed",
    },
    "& .ac-pushButton.expanded": { backgroundColor: tokens.colorNeutralBackground1Selected },
    "& a": { color: tokens.colorBrandForegroundLink },
    "& a:focus-visible": focus,
    // Buttons that do not fit go to the next line; the renderer would squeeze them until nobody can read them.
    "& .ac-actionSet > div": { flexWrap: "wrap", rowGap: tokens.spacingVerticalS },
    "& .ac-pushButton > div": { whiteSpace: "normal !important" },
    "& ::placeholder": { color: tokens.colorNeutralForeground4, opacity: 1 },
    "& .ac-textBlock p": { margin: 0 },
    "& .ac-textBlock p + p": { marginTop: tokens.spacingVerticalS },
    "& .ac-textBlock ul, & .ac-textBlock ol": { margin: 0, paddingLeft: tokens.spacingHorizontalXL },
    "& .ac-input label, & label": { color: tokens.colorNeutralForeground1 },
    "& .ac-input.ac-textInput, & .ac-input.ac-numberInput, & .ac-input.ac-dateInput, & .ac-input.ac-timeInput, & .ac-input.ac-multichoiceInput":
      field,
    "& .ac-input:focus-visible, & input:focus-visible, & select:focus-visible, & textarea:focus-visible":
      focus,
    "& .ac-input.ac-multiline": { minHeight: tokens.spacingVerticalXXXL, resize: "vertical" },
    "& input[type=radio], & input[type=checkbox]": { accentColor: tokens.colorCompoundBrandBackground },
    "& .ac-input.ac-input-validation-failed": {
      border: `${tokens.strokeWidthThin} solid ${tokens.colorStatusDangerBorder2}`,
    },
    "& .ac-image.ac-selectable, & .ac-selectable": { cursor: "pointer" },
    "& .ac-selectable:hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    "& .ac-selectable:focus-visible": focus,
  },
  busy: { opacity: 0.6 },
});
