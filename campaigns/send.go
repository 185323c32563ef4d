package campaigns

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// Send schedules a complete draft: for at, or for now when at is nil. version 0
// accepts the newest. At most 144 hours ahead. A second call is CodeConflict.
func (s *Service) Send(ctx context.Context, a Actor, id string, version int, at *time.Time) (*Campaign, error) {
	return s.send(ctx, a, id, version, Timing{At: at})
}

// SendWithin is Send within a window: everybody gets the message at a moment of their own.
func (s *Service) SendWithin(ctx context.Context, a Actor, id string, version int, w Window) (*Campaign, error) {
	w = w.normalise()
	return s.send(ctx, a, id, version, Timing{Window: &w})
}

func (s *Service) send(ctx context.Context, a Actor, id string, version int, t Timing) (*Campaign, error) {
	c, err := s.own(ctx, a, id, Send)
	if err != nil {
		return nil, err
	}
	k := c.Key()
	if c.Status != Draft {
		return nil, notDraft(c)
	}
	if c.waits() {
		return nil, waiting(c)
	}
	if version != 0 && c.Version != version {
		return nil, stale(c)
	}
	now := s.Now()
	sendAt, until, err := t.sending(now, false)
	if err != nil {
		return nil, err
	}
	if err := s.sendable(ctx, c, until); err != nil {
		return nil, err
	}
	if err := s.fits(ctx, a, c, t.Window); err != nil {
		return nil, err
	}
	if recipients, err := s.needsApproval(ctx, a, c); err != nil {
		return nil, err
	} else if recipients > 0 {
		return s.ask(ctx, a, c, t, recipients)
	}
	// The version just checked is the one that is sent, even if someone saves in between.
	draft := c
	if t.Window != nil {
		c, err = s.Store.ScheduleWithin(ctx, k, c.Version, *t.Window, sendAt, now)
	} else {
		c, err = s.Store.ScheduleCampaign(ctx, k, c.Version, sendAt, now)
	}
	if err != nil {
		if n, nerr := s.named(ctx, a.TenantID, draft); nerr == nil {
			if cerr := s.complete(draft, n); cerr != nil { // a list was deleted just now, a survey changed
				return nil, cerr
			}
		}
		return nil, s.explain(ctx, k, err)
	}
	s.start(ctx, c, sendAt)
	s.Log.InfoContext(ctx, "campaign scheduled", "tenant", k.TenantID, "campaign", k.CampaignID, "send_at", sendAt, "by", a.PersonID)
	return c, nil
}

// sendable says why a draft could not be sent, when its last message would leave at that moment.
func (s *Service) sendable(ctx context.Context, c *Campaign, until time.Time) error {
	n, err := s.named(ctx, c.TenantID, c)
	if err != nil {
		return err
	}
	if err := s.complete(c, n); err != nil {
		return err
	}
	if sv := n.surveys[c.Content.SurveyID]; sv != nil && !sv.Open(until) {
		return invalid([]message.Problem{{Field: surveyField, Code: "survey_closed", Message: "The survey closes before the campaign would be sent. Send earlier, or let the survey close later.", Value: short(sv.Name)}})
	}
	// The rules may have become stricter since the draft was saved.
	ps, err := s.validate(ctx, c.TenantID, c.Format, c.Content, s.variables(c.Audience, n))
	if err == nil && len(ps) > 0 {
		err = invalid(ps)
	}
	return err
}

// start tells the queue of a campaign that has been scheduled.
func (s *Service) start(ctx context.Context, c *Campaign, sendAt time.Time) {
	if err := s.Queue.ScheduleStart(ctx, c.Key(), sendAt); err != nil {
		s.Log.WarnContext(ctx, "queue does not answer; the reconciler schedules the campaign", "tenant", c.TenantID, "campaign", c.ID, "err", err)
	}
}

// Unschedule takes a scheduled campaign back: it is a draft again, meant for the same moment if that is still to come.
func (s *Service) Unschedule(ctx context.Context, a Actor, id string) (*Campaign, error) {
	if _, err := s.own(ctx, a, id, Send); err != nil {
		return nil, err
	}
	k := Key{a.TenantID, id}
	c, err := s.Store.UnscheduleCampaign(ctx, k, s.Now())
	if CodeOf(err) == CodeConflict {
		if c, gerr := s.Store.Campaign(ctx, k); gerr == nil {
			return nil, Errorf(CodeConflict, "not_scheduled", "This campaign is %s; only a scheduled campaign can be taken back.", c.Status)
		}
	}
	if err != nil {
		return nil, err
	}
	s.forget(ctx, k)
	return c, nil
}

