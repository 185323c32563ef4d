/**
 * The measures of Teams' frame that Fluent has no token for. Everything else is tokens.
 * Below `narrow` the page shows the tab or the chats, not both.
 */
export const layout = {
  railWidth: "68px",
  titleHeight: "48px",
  columnMin: "264px",
  /** Chats take this much each, but never more than chatShare of the page together. */
  columnIdeal: "360px",
  chatShare: "67%",
  oneColumn: "380px",
  tabMin: "320px",
  wireHeight: "148px",
  jsonHeight: "240px",
  composeHeight: "32px",
} as const;

export const narrow = "@media (max-width: 767px)";
export const wide = "@media (min-width: 768px)";
export const narrowQuery = "(max-width: 767px)";
