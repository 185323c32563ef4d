package campaigns

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// Former stands for the id of somebody who made something and was forgotten since; the name is empty then.
const Former = "former"

// RestoreNotice is how long people are told that the database came out of a backup.
const RestoreNotice = 30 * 24 * time.Hour

// Trace is how much Herald knows of a person.
type Trace struct {
	Person     Person // what the directory and the bot told; only the id when they never did
	Gone       bool   // left the tenant
	State      InstallState
	OptedOut   bool
	Deliveries int // messages of campaigns, planned or sent
	Lists      int // lists that have one of the person's addresses
	Authored   int // campaigns, lists, surveys, images and installations that the person made or last changed
	Typed      int // campaigns whose author typed one of the person's addresses
	Installs   int // times that somebody had the app installed for the person
	Noted      int // lines of the audit log about what the person did, or what was done to them; their role; notices for them about approvals
}

// Empty says whether there is nothing at all.
func (t Trace) Empty() bool {
	return t.Person == Person{TenantID: t.Person.TenantID, ID: t.Person.ID} && t.State == "" && t.Deliveries+t.Lists+t.Authored+t.Typed+t.Installs+t.Noted == 0
}

// Forgotten counts what forgetting a person removed or made anonymous.
type Forgotten struct {
	Deliveries int `json:"deliveries"` // stay as those of a removed person
	Members    int `json:"members"`    // of lists, removed
	Installs   int `json:"installs"`   // installations of the app that do not name them any more
	Authored   int `json:"authored"`   // campaigns, lists, surveys, images and installations, which are now a former colleague's
	Typed      int `json:"typed"`      // typed addresses taken out of campaigns
	Noted      int `json:"noted"`      // lines of the audit log that do not name the person any more, their role, and notices for them about approvals
}

// PersonData is all that Herald knows of one person, as they may ask for it. The names in JSON are a contract.
type PersonData struct {
	ExportedAt time.Time        `json:"exportedAt"`
	TenantID   string           `json:"tenantId"`
	PersonID   string           `json:"personId"`
	Directory  *DirectoryData   `json:"directory"` // null: not known
	Chat       *ChatData        `json:"chat"`      // null: never had the app
	Deliveries []DeliveryData   `json:"deliveries"`
	Lists      []MembershipData `json:"lists"`
	Authored   []AuthoredData   `json:"authored"`
	Typed      []CampaignName   `json:"typed"`    // campaigns whose author typed the person's address
	Installs   []InstalledData  `json:"installs"` // of the app, by somebody else
	Role       *RoleData        `json:"role"`     // null: never used the tab with a role
	Noted      []NotedData      `json:"noted"`    // of the audit log, the oldest first
	Notices    []NoticeData     `json:"notices"`  // about approvals, the oldest first
}

// NoticeData is a notice about an approval that the person has in their chat, or is to get.
type NoticeData struct {
	Campaign CampaignName `json:"campaign"` // as the notice calls it; the campaign may be gone
	Kind     NoticeKind   `json:"kind"`
	At       time.Time    `json:"at"`      // when it was made
	Brought  bool         `json:"brought"` // the card is in the chat
	Settled  bool         `json:"settled"` // nobody is to decide any more
}

// InstalledData is that somebody had the app installed for the person, or tried to.
type InstalledData struct {
	ID     string             `json:"id"` // of the installation
	At     time.Time          `json:"at"` // when it was started
	State  InstallTargetState `json:"state"`
	Reason Reason             `json:"reason"`
}

// RoleData is what a person's token last showed.
type RoleData struct {
	DisplayName string    `json:"displayName"`
	UPN         string    `json:"upn"`
	Roles       []Role    `json:"roles"`
	SeenAt      time.Time `json:"seenAt"`
}

// NotedData is a line of the audit log about what a person did, or what was done to them.
type NotedData struct {
	At     time.Time       `json:"at"`
	Action Action          `json:"action"`
	Own    bool            `json:"own"` // the person did it
	Kind   string          `json:"kind"`
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	Detail json.RawMessage `json:"detail"`
}

// DirectoryData is what Microsoft Entra and Teams told of a person.
type DirectoryData struct {
	UPN         string `json:"upn"`
	Mail        string `json:"mail"`
	DisplayName string `json:"displayName"`
	GivenName   string `json:"givenName"`
	Surname     string `json:"surname"`
	Locale      string `json:"locale"`
	Left        bool   `json:"left"` // the organisation

	TimeZone        string     `json:"timeZone"`        // of their Teams client, IANA; empty: not told
	MailboxTimeZone string     `json:"mailboxTimeZone"` // of their mailbox; empty: none, or not asked for
	MailboxAskedAt  *time.Time `json:"mailboxAskedAt"`  // when Graph was last asked for it
}

