package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"herald/campaigns"
)

const (
	// Window is how many deliveries of one campaign wait in Redis at most, beside those on
	// the wire. It bounds Redis' memory whatever the audience, and keeps the embedded server fast.
	Window = 2000
	// feedBatch is how many go to Redis in one call.
	feedBatch = 1000
	// reconcileEvery is how often SQL and Redis are compared when nothing calls for it sooner.
	reconcileEvery = 2 * time.Second
	// horizon is how far ahead a delivery may be due to lie in Redis. Those that are due
	// later wait in SQL, so that a crowd of them neither fills Redis nor keeps others
	// out of the window. It is longer than the pause between two comparisons, so nothing is late for it.
	horizon = 5 * reconcileEvery
)

// feeder keeps the window of each running campaign filled from SQL, in due order, and is
// the reconciler: feeding an id twice changes nothing, so "feed what SQL says is
// due" repairs whatever Redis lost.
type feeder struct {
	queue  Queue
	ledger Ledger
	// stale is how old an attempt without an outcome must be to be fed again, in real time: a clock that leaps ends nobody.
	stale time.Duration
	now   func() time.Time
	log   *slog.Logger
	// opened hears of every campaign that has something to do, whenever SQL and Redis are compared.
	opened func(context.Context, []Open)

	mu sync.Mutex
	// whole are the planned campaigns of which everything that is left and due lies in Redis already.
	// Without it each outcome at the end of a campaign would feed all that is left again.
	whole map[Key]bool
	// fed is the last delivery of each campaign that was fed. What comes before it is fed again only when SQL
	// and Redis are compared.
	fed    map[Key]Due
	hungry map[Key]bool  // campaigns whose window may have room
	wake   chan struct{} // something is hungry
	poke   chan struct{} // SQL and Redis are to be compared now
}

// released has what the gate has let through fed at once. It may be due before what was fed last.
func (f *feeder) released(k Key) {
	f.mu.Lock()
	delete(f.fed, k)
	f.whole[k] = false
	f.mu.Unlock()
	f.more(k)
}

// more has the campaign's window filled soon, after some of it was sent.
func (f *feeder) more(k Key) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole[k] {
		return
	}
	f.hungry[k] = true
	select {
	case f.wake <- struct{}{}:
	default: // awake already
	}
}

// serve feeds the campaigns that asked for more.
func (f *feeder) serve(ctx context.Context) {
	f.mu.Lock()
	hungry := f.hungry
	f.hungry = map[Key]bool{}
	f.mu.Unlock()
	for k := range hungry {
		f.mu.Lock()
		after := f.fed[k]
		f.mu.Unlock()
		if _, err := f.feed(ctx, k, after); err != nil && ctx.Err() == nil {
			f.log.WarnContext(ctx, "queue not fed; the reconciler does it", "campaign", k.CampaignID, "err", err)
		}
	}
}

// feed fills the campaign's window with what is due after after, when it is less than half full, and says whether
// all that is written, left and due after it lies in Redis then.
func (f *feeder) feed(ctx context.Context, k Key, after Due) (whole bool, err error) {
	now := f.now()
	until := now.Add(horizon)
	n, err := f.queue.Pending(ctx, k, until)
	if err != nil {
		return false, err
	}
	if n >= Window/2 {
		return false, nil
	}
	due, err := f.ledger.Due(ctx, k, after, time.Now().Add(-f.stale), until, Window-n)
	if err != nil {
		return false, err
	}
	whole = len(due) < Window-n
	if len(due) > 0 {
		f.mu.Lock()
		f.fed[k] = due[len(due)-1]
		f.mu.Unlock()
	}
	for len(due) > 0 {
		batch := due[:min(feedBatch, len(due))]
		if err := f.queue.Feed(ctx, k, batch); err != nil {
			return false, err
		}
		due = due[len(batch):]
	}
	return whole, nil
}

// reconcile compares SQL with Redis once: starts that are missing are scheduled,
// windows are filled, and what a dead worker left in a stopped campaign is ended.
func (f *feeder) reconcile(ctx context.Context) error {
	open, err := f.ledger.OpenCampaigns(ctx)
	if err != nil {
		return err
	}
	f.opened(ctx, open)
	whole := map[Key]bool{}
	var errs []error
	for _, o := range open {
		var err error
		switch {
		case o.Status == campaigns.Scheduled:
			err = f.queue.ScheduleStart(ctx, o.Key, o.SendAt)
		case o.Status == campaigns.Stopped:
			err = f.ledger.CloseStopped(ctx, o.Key, time.Now().Add(-f.stale))
		case !o.Planned:
			whole[o.Key] = false
			if err = f.queue.ScheduleStart(ctx, o.Key, f.now()); err == nil {
				_, err = f.feed(ctx, o.Key, Due{})
			}
		default:
			whole[o.Key], err = f.feed(ctx, o.Key, Due{})
		}
		if err != nil { // one campaign's trouble is not the others'
			errs = append(errs, fmt.Errorf("campaign %s: %w", o.CampaignID, err))
		}
	}
	if err := f.feedReturns(ctx); err != nil {
		errs = append(errs, err)
	}
	f.mu.Lock()
	for k := range f.fed {
		if _, open := whole[k]; !open {
			delete(f.fed, k)
		}
	}
	f.whole = whole
	f.mu.Unlock()
	return errors.Join(errs...)
}

// feedReturns feeds what people asked for later and is due by the horizon, a window of each tenant; what comes after is
// fed when SQL and Redis are compared again. It lies beside its campaign's other deliveries, so that it is sent under the same rate, and
// dropped with them.
func (f *feeder) feedReturns(ctx context.Context) error {
	now := f.now()
	back, err := f.ledger.DueReturns(ctx, time.Now().Add(-f.stale), now.Add(horizon), Window)
	if err != nil {
		return fmt.Errorf("returns: %w", err)
	}
	byCampaign := map[Key][]Due{}
	for _, r := range back {
		byCampaign[r.Key] = append(byCampaign[r.Key], Due{ID: r.id(), At: r.At})
	}
	for k, due := range byCampaign {
		for batch := range slices.Chunk(due, feedBatch) {
			if err := f.queue.Feed(ctx, k, batch); err != nil {
				return fmt.Errorf("returns of campaign %s: %w", k.CampaignID, err)
			}
		}
	}
	return nil
}

// run reconciles at once, when Redis came back empty, and every reconcileEvery, and feeds in between
// whoever asks for more, until ctx ends.
func (f *feeder) run(ctx context.Context) {
	t := time.NewTicker(reconcileEvery)
	defer t.Stop()
	epoch := ""
	for {
		e, err := f.queue.Epoch(ctx)
		if err == nil {
			if epoch != "" && e != epoch {
				f.log.WarnContext(ctx, "redis came back empty; it is filled again from SQL")
			}
			epoch = e
			err = f.reconcile(ctx)
		}
		if err != nil && ctx.Err() == nil {
			f.log.WarnContext(ctx, "SQL and the queue could not be compared; trying again", "err", err)
		}
		for due := false; !due; {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				due = true
			case <-f.poke:
				due = true
			case <-f.wake:
				f.serve(ctx)
			}
		}
	}
}
