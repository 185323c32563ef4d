import type { Activity, ChatEntry } from "../api/types";
import { plainText } from "./markdown";

/** The line that Teams shows in a notification: the summary, else the words, else "sent a card". */
export function notificationText(activity: Activity, sentCard: string): string {
  if (activity.summary !== undefined && activity.summary.trim() !== "") return activity.summary;
  const words = plainText(activity.text ?? "", activity.textFormat);
  return words === "" ? sentCard : words;
}

/** The notification where it says something that the message itself does not: a summary, or "sent a card". */
export function ownNotification(activity: Activity, sentCard: string): string | null {
  const notification = notificationText(activity, sentCard);
  return notification === plainText(activity.text ?? "", activity.textFormat) ? null : notification;
}

/** Whether the message alerts the person (channelData.notification.alert, or importance high). */
export function alerts(activity: Activity): boolean {
  return activity.channelData?.notification?.alert === true || activity.importance === "high";
}

/** Whether there is anything to see: presses of buttons and typing are traffic, not messages. */
export function isVisible(entry: ChatEntry): boolean {
  if (entry.deleted) return true;
  const { type, text, attachments } = entry.activity;
  if (type !== undefined && type !== "message") return false;
  return (text ?? "") !== "" || (attachments ?? []).length > 0;
}

/** When it was written. Activity ids are milliseconds since 1970 in Teams' form. */
export function writtenAt(entry: ChatEntry): Date | null {
  const at = entry.activity.timestamp === undefined ? Number(entry.id) : Date.parse(entry.activity.timestamp);
  return Number.isFinite(at) && at > 0 ? new Date(at) : null;
}
