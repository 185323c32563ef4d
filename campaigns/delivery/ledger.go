package delivery

import (
	"context"
	"time"

	"herald/campaigns"
	"herald/campaigns/schedule"
)

// Planned is one recipient as the planner writes them: pending, or skipped with a reason.
type Planned struct {
	Recipient   string // unique within campaign and step: object id, or "mail:" and the address in lower case
	PersonID    string // empty when nobody was found
	Email       string
	DisplayName string
	Status      campaigns.DeliveryStatus // pending or skipped
	Reason      campaigns.Reason         // of skipped
	DueAt       time.Time
}

// Plan is how far the planning of a campaign has come.
type Plan struct {
	Cursor string // where the next page begins; its meaning is the planner's
	Done   bool
}

// Span is one page of "all users": up to Limit people after the person with id After that a directory walk
// of at least number Walk has seen (0: those too that only the bot has met).
type Span struct {
	After string
	Walk  int64
	Limit int
	// Excluding leaves those out whom Exclude wrote.
	Excluding bool
	// Next is the plan after this page. last is the id of the page's last person, or empty when nobody comes after.
	Next func(last string) Plan
}

// MemberSpan is one page of a list: the members after After up to UpTo, in the order in which they came.
type MemberSpan struct {
	List string // id
	// Before are lists whose members come first: an address that is in one of them is left out of this one.
	Before []string
	After  int64
	UpTo   int64
	// Found says whom addresses (in lower case) belong to that the ledger does not know, as object ids.
	Found map[string]string
	// KnownOnly leaves members out that belong to nobody whom the ledger knows; else they are skipped as UserNotFound.
	KnownOnly bool
}

// MemberPage says where a page of a list ends, and who in it is to be asked for.
type MemberPage struct {
	UpTo      int64
	Last      bool     // nobody comes after
	Strangers []string // addresses that belong to nobody whom the ledger knows
}

// Ref names a delivery.
type Ref struct {
	Key
	Seq int64 // within the campaign
	// Return is not 0 when the delivery was sent before and its person asked for the message later: it then is what comes
	// back, the first time, the second, and so on. Nothing of it changes the delivery's own outcome.
	Return int
}

// returnShift is where the number of a return stands in the queue's ids; more deliveries than are below it no campaign has.
const returnShift = 40

// id is the delivery's in the queue.
func (r Ref) id() int64 { return int64(r.Return)<<returnShift | r.Seq }

// ref is the delivery that a lease is for.
func (l Lease) ref() Ref {
	return Ref{Key: l.Key, Seq: l.ID & (1<<returnShift - 1), Return: int(l.ID >> returnShift)}
}

// Attempt is a delivery that the ledger has marked as being sent. Number fences it:
// an outcome is accepted only for the newest attempt.
type Attempt struct {
	Ref
	Number    int
	DueAt     time.Time // when it was to be sent
	FirstAt   time.Time // when the first attempt began
	Person    campaigns.Person
	Reference campaigns.Reference // zero when the person never had the app
	// CardID is, of a return, the activity of the card that stands in its place; empty: nobody knows.
	CardID string
	// Zone is, of a timed campaign, by whose clocks its person's hours go; "": the window's own.
	Zone string
	// Cells are the list's names and values for this recipient as the plan found them; campaigns.DecodeCells reads them.
	Cells string
}

// Result is what became of an attempt.
type Result struct {
	Ref
	Number         int
	Status         campaigns.DeliveryStatus // sent, failed or rescheduled; when Unmade: pending if it was the first, unscheduled if nothing is left of the window
	Reason         campaigns.Reason
	NextAt         time.Time // rescheduled or pending
	Unmade         bool      // nothing was put on the wire: the attempt does not count
	PutOff         bool      // of a timed campaign: not due at NextAt, but looked at by the gate then, as that of somebody in Zone
	Zone           string    // as Attempt's
	At             time.Time // when it was decided
	ActivityID     string
	ConversationID string
	Repeated       bool                 // the attempt may have arrived although it is tried again
	Reference      *campaigns.Reference // to be stored with it
}

