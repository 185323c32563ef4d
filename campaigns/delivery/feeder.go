package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
)

// feeder keeps the window of each running campaign filled from SQL, in due order, and is
// the reconciler: feeding an id twice changes nothing, so "feed what SQL says is
// due" repairs whatever Redis lost.
type feeder struct {
	queue  Queue
	ledger Ledger
	lease  time.Duration
	now    func() time.Time
	log    *slog.Logger

	mu sync.Mutex
	// whole are the planned campaigns of which everything that is left lies in Redis already.
	// Without it each outcome at the end of a campaign would feed all that is left again.
	whole map[Key]bool
}

// more feeds the campaign's window after some of it was sent.
func (f *feeder) more(ctx context.Context, k Key) error {
	f.mu.Lock()
	whole := f.whole[k]
	f.mu.Unlock()
	if whole {
		return nil
	}
	_, err := f.feed(ctx, k)
	return err
}

// feed fills the campaign's window when it is less than half full, and says whether
// all that is written and left lies in Redis then.
func (f *feeder) feed(ctx context.Context, k Key) (whole bool, err error) {
	n, err := f.queue.Pending(ctx, k)
	if err != nil {
		return false, err
	}
	if n >= Window/2 {
		return false, nil
	}
	due, err := f.ledger.Due(ctx, k, f.now().Add(-f.lease), Window)
	if err != nil {
		return false, err
	}
	whole = len(due) < Window
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
	whole := map[Key]bool{}
	var errs []error
	for _, o := range open {
		var err error
		switch {
		case o.Status == campaigns.Scheduled:
			err = f.queue.ScheduleStart(ctx, o.Key, o.SendAt)
		case o.Status == campaigns.Stopped:
			err = f.ledger.CloseStopped(ctx, o.Key, f.now().Add(-f.lease))
		case !o.Planned:
			if err = f.queue.ScheduleStart(ctx, o.Key, f.now()); err == nil {
				_, err = f.feed(ctx, o.Key)
			}
		default:
			whole[o.Key], err = f.feed(ctx, o.Key)
		}
		if err != nil { // one campaign's trouble is not the others'
			errs = append(errs, fmt.Errorf("campaign %s: %w", o.CampaignID, err))
		}
	}
	f.mu.Lock()
	f.whole = whole
	f.mu.Unlock()
	return errors.Join(errs...)
}

// run reconciles at once, when Redis came back empty, and every reconcileEvery, until ctx ends.
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
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