// ChatData is what Herald keeps in order to write to a person.
type ChatData struct {
	State          InstallState `json:"state"`
	OptedOut       bool         `json:"optedOut"`
	UserID         string       `json:"userId"`
	ConversationID string       `json:"conversationId"`
	ServiceURL     string       `json:"serviceUrl"`
	AppVersion     string       `json:"appVersion"`
	Locale         string       `json:"locale"`
	Welcomed       bool         `json:"welcomed"`
	UpdatedAt      time.Time    `json:"updatedAt"`
}

// CampaignName names a campaign.
type CampaignName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// DeliveryData is one message of a campaign to a person, and what they did with it.
type DeliveryData struct {
	Campaign    CampaignName      `json:"campaign"`
	Email       string            `json:"email"`
	DisplayName string            `json:"displayName"`
	Values      map[string]string `json:"values"` // of a list, as the message had them
	Status      DeliveryStatus    `json:"status"`
	Reason      Reason            `json:"reason"`
	Attempts    int               `json:"attempts"`
	FirstAt     *time.Time        `json:"firstAt"`
	SentAt      *time.Time        `json:"sentAt"`
	ReadAt      *time.Time        `json:"readAt"`
	Reaction    string            `json:"reaction"`
	AnsweredAt  *time.Time        `json:"answeredAt"`
	Answer      string            `json:"answer"` // what a button of the author's card sent back: JSON
	Clicks      []ClickData       `json:"clicks"`
	Checks      []Check           `json:"checks"`  // of timed campaigns: each look whether they were there
	NextAt      *time.Time        `json:"nextAt"`  // of timed campaigns: their moment
	Snoozes     []SnoozeData      `json:"snoozes"` // of timed campaigns: each time that they asked for it later
	Survey      *AnswersData      `json:"survey"`  // null: asked nothing, not answered, or anonymous; of a reminder it is in the first message
}

// SnoozeData is one time that a person asked for a message later.
type SnoozeData struct {
	AskedAt *time.Time  `json:"askedAt"`
	Until   *time.Time  `json:"until"`
	State   SnoozeState `json:"state"`
}

// AnswersData is what a person answered to a survey that is not anonymous.
type AnswersData struct {
	Done       bool         `json:"done"`
	StartedAt  *time.Time   `json:"startedAt"`
	AnsweredAt *time.Time   `json:"answeredAt"`
	Answers    []AnswerData `json:"answers"`    // complete ones
	Unfinished []AnswerData `json:"unfinished"` // begun, or being changed
}

// AnswerData is a question and what was answered, as texts.
type AnswerData struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// ClickData is how often a person followed a link of a message.
type ClickData struct {
	Link    int64     `json:"link"` // its number in the message, from 0
	Clicks  int       `json:"clicks"`
	FirstAt time.Time `json:"firstAt"`
}

// MembershipData is a person's line in a list.
type MembershipData struct {
	List   CampaignName      `json:"list"`
	Email  string            `json:"email"`
	Values map[string]string `json:"values"`
}

// AuthoredData is something that a person made or last changed.
type AuthoredData struct {
	Kind string    `json:"kind"` // campaign, list, survey, image or installation
	ID   string    `json:"id"`
	Name string    `json:"name"`
	At   time.Time `json:"at"` // when it was made
}

// Restore is the newest time that the database came out of a backup.
type Restore struct {
	At      time.Time
	Stopped int // campaigns of the tenant that were stopped because of it and are still there
}

