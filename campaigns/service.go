package campaigns

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"herald/campaigns/message"
)

// MaxNameLength is the longest name of a campaign, in characters.
const MaxNameLength = 120

const unknownVariable = "unknown_variable" // message.Validate's code

// Service is what people can do with campaigns. Each method checks the actor's
// role and tenant first; each returns *Error for everything a person can cause.
type Service struct {
	Store     Store
	Queue     Starter
	Messenger Messenger
	Notify    func() // has notices about approvals brought at once; nil: they wait for the next look
	Roster    *Roster
	Apps      Apps
	Installer *Installer     // told of a new installation; nil: it is found later
	Presence  PresenceSource // nil: nobody can be asked
	Settings  Settings
	Now       func() time.Time
	Log       *slog.Logger
	// ResultsFor is how long a survey's results are kept for whoever asks again; zero: a second, negative: not at all.
	ResultsFor time.Duration

	definitions definitions
	results     keptResults
}

// Input is what an author can write of a campaign.
type Input struct {
	Name     string
	Format   message.Format
	Content  message.Content
	Audience Audience
	Timing   Timing
	// Mandatory: also to people who have opted out.
	Mandatory bool
}

// check finds everything that is invalid, as opposed to merely missing. A variable that no list has is missing: its list
// may be chosen after the text was written. So is a moment that has passed.
func (s *Service) check(ctx context.Context, tenantID string, in *Input) error {
	in.Content.SurveyVersion = 0 // pinned by sending, not by authors
	c := &Campaign{Format: in.Format, Content: in.Content, Audience: in.Audience}
	n, err := s.named(ctx, tenantID, c)
	if err != nil {
		return err
	}
	var ps []message.Problem
	in.Name = strings.TrimSpace(in.Name)
	switch n := len([]rune(in.Name)); {
	case n == 0:
		ps = append(ps, message.Problem{Field: "/name", Code: "name_required", Message: "Give the campaign a name."})
	case n > MaxNameLength:
		ps = append(ps, message.Problem{Field: "/name", Code: "name_too_long", Message: "The name is too long; 120 characters are the most.", Value: short(in.Name), Params: message.Params{"limit": MaxNameLength}})
	}
	if in.Format == "" {
		in.Format = message.Message
	}
	wrong, err := s.validate(ctx, tenantID, in.Format, in.Content, s.variables(in.Audience, n))
	if err != nil {
		return err
	}
	for _, p := range wrong {
		if p.Code != unknownVariable {
			ps = append(ps, p)
		}
	}
	if p := n.surveyUnknown(c); p != nil {
		ps = append(ps, *p)
	}
	ps = append(ps, in.Audience.validate(n)...)
	ps = append(ps, in.Timing.check(s.Now())...)
	if len(ps) > 0 {
		return invalid(ps)
	}
	in.Audience = in.Audience.normalise()
	if w := in.Timing.Window; w != nil {
		whole := w.normalise()
		in.Timing.Window = &whole
	}
	return nil
}

func invalid(ps []message.Problem) *Error {
	e := &Error{Code: CodeInvalid, Reason: ps[0].Code, Message: ps[0].Message, Problems: ps}
	if len(ps) > 1 {
		e.Reason = "invalid"
		e.Message = "Some fields need another look. The first: " + ps[0].Message
	}
	return e
}

// Missing lists what each draft of a tenant still lacks before it can be sent, by its id; empty when it is ready. What was
// right when it was saved and is not any more, since a list has changed or a moment has passed, is among it.
func (s *Service) Missing(ctx context.Context, tenantID string, drafts ...*Campaign) (map[string][]message.Problem, error) {
	n, err := s.named(ctx, tenantID, drafts...)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]message.Problem, len(drafts))
	for _, c := range drafts {
		out[c.ID] = append(s.missing(c, n), c.Timing.problems(s.Now())...)
	}
	return out, nil
}

