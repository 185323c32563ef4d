package campaigns

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"herald/campaigns/message"
	"herald/campaigns/schedule"
)

// ApprovalState is where the question stands whether a large campaign may be sent.
type ApprovalState string

const (
	Waiting  ApprovalState = "waiting"  // the draft is frozen until somebody decides or its author withdraws
	Approved ApprovalState = "approved" // it was scheduled in the same moment
	Rejected ApprovalState = "rejected" // it is a draft like any other, and may be changed and asked for again
)

// Approval is what a second person was asked and what they said. The campaign stays a draft while it waits.
type Approval struct {
	State       ApprovalState `json:"state"`
	RequestedBy Author        `json:"requestedBy"`
	RequestedAt time.Time     `json:"requestedAt"`
	SendAt      *time.Time    `json:"sendAt,omitempty"` // the moment asked for; nil: as soon as it is approved
	Window      *Window       `json:"window,omitempty"` // instead of a moment
	Recipients  int           `json:"recipients"`       // in the audience when it was asked
	By          *Author       `json:"by,omitempty"`
	DecidedAt   *time.Time    `json:"decidedAt,omitempty"`
	Comment     string        `json:"comment,omitempty"`
}

// MaxComment is the longest comment of a decision, in characters.
const MaxComment = 500

// chatRoleAge is how long a role counts in the chat after its owner last opened the tab: what the bot hears carries no roles.
const chatRoleAge = 14 * 24 * time.Hour

// maxAsked is how many people are asked in their chats; the tab shows the question to everybody who may decide.
const maxAsked = 50

// askPatience bounds how long a request to send waits for the cards to leave.
const askPatience = 5 * time.Second

// ApprovalStore keeps approvals, and who has which role. Each change of an approval is one compare-and-set.
type ApprovalStore interface {
	// RequestApproval: a draft of that version that does not wait -> waiting. CodeConflict else.
	RequestApproval(ctx context.Context, k Key, version int, ap Approval, now time.Time) (*Campaign, error)
	// WithdrawApproval: waiting -> none. CodeConflict else.
	WithdrawApproval(ctx context.Context, k Key, now time.Time) (*Campaign, error)
	// ApproveCampaign: a waiting draft of that version -> approved and scheduled. CodeConflict else; "unknown_list" as ScheduleCampaign.
	ApproveCampaign(ctx context.Context, k Key, version int, ap Approval, sendAt, now time.Time) (*Campaign, error)
	// RejectCampaign: a waiting draft of that version -> rejected. CodeConflict else.
	RejectCampaign(ctx context.Context, k Key, version int, ap Approval, now time.Time) (*Campaign, error)

	// SaveRoles notes the roles that a person's token has just shown.
	SaveRoles(ctx context.Context, a Actor, now time.Time) error
	// RoleHolders lists who has shown a role since then, the latest first; at most limit.
	RoleHolders(ctx context.Context, tenantID string, since time.Time, limit int) ([]Actor, error)
	// RoleHolder is one of them; CodeNotFound when that person is none.
	RoleHolder(ctx context.Context, tenantID, personID string, since time.Time) (Actor, error)
}

// Courier brings the questions and answers about approvals into people's chats.
type Courier interface {
	// AskApproval brings the card with the two buttons to somebody who may decide.
	AskApproval(ctx context.Context, to Reference, c *Campaign) Outcome
	// TellDecision tells who asked what became of it.
	TellDecision(ctx context.Context, to Reference, c *Campaign) Outcome
}

func (c *Campaign) waits() bool { return c.Approval != nil && c.Approval.State == Waiting }

func waiting(c *Campaign) *Error {
	return Errorf(CodeConflict, "waits_for_approval", "This campaign waits for approval and cannot be changed or sent. Withdraw the request first.")
}

func notWaiting(c *Campaign) *Error {
	switch ap := c.Approval; {
	case ap != nil && ap.State != Waiting && ap.By != nil:
		return Errorf(CodeConflict, "already_decided", "%s has already %s this campaign.", short(ap.By.DisplayName), ap.State)
	default:
		return Errorf(CodeConflict, "not_waiting", "This campaign does not wait for approval any more.")
	}
}

