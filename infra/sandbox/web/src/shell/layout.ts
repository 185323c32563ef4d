/**
 * The measures of Teams' frame that Fluent has no token for. Everything else is tokens.
 * Below `narrow` the page shows the tab or the chats, not both.
 */
export const layout = {
  railWidth: "68px",
  titleHeight: "48px",
  columnMin: "320px",
  columnIdeal: "380px",
  tabMin: "360px",
  wireHeight: "240px",
} as const;

export const narrow = "@media (max-width: 767px)";
export const wide = "@media (min-width: 768px)";
export const narrowQuery = "(max-width: 767px)";