// missing is what a draft lacks whenever it is sent.
func (s *Service) missing(c *Campaign, n *named) []message.Problem {
	columns := s.variables(c.Audience, n)
	ps := append([]message.Problem{}, message.Incomplete(c.Format, c.Content)...)
	for _, p := range message.Validate(c.Format, c.Content, columns) {
		if p.Code == unknownVariable {
			ps = append(ps, p)
		}
	}
	ps = append(ps, n.surveyMissing(c, columns, s.Now())...)
	if c.Audience.Empty() {
		ps = append(ps, message.Problem{Field: "/audience", Code: "audience_empty", Message: "Choose who should get it: all users, a list, or at least one address."})
	}
	ps = append(ps, c.Audience.unanswered(n)...)
	return append(ps, c.Audience.unknownLists(n.lists, "This list has been deleted. Choose another one, or take it out.")...)
}

func (s *Service) complete(c *Campaign, n *named) error {
	ps := s.missing(c, n)
	if len(ps) == 0 {
		return nil
	}
	return &Error{Code: CodeInvalid, Reason: "incomplete", Message: "The campaign is not ready to be sent. " + ps[0].Message, Problems: ps}
}

// Create saves a new draft.
func (s *Service) Create(ctx context.Context, a Actor, in Input) (*Campaign, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	if err := s.check(ctx, a.TenantID, &in); err != nil {
		return nil, err
	}
	return s.create(ctx, a, in)
}

func (s *Service) create(ctx context.Context, a Actor, in Input) (*Campaign, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	now := s.moment()
	c := &Campaign{
		TenantID: a.TenantID, ID: id.String(), Name: in.Name, Format: in.Format, Content: in.Content, Audience: in.Audience, Timing: in.Timing, Mandatory: in.Mandatory,
		Status: Draft, CreatedAt: now, UpdatedAt: now, CreatedBy: a.author(), UpdatedBy: a.author(), Version: 1,
	}
	if err := s.Store.CreateCampaign(ctx, c); err != nil {
		return nil, err
	}
	return c, nil
}

// Get returns one campaign.
func (s *Service) Get(ctx context.Context, a Actor, id string) (*Campaign, error) {
	if err := a.require(Read); err != nil {
		return nil, err
	}
	return s.Store.Campaign(ctx, Key{a.TenantID, id})
}

// own returns a campaign with which the actor may do p.
func (s *Service) own(ctx context.Context, a Actor, id string, p Permission) (*Campaign, error) {
	if err := a.require(p); err != nil {
		return nil, err
	}
	c, err := s.Store.Campaign(ctx, Key{a.TenantID, id})
	if err != nil {
		return nil, err
	}
	return c, a.requireOf(c, p)
}

// List returns a page of the tenant's campaigns, and how many of each status the filter leaves.
func (s *Service) List(ctx context.Context, a Actor, f Filter) (items []*Campaign, next string, totals map[Status]int, err error) {
	if err := a.require(Read); err != nil {
		return nil, "", nil, err
	}
	for _, st := range f.Statuses {
		if !st.Valid() {
			return nil, "", nil, Errorf(CodeInvalid, "unknown_status", "There is no status %q. Use draft, scheduled, sending, completed, stopped or failed.", short(string(st)))
		}
	}
	for _, format := range f.Formats {
		if !format.Valid() {
			return nil, "", nil, Errorf(CodeInvalid, "unknown_format", "There is no format %q. Use idea, success, important, card, message or survey.", short(string(format)))
		}
	}
	switch f.Sort {
	case "", ByUpdated, ByName, ByWhen:
	default:
		return nil, "", nil, Errorf(CodeInvalid, "unknown_sort", "Campaigns cannot be sorted by %q. Use updated, name or when.", short(string(f.Sort)))
	}
	if f.Author == Me {
		f.Author = a.PersonID
	}
	if items, next, err = s.Store.Campaigns(ctx, a.TenantID, f); err != nil {
		return nil, "", nil, err
	}
	totals, err = s.Store.CountByStatus(ctx, a.TenantID, f)
	return items, next, totals, err
}

// Authors lists who has campaigns, in the order of their names; at most 200.
func (s *Service) Authors(ctx context.Context, a Actor) ([]Author, error) {
	if err := a.require(Read); err != nil {
		return nil, err
	}
	authors, err := s.Store.Authors(ctx, a.TenantID)
	return authors[:min(len(authors), maxAuthors)], err
}

