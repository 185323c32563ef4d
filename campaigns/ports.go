package campaigns

import (
	"context"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/track"
)

// Filter narrows and orders a list of campaigns.
type Filter struct {
	Statuses  []Status         // empty: all
	Formats   []message.Format // empty: all
	Author    string           // a person's id; empty: everybody, Me: the actor
	Query     string           // part of the name, case-insensitive
	Sort      Sort             // empty: ByUpdated
	Ascending bool
	Cursor    string // where the page before ended; only of the same order
	Limit     int    // 1–200
}

// Me stands for the actor's own id in Filter.Author.
const Me = "me"

// Sort is what a list of campaigns is ordered by; the id decides between equals.
type Sort string

const (
	ByUpdated Sort = "updated" // the last change
	ByName    Sort = "name"
	ByWhen    Sort = "when" // the moment that counts in the campaign's state: edited, sends, started, sent, stopped or failed
)

// maxAuthors is how many authors are told.
const maxAuthors = 200

// RecipientFilter narrows the recipients of a campaign.
type RecipientFilter struct {
	Status DeliveryStatus // empty: all
	Reason Reason         // empty: all
	Query  string         // part of the name or address, case-insensitive
	Cursor string
	Limit  int // 1–1000
}

// ReasonCount says how many recipients share a reason.
type ReasonCount struct {
	Reason Reason `json:"reason"`
	Count  int    `json:"count"`
}

// Engagement is what recipients did with a campaign. Reads are "seen at least":
// people and admins can switch receipts off, so that unread is not provable.
type Engagement struct {
	// Seen is how many showed in any way that they have seen it: read, reacted, clicked or answered. Each of these is at most as many.
	Seen              int `json:"seen"`
	ClickedRecipients int `json:"clickedRecipients"`
	Clicks            int `json:"clicks"`
	Read              int `json:"read"`
	Reacted           int `json:"reacted"`
	Answered          int `json:"answered"`
	Snoozed           int `json:"snoozed"` // who asked for it later, whether or not they have done any of the rest
}

// Reach says how many people of an audience would get a message now.
type Reach struct {
	Total        int
	Installed    int
	NotInstalled int // known people who do not have the app, or blocked it
	Unknown      int // addresses that belong to nobody in the tenant
	OptedOut     int // of Installed: who want only mandatory campaigns
}

// Reachability is one person and whether the bot can write to them.
type Reachability struct {
	Person Person
	State  InstallState // empty: never installed
	// OptedOut: wants only mandatory campaigns. Only ReachPeople says it.
	OptedOut bool
}

// Store keeps campaigns, people and lists. Every method is scoped by tenant; a campaign of another
// tenant does not exist. Errors with a meaning are *Error.
type Store interface {
	ListStore
	ImageStore
	SurveyStore
	PrivacyStore
	AnswerStore
	ApprovalStore
	NoticeStore
	AuditStore
	InstallationStore
	TimingStore
	SnoozeStore

	CreateCampaign(ctx context.Context, c *Campaign) error
	// Campaign returns CodeNotFound when the tenant has no such campaign.
	Campaign(ctx context.Context, k Key) (*Campaign, error)
	// Campaigns returns a page. CodeInvalid with Reason "bad_cursor" when the cursor is none, or of another order.
	Campaigns(ctx context.Context, tenantID string, f Filter) (items []*Campaign, next string, err error)
	// CountByStatus counts what the filter leaves, whatever its statuses, order and cursor.
	CountByStatus(ctx context.Context, tenantID string, f Filter) (map[Status]int, error)
	// Authors lists who has campaigns, each by their newest name, in the order of the names.
	Authors(ctx context.Context, tenantID string) ([]Author, error)
	// UpdateDraft writes name, format, content, audience, timing and who wrote it if the campaign is still a
	// draft of version c.Version that does not wait for approval, and raises the version. CodeStale or CodeConflict else.
	UpdateDraft(ctx context.Context, c *Campaign, now time.Time) error
	// DeleteCampaign removes the campaign and its deliveries unless it is sending (CodeConflict).
	DeleteCampaign(ctx context.Context, k Key, now time.Time) error

	// ScheduleCampaign: draft -> scheduled, unless it waits for approval. version 0 accepts any. CodeConflict or CodeStale else. Reason
	// "unknown_list" when a list of its audience has been deleted.
	ScheduleCampaign(ctx context.Context, k Key, version int, sendAt, now time.Time) (*Campaign, error)
	// ScheduleWithin is ScheduleCampaign with a window, which becomes the campaign's timing.
	ScheduleWithin(ctx context.Context, k Key, version int, w Window, sendAt, now time.Time) (*Campaign, error)
	// UnscheduleCampaign: scheduled -> draft, whose timing is its window, or the moment it was scheduled for if that is to come. CodeConflict else.
	UnscheduleCampaign(ctx context.Context, k Key, now time.Time) (*Campaign, error)
	// StopCampaign: scheduled | sending -> stopped, and every pending or rescheduled
	// delivery -> cancelled, in one transaction. CodeConflict else.
	StopCampaign(ctx context.Context, k Key, now time.Time) (*Campaign, error)

	Recipients(ctx context.Context, k Key, f RecipientFilter) (items []Recipient, next string, err error)
	// CountRecipients counts those whom f lets through, whatever its page, up to most.
	CountRecipients(ctx context.Context, k Key, f RecipientFilter, most int) (int, error)
	// ListRecipients makes the list l of the addresses of those whom f lets through, with the values that they had in the campaign, and
	// sets l.Members. CodeConflict, "name_taken" as CreateList, or "list_full"; CodeInvalid, "nobody", when nobody is let through.
	ListRecipients(ctx context.Context, k Key, f RecipientFilter, l *List) error
	Reasons(ctx context.Context, k Key) ([]ReasonCount, error)
	// PaceSpan says in which seconds the first and the last outcome came; both are zero when there is none. Pace counts the outcomes
	// from one second to the other, both included, in steps of whole seconds since 1970; empty steps are left out.
	PaceSpan(ctx context.Context, k Key) (from, to time.Time, err error)
	Pace(ctx context.Context, k Key, from, to time.Time, step time.Duration) ([]PaceBucket, error)
	Engagement(ctx context.Context, k Key) (Engagement, error)
	// LinkClicks counts by the number of the link; those that nobody followed are not in it.
	LinkClicks(ctx context.Context, k Key) (map[int64]LinkCount, error)

	// FindPerson finds a person that Herald knows by mail or UPN, case-insensitive. CodeNotFound else.
	FindPerson(ctx context.Context, tenantID, email string) (Person, error)
	SavePeople(ctx context.Context, people []Person) error
	// Reference returns CodeNotFound when the person never had the app.
	Reference(ctx context.Context, tenantID, personID string) (Reference, error)
	SaveReference(ctx context.Context, r Reference) error
	// ReachAll counts everybody; ReachPeople says it for some.
	ReachAll(ctx context.Context, tenantID string) (Reach, error)
	ReachPeople(ctx context.Context, tenantID string, emails []string) (map[string]Reachability, error)
	// SearchPeople finds up to limit people that Herald knows by words that are each part of name or address,
	// case-insensitive, by name.
	SearchPeople(ctx context.Context, tenantID string, words []string, limit int) ([]Reachability, error)
	// InstallStates says what is known of the app of these people, by object id; who never had it is left out.
	InstallStates(ctx context.Context, tenantID string, personIDs []string) (map[string]InstallState, error)
	// NotReachable lists people without the app, for the author to see; at most limit.
	NotReachable(ctx context.Context, tenantID string, limit int) ([]Person, error)

	DirectorySync(ctx context.Context, tenantID string) (SyncState, error)
	// ApplyDirectoryPage stores one page of the walk; FinishDirectorySync its end.
	ApplyDirectoryPage(ctx context.Context, tenantID string, walk int64, page DirectoryPage) error
	FinishDirectorySync(ctx context.Context, tenantID string, s SyncState, full bool) error
}