// Stop ends a scheduled or sending campaign. What is on the wire arrives; nothing else does.
func (s *Service) Stop(ctx context.Context, a Actor, id string) (*Campaign, error) {
	if _, err := s.own(ctx, a, id, Send); err != nil {
		return nil, err
	}
	k := Key{a.TenantID, id}
	c, err := s.Store.StopCampaign(ctx, k, s.Now())
	if CodeOf(err) == CodeConflict {
		if c, gerr := s.Store.Campaign(ctx, k); gerr == nil {
			return nil, Errorf(CodeConflict, "not_running", "This campaign is %s; only a scheduled or sending campaign can be stopped.", c.Status)
		}
	}
	if err != nil {
		return nil, err
	}
	s.forget(ctx, k)
	s.Log.InfoContext(ctx, "campaign stopped", "tenant", k.TenantID, "campaign", k.CampaignID, "by", a.PersonID)
	return c, nil
}

// Verification answers: is there such a person, and do they have the app?
type Verification struct {
	Found     bool
	Installed bool
	Blocked   bool
	Person    Person
	Reference Reference
}

// Verify looks an address up, first among the people Herald knows, then in the directory.
func (s *Service) Verify(ctx context.Context, a Actor, email string) (Verification, error) {
	if err := a.require(Prepare); err != nil {
		return Verification{}, err
	}
	if !isAddress(email) {
		return Verification{}, Errorf(CodeInvalid, "invalid_address", "%s", notAnAddress(email))
	}
	p, err := s.Roster.Find(ctx, a.TenantID, email)
	if CodeOf(err) == CodeNotFound {
		return Verification{}, nil
	}
	if err != nil {
		return Verification{}, err
	}
	v := Verification{Found: true, Person: p}
	ref, err := s.Store.Reference(ctx, a.TenantID, p.ID)
	switch {
	case CodeOf(err) == CodeNotFound:
	case err != nil:
		return Verification{}, err
	default:
		v.Reference, v.Installed, v.Blocked = ref, ref.State == Installed, ref.State == Blocked
	}
	return v, nil
}

