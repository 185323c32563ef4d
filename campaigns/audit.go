package campaigns

import (
	"context"
	"encoding/json"
	"time"
)

// Action is a stable word for what somebody did, "thing.done".
type Action string

const (
	CampaignCreated     Action = "campaign.created"
	CampaignCloned      Action = "campaign.cloned"
	CampaignChanged     Action = "campaign.changed"
	CampaignTried       Action = "campaign.tried"
	CampaignSent        Action = "campaign.sent" // now or later: the detail says when
	CampaignUnscheduled Action = "campaign.unscheduled"
	CampaignStopped     Action = "campaign.stopped"
	CampaignDeleted     Action = "campaign.deleted"
	ApprovalRequested   Action = "approval.requested"
	ApprovalWithdrawn   Action = "approval.withdrawn"
	ApprovalGiven       Action = "approval.approved"
	ApprovalRefused     Action = "approval.rejected"
	CampaignHeldBack    Action = "campaign.held_back" // by Herald, at its start: its audience had grown too much
	RecipientsExported  Action = "recipients.exported"
	ListCreated         Action = "list.created"
	ListChanged         Action = "list.changed"
	ListImported        Action = "list.imported"
	ListExported        Action = "list.exported"
	ListDeleted         Action = "list.deleted"
	ImageAdded          Action = "image.added"
	SurveyCreated       Action = "survey.created"
	SurveyChanged       Action = "survey.changed"
	SurveyClosedByHand  Action = "survey.closed"
	SurveyReopened      Action = "survey.reopened"
	SurveyDeleted       Action = "survey.deleted"
	ResultsExported     Action = "results.exported"
	AuditExported       Action = "audit.exported"
	InstallationStarted Action = "installation.started"
	InstallationEnded   Action = "installation.stopped" // by hand
	PersonExported      Action = "person.exported"
	PersonForgotten     Action = "person.forgotten" // its target is a hash of the person's id
)

// WritingLasts is how long after a line about a changed campaign or survey none is written about the next changes of the same person,
// unless something else happens to it in between: its page saves every few seconds.
const WritingLasts = 10 * time.Minute

// Target is what an action was done to; the name is the one it had then.
type Target struct{ Kind, ID, Name string }

// Entry is one line of the audit log.
type Entry struct {
	TenantID string
	ID       string // sorts by time
	At       time.Time
	Actor    Author
	Action   Action
	Target   Target
	Detail   json.RawMessage // an object; what it holds depends on the action
}

// AuditFilter narrows the audit log.
type AuditFilter struct {
	Query   string // part of the actor's or target's name or of the detail, case-insensitive
	Actor   string // a person's id
	Actions []Action
	From    *time.Time // included
	To      *time.Time // excluded
	Cursor  string
	Limit   int // 1–1000
}

// AuditStore keeps who did what. Each change that somebody makes writes its line in its own transaction: either both are
// there or neither. For that the edges put the actor into the context; what Herald does by itself has none and no line, but for what
// takes a decision from people: then Itself stands there.
type AuditStore interface {
	// Audit writes a line about something that changes nothing in the store. Without an actor in ctx it does nothing.
	Audit(ctx context.Context, tenantID string, action Action, t Target, detail any) error
	// AuditLog returns a page, newest first. CodeInvalid with Reason "bad_cursor" when the cursor is none.
	AuditLog(ctx context.Context, tenantID string, f AuditFilter) (items []Entry, next string, err error)
	// AuditActors lists who stands in the log, by name; at most limit.
	AuditActors(ctx context.Context, tenantID string, limit int) ([]Author, error)
}

// Actors that are no person. No object id looks like theirs, and the page has words for them.
var (
	Itself      = Author{ID: "herald", DisplayName: "Herald"}
	CommandLine = Author{ID: "command-line", DisplayName: "Command line"} // whoever runs herald on the server
)

type actorKey struct{}

// Doing is what the lines of the audit log say of whoever causes them.
type Doing struct {
	Actor  Author
	At     time.Time
	Action Action // instead of the one that the store would write: a clone is a creation too
}

// WithActor says for whom everything with this context is done, and when.
func WithActor(ctx context.Context, a Actor, now time.Time) context.Context {
	return WithAuthor(ctx, a.author(), now)
}

// WithAuthor is WithActor for somebody without roles, such as Itself.
func WithAuthor(ctx context.Context, who Author, now time.Time) context.Context {
	return context.WithValue(ctx, actorKey{}, Doing{Actor: who, At: now})
}

// DoingOf says who acts; false when Herald acts by itself.
func DoingOf(ctx context.Context) (Doing, bool) {
	d, ok := ctx.Value(actorKey{}).(Doing)
	return d, ok
}

// as gives the next line another action.
func as(ctx context.Context, action Action) context.Context {
	d, ok := DoingOf(ctx)
	if !ok {
		return ctx
	}
	d.Action = action
	return context.WithValue(ctx, actorKey{}, d)
}

func (c *Campaign) target() Target { return Target{"campaign", c.ID, c.Name} }

func (l *List) target() Target { return Target{"list", l.ID, l.Name} }

// AuditLog returns a page of the audit log, newest first.
func (s *Service) AuditLog(ctx context.Context, a Actor, f AuditFilter) ([]Entry, string, error) {
	if err := a.require(Administer); err != nil {
		return nil, "", err
	}
	return s.Store.AuditLog(ctx, a.TenantID, f)
}

// maxAuditActors is how many people the log's filter offers.
const maxAuditActors = 200

// AuditActors lists who stands in the audit log.
func (s *Service) AuditActors(ctx context.Context, a Actor) ([]Author, error) {
	if err := a.require(Administer); err != nil {
		return nil, err
	}
	return s.Store.AuditActors(ctx, a.TenantID, maxAuditActors)
}

// AuditExport notes that the audit log is exported, before its first line leaves.
func (s *Service) AuditExport(ctx context.Context, a Actor) error {
	if err := a.require(Administer); err != nil {
		return err
	}
	return s.Store.Audit(ctx, a.TenantID, AuditExported, Target{Kind: "audit"}, nil)
}

// ExportRecipients notes an export of the recipients, before the first one leaves.
func (s *Service) ExportRecipients(ctx context.Context, a Actor, id string, f RecipientFilter, format string) error {
	c, err := s.recipientsOf(ctx, a, id, f)
	if err != nil {
		return err
	}
	return s.Store.Audit(ctx, a.TenantID, RecipientsExported, c.target(), map[string]any{"format": format, "status": f.Status, "reason": f.Reason, "q": f.Query})
}

// ExportResults notes an export of a survey's answers, before the first one leaves.
func (s *Service) ExportResults(ctx context.Context, a Actor, id string, f ResultFilter, format string) error {
	if err := a.require(Read); err != nil {
		return err
	}
	v, err := s.Store.Survey(ctx, a.TenantID, id)
	if err != nil {
		return err
	}
	return s.Store.Audit(ctx, a.TenantID, ResultsExported, Target{"survey", v.ID, v.Name}, map[string]any{"format": format, "campaign": f.Campaign})
}

// ExportList notes an export of the members, before the first one leaves.
func (s *Service) ExportList(ctx context.Context, a Actor, id, format string) error {
	l, err := s.GetList(ctx, a, id)
	if err != nil {
		return err
	}
	return s.Store.Audit(ctx, a.TenantID, ListExported, l.target(), map[string]any{"format": format, "members": l.Members})
}