// Work is a campaign as a worker needs it.
type Work struct {
	campaigns.Work
	Number    int64             // the campaign's, which stands in the tokens of its links
	Mandatory bool              // goes also to who has opted out
	Window    *campaigns.Window // of a timed campaign
	Closes    *time.Time        // when the survey of a campaign of this format closes or has closed; nil: no end yet
}

// DueReturn is a message that comes back, and the moment from which it may be sent.
type DueReturn struct {
	Ref
	At time.Time
}

// SeqSpan is one page of the people of another campaign: up to Limit of its deliveries after the one with the number After.
type SeqSpan struct {
	After int64
	Limit int
	// Next is the plan after this page. last is the number of its last delivery, or 0 when none comes after.
	Next func(last int64) Plan
}

// Open is a campaign that has still something to do, as the reconciler sees it.
type Open struct {
	Key
	Status  campaigns.Status // scheduled or sending; stopped when attempts were on the wire then
	SendAt  time.Time
	Planned bool
	Timed   bool // within a window: the gate lets its deliveries through
}

// Placing is where the plan of a timed campaign goes on when all its recipients are written: they get their moments.
// The cursors after it are this one with the number of the last delivery that has one.
const Placing = "place:"

// Unplaced is somebody of a timed campaign who has no moment yet.
type Unplaced struct {
	Seq      int64
	PersonID string
}

// Placed is the moment of a recipient.
type Placed struct {
	Seq  int64
	At   time.Time // zero: nothing is left of the window for them
	Zone string    // by whose clocks; "": the window's own
}

// Waiting is somebody of a timed campaign whose moment is near.
type Waiting struct {
	Seq      int64
	PersonID string // "": their delivery has ended, and nothing waits any more
	At       time.Time
	Rung     schedule.Rung
	Zone     string
}

// Verdict is what the gate decided about somebody. Exactly one of Due, Next and Over is set; none, when their delivery had ended.
type Verdict struct {
	Waiting                  // as it was when it was decided
	Found   campaigns.Found  // to be noted; "": nobody looked
	Reason  campaigns.Reason // with Next and Over; "" with Next leaves state and reason alone
	Due     time.Time        // let through: due then
	Hour    time.Time        // of Due, when only so many may be let through in an hour; zero: any number
	Full    *Verdict         // what becomes of them when the hour is full
	Next    time.Time        // another moment, as Rung To
	To      schedule.Rung
	Over    bool // given up
}

// Settled is what came of the verdicts about a page.
type Settled struct {
	Released, Moved, Over, Replanned int
}

