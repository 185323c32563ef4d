package delivery

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/schedule"
	"herald/campaigns/track"
)

// templateLife bounds how long a compiled campaign is kept after its last use.
const templateLife = 10 * time.Minute

// surveyLook is how often a sender looks whether the survey that it sends has been closed.
const surveyLook = 2 * time.Second

// sender puts marked attempts on the wire.
type sender struct {
	queue     Queue
	ledger    Ledger
	messenger campaigns.Messenger
	returns   Returns
	settings  campaigns.Settings
	stock     *stock
	results   chan<- finished
	lease     time.Duration
	now       func() time.Time
	log       *slog.Logger
	observer  Observer
	outages   outages

	mu        sync.Mutex
	templates map[Key]*template
}

type template struct {
	tpl       *campaigns.Template
	number    uint64 // the campaign's
	mandatory bool
	used      time.Time
	survey    bool
	looked    time.Time         // when closes was read
	closes    *time.Time        // nil: no end yet
	window    *campaigns.Window // of a timed campaign
}

// run sends one message after the other until there are no jobs any more. What is on the wire when ctx
// ends is finished; what is not there yet is given back.
func (s *sender) run(ctx context.Context) {
	for j := range s.stock.jobs {
		if ctx.Err() != nil || s.outdated(j) {
			s.results <- finished{j.lease, unmade(j.attempt, s.now(), "")}
		} else {
			f := s.send(context.WithoutCancel(ctx), j)
			s.results <- f
			if f.result.Status == campaigns.DeliverySent && j.attempt.CardID != "" && s.returns != nil {
				s.returns.CameBack(context.WithoutCancel(ctx), j.attempt.Reference, j.attempt.CardID)
			}
		}
	}
}

// outdated says whether something happened since the job was marked, or may have, that forbids to send it.
func (s *sender) outdated(j job) bool {
	return time.Since(j.marked) > freshness || time.Since(j.claimed) > s.lease/2 ||
		s.queue.Dropped(j.attempt.Key).After(j.marked) || s.outages.since(j.attempt.TenantID).After(j.claimed)
}

// send makes one attempt.
func (s *sender) send(ctx context.Context, j job) finished {
	a := j.attempt
	t, err := s.template(ctx, a.Key)
	h := hoursOf(t, a)
	if r, closed := h.closed(a, s.now()); closed {
		return finished{j.lease, r}
	}
	if _, err := s.queue.Late(ctx, a.TenantID, 1, time.Since(j.counted)); err != nil { // a busy machine wakes senders late
		s.log.WarnContext(ctx, "the queue does not know that a message leaves late", "err", err)
	}
	began := time.Now()
	late := max(0, s.now().Sub(a.DueAt))
	var o campaigns.Outcome
	if err != nil {
		o = campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.ServiceError, Detail: err.Error()}
	} else {
		o = s.attempt(ctx, t, a)
	}
	r := Result{Ref: a.Ref, Number: a.Number, At: s.now(), Reason: o.Reason, ActivityID: o.ActivityID, Reference: o.Reference}
	switch o.Kind {
	case campaigns.OutcomeSent:
		r.Status, r.Reason, r.ConversationID = campaigns.DeliverySent, "", a.Reference.ConversationID
		if o.Reference != nil {
			r.ConversationID = o.Reference.ConversationID
		}
	case campaigns.OutcomeRetry:
		r.Status = campaigns.DeliveryFailed
		if next, putOff := h.again(a, r.At, o.RetryAfter); !next.IsZero() {
			r.Status, r.NextAt, r.Repeated, r.PutOff, r.Zone = campaigns.DeliveryRescheduled, next, o.Ambiguous, putOff, a.Zone
		}
	default:
		r.Status = campaigns.DeliveryFailed
	}
	s.yield(ctx, a.TenantID, o, began)
	if r.Status != campaigns.DeliverySent {
		s.log.InfoContext(ctx, "message not sent", "tenant", a.TenantID, "campaign", a.CampaignID, "seq", a.Seq, "attempt", a.Number, "status", r.Status, "reason", r.Reason, "detail", o.Detail)
	}
	s.observer.Sent(r, time.Since(began), late)
	return finished{j.lease, r}
}