// Try sends the campaign as it stands to one person, at once and outside any count.
func (s *Service) Try(ctx context.Context, a Actor, id, email string) (Person, error) {
	c, err := s.own(ctx, a, id, Write)
	if err != nil {
		return Person{}, err
	}
	if ps := message.Incomplete(c.Format, c.Content); len(ps) > 0 {
		return Person{}, &Error{Code: CodeInvalid, Reason: "incomplete", Message: "There is nothing to try yet. " + ps[0].Message, Problems: ps}
	}
	n, err := s.named(ctx, a.TenantID, c)
	if err != nil {
		return Person{}, err
	}
	work := Work{CampaignID: c.ID, Format: c.Format, Content: c.Content, Try: true, Later: c.Timing.Window != nil && mayWait(c.Format)}
	if c.Format == message.Survey {
		q := n.survey(c)
		switch {
		case q == nil:
			ps := []message.Problem{{Field: surveyField, Code: "survey_unknown", Message: "The survey has been deleted. Choose another one."}}
			return Person{}, &Error{Code: CodeInvalid, Reason: "incomplete", Message: "There is nothing to try yet. " + ps[0].Message, Problems: ps}
		case q.problem != nil:
			return Person{}, &Error{Code: CodeInvalid, Reason: "incomplete", Message: "There is nothing to try yet. " + q.problem.Message, Problems: n.surveyMissing(c, s.variables(c.Audience, n), s.Now())}
		}
		work.Survey, work.Content.SurveyVersion = &q.definition, n.version(c)
	}
	v, err := s.Verify(ctx, a, email)
	switch {
	case err != nil:
		return Person{}, err
	case !v.Found:
		return Person{}, Errorf(CodeInvalid, string(UserNotFound), "Nobody in your organisation has the address %s. Check the spelling.", short(email))
	case v.Blocked:
		return Person{}, Errorf(CodeInvalid, string(BlockedByUser), "%s has blocked Herald. They can unblock it by writing to it in Teams.", v.Person.DisplayName)
	case !v.Installed:
		return Person{}, Errorf(CodeInvalid, string(NotInstalled), "%s does not have Herald in Teams yet. Ask them to add the app, or choose someone else.", v.Person.DisplayName)
	}
	tpl, err := s.Settings.Compile(work)
	if err != nil {
		return Person{}, fmt.Errorf("compile campaign %s: %w", c.ID, err)
	}
	m, err := s.memberOf(ctx, a.TenantID, n.valuesOf(c.Audience), v.Person)
	if err != nil {
		return Person{}, err
	}
	out, err := tpl.Render(Personalise(Addressee(v.Person, v.Reference), m), v.Reference, nil)
	if err != nil {
		var missing *message.MissingDataError
		if errors.As(err, &missing) && m.ID == "" {
			// The tester is in none of the lists: instead of values they see the names of the columns.
			columns := s.variables(c.Audience, n)
			if !slices.ContainsFunc(missing.Variables, func(name string) bool { return !slices.Contains(columns, name) }) {
				err, missing = nil, nil
			}
		}
		if missing != nil {
			return Person{}, &Error{Code: CodeInvalid, Reason: string(MissingData), Message: fmt.Sprintf("There is no value for [%s] for %s.", missing.Variables[0], v.Person.DisplayName), Err: err}
		}
		if err != nil {
			return Person{}, fmt.Errorf("render campaign %s: %w", c.ID, err)
		}
	}
	body, err := out.Body()
	var large *message.TooLargeError
	if errors.As(err, &large) {
		return Person{}, &Error{Code: CodeInvalid, Reason: string(TooLarge), Message: refusal(TooLarge, v.Person), Err: err}
	}
	if err != nil {
		return Person{}, fmt.Errorf("encode campaign %s: %w", c.ID, err)
	}
	// Before it leaves, so that nobody gets a test of which the log knows nothing.
	if err := s.Store.Audit(ctx, a.TenantID, CampaignTried, c.target(), map[string]any{"to": v.Person.Address()}); err != nil {
		return Person{}, err
	}
	o := s.Messenger.Send(ctx, v.Reference, body, "")
	if o.Reference != nil {
		if err := s.Store.SaveReference(ctx, *o.Reference); err != nil {
			return Person{}, err
		}
	}
	switch o.Kind {
	case OutcomeSent:
		return v.Person, nil
	case OutcomeRetry:
		return Person{}, &Error{Code: CodeUnavailable, Reason: string(o.Reason), Message: "Teams did not take the test just now. Try again in a moment.", RetryAfter: o.RetryAfter, Err: errors.New(o.Detail)}
	default:
		if o.Reason == Unconfirmed {
			return Person{}, &Error{Code: CodeUnavailable, Reason: string(o.Reason), Message: "Teams hung up before it confirmed the test. See whether it arrived before you try again.", Err: errors.New(o.Detail)}
		}
		return Person{}, &Error{Code: CodeInvalid, Reason: string(o.Reason), Message: refusal(o.Reason, v.Person), Err: errors.New(o.Detail)}
	}
}

func refusal(r Reason, p Person) string {
	switch r {
	case NotInstalled:
		return fmt.Sprintf("%s does not have Herald in Teams any more.", p.DisplayName)
	case BlockedByUser:
		return fmt.Sprintf("%s has blocked Herald.", p.DisplayName)
	case DisabledByAdmin:
		return "A Teams admin has disabled Herald for this person."
	case TooLarge:
		return "The message is too large for Teams. Shorten it."
	case BotUnauthorized:
		return "Teams does not accept Herald's credentials. Ask your Teams admin to run herald doctor."
	default:
		return fmt.Sprintf("Teams refused the message (%s).", r)
	}
}

// Addressee is a person as the message package sees them. The language is the one
// their Teams speaks, else the directory's.
func Addressee(p Person, r Reference) message.Person {
	locale := r.Locale
	if locale == "" {
		locale = p.Locale
	}
	return message.Person{FirstName: p.GivenName, LastName: p.Surname, DisplayName: p.DisplayName, Email: p.Address(), Locale: locale}
}