// Ledger is the SQL side of the engine: the truth about every delivery. Each method
// is one transaction, and each change is a compare-and-set.
type Ledger interface {
	// Begin moves scheduled -> sending. A campaign that is sending already is returned
	// as it is, so that a second planner continues. CodeConflict when it is neither. From then on until the plan is done
	// nobody changes the lists of its audience.
	Begin(ctx context.Context, k Key, now time.Time) (*campaigns.Campaign, Plan, error)
	// HoldBack moves a campaign of which nothing is planned yet back: sending -> draft that waits for approval as ap says, and
	// tells who asks and whoever may decide. CodeConflict when somebody has planned a page, or it is not sending any more.
	HoldBack(ctx context.Context, k Key, ap campaigns.Approval, now time.Time) error
	// PlanMembers writes one page of "all users" as WritePage does, from the people that the ledger knows, and
	// returns where the plan stands then.
	PlanMembers(ctx context.Context, k Key, from Plan, span Span, now time.Time) (to Plan, err error)
	// MemberPage finds the page of a list that begins after after: at most limit members, and no more strangers than strangers;
	// with 0 nobody looks for strangers. Lists of a campaign that is being planned do not change.
	MemberPage(ctx context.Context, k Key, list string, before []string, after int64, limit, strangers int) (MemberPage, error)
	// PlanList writes one page of a list as WritePage does, without those whom Exclude wrote. The rows never leave the ledger.
	PlanList(ctx context.Context, k Key, from, to Plan, span MemberSpan, now time.Time) error
	// Exclude writes down that the members of a page get nothing of this campaign, and moves the plan as WritePage does.
	Exclude(ctx context.Context, k Key, from, to Plan, span MemberSpan, now time.Time) error
	// PlanUnanswered writes one page of those whom the campaign with the id root has reached and who have not answered it, as
	// WritePage does, and returns where the plan stands then. The rows never leave the ledger.
	PlanUnanswered(ctx context.Context, k Key, root string, from Plan, span SeqSpan, now time.Time) (to Plan, err error)
	// WritePage inserts planned recipients, counts them, and moves the plan from one
	// cursor to the next, if the plan still stands at from and the campaign is sending:
	// else CodeConflict and nothing is written. Recipients that are there already are left alone, and those whom Exclude wrote
	// are left out.
	// With to.Done it also ends the campaign when nobody is open: completed, or failed when
	// nobody could be sent to.
	WritePage(ctx context.Context, k Key, from, to Plan, page []Planned, now time.Time) error
	// Due returns up to limit deliveries of a sending campaign that come after after and are due by until, in due order:
	// pending and rescheduled ones, and attempts begun before stale (real time), which nobody works on any more.
	Due(ctx context.Context, k Key, after Due, stale, until time.Time, limit int) ([]Due, error)
	// BeginAttempts marks deliveries of sending campaigns as being sent, and counts the attempt; and returns, also of completed
	// campaigns, unless their person wants nothing any more. Those that are
	// final, stopped, or being sent by somebody else are left out of the answer. A delivery that stands as "sending" is
	// taken over only when its ref is in reclaimed or its attempt began before stale; it is then marked as repeated.
	// stale and begun, the moment of this attempt, are real time, which no skew moves; now counts for how long a delivery is tried.
	// Each campaign is a transaction: with an error come the attempts of those that were marked before it.
	BeginAttempts(ctx context.Context, refs []Ref, reclaimed map[Ref]bool, stale, begun, now time.Time) ([]Attempt, error)
	// DueReturns is Due for what comes back (stale in real time), of all campaigns and tenants: up to limit of each tenant, so that a slow one holds up no other, in due order.
	DueReturns(ctx context.Context, stale, until time.Time, limit int) ([]DueReturn, error)
	// TakeGivenUp takes up to limit messages, of all tenants, that were to come back to people who have the app and do not come back any
	// more: each is taken once.
	TakeGivenUp(ctx context.Context, limit int) ([]GivenUp, error)
	// Record writes the outcomes of attempts, the counts, and the end of campaigns that
	// have nobody open left. It returns the results that it accepted; what would be tried again in
	// a stopped campaign is cancelled instead and not among them.
	Record(ctx context.Context, rs []Result) (accepted []Result, err error)
	// Work loads what a worker needs of a campaign.
	Work(ctx context.Context, k Key) (Work, error)
	// CloseStopped ends attempts of a stopped campaign that began before stale (real time): their worker is
	// gone, nobody knows whether they arrived, and nobody may try again. They are failed, with StoppedByAuthor.
	CloseStopped(ctx context.Context, k Key, stale time.Time) error
	// Unplaced returns up to limit deliveries of a timed campaign that are pending and come after the one with the number after, and
	// the number of its last delivery.
	Unplaced(ctx context.Context, k Key, after int64, limit int) (page []Unplaced, last int64, err error)
	// PlacePage gives recipients their moments, unless their deliveries have ended meanwhile, and moves the plan as WritePage does.
	PlacePage(ctx context.Context, k Key, from, to Plan, page []Placed, now time.Time) error
	// Near returns up to limit people of a campaign that is being sent whose moment comes by until, in the order of the moments.
	Near(ctx context.Context, k Key, until time.Time, limit int) ([]Waiting, error)
	// Settle carries verdicts out, of each whose moment is still the one that it was decided about, in one transaction. Of a
	// campaign that is not being sent it changes nothing. In each hour no more than perHour are let through (0: any number).
	Settle(ctx context.Context, k Key, vs []Verdict, perHour int, now time.Time) (Settled, error)
	// Window is that of a timed campaign.
	Window(ctx context.Context, k Key) (campaigns.Window, error)
	// Lease says whether holder may do the work called name until then: nobody else has it, or the lease ended before now.
	Lease(ctx context.Context, name, holder string, now, until time.Time) (held bool, err error)
	// OpenCampaigns lists every campaign of every tenant that is scheduled or sending, or
	// stopped with attempts that have no outcome yet.
	OpenCampaigns(ctx context.Context) ([]Open, error)
}