// yield slows the tenant down, at once and not only when the outcome is in the ledger: until then every
// sender would run into the same refusal.
func (s *sender) yield(ctx context.Context, tenantID string, o campaigns.Outcome, began time.Time) {
	wait := min(max(o.RetryAfter, time.Second), schedule.MaxRetryAfter)
	if o.Kind == campaigns.OutcomeRetry && o.Slow {
		if err := s.queue.Slow(ctx, tenantID, s.queueNow(ctx).Add(wait)); err != nil {
			s.log.WarnContext(ctx, "tenant not slowed down", "tenant", tenantID, "err", err)
		}
	}
	pause := s.outages.note(tenantID, o.Kind != campaigns.OutcomeRetry, began)
	if pause == 0 {
		return
	}
	if o.Slow {
		pause = max(pause, wait)
	}
	s.log.WarnContext(ctx, "nothing gets through to Teams; the tenant is paused", "tenant", tenantID, "pause", pause, "reason", o.Reason, "detail", o.Detail)
	if err := s.queue.Pause(ctx, tenantID, s.queueNow(ctx).Add(pause)); err != nil {
		s.log.WarnContext(ctx, "tenant not paused", "tenant", tenantID, "err", err)
		return
	}
	s.outages.stands(tenantID)
}

// queueNow is now on the clock by which the queue holds back: the machine's may differ by more than a pause lasts.
func (s *sender) queueNow(ctx context.Context) time.Time {
	now, err := s.queue.Now(ctx)
	if err != nil {
		return s.now() // what it is told now it does not hear either
	}
	return now
}

func (s *sender) attempt(ctx context.Context, t template, a Attempt) campaigns.Outcome {
	gone := func(r campaigns.Reason, detail string) campaigns.Outcome {
		return campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: r, Detail: detail}
	}
	switch a.Reference.State {
	case campaigns.Installed:
	case campaigns.Blocked:
		return gone(campaigns.BlockedByUser, "blocked since the campaign was planned")
	default:
		return gone(campaigns.NotInstalled, "uninstalled since the campaign was planned")
	}
	if a.Reference.OptedOut && !t.mandatory {
		return gone(campaigns.OptedOut, "opted out while an attempt was on the wire, or the campaign was being planned")
	}
	if t.closes != nil && !s.now().Before(*t.closes) {
		return gone(campaigns.ClosedSurvey, "closed since the campaign was scheduled")
	}
	who := campaigns.Addressee(a.Person, a.Reference)
	if a.Cells != "" {
		var m campaigns.Member
		if err := campaigns.DecodeCells(a.Cells, &m); err != nil {
			return gone(campaigns.MissingData, "the list's values cannot be read: "+err.Error())
		}
		who = campaigns.Personalise(who, m)
	}
	var link func(int) string
	if t.tpl.Tracked() {
		link = func(n int) string {
			return s.settings.Link(track.Ref{Campaign: t.number, Seq: uint64(a.Seq), Link: uint64(n)})
		}
	}
	out, err := t.tpl.Render(who, a.Reference, link)
	var missing *message.MissingDataError
	if errors.As(err, &missing) {
		return gone(campaigns.MissingData, err.Error())
	}
	if err != nil {
		return gone(campaigns.BadRequest, err.Error())
	}
	body, err := out.Body()
	var large *message.TooLargeError // a long name in a long text; the author's draft was within the limit
	if errors.As(err, &large) {
		return gone(campaigns.TooLarge, err.Error())
	}
	if err != nil {
		return gone(campaigns.BadRequest, err.Error())
	}
	correlation := a.CampaignID + ":" + a.Person.ID
	if a.Return > 0 {
		correlation += ":" + strconv.Itoa(a.Return)
	}
	return s.messenger.Send(ctx, a.Reference, body, correlation)
}

// template returns the campaign compiled, once per campaign: content is frozen while it is sending. Only when its survey
// closes is not.
func (s *sender) template(ctx context.Context, k Key) (template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	t := s.templates[k]
	if t != nil && (!t.survey || now.Sub(t.looked) < surveyLook) {
		t.used = now
		return *t, nil
	}
	for old, o := range s.templates {
		if now.Sub(o.used) > templateLife {
			delete(s.templates, old)
		}
	}
	work, err := s.ledger.Work(ctx, k)
	if err != nil {
		return template{}, err
	}
	if t == nil {
		t = &template{survey: work.Format == message.Survey, number: uint64(work.Number), mandatory: work.Mandatory, window: work.Window}
		if t.tpl, err = s.settings.Compile(work.Work); err != nil {
			return template{}, err
		}
	}
	t.used, t.looked, t.closes = now, now, work.Closes
	s.templates[k] = t
	return *t, nil
}