// ListNames tells the names of the lists in the audiences of a tenant's campaigns, by id. A list that has been deleted has none.
func (s *Service) ListNames(ctx context.Context, tenantID string, cs ...*Campaign) (map[string]string, error) {
	var ids []string
	for _, c := range cs {
		ids = append(ids, c.Audience.lists()...)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	known, err := s.Store.FindLists(ctx, tenantID, ids)
	names := make(map[string]string, len(known))
	for id, l := range known {
		names[id] = l.Name
	}
	return names, err
}

// Update replaces a draft's name, format, content, audience and timing. CodeStale carries
// the newest version; CodeConflict says that it is no draft any more.
func (s *Service) Update(ctx context.Context, a Actor, id string, version int, in Input) (*Campaign, error) {
	c, err := s.own(ctx, a, id, Write)
	if err != nil {
		return nil, err
	}
	if c.Status != Draft {
		return nil, notDraft(c)
	}
	if c.waits() {
		return nil, waiting(c)
	}
	if c.Version != version {
		return nil, stale(c)
	}
	if err := s.check(ctx, a.TenantID, &in); err != nil {
		return nil, err
	}
	c.Name, c.Format, c.Content, c.Audience, c.Timing, c.Mandatory, c.UpdatedBy = in.Name, in.Format, in.Content, in.Audience, in.Timing, in.Mandatory, a.author()
	now := s.moment()
	if err := s.Store.UpdateDraft(ctx, c, now); err != nil {
		return nil, s.explain(ctx, c.Key(), err)
	}
	c.Version, c.UpdatedAt = c.Version+1, now
	if saved, err := s.Store.Campaign(ctx, c.Key()); err == nil && saved.Version == c.Version {
		return saved, nil
	}
	// With the version of somebody who was next, the author would overwrite them unseen.
	return c, nil
}

// Delete removes a campaign and everything known of it. While it is sending it must be stopped first.
func (s *Service) Delete(ctx context.Context, a Actor, id string) error {
	if _, err := s.own(ctx, a, id, Write); err != nil {
		return err
	}
	k := Key{a.TenantID, id}
	if err := s.Store.DeleteCampaign(ctx, k, s.Now()); err != nil {
		return err
	}
	s.forget(ctx, k)
	s.notify()
	return nil
}

// Clone copies format, content, audience and timing into a new draft, without lists and surveys that have been
// deleted and a moment or first day that has passed. What is then wrong with it is told as that of any draft whose lists have changed.
func (s *Service) Clone(ctx context.Context, a Actor, id, name string) (*Campaign, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	c, err := s.Store.Campaign(ctx, Key{a.TenantID, id})
	if err != nil {
		return nil, err
	}
	n, err := s.named(ctx, a.TenantID, c)
	if err != nil {
		return nil, err
	}
	in := Input{Name: name, Format: c.Format, Content: c.Content, Audience: c.Audience.withoutUnknown(n), Mandatory: c.Mandatory}
	if n.surveyUnknown(c) != nil {
		in.Content.SurveyID = ""
	}
	in.Timing = c.Timing.again(s.Now())
	if err := s.check(ctx, a.TenantID, &in); err != nil {
		return nil, err
	}
	return s.create(as(ctx, CampaignCloned), a, in)
}

// forget tells the queue that a campaign is over. When Redis does not answer the
// reconciler does it later, and SQL refuses to send anything meanwhile.
func (s *Service) forget(ctx context.Context, k Key) {
	if err := s.Queue.Drop(ctx, k); err != nil {
		s.Log.WarnContext(ctx, "queue did not forget the campaign; its ids are refused when claimed", "tenant", k.TenantID, "campaign", k.CampaignID, "err", err)
	}
}

func notDraft(c *Campaign) *Error {
	return Errorf(CodeConflict, "not_draft", "This campaign is %s; only drafts can be changed or sent. Clone it to send something like it again.", c.Status)
}

func stale(c *Campaign) *Error {
	e := Errorf(CodeStale, "stale_version", "Someone else changed this campaign meanwhile. Compare with their version, then save again.")
	e.Current = c
	return e
}

// explain turns a lost compare-and-set into the reason that a person can act on.
func (s *Service) explain(ctx context.Context, k Key, err error) error {
	switch CodeOf(err) {
	case CodeConflict, CodeStale:
	default:
		return err
	}
	c, gerr := s.Store.Campaign(ctx, k)
	switch {
	case gerr != nil:
		return gerr
	case c.Status != Draft:
		return notDraft(c)
	case c.waits():
		return waiting(c)
	default:
		return stale(c)
	}
}
