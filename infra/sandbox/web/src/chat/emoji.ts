import type { ReactionType } from "../api/types";

/** Teams' six reactions, drawn by the system's own emoji font. */
export const emoji: Record<ReactionType, string> = {
  like: "👍",
  heart: "❤️",
  laugh: "😆",
  surprised: "😮",
  sad: "😢",
  angry: "😠",
};
