package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/schedule"
)

const (
	claimBatch  = 10 // small, so that a paced worker never holds what another could send
	recordBatch = 100
	recordEvery = 10 * time.Millisecond
	// templateLife bounds how long a compiled campaign is kept after its last use.
	templateLife = 10 * time.Minute
	// writeRetry is the pause before a ledger write is tried again.
	writeRetry = 200 * time.Millisecond
)

// worker claims due deliveries, sends them and records what became of them, in that
// order: SQL first, then the acknowledgement in Redis, so that a crash
// in between leaves a delivery to be refused by SQL, never a lost one.
type worker struct {
	queue     Queue
	ledger    Ledger
	messenger campaigns.Messenger
	feeder    *feeder
	settings  campaigns.Settings
	lease     time.Duration
	now       func() time.Time
	log       *slog.Logger
	observe   func(Result, time.Duration)

	slots   chan struct{} // one per send on the wire
	results chan finished
	sends   sync.WaitGroup

	mu        sync.Mutex
	templates map[Key]*template
	held      map[Ref]Lease // from the mark in SQL to the outcome in SQL
}

type template struct {
	tpl  *message.Template
	used time.Time
}

type finished struct {
	lease  Lease
	result Result
}

// claimed takes one batch on: marks the attempts in SQL and starts the sends.
func (w *worker) claimed(ctx context.Context, leases []Lease) error {
	refs := make([]Ref, len(leases))
	reclaimed := map[Ref]bool{}
	byRef := make(map[Ref]Lease, len(leases))
	for i, l := range leases {
		refs[i] = Ref{Key: l.Key, Seq: l.ID}
		byRef[refs[i]] = l
		if l.Reclaimed {
			reclaimed[refs[i]] = true
		}
	}
	now := w.now()
	attempts, err := w.ledger.BeginAttempts(ctx, refs, reclaimed, now.Add(-w.lease), now)
	if err != nil {
		w.handBack(ctx, leases)
		return fmt.Errorf("begin attempts: %w", err)
	}
	for _, a := range attempts {
		l := byRef[a.Ref]
		delete(byRef, a.Ref)
		w.hold(l)
		w.slots <- struct{}{}
		w.sends.Go(func() {
			defer func() { <-w.slots }()
			w.results <- w.send(ctx, l, a)
		})
	}
	// What SQL refused is over, or in other hands: the queue forgets it.
	if len(byRef) > 0 {
		rest := make([]Lease, 0, len(byRef))
		for _, l := range byRef {
			rest = append(rest, l)
		}
		if err := w.queue.Ack(ctx, rest); err != nil {
			return fmt.Errorf("ack refused: %w", err)
		}
	}
	return nil
}

// handBack makes deliveries due again whose attempt could not be marked. Reclaimed ones keep
// their lease: only when it runs out may they be taken over once more.
func (w *worker) handBack(ctx context.Context, leases []Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handBackTimeout)
	defer cancel()
	for _, l := range leases {
		if l.Reclaimed {
			continue
		}
		if err := w.queue.Reschedule(ctx, l, l.Until.Add(-w.lease)); err != nil {
			w.log.WarnContext(ctx, "deliveries not handed back; their leases run out", "err", err)
			return
		}
	}
}

func (w *worker) hold(l Lease) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held[Ref{Key: l.Key, Seq: l.ID}] = l
}

func (w *worker) release(batch []finished) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range batch {
		if w.held[f.result.Ref].Token == f.lease.Token {
			delete(w.held, f.result.Ref)
		}
	}
}

// renew keeps the leases of what is on the wire or waits for the ledger, until ctx ends: a
// ledger that does not answer for longer than a lease must not make others send it again.
func (w *worker) renew(ctx context.Context) {
	t := time.NewTicker(w.lease / 3)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		w.mu.Lock()
		leases := slices.Collect(maps.Values(w.held))
		w.mu.Unlock()
		// A lease that was lost is no news: SQL refuses the outcome of an attempt that another followed.
		if _, err := w.queue.Renew(ctx, leases); err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "leases not renewed; trying again", "count", len(leases), "err", err)
		}
	}
}

// send makes one attempt. It does not stop when ctx ends: what is on the wire is finished.
func (w *worker) send(ctx context.Context, l Lease, a Attempt) finished {
	ctx = context.WithoutCancel(ctx)
	began := time.Now()
	o := w.attempt(ctx, a)
	r := Result{Ref: a.Ref, Number: a.Number, At: w.now(), Reason: o.Reason, ActivityID: o.ActivityID, Reference: o.Reference, Repeated: o.Ambiguous}
	f := finished{lease: l}
	switch o.Kind {
	case campaigns.OutcomeSent:
		r.Status, r.Reason, r.ConversationID = campaigns.DeliverySent, "", a.Reference.ConversationID
		if o.Reference != nil {
			r.ConversationID = o.Reference.ConversationID
		}
	case campaigns.OutcomeRetry:
		next, giveUp := schedule.NextAttempt(r.At, a.FirstAt, a.Number, o.RetryAfter)
		if giveUp {
			r.Status = campaigns.DeliveryFailed
		} else {
			r.Status, r.NextAt = campaigns.DeliveryRescheduled, next
		}
		if o.Slow {
			w.pause(ctx, l.TenantID, min(max(o.RetryAfter, time.Second), schedule.MaxRetryAfter))
		}
	default:
		r.Status = campaigns.DeliveryFailed
	}
	if r.Status != campaigns.DeliverySent {
		w.log.InfoContext(ctx, "message not sent", "tenant", l.TenantID, "campaign", l.CampaignID, "seq", l.ID, "attempt", a.Number, "status", r.Status, "reason", r.Reason, "detail", o.Detail)
	}
	w.observe(r, time.Since(began))
	f.result = r
	return f
}