// PrivacyStore keeps what people may ask for.
type PrivacyStore interface {
	// SetOptedOut notes that a person wants only mandatory campaigns, or everything again. Going out also takes them out of campaigns
	// that are being sent and have not reached them yet.
	SetOptedOut(ctx context.Context, tenantID, personID string, out bool, now time.Time) error
	// Known finds up to limit people of whom Herald keeps something, also those who have left, by words as SearchPeople; a whole
	// object id finds its person, whatever is known of them.
	Known(ctx context.Context, tenantID string, words []string, limit int) ([]Trace, error)
	Trace(ctx context.Context, tenantID, personID string) (Trace, error)
	// PersonData is CodeNotFound when there is nothing.
	PersonData(ctx context.Context, tenantID, personID string, now time.Time) (*PersonData, error)
	// ForgetPerson removes a person from everywhere and keeps the directory from bringing them back. CodeNotFound when there is
	// nothing; CodeConflict while a message to them is on its way, or a campaign that names them is starting.
	ForgetPerson(ctx context.Context, tenantID, personID string, now time.Time) (Forgotten, error)
	// IsForgotten says whether somebody was forgotten and did not come back.
	IsForgotten(ctx context.Context, tenantID, personID string) (bool, error)
	// CountForgotten says how many of a tenant are.
	CountForgotten(ctx context.Context, tenantID string) (int, error)
	// LastRestore is nil when the database never came out of a backup.
	LastRestore(ctx context.Context, tenantID string) (*Restore, error)
}

// Privacy is what an admin is told of how data are kept.
type Privacy struct {
	RetentionDays int // 0: for ever
	Forgotten     int // people who were forgotten and did not come back
}

// Privacy says how long data about people are kept.
func (s *Service) Privacy(ctx context.Context, a Actor) (Privacy, error) {
	if err := a.require(Administer); err != nil {
		return Privacy{}, err
	}
	n, err := s.Store.CountForgotten(ctx, a.TenantID)
	return Privacy{RetentionDays: s.Settings.RetentionDays, Forgotten: n}, err
}

// knownLimit is how many people a search among those known shows.
const knownLimit = 20

// KnownPeople finds people of whom Herald keeps something, by parts of their names or addresses, or by their object id.
func (s *Service) KnownPeople(ctx context.Context, a Actor, query string) ([]Trace, error) {
	if err := a.require(Administer); err != nil {
		return nil, err
	}
	words := strings.Fields(query)
	if n := utf8.RuneCountInString(strings.Join(words, " ")); n < 1 || n > MaxPeopleQuery {
		return nil, Errorf(CodeInvalid, "invalid_query", "Search people by 1 to %d characters of a name, an address or an object id.", MaxPeopleQuery)
	}
	return s.Store.Known(ctx, a.TenantID, words[:min(len(words), searchWords)], knownLimit)
}

// KnownPerson says how much Herald knows of a person.
func (s *Service) KnownPerson(ctx context.Context, a Actor, personID string) (Trace, error) {
	if err := a.require(Administer); err != nil {
		return Trace{}, err
	}
	t, err := s.Store.Trace(ctx, a.TenantID, personID)
	if err == nil && t.Empty() {
		err = noTrace()
	}
	return t, err
}

func noTrace() error {
	return Errorf(CodeNotFound, "unknown_person", "Herald knows nothing of such a person.")
}

// ExportPerson returns all that Herald knows of a person.
func (s *Service) ExportPerson(ctx context.Context, a Actor, personID string) (*PersonData, error) {
	if err := a.require(Administer); err != nil {
		return nil, err
	}
	data, err := s.Store.PersonData(ctx, a.TenantID, personID, s.moment())
	if err != nil {
		return nil, err
	}
	name := ""
	if data.Directory != nil {
		name = data.Directory.DisplayName
	}
	return data, s.Store.Audit(ctx, a.TenantID, PersonExported, Target{"person", personID, name}, nil)
}

// ForgetPerson removes a person from everywhere; what they got still counts in reports.
func (s *Service) ForgetPerson(ctx context.Context, a Actor, personID string) (Forgotten, error) {
	if err := a.require(Administer); err != nil {
		return Forgotten{}, err
	}
	f, err := s.Store.ForgetPerson(ctx, a.TenantID, personID, s.Now())
	if err == nil {
		s.Roster.dropSearches()
		s.Log.InfoContext(ctx, "person forgotten", "tenant", a.TenantID, "deliveries", f.Deliveries)
	}
	return f, err
}

// dropSearches forgets what the directory has said: it may have named somebody who is forgotten now.
func (r *Roster) dropSearches() {
	r.search.mu.Lock()
	defer r.search.mu.Unlock()
	clear(r.search.answers)
}

// Restored says when the database last came out of a backup, as long as people should be told; nil else.
func (s *Service) Restored(ctx context.Context, a Actor) (*Restore, error) {
	if !a.Can(Read) {
		return nil, nil
	}
	r, err := s.Store.LastRestore(ctx, a.TenantID)
	if err != nil || r == nil || s.Now().Sub(r.At) > RestoreNotice {
		return nil, err
	}
	return r, nil
}
