package campaigns

import (
	"errors"
	"fmt"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/schedule"
)

// Status is where a campaign stands. The arrows are in ARCHITECTURE.md; each is one
// compare-and-set in SQL.
type Status string

const (
	Draft     Status = "draft"     // being written; the only state in which it can be changed
	Scheduled Status = "scheduled" // waits for SendAt
	Sending   Status = "sending"   // its audience is being resolved or its messages leave
	Completed Status = "completed" // every recipient has a final state
	Stopped   Status = "stopped"   // a person stopped it
	Failed    Status = "failed"    // there was nobody to send to
)

// Valid says whether s is one of the six states.
func (s Status) Valid() bool {
	switch s {
	case Draft, Scheduled, Sending, Completed, Stopped, Failed:
		return true
	}
	return false
}

// Started says whether the campaign has left the author's hands for good.
func (s Status) Started() bool { return s != Draft && s != Scheduled }

// Key names a campaign across the tables and the queue.
type Key struct {
	TenantID   string
	CampaignID string
}

// Author is who made a campaign, copied so that it outlives the account.
type Author struct {
	ID          string
	DisplayName string
}

// Timing is when an author means to send a draft: at a moment, or within a window. It is kept with the draft and decides nothing:
// what Send is asked for does, and only of a campaign that was sent with a window it holds the window from then on.
type Timing struct {
	At     *time.Time `json:"at,omitempty"` // nil: now, unless there is a window
	Window *Window    `json:"window,omitempty"`
}

// check finds what is wrong with it whenever the campaign would be sent.
func (t Timing) check(now time.Time) []message.Problem {
	switch {
	case t.Window == nil:
		return nil
	case t.At != nil:
		return []message.Problem{{Field: "/timing", Code: "ambiguous_timing", Message: "Choose either a moment or a window, not both."}}
	}
	return t.Window.malformed(now)
}

// problems finds why the campaign could not be sent at that time any more.
func (t Timing) problems(now time.Time) []message.Problem {
	if t.Window != nil {
		return t.Window.problems(now)
	}
	_, err := schedule.SendAt(now, t.At)
	switch {
	case errors.Is(err, schedule.ErrPast):
		return []message.Problem{{Field: "/timing/at", Code: "send_in_past", Message: "The planned moment has passed. Choose another one, or send now."}}
	case errors.Is(err, schedule.ErrCap):
		return []message.Problem{{Field: "/timing/at", Code: "send_later_cap", Message: capMessage(now)}}
	}
	return nil
}

// again is the timing of a copy: without what has passed.
func (t Timing) again(now time.Time) Timing {
	if t.At != nil && !t.At.After(now) {
		t.At = nil
	}
	if t.Window != nil {
		w := *t.Window
		for _, p := range w.problems(now) {
			if p.Code == "window_first_day_past" || p.Code == "window_over" {
				w.FirstDay = schedule.Day{}
			}
		}
		t.Window = &w
	}
	return t
}

func capMessage(now time.Time) string {
	return fmt.Sprintf("A campaign can be sent at most 6 days (144 hours) ahead, so until %s. Choose an earlier time.", now.Add(schedule.MaxDelay).UTC().Format("Monday 2 January 15:04 MST"))
}

// Campaign is one push to an audience. A draft may be incomplete; from Scheduled on
// it is complete and frozen.
type Campaign struct {
	TenantID string
	ID       string
	Name     string
	Format   message.Format
	Content  message.Content
	Audience Audience
	Timing   Timing
	// Mandatory campaigns go also to people who have opted out.
	Mandatory bool

	Status      Status
	SendAt      *time.Time // when it should start; set by send
	StartedAt   *time.Time
	CompletedAt *time.Time // also when it was stopped or failed
	CreatedAt   time.Time
	UpdatedAt   time.Time
	CreatedBy   Author
	UpdatedBy   Author    // who last wrote it; empty when that was before Herald noted it
	Version     int       // grows by one with every change
	Approval    *Approval // nil: nobody was asked

	Counts  Counts
	Planned bool // the whole audience has been written as deliveries, in a timed campaign with their moments
	// Replanned counts those who got another moment because Herald did not run at theirs; ReplannedAt is when that was last.
	Replanned   int
	ReplannedAt *time.Time

	PeopleRemovedAt *time.Time // when its recipients' names and addresses were removed, because of their age
	PeopleKeptDays  int        // how long they were to be kept then
	Restored        bool       // stopped because the database came out of a backup
}

// Key is the campaign's name in the queue.
func (c *Campaign) Key() Key { return Key{TenantID: c.TenantID, CampaignID: c.ID} }

// DeliveryStatus is where one recipient's message stands.
type DeliveryStatus string

const (
	DeliveryPending     DeliveryStatus = "pending"     // waits for its turn
	DeliverySending     DeliveryStatus = "sending"     // an attempt is on the wire
	DeliverySent        DeliveryStatus = "sent"        // Teams accepted it
	DeliveryFailed      DeliveryStatus = "failed"      // given up; Reason says why
	DeliverySkipped     DeliveryStatus = "skipped"     // could never be sent; Reason says why
	DeliveryRescheduled DeliveryStatus = "rescheduled" // an attempt failed for now; it is tried again
	DeliveryCancelled   DeliveryStatus = "cancelled"   // the campaign was stopped first
	DeliveryUnscheduled DeliveryStatus = "unscheduled" // of a timed campaign: given up before it could leave; Reason says why
)

// Valid says whether s is one of the eight states.
func (s DeliveryStatus) Valid() bool {
	switch s {
	case DeliveryPending, DeliverySending, DeliverySent, DeliveryFailed, DeliverySkipped, DeliveryRescheduled, DeliveryCancelled, DeliveryUnscheduled:
		return true
	}
	return false
}