// pause slows the whole tenant down, at once and not only when the outcome is in the ledger:
// until then every free slot would send into the same refusal.
func (w *worker) pause(ctx context.Context, tenantID string, d time.Duration) {
	if err := w.queue.Pause(ctx, tenantID, w.now().Add(d)); err != nil {
		w.log.WarnContext(ctx, "tenant not paused", "tenant", tenantID, "err", err)
	}
}

func (w *worker) attempt(ctx context.Context, a Attempt) campaigns.Outcome {
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
	tpl, err := w.template(ctx, a.Key)
	if err != nil {
		return campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.ServiceError, Detail: err.Error()}
	}
	out, err := tpl.Render(campaigns.Addressee(a.Person, a.Reference))
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
	return w.messenger.Send(ctx, a.Reference, body, a.CampaignID+":"+a.Person.ID)
}

// template returns the campaign compiled, once per campaign: content is frozen while it is sending.
func (w *worker) template(ctx context.Context, k Key) (*message.Template, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if t := w.templates[k]; t != nil {
		t.used = now
		return t.tpl, nil
	}
	for old, t := range w.templates {
		if now.Sub(t.used) > templateLife {
			delete(w.templates, old)
		}
	}
	work, err := w.ledger.Work(ctx, k)
	if err != nil {
		return nil, err
	}
	tpl, err := message.Compile(work.Format, work.Content, message.Options{AssetsURL: w.settings.AssetsURL})
	if err != nil {
		return nil, err
	}
	w.templates[k] = &template{tpl: tpl, used: now}
	return tpl, nil
}

// record collects results and writes them in batches until results is closed.
func (w *worker) record(ctx context.Context) {
	stop := ctx.Done()
	ctx = context.WithoutCancel(ctx)
	var batch []finished
	flush := time.NewTimer(time.Hour)
	flush.Stop()
	for {
		select {
		case f, ok := <-w.results:
			if !ok {
				w.write(ctx, stop, batch)
				return
			}
			if batch = append(batch, f); len(batch) == 1 {
				flush.Reset(recordEvery)
			}
			if len(batch) < recordBatch {
				continue
			}
		case <-flush.C:
		}
		w.write(ctx, stop, batch)
		batch = nil
	}
}

// write puts one batch into the ledger, then tells the queue. The ledger is tried again as
// long as the process works, with the leases renewed: what is known to be sent is never
// forgotten. Once stop is closed it has half a lease; after that the leases run out,
// and the deliveries stand in SQL as attempts that may have arrived.
func (w *worker) write(ctx context.Context, stop <-chan struct{}, batch []finished) {
	if len(batch) == 0 {
		return
	}
	defer w.release(batch)
	results := make([]Result, len(batch))
	for i, f := range batch {
		results[i] = f.result
	}
	var accepted []Result
	var err error
	for last := w.lease / 2; ; {
		if accepted, err = w.ledger.Record(ctx, results); err == nil || last <= 0 {
			break
		}
		w.log.WarnContext(ctx, "outcomes not recorded; trying again", "count", len(results), "err", err)
		select {
		case <-stop:
			last -= writeRetry
		default:
		}
		time.Sleep(writeRetry)
	}
	if err != nil {
		w.log.ErrorContext(ctx, "outcomes lost to the ledger; these messages may be repeated", "count", len(results), "err", err)
		return
	}
	again := map[Ref]time.Time{}
	for _, r := range accepted {
		if r.Status == campaigns.DeliveryRescheduled {
			again[r.Ref] = r.NextAt
		}
	}
	var done []Lease
	touched := map[Key]bool{}
	for _, f := range batch {
		touched[f.lease.Key] = true
		at, ok := again[f.result.Ref]
		if !ok {
			done = append(done, f.lease)
			continue
		}
		if err := w.queue.Reschedule(ctx, f.lease, at); err != nil {
			w.log.WarnContext(ctx, "not rescheduled; the reconciler does it", "err", err)
		}
	}
	if err := w.queue.Ack(ctx, done); err != nil {
		w.log.WarnContext(ctx, "not acknowledged; SQL refuses them when they come again", "err", err)
	}
	for k := range touched {
		if err := w.feeder.more(ctx, k); err != nil {
			w.log.WarnContext(ctx, "queue not fed; the reconciler does it", "err", err)
		}
	}
}
