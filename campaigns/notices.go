package campaigns

import (
	"context"
	"log/slog"
	"time"

	"herald/campaigns/schedule"
)

// NoticeKind is what a notice brings into a chat.
type NoticeKind string

const (
	Asks  NoticeKind = "ask"  // the card on which somebody decides; it stays until it shows what became of the question
	Tells NoticeKind = "tell" // what became of a campaign, for who asked
)

// Notice is something about an approval that one person is to see in their chat. It lies in SQL from the moment of what it tells, so that
// neither a restart nor a Teams that does not answer loses it.
type Notice struct {
	Key
	Round    int // the campaign's version when it was asked: each question has cards of its own
	PersonID string
	Kind     NoticeKind

	// Name, Version and Approval are of the campaign as they are to be shown.
	Name     string
	Version  int
	Approval Approval

	Settled    bool   // of Asks: nobody is to decide any more
	ActivityID string // of Asks: the card that is in the chat; empty: none yet
	Attempts   int    // this one included
	MadeAt     time.Time
}

// NoticeStore keeps notices until they are brought. Its methods serve all tenants.
type NoticeStore interface {
	// ClaimNotices takes up to limit notices that are due at now, for nobody else during the lease, and counts the attempt. The lease
	// begins at real, which no clock that leaps moves.
	ClaimNotices(ctx context.Context, now, real time.Time, lease time.Duration, limit int) ([]Notice, error)
	// NoticeBrought notes that the person has it. A card that may still be decided on waits, with its activity's id, until it is
	// settled; everything else is done. At once, when it was settled meanwhile.
	NoticeBrought(ctx context.Context, n Notice, activityID string, now time.Time) error
	// NoticeAgain has it tried again at that moment.
	NoticeAgain(ctx context.Context, n Notice, at time.Time) error
	// NoticeDropped gives it up.
	NoticeDropped(ctx context.Context, n Notice) error
	// Reference is the store's.
	Reference(ctx context.Context, tenantID, personID string) (Reference, error)
	SaveReference(ctx context.Context, r Reference) error
}

// Courier brings notices into chats.
type Courier interface {
	// Bring writes what a notice says.
	Bring(ctx context.Context, to Reference, n Notice) Outcome
	// Amend makes the card of a settled notice show what became of the question, without its buttons.
	Amend(ctx context.Context, to Reference, n Notice) Outcome
}

const (
	// noticesEvery is how often notices are looked for that another process wrote, or that are to be tried again.
	noticesEvery = 2 * time.Second
	// noticePatience bounds one attempt; noticeLease is longer than those of all that are claimed at once, one after the other, so that
	// nobody repeats one that is under way.
	noticePatience = 30 * time.Second
	noticeLease    = 2 * time.Minute
	noticesAtOnce  = 3
)

// Notifier brings notices, with the patience of deliveries: up to twelve attempts within six hours. Any number of them share the work.
type Notifier struct {
	Store   NoticeStore
	Courier Courier
	Now     func() time.Time
	Log     *slog.Logger

	poke chan struct{}
}

// NewNotifier makes a notifier.
func NewNotifier(s NoticeStore, c Courier, now func() time.Time, log *slog.Logger) *Notifier {
	return &Notifier{Store: s, Courier: c, Now: now, Log: log, poke: make(chan struct{}, 1)}
}

// Poke has it look at once.
func (o *Notifier) Poke() {
	select {
	case o.poke <- struct{}{}:
	default: // it will look already
	}
}

// Run works until ctx ends; the attempts that are under way then are finished.
func (o *Notifier) Run(ctx context.Context) {
	t := time.NewTicker(noticesEvery)
	defer t.Stop()
	for {
		if err := o.Work(ctx); err != nil && ctx.Err() == nil {
			o.Log.WarnContext(ctx, "notices about approvals wait: the database does not answer", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-o.poke:
		}
	}
}

// Work brings whatever is due.
func (o *Notifier) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		due, err := o.Store.ClaimNotices(ctx, o.Now(), time.Now(), noticeLease, noticesAtOnce)
		if err != nil || len(due) == 0 {
			return err
		}
		for i, n := range due {
			if ctx.Err() != nil {
				return o.handBack(ctx, due[i:])
			}
			if err := o.bring(context.WithoutCancel(ctx), n); err != nil {
				return err
			}
		}
	}
	return nil
}

// handBack lets another process have at once what a stopping one did not begin.
func (o *Notifier) handBack(ctx context.Context, ns []Notice) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noticePatience)
	defer cancel()
	for _, n := range ns {
		if err := o.Store.NoticeAgain(ctx, n, o.Now()); err != nil {
			return err
		}
	}
	return nil
}

// bring makes one attempt. Whom it cannot reach finds the question in the tab.
func (o *Notifier) bring(ctx context.Context, n Notice) error {
	if n.Settled && n.ActivityID == "" {
		return o.Store.NoticeDropped(ctx, n) // decided before the card left
	}
	ref, err := o.Store.Reference(ctx, n.TenantID, n.PersonID)
	if CodeOf(err) == CodeNotFound || err == nil && ref.State != Installed { // without the app there is no chat
		return o.Store.NoticeDropped(ctx, n)
	}
	if err != nil {
		return err
	}
	send := o.Courier.Bring
	if n.Settled {
		send = o.Courier.Amend
	}
	trying, cancel := context.WithTimeout(ctx, noticePatience)
	out := send(trying, ref, n)
	cancel()
	if out.Reference != nil {
		if err := o.Store.SaveReference(ctx, *out.Reference); err != nil {
			return err
		}
	}
	log := o.Log.With("tenant", n.TenantID, "campaign", n.CampaignID, "person", n.PersonID, "attempt", n.Attempts, "reason", out.Reason, "detail", out.Detail)
	switch out.Kind {
	case OutcomeSent:
		return o.Store.NoticeBrought(ctx, n, out.ActivityID, o.Now())
	case OutcomeRetry:
		next, giveUp := schedule.NextAttempt(o.Now(), n.MadeAt, n.Attempts, out.RetryAfter)
		if !giveUp {
			log.InfoContext(ctx, "notice about an approval not brought; it is tried again", "at", next)
			return o.Store.NoticeAgain(ctx, n, next)
		}
	}
	log.WarnContext(ctx, "notice about an approval given up; the tab says the same")
	return o.Store.NoticeDropped(ctx, n)
}