// memberOf finds a person in the first list that holds them; a member without an id when none does.
func (s *Service) memberOf(ctx context.Context, tenantID string, listIDs []string, p Person) (Member, error) {
	if len(listIDs) == 0 {
		return Member{}, nil
	}
	m, err := s.Store.MemberOf(ctx, tenantID, listIDs, p)
	if CodeOf(err) == CodeNotFound {
		return Member{}, nil
	}
	return m, err
}

// Preview is what one person would see.
type Preview struct {
	Rendered message.Rendered
	Missing  []string
	Problems []message.Problem
}

// Preview renders unsaved content for the person with the address as, or for the
// author when as is empty. Values come from the lists of the audience. Problems do not fail it as long as something can
// be shown. timed: it goes out within a window, so that recipients may be offered to have it later.
func (s *Service) Preview(ctx context.Context, a Actor, f message.Format, content message.Content, aud Audience, timed bool, as, locale string) (Preview, error) {
	if err := a.require(Read); err != nil {
		return Preview{}, err
	}
	c := &Campaign{Format: f, Content: content, Audience: aud}
	n, err := s.named(ctx, a.TenantID, c)
	if err != nil {
		return Preview{}, err
	}
	columns := s.variables(aud, n)
	ps, err := s.validate(ctx, a.TenantID, f, content, columns)
	if err != nil {
		return Preview{}, err
	}
	if p := n.surveyUnknown(c); p != nil {
		ps = append(ps, *p)
	}
	if len(ps) > 0 {
		return Preview{}, invalid(ps)
	}
	work := Work{Format: f, Content: content, Survey: &survey.Definition{}, Shown: true, Later: timed && mayWait(f)}
	if q := n.survey(c); q != nil {
		work.Survey = &q.definition
	}
	aud = aud.withoutUnknown(n)
	out, missing, err := s.show(ctx, a, work, n.valuesOf(aud), as, locale)
	if err != nil {
		return Preview{}, err
	}
	ps = message.Incomplete(f, content)
	return Preview{Rendered: out, Missing: missing, Problems: append(ps, n.surveyMissing(c, columns, s.Now())...)}, nil
}

// show renders content as the person with the address as sees it, or the author when as is empty. Values come from the lists.
func (s *Service) show(ctx context.Context, a Actor, work Work, lists []string, as, locale string) (out message.Rendered, missing []string, err error) {
	tpl, err := s.Settings.Compile(work)
	if err != nil {
		return out, nil, fmt.Errorf("compile preview: %w", err)
	}
	return s.showTemplate(ctx, a, func(p message.Person) (message.Rendered, error) { return tpl.Render(p, Reference{}, nil) }, lists, as, locale)
}

// showTemplate is show of what is compiled.
func (s *Service) showTemplate(ctx context.Context, a Actor, render func(message.Person) (message.Rendered, error), lists []string, as, locale string) (out message.Rendered, missing []string, err error) {
	self := Person{TenantID: a.TenantID, ID: a.PersonID, UPN: a.UPN}
	who := message.Person{DisplayName: a.DisplayName, Email: a.UPN, Locale: locale}
	if p, err := s.Store.FindPerson(ctx, a.TenantID, a.UPN); as == "" && err == nil {
		who.FirstName, who.LastName = p.GivenName, p.Surname
	}
	if as != "" {
		v, err := s.Verify(ctx, a, as)
		if err != nil {
			return out, nil, err
		}
		if !v.Found {
			return out, nil, Errorf(CodeInvalid, string(UserNotFound), "Nobody in your organisation has the address %s.", short(as))
		}
		self, who = v.Person, Addressee(v.Person, v.Reference)
		if locale != "" {
			who.Locale = locale
		}
	}
	m, err := s.memberOf(ctx, a.TenantID, lists, self)
	if err != nil {
		return out, nil, err
	}
	who = Personalise(who, m)
	out, err = render(who)
	var gaps *message.MissingDataError
	if err != nil && !errors.As(err, &gaps) {
		return out, nil, fmt.Errorf("render preview: %w", err)
	}
	return out, out.Missing, nil
}