// Met notes the roles of somebody who has opened the tab, so that they can decide in their chat.
func (s *Service) Met(ctx context.Context, a Actor) error { return s.Store.SaveRoles(ctx, a, s.Now()) }

// needsApproval counts the audience of c where it may be too large for one person to decide; zero: it is not.
func (s *Service) needsApproval(ctx context.Context, a Actor, c *Campaign) (recipients int, err error) {
	if s.Settings.ApprovalAbove <= 0 {
		return 0, nil
	}
	n, err := s.CountAudience(ctx, a, c.Audience, 0)
	if err != nil || n.Total <= s.Settings.ApprovalAbove {
		return 0, err
	}
	return n.Total, nil
}

// ask freezes the draft and asks everybody who may decide.
func (s *Service) ask(ctx context.Context, a Actor, c *Campaign, t Timing, recipients int) (*Campaign, error) {
	k := c.Key()
	ap := Approval{State: Waiting, RequestedBy: a.author(), RequestedAt: s.moment(), SendAt: t.At, Window: t.Window, Recipients: recipients}
	c, err := s.Store.RequestApproval(ctx, k, c.Version, ap, s.Now())
	if err != nil {
		return nil, s.explain(ctx, k, err)
	}
	s.Log.InfoContext(ctx, "approval asked for", "tenant", k.TenantID, "campaign", k.CampaignID, "by", a.PersonID, "recipients", recipients)
	s.askInChats(ctx, c)
	return c, nil
}

// askInChats brings the card to those who may decide. Whom it does not reach finds the question in the tab, so that a failure here is none of the request's.
func (s *Service) askInChats(ctx context.Context, c *Campaign) {
	if s.Courier == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askPatience)
	defer cancel()
	holders, err := s.Store.RoleHolders(ctx, c.TenantID, s.Now().Add(-chatRoleAge), maxAsked)
	if err != nil {
		s.Log.WarnContext(ctx, "nobody asked in the chat for approval", "tenant", c.TenantID, "campaign", c.ID, "err", err)
		return
	}
	for _, h := range holders {
		if h.Can(Approve) && h.PersonID != c.Approval.RequestedBy.ID {
			s.bring(ctx, c, h.PersonID, s.Courier.AskApproval)
		}
	}
}

func (s *Service) bring(ctx context.Context, c *Campaign, personID string, send func(context.Context, Reference, *Campaign) Outcome) {
	ref, err := s.Store.Reference(ctx, c.TenantID, personID)
	if err != nil || ref.State != Installed {
		return // without the app there is no chat
	}
	o := send(ctx, ref, c)
	if o.Reference != nil {
		err = s.Store.SaveReference(ctx, *o.Reference)
	}
	if o.Kind != OutcomeSent || err != nil {
		s.Log.WarnContext(ctx, "message about an approval not brought", "tenant", c.TenantID, "campaign", c.ID, "person", personID, "reason", o.Reason, "detail", o.Detail, "err", err)
	}
}

// Withdraw takes back the request for approval; the draft can be changed again.
func (s *Service) Withdraw(ctx context.Context, a Actor, id string) (*Campaign, error) {
	c, err := s.own(ctx, a, id, Send)
	if err != nil {
		return nil, err
	}
	out, err := s.Store.WithdrawApproval(ctx, c.Key(), s.Now())
	if CodeOf(err) == CodeConflict {
		if c, gerr := s.Store.Campaign(ctx, c.Key()); gerr == nil {
			return nil, notWaiting(c)
		}
	}
	return out, err
}

// deciding checks that a may decide about version of a campaign.
func (s *Service) deciding(ctx context.Context, a Actor, id string, version int, comment *string) (*Campaign, error) {
	if err := a.require(Approve); err != nil {
		return nil, err
	}
	c, err := s.Store.Campaign(ctx, Key{a.TenantID, id})
	if err != nil {
		return nil, err
	}
	*comment = strings.TrimSpace(*comment)
	switch {
	case c.Approval != nil && c.Approval.RequestedBy.ID == a.PersonID && c.waits():
		return nil, Errorf(CodeForbidden, "own_request", "You asked for this approval yourself; somebody else has to decide.")
	case !c.waits():
		return nil, notWaiting(c)
	case c.Version != version:
		return nil, stale(c)
	case utf8.RuneCountInString(*comment) > MaxComment:
		return nil, invalid([]message.Problem{{Field: "/comment", Code: "comment_too_long", Message: "The comment is too long; 500 characters are the most.", Params: message.Params{"limit": MaxComment}}})
	}
	return c, nil
}