// SyncState is how far a tenant's people are known.
type SyncState struct {
	Token    string    // for the next delta; empty: never walked
	Walk     int64     // number of the last walk
	SyncedAt time.Time // zero: never
}

// Starter is the part of the queue that the use cases need. All methods are idempotent.
type Starter interface {
	ScheduleStart(ctx context.Context, k Key, at time.Time) error
	Unschedule(ctx context.Context, k Key) error
	Drop(ctx context.Context, k Key) error
}

// Messenger writes to one person through the bot.
type Messenger interface {
	// Send posts the encoded activity to the person's chat, making the chat (again)
	// when there is none. correlation may be empty. It never returns an error:
	// whatever happened is an Outcome.
	Send(ctx context.Context, ref Reference, body []byte, correlation string) Outcome
}

// OutcomeKind says what follows from an attempt.
type OutcomeKind int

const (
	OutcomeSent  OutcomeKind = iota + 1 // Teams accepted it
	OutcomeRetry                        // not now; try again
	OutcomeGone                         // never; Reason says why
)

// Outcome is what became of one attempt to send.
type Outcome struct {
	Kind       OutcomeKind
	ActivityID string        // OutcomeSent; may be empty when Teams names none
	RetryAfter time.Duration // OutcomeRetry; zero: Herald's own backoff
	Reason     Reason        // OutcomeRetry, OutcomeGone
	Detail     string        // for the log: status, platform code, request id
	Slow       bool          // Teams asked this tenant to slow down (429)
	// Ambiguous, of OutcomeRetry: it may have arrived all the same.
	Ambiguous bool
	// Reference is the refreshed reference when the attempt taught something about
	// it (new chat, uninstalled, blocked); nil else.
	Reference *Reference
}

// Settings are what the use cases need to know of the installation.
type Settings struct {
	AssetsURL string // public base of Herald's own images and links
	// Columns are the variables that a text may use besides FIRSTNAME and LASTNAME.
	Columns []string
	// RetentionDays is how long the people of a campaign are kept after it ended, in days; 0: for ever.
	RetentionDays int
	// ApprovalAbove is the largest audience that one person may send to alone, in people; zero: any.
	ApprovalAbove int
	// Rate is how many messages a second leave for a tenant at most; zero: any.
	Rate int
	// LinkSigner signs the links of what is sent; nil: links are not tracked.
	LinkSigner *track.Signer
}

// Sent are the options of messages to a campaign's recipients, in which links are tracked.
func (s Settings) Sent() message.Options {
	o := s.options()
	if s.LinkSigner != nil {
		o.TrackURL = s.AssetsURL
	}
	return o
}

// Link is the address of a tracked link.
func (s Settings) Link(r track.Ref) string {
	b := make([]byte, 0, len(s.AssetsURL)+len(track.Path)+track.MaxLen)
	b = append(b, s.AssetsURL...)
	b = append(b, track.Path...)
	return string(s.LinkSigner.Append(b, r))
}

// options are those of a preview or a try: links lead straight where the author said, and nobody's clicks count.
func (s Settings) options() message.Options { return message.Options{AssetsURL: s.AssetsURL} }
