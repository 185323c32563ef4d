import type { Entry } from "../entry";

/** People's wishes about their data, and what a restored backup means. */
export const privacy = {
  "aud.mandatory": "Mandatory: also for people who have opted out",
  "aud.mandatory.hint":
    "People can write “stop” to the bot; then they get only mandatory campaigns. Keep this for what everybody must know.",
  "aud.summary.optedOut": { one: "{n} has opted out", other: "{n} have opted out" },
  "reason.opted_out": "They have opted out",
  "reason.opted_out.do":
    "They get only mandatory campaigns. They can write “start” to the bot to get everything again.",
  "reason.removed": "They were removed from Herald first",
  "reason.removed.do": "There is nothing to do.",
  "reason.restored": "Herald was restored from a backup meanwhile",
  "reason.restored.do": "They may have it already. Ask some of them before you send it again.",
  "report.removed": "Removed person",
  "report.peopleRemoved": {
    one: "Names and addresses were removed {n} day after the campaign had ended. All numbers stay.",
    other: "Names and addresses were removed {n} days after the campaign had ended. All numbers stay.",
  },
  "report.restored":
    "Herald was restored from a backup in which this campaign was not over, so it is stopped here. It may have been sent to its end all the same: ask some of the recipients before you send it again.",
  "restored.title": {
    one: "Herald was restored from a backup on {time}. {n} campaign that was scheduled or being sent is stopped.",
    other: "Herald was restored from a backup on {time}. {n} campaigns that were scheduled or being sent are stopped.",
  },
  "restored.text":
    "What was sent after the backup is not known here; drafts may have been sent too. Check with recipients before you send something again.",
  "restored.dismiss": "Do not show this again",
  "privacy.search": "Name, address or object id",
  "privacy.start": "Search for a person to see what Herald keeps of them.",
  "privacy.none": "Herald knows nobody like “{q}”.",
  "privacy.failed": "The people could not be loaded",
  "privacy.people": "People found",
  "privacy.person.failed": "The person could not be loaded",
  "privacy.back": "Other people",
  "privacy.nameless": "Person without a name",
  "privacy.state.installed": "Has the app",
  "privacy.state.uninstalled": "Removed the app",
  "privacy.state.blocked": "Blocked the bot",
  "privacy.state.none": "Never had the app",
  "privacy.optedOut": "Opted out",
  "privacy.left": "Left the organisation",
  "privacy.known": "What Herald keeps",
  "privacy.id": "Object id",
  "privacy.deliveries": "Messages of campaigns",
  "privacy.lists": "Lines in lists",
  "privacy.authored": "Made or last changed by this person",
  "privacy.typed": "Campaigns in which an author typed the address",
  "privacy.installs": "Installations of the app by an administrator",
  "privacy.noted": "Notes in the audit log, the role, and questions about approvals",
  "privacy.export": "Download all data",
  "privacy.forget": "Forget this person",
  "privacy.forget.title": "Forget {name}?",
  "privacy.forget.text":
    "Their name, addresses, chat and answers are removed from Herald, from lists and from every report, and cannot be brought back. Reports keep their numbers. What they made stays as a former colleague’s. Texts that name them are not changed.",
  "privacy.forget.back":
    "The directory does not bring them back. They come back by themselves when they install the app again or write “start” to the bot.",
  "privacy.forget.type": "Type {name} to confirm",
  "privacy.forget.do": "Forget",
  "privacy.forgot": "{name} is forgotten.",
  "privacy.settings": "How long data are kept",
  "privacy.keep.ever": "Recipients of campaigns are kept for ever.",
  "privacy.keep.days": {
    one: "Names, addresses and answers of recipients are removed {n} day after a campaign has ended.",
    other: "Names, addresses and answers of recipients are removed {n} days after a campaign has ended.",
  },
  "privacy.keep.how": "Whoever runs Herald sets this with HERALD_RETENTION_DAYS.",
  "privacy.forgotten": { one: "{n} person was forgotten.", other: "{n} people were forgotten." },
  "error.on_the_wire": "A message to this person is on its way right now. Try again in a moment.",
  "error.being_planned": "A campaign that names this person is starting. Try again in a moment.",
  "error.unknown_person": "Herald knows nothing of this person any more.",
} as const satisfies Record<string, Entry>;
