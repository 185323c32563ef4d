import type { Entry } from "../entry";

/** A campaign that waits for a second person, and one that somebody else writes. */
export const approval = {
  "approval.waiting":
    "{who} asked on {when} to send this to {n} people. It cannot be changed until somebody else decides.",
  "approval.waiting.mine":
    "You asked on {when} to send this to {n} people. A Publisher decides; until then it cannot be changed.",
  "approval.grown":
    "Not sent: when it was about to start on {when}, its audience had grown to {n} people, too many for one person to decide. A Publisher decides; until then it cannot be changed.",
  "approval.grown.again":
    "Not sent: when it was about to start on {when}, its audience had grown to {n} people; it was approved for {before}. A Publisher decides again; until then it cannot be changed.",
  "approval.rejected": "{who} rejected this campaign. Change it and send it again.",
  "approval.rejected.comment": "{who} rejected this campaign: “{comment}”",
  "approval.sends.now": "It is sent as soon as it is approved.",
  "approval.sends": "Once approved, it is sent on {when}.",
  "approval.comment": "Comment for the author (optional)",
  "approval.approve": "Approve",
  "approval.reject": "Reject",
  "approval.approve.title": "Approve “{name}”?",
  "approval.reject.title": "Reject “{name}”?",
  "approval.approve.text": "{n} people will get it. The author hears of it in the chat.",
  "approval.reject.text": "It becomes a draft again. The author hears of it in the chat.",
  "approval.approved": "“{name}” is approved.",
  "approval.is.rejected": "“{name}” is rejected.",
  "approval.why.role": "Only a Publisher or an Admin can decide.",
  "approval.why.own": "You asked for it yourself; somebody else has to decide.",
  "approval.withdraw": "Withdraw and edit",
  "approval.withdraw.title": "Withdraw the request for approval?",
  "approval.withdraw.text": "“{name}” becomes a draft that you can change. To send it, ask for approval again.",
  "approval.withdraw.keep": "Leave it waiting",
  "approval.asked": "“{name}” waits for approval. You hear of the decision in your chat with Herald.",
  "approval.message": "The message",
  "approval.empty": "There is no message yet.",
} as const satisfies Record<string, Entry>;
