import { tokens } from "@fluentui/react-components";
import { HostConfig } from "adaptivecards";

/**
 * Teams' host configuration: measures, fonts and action limits are those that Microsoft publishes for Teams.
 * The colours are the Teams themes' own tokens. They are CSS variables, so one card follows light, dark and
 * contrast without being drawn again, and nobody loses what they had typed into it.
 */
const colour = (normal: string, subtle: string) => ({ default: normal, subtle });

// Attention is the palette's red: the status red of the dark theme is too dim on a card (4.2 : 1).
const foregroundColors = {
  default: colour(tokens.colorNeutralForeground1, tokens.colorNeutralForeground2),
  dark: colour(tokens.colorNeutralForeground1, tokens.colorNeutralForeground2),
  light: colour(tokens.colorNeutralForeground2, tokens.colorNeutralForeground3),
  accent: colour(tokens.colorBrandForeground1, tokens.colorBrandForeground2),
  good: colour(tokens.colorStatusSuccessForeground1, tokens.colorStatusSuccessForeground1),
  warning: colour(tokens.colorStatusWarningForeground1, tokens.colorStatusWarningForeground1),
  attention: colour(tokens.colorPaletteRedForeground1, tokens.colorPaletteRedForeground1),
};

const container = (backgroundColor: string, borderColor: string) => ({
  backgroundColor,
  borderColor,
  foregroundColors,
});

const fontSizes = { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 };
const fontWeights = { lighter: 200, default: 400, bolder: 600 };

export const teamsHostConfig = new HostConfig({
  choiceSetInputValueSeparator: ",",
  supportsInteractivity: true,
  spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
  separator: { lineThickness: 1, lineColor: tokens.colorNeutralStroke2 },
  imageSizes: { small: 32, medium: 52, large: 100 },
  fontTypes: {
    default: { fontFamily: tokens.fontFamilyBase, fontSizes, fontWeights },
    monospace: { fontFamily: tokens.fontFamilyMonospace, fontSizes, fontWeights },
  },
  textStyles: {
    heading: { fontType: "default", size: "large", weight: "bolder", color: "default", isSubtle: false },
  },
  // Chats are heading 2; a card's headings come below it.
  textBlock: { headingLevel: 3 },
  containerStyles: {
    default: container(tokens.colorNeutralBackground1, tokens.colorNeutralStroke1),
    emphasis: container(tokens.colorNeutralBackground2, tokens.colorNeutralStroke1),
    accent: container(tokens.colorBrandBackground2, tokens.colorBrandStroke2),
    good: container(tokens.colorStatusSuccessBackground1, tokens.colorStatusSuccessBorder1),
    warning: container(tokens.colorStatusWarningBackground1, tokens.colorStatusWarningBorder1),
    attention: container(tokens.colorStatusDangerBackground1, tokens.colorStatusDangerBorder1),
  },
  actions: {
    maxActions: 6,
    spacing: "default",
    buttonSpacing: 8,
    showCard: { actionMode: "inline", inlineTopMargin: 16, style: "emphasis" },
    preExpandSingleShowCardAction: false,
    actionsOrientation: "horizontal",
    actionAlignment: "left",
  },
  adaptiveCard: { allowCustomStyle: false },
  imageSet: { imageSize: "medium", maxImageHeight: 100 },
  factSet: {
    title: { size: "default", color: "default", isSubtle: false, weight: "bolder", wrap: true },
    value: { size: "default", color: "default", isSubtle: false, weight: "default", wrap: true },
    spacing: 16,
  },
});
