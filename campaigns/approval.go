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
	// Alone: nobody was asked, since the audience was small enough when RequestedBy sent it. If it grows until the start, they ask.
	Alone ApprovalState = "alone"
	// Withdrawn and Deleted stand on the cards of those who were asked, never at a campaign.
	Withdrawn ApprovalState = "withdrawn"
	Deleted   ApprovalState = "deleted"
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
	// Grown: it was held back at its start, since its audience had grown. Before is for how many it was approved then; 0: it had
	// needed no approval.
	Grown  bool `json:"grown,omitempty"`
	Before int  `json:"before,omitempty"`
}

// Forget makes a person in it a former colleague.
func (ap *Approval) Forget(personID string) {
	for _, who := range []*Author{&ap.RequestedBy, ap.By} {
		if who != nil && who.ID == personID {
			*who = Author{ID: Former}
		}
	}
}

// MaxComment is the longest comment of a decision, in characters.
const MaxComment = 500

// ChatRoleAge is how long a role counts in the chat after its owner last opened the tab: what the bot hears carries no roles, and
// somebody may have lost theirs since. After that they decide in the tab, where a fresh token proves it.
const ChatRoleAge = 24 * time.Hour

// AskedRoleAge is how long after they last opened the tab somebody with the role is asked in the chat. At most MaxAsked are; the
// tab shows the question to everybody who may decide.
const (
	AskedRoleAge = 14 * 24 * time.Hour
	MaxAsked     = 50
)

// approvedGrowth is by how much, in per cent, an audience may grow between its approval and the start of its campaign.
const approvedGrowth = 10

// ApprovalStore keeps approvals, and who has which role. Each change of an approval is one compare-and-set, and writes into its own
// transaction the notices that bring it into chats: none is lost or comes twice, whatever stops in between.
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
	// RoleHolder is who has shown a role since then; CodeNotFound when that person has not.
	RoleHolder(ctx context.Context, tenantID, personID string, since time.Time) (Actor, error)
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
	s.notify()
	return c, nil
}

// notify has the notices brought that a change has just written.
func (s *Service) notify() {
	if s.Notify != nil {
		s.Notify()
	}
}

// Ceiling is the largest audience, in people, with which c may start as it was scheduled: above, the limit of the installation, or what
// was approved and a tenth more; 0: any.
func (c *Campaign) Ceiling(above int) int {
	if above > 0 && c.Approval != nil && c.Approval.State == Approved {
		return max(above, c.Approval.Recipients+c.Approval.Recipients*approvedGrowth/100)
	}
	return max(above, 0)
}

// Held is the question about a campaign that may not start, since its audience has grown to that many people. Whoever sent it, or asked
// first, asks, and decides as little as before. It is sent as soon as it is approved, in what is left of its window if it has one: its moment has come.
func (c *Campaign) Held(recipients int, now time.Time) Approval {
	ap := Approval{State: Waiting, RequestedBy: c.UpdatedBy, RequestedAt: now, Window: c.Timing.Window, Recipients: recipients, Grown: true}
	if ap.RequestedBy.ID == "" {
		ap.RequestedBy = c.CreatedBy
	}
	if was := c.Approval; was != nil {
		ap.RequestedBy = was.RequestedBy
		if was.State == Approved {
			ap.Before = was.Recipients
		}
	}
	return ap
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
	if err == nil {
		s.notify()
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
	sendAt, until, err := t.sending(now, true)
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
	s.notify()
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
	s.notify()
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

// DecideInChat is Approve or Reject by a button in the chat of a person. Their role is the one that their token showed when
// they last opened the tab, if that was within ChatRoleAge; else CodeForbidden, "role_unknown": the tab takes the decision.
func (s *Service) DecideInChat(ctx context.Context, tenantID, personID, id string, version int, approve bool, comment string) (*Campaign, error) {
	a, err := s.Store.RoleHolder(ctx, tenantID, personID, s.Now().Add(-ChatRoleAge))
	if CodeOf(err) == CodeNotFound {
		return nil, Errorf(CodeForbidden, "role_unknown", "Open Herald to decide: it has not seen your role within the last day.")
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