// Final says whether nothing more happens to a delivery in this state.
func (s DeliveryStatus) Final() bool {
	switch s {
	case DeliverySent, DeliveryFailed, DeliverySkipped, DeliveryCancelled, DeliveryUnscheduled:
		return true
	}
	return false
}

// Reason is a stable word for why a delivery is where it is.
type Reason string

const (
	NotInstalled     Reason = "not_installed"     // the person does not have the app
	UserNotFound     Reason = "user_not_found"    // the tenant has no such person
	BlockedByUser    Reason = "blocked_by_user"   // the person blocked the bot
	DisabledByAdmin  Reason = "disabled_by_admin" // a Teams admin disabled the bot
	Throttled        Reason = "throttled"         // Teams asked to slow down
	MissingData      Reason = "missing_data"      // a variable has no value for this person
	TooLarge         Reason = "too_large"         // the message exceeds Teams' limit
	BotUnauthorized  Reason = "bot_unauthorized"  // Teams does not accept the bot's credentials
	BadRequest       Reason = "bad_request"       // Teams does not accept the message
	ServiceError     Reason = "service_error"     // Teams failed
	Unreachable      Reason = "unreachable"       // Teams could not be reached
	Unconfirmed      Reason = "unconfirmed"       // the connection broke before Teams answered: it may have arrived, and is not tried again
	ConversationGone Reason = "conversation_gone" // the chat is gone and could not be made again
	StoppedByAuthor  Reason = "stopped"           // the campaign was stopped first
	ClosedSurvey     Reason = "survey_closed"     // the survey was closed before its card left
	AnsweredBefore   Reason = "answered"          // a survey that the person had asked for later: they answered another card of it first
	OptedOut         Reason = "opted_out"         // the person wants only mandatory campaigns
	Removed          Reason = "removed"           // the person was removed from Herald first
	AfterRestore     Reason = "restored"          // it was open in a backup: nobody knows whether it was sent after that
	Absent           Reason = "absent"            // of a timed campaign: the person was not there at their moment
	UnknownPresence  Reason = "presence_unknown"  // nobody could say whether they were
	WindowOver       Reason = "window_over"       // nothing was left of the window for them
)

// Counts are the recipients of a campaign by state. They always add up to Total.
type Counts struct {
	Total       int `json:"total"`
	Pending     int `json:"pending"`
	Sending     int `json:"sending"`
	Sent        int `json:"sent"`
	Failed      int `json:"failed"`
	Skipped     int `json:"skipped"`
	Rescheduled int `json:"rescheduled"`
	Cancelled   int `json:"cancelled"`
	Unscheduled int `json:"unscheduled"`
}

// Add changes the count of one state by n, and leaves Total alone.
func (c *Counts) Add(s DeliveryStatus, n int) {
	switch s {
	case DeliveryPending:
		c.Pending += n
	case DeliverySending:
		c.Sending += n
	case DeliverySent:
		c.Sent += n
	case DeliveryFailed:
		c.Failed += n
	case DeliverySkipped:
		c.Skipped += n
	case DeliveryRescheduled:
		c.Rescheduled += n
	case DeliveryCancelled:
		c.Cancelled += n
	case DeliveryUnscheduled:
		c.Unscheduled += n
	}
}

// Of is the count of one state; of all when s is empty.
func (c Counts) Of(s DeliveryStatus) int {
	switch s {
	case "":
		return c.Total
	case DeliveryPending:
		return c.Pending
	case DeliverySending:
		return c.Sending
	case DeliverySent:
		return c.Sent
	case DeliveryFailed:
		return c.Failed
	case DeliverySkipped:
		return c.Skipped
	case DeliveryRescheduled:
		return c.Rescheduled
	case DeliveryCancelled:
		return c.Cancelled
	case DeliveryUnscheduled:
		return c.Unscheduled
	}
	return 0
}

// Open is how many recipients have no final state yet.
func (c Counts) Open() int { return c.Pending + c.Sending + c.Rescheduled }

// Recipient is one line of a report.
type Recipient struct {
	Seq           int64
	PersonID      string // empty when the tenant has no such person
	Email         string
	DisplayName   string
	Status        DeliveryStatus
	Reason        Reason
	Attempts      int
	Repeated      bool // an attempt was cut off and repeated: the person may have it twice
	NextAttemptAt *time.Time
	SentAt        *time.Time
	ReadAt        *time.Time
	Reaction      string
	Clicks        int        // on all links
	ClickedAt     *time.Time // the first
	AnsweredAt    *time.Time // a button of the author's card was pressed
	SnoozedUntil  *time.Time // they asked for it later, and it comes back then; nil: nothing waits
	Checks        []Check    // of a timed campaign: each look whether they are there, oldest first; else nil
}

// Found is what came of a look whether somebody is there.
type Found string

const (
	FoundPresent   Found = "present"
	FoundAbsent    Found = "absent"
	FoundUnknown   Found = "unknown"   // nobody could say
	FoundReplanned Found = "replanned" // Herald did not run at their moment; they got another one
	FoundFull      Found = "full"      // as many messages had left in that hour as may; they got another moment
	FoundClosed    Found = "closed"    // their hours were over before it could leave; they got another moment
)

// Check is one look. Which presence exactly was found is kept nowhere.
type Check struct {
	At    time.Time `json:"at"`
	Found Found     `json:"found"`
}

// Removed says that name and address were removed: because of their age, or since the person was forgotten.
func (r Recipient) Removed() bool { return r.PersonID == "" && r.Email == "" }
