import type { Entry } from "../entry";

/** The frame of the pages that only an Admin sees. */
export const admin = {
  "admin.tabs": "Parts of administration",
  "admin.tab.health": "Health",
  "admin.tab.install": "Install app",
  "admin.tab.audit": "Audit log",
  "admin.tab.people": "People",
  "admin.forbidden.title": "Only an Admin can open this page",
  "admin.forbidden.text":
    "Your Microsoft Entra administrator can give you the role Admin in the Microsoft Entra admin center: Enterprise applications, Herald, Users and groups.",
  "admin.health.refresh": "Check again",
  "admin.health.package": "Download app package",
  "admin.health.package.name": "Herald app package",
  "admin.health.failed": "Herald’s health could not be checked",
  "admin.health.stale": "The last check failed. This is what was found at {time}.",
  "admin.health.empty": "Nothing was checked",
  "admin.health.empty.text": "Check again in a moment.",
  "admin.health.at": "Checked at {time}, and again every minute",
  "admin.health.checking": "Checking",
  "admin.health.all.ok": "Everything is well",
  "admin.health.all.warning": { one: "{n} thing to look at", other: "{n} things to look at" },
  "admin.health.all.problem": { one: "{n} problem to mend", other: "{n} problems to mend" },
  "admin.health.state.ok": "Well",
  "admin.health.state.warning": "Look at it",
  "admin.health.state.problem": "Problem",
  "admin.health.do": "What to do:",
} as const satisfies Record<string, Entry>;