// Approve sends or schedules, as its author asked, a campaign that waits. version is the one that the approver has seen.
func (s *Service) Approve(ctx context.Context, a Actor, id string, version int, comment string) (*Campaign, error) {
	c, err := s.deciding(ctx, a, id, version, &comment)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	t := Timing{At: c.Approval.SendAt, Window: c.Approval.Window}
	sendAt, until, err := t.sending(now)
	if errors.Is(err, schedule.ErrPast) {
		return nil, Errorf(CodeInvalid, "send_in_past", "The moment that was asked for has passed. Reject the campaign, so that another one can be chosen.")
	}
	if err != nil {
		return nil, err
	}
	if err := s.sendable(ctx, c, until); err != nil {
		return nil, err
	}
	if err := s.fits(ctx, a, c, t.Window); err != nil {
		return nil, err
	}
	k, ap := c.Key(), s.decision(a, *c.Approval, Approved, comment)
	asked := c
	if c, err = s.Store.ApproveCampaign(ctx, k, version, ap, sendAt, now); err != nil {
		return nil, s.undecided(ctx, asked, err)
	}
	s.start(ctx, c, sendAt)
	s.Log.InfoContext(ctx, "campaign approved", "tenant", k.TenantID, "campaign", k.CampaignID, "send_at", sendAt, "by", a.PersonID)
	s.tell(ctx, c)
	return c, nil
}

// Reject gives a campaign that waits back to its author.
func (s *Service) Reject(ctx context.Context, a Actor, id string, version int, comment string) (*Campaign, error) {
	c, err := s.deciding(ctx, a, id, version, &comment)
	if err != nil {
		return nil, err
	}
	asked, k := c, c.Key()
	if c, err = s.Store.RejectCampaign(ctx, k, version, s.decision(a, *c.Approval, Rejected, comment), s.Now()); err != nil {
		return nil, s.undecided(ctx, asked, err)
	}
	s.Log.InfoContext(ctx, "campaign rejected", "tenant", k.TenantID, "campaign", k.CampaignID, "by", a.PersonID)
	s.tell(ctx, c)
	return c, nil
}

func (s *Service) decision(a Actor, ap Approval, state ApprovalState, comment string) Approval {
	by, at := a.author(), s.moment()
	ap.State, ap.By, ap.DecidedAt, ap.Comment = state, &by, &at, comment
	return ap
}

// undecided says why a decision came to nothing.
func (s *Service) undecided(ctx context.Context, asked *Campaign, err error) error {
	if CodeOf(err) != CodeConflict {
		return err
	}
	c, gerr := s.Store.Campaign(ctx, asked.Key())
	switch {
	case gerr != nil:
		return gerr
	case !c.waits():
		return notWaiting(c)
	case c.Version != asked.Version:
		return stale(c)
	default: // a list was deleted just now
		return err
	}
}

func (s *Service) tell(ctx context.Context, c *Campaign) {
	if s.Courier == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askPatience)
	defer cancel()
	s.bring(ctx, c, c.Approval.RequestedBy.ID, s.Courier.TellDecision)
}

// DecideInChat is Approve or Reject by a button in the chat of a person. Their role is the one that their token showed when
// they last opened the tab.
func (s *Service) DecideInChat(ctx context.Context, tenantID, personID, id string, version int, approve bool, comment string) (*Campaign, error) {
	a, err := s.Store.RoleHolder(ctx, tenantID, personID, s.Now().Add(-chatRoleAge))
	if CodeOf(err) == CodeNotFound {
		return nil, Errorf(CodeForbidden, "role_unknown", "Open Herald's tab once, so that it sees your role; then try again.")
	}
	if err != nil {
		return nil, err
	}
	ctx = WithActor(ctx, a, s.Now())
	if approve {
		return s.Approve(ctx, a, id, version, comment)
	}
	return s.Reject(ctx, a, id, version, comment)
}
