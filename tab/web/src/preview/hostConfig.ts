import { tokens } from "@fluentui/react-components";
import { HostConfig } from "adaptivecards";

/**
 * Teams' way of drawing Adaptive Cards. Sizes and spacings are those of Teams' published host configuration; colours
 * are Fluent's tokens, so that one configuration follows light, dark and high contrast.
 */
const colour = (strong: string, subtle = strong) => ({ default: strong, subtle });

const foregroundColors = {
  default: colour(tokens.colorNeutralForeground1, tokens.colorNeutralForeground3),
  dark: colour(tokens.colorNeutralForegroundStaticInverted),
  light: colour(tokens.colorNeutralForegroundStaticInverted),
  accent: colour(tokens.colorBrandForeground1),
  good: colour(tokens.colorStatusSuccessForeground1),
  warning: colour(tokens.colorStatusWarningForeground3),
  attention: colour(tokens.colorStatusDangerForeground1),
};

const style = (backgroundColor: string, borderColor: string) => ({ backgroundColor, borderColor, foregroundColors });

const font = (fontFamily: string) => ({
  fontFamily,
  fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
  fontWeights: { lighter: 200, default: 400, bolder: 600 },
});

export function teamsHostConfig(): HostConfig {
  return new HostConfig({
    supportsInteractivity: true,
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: tokens.colorNeutralStroke2 },
    fontTypes: { default: font(tokens.fontFamilyBase), monospace: font(tokens.fontFamilyMonospace) },
    textBlock: { headingLevel: 3 },
    imageSizes: { small: 32, medium: 52, large: 100 },
    containerStyles: {
      default: style(tokens.colorNeutralBackground1, tokens.colorNeutralStroke2),
      emphasis: style(tokens.colorNeutralBackground3, tokens.colorNeutralStroke2),
      accent: style(tokens.colorBrandBackground2, tokens.colorBrandStroke2),
      good: style(tokens.colorStatusSuccessBackground1, tokens.colorStatusSuccessBorder1),
      warning: style(tokens.colorStatusWarningBackground1, tokens.colorStatusWarningBorder1),
      attention: style(tokens.colorStatusDangerBackground1, tokens.colorStatusDangerBorder1),
    },
    actions: {
      maxActions: 6,
      spacing: "Default",
      buttonSpacing: 8,
      showCard: { actionMode: "Inline", inlineTopMargin: 16, style: "emphasis" },
      preExpandSingleShowCardAction: false,
      actionsOrientation: "Horizontal",
      actionAlignment: "Left",
    },
    adaptiveCard: { allowCustomStyle: false },
    imageSet: { imageSize: "Medium", maxImageHeight: 100 },
    factSet: {
      title: { size: "Default", color: "Default", isSubtle: false, weight: "Bolder", wrap: true },
      value: { size: "Default", color: "Default", isSubtle: false, weight: "Default", wrap: true },
      spacing: 16,
    },
  });
}
