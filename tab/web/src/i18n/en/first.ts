import type { Entry } from "../entry";

/** The frame, the first page, and every error that may be met there: part of the first load. */
export const first = {
  // The frame
  "app.loading": "Loading Herald",
  "app.retry": "Try again",
  "app.outside.title": "Open Herald in Teams",
  "app.outside.text":
    "Herald lives inside Microsoft Teams, which tells it who you are. Open Teams and choose Herald in the app bar.",
  "app.silent.title": "Teams does not answer",
  "app.silent.text":
    "Herald asked Teams who you are and got no answer. Try again, or close this tab in Teams and open it once more.",
  "app.consent.title": "Herald needs your permission",
  "app.consent.text":
    "Herald asks Teams who you are, so that only people with a role open campaigns. Teams shows you what that means, and you allow it once.",
  "app.consent.do": "Allow in Teams",
  "app.admin.title": "An administrator has to allow Herald",
  "app.admin.text":
    "Your organisation does not let you allow it yourself. A Teams administrator can do it once for everybody in the Teams admin center, under Manage apps, Herald, Permissions. Then try again.",
  "app.expired.title": "Sign in again",
  "app.expired.text":
    "Your sign-in has run out, and Teams could not renew it by itself. What you had open is kept while you sign in.",
  "app.expired.do": "Sign in again",
  "app.lost": "Herald cannot be reached. What you see may be old. The page keeps trying by itself.",
  "app.lost.do": "Try now",
  "app.lost.back": "Herald is back.",
  "app.token.title": "Teams could not sign you in",
  "app.token.text":
    "Herald asked Teams to sign you in, and that failed. Try again; if it goes on, show this to your administrator: {detail}",
  "app.down.title": "Herald cannot be reached",
  "app.down.text":
    "The page is here, but Herald does not answer. Check your connection, then try again. Nothing you saved is lost.",
  "app.broken.title": "This page stopped working",
  "app.broken.text": "Something in the page itself went wrong. What you saved is safe. Load it again to go on.",
  "app.reload": "Load again",
  "app.close": "Close",
  "app.cancel": "Cancel",
  "app.back": "All campaigns",
  "app.more": "Show more",
  "app.readonly": "Your role lets you read campaigns, but not change them.",
  "app.nosend": "Your role lets you write campaigns, but not send them.",

  // The way between the first pages
  "place.campaigns": "Campaigns",
  "place.lists": "Lists",
  "place.surveys": "Surveys",
  "place.admin": "Administration",

  // Formats and states
  "format.idea": "Idea",
  "format.success": "Success",
  "format.important": "Important",
  "format.card": "Adaptive card",
  "format.message": "Message",
  "format.survey": "Survey",
  "status.draft": "Draft",
  "status.waiting": "Waiting",
  "home.when.waiting": "Waits for approval",
  "status.scheduled": "Scheduled",
  "status.sending": "Sending",
  "status.completed": "Completed",
  "status.stopped": "Stopped",
  "status.failed": "Failed",

  // Home
  "home.title": "Campaigns",
  "home.new": "New campaign",
  "home.tabs": "Campaigns by state",
  "home.tab.drafts": "Drafts",
  "home.tab.scheduled": "Scheduled",
  "home.tab.sending": "Sending",
  "home.tab.completed": "Completed",
  "home.search": "Search by name",
  "home.col.name": "Name",
  "home.col.audience": "Audience",
  "home.col.when": "When",
  "home.col.by": "By",
  "home.col.status": "Status",
  "home.col.actions": "Actions",
  "home.empty.drafts":
    "No drafts. A campaign starts here: write a message, choose who gets it, try it on yourself, send it.",
  "home.empty.scheduled": "Nothing is waiting. A campaign appears here when you choose “Send later” in its review.",
  "home.empty.sending": "Nothing is being sent at the moment. While a campaign goes out, you can watch it here.",
  "home.empty.completed": "No finished campaigns yet. When a campaign is done, its report is kept here.",
  "home.empty.search": "No campaign here has “{q}” in its name.",
  "home.empty.filter": "No campaign here fits the search and the filters.",
  "home.empty.clear": "Clear the search",
  "home.empty.clearall": "Clear filters",
  "home.none": "No campaigns found",
  "home.failed": "The campaigns could not be loaded",
  "home.shown": { one: "{n} campaign shown", other: "{n} campaigns shown" },
  "home.shown.of": "{shown} of {total} campaigns shown",
  "home.menu": "More actions for {name}",
  "home.when.edited": "Edited {when}",
  "home.when.sends": "Sends {when}",
  "home.when.started": "Started {when}",
  "home.when.sent": "Sent {when}",
  "home.when.stopped": "Stopped {when}",
  "home.when.failed": "Ended {when}",
  "home.progress": "{done} of {total}",
  "home.preparing": "Getting ready",

  // Audience in words
  "audience.all": "All users",
  "audience.none": "Nobody yet",
  "audience.addresses": { one: "{n} address", other: "{n} addresses" },
  "audience.more": { one: "{n} more list", other: "{n} more lists" },
  "audience.deleted": { one: "a deleted list", other: "{n} deleted lists" },
  "audience.but": "{people} except {lists}",

  // What went wrong
  "error.network": "Herald cannot be reached. Check your connection and try again.",
  "error.unauthorized": "Your sign-in has expired and could not be renewed. Open Herald again.",
  "error.forbidden": "Your role does not allow this.",
  "error.no_role": "Your role does not open Herald. Ask for the role Author or Admin.",
  "error.not_found": "It does not exist any more. Somebody may have deleted it.",
  "error.too_many_requests": "Too many requests at once. Wait a moment and try again.",
  "error.server_error": "Herald had a problem. Try again in a moment.",
  "error.unexpected": "Something unexpected happened. Try again.",
  "error.token": "Teams could not sign you in again. Open Herald again.",
  "error.reference": "Reference for support: {id}",

  // Moments
  "when.in": "in {time}",
  "when.ago": "{time} ago",
  "when.justnow": "just now",
  "when.now": "now",
  "when.today": "today, {time}",
  "when.tomorrow": "tomorrow, {time}",
  "when.yesterday": "yesterday, {time}",
  "when.moment": "{date}, {time} ({zone}), {distance}",
  "author.former": "Former colleague",
} as const satisfies Record<string, Entry>;
