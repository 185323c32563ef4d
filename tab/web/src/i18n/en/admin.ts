import type { Entry } from "../entry";

/** The frame of the pages that only an Admin sees. */
export const admin = {
  "admin.tabs": "Parts of administration",
  "admin.tab.health": "Health",
  "admin.tab.audit": "Audit log",
  "admin.tab.people": "People",
  "admin.forbidden.title": "Only an Admin can open this page",
  "admin.forbidden.text":
    "Your Microsoft Entra administrator can give you the role Admin in the Microsoft Entra admin center: Enterprise applications, Herald, Users and groups.",
} as const satisfies Record<string, Entry>;
