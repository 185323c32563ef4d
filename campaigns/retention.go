package campaigns

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
)

const (
	// janitorEvery is how often campaigns are looked for whose people have been kept long enough.
	janitorEvery = time.Hour
	janitorLease = 5 * time.Minute
	janitorLook  = 100  // campaigns looked up at once
	janitorBatch = 1000 // recipients of a transaction: senders and readers hardly wait for it
)

// RetentionStore removes people by the age of their campaigns.
type RetentionStore interface {
	// Lease says whether holder may do the work called name until then: nobody else has it, or the lease ended before now. Both are real time.
	Lease(ctx context.Context, name, holder string, now, until time.Time) (held bool, err error)
	// Aged finds up to limit campaigns of all tenants that ended before then, have nobody open, and still have their people.
	Aged(ctx context.Context, before time.Time, limit int) ([]Key, error)
	// RemovePeople makes up to limit recipients after the one with the number after anonymous, and says which was the last; 0 when
	// there is none left: then the campaign is marked, and typed addresses are taken out of its audience. Counts, reasons, timeline and what
	// people did stay as numbers.
	RemovePeople(ctx context.Context, k Key, after int64, limit, days int, now time.Time) (last int64, err error)
	// RemoveInstalled removes up to limit people of one installation that ended before then. more: call it again. Counts stay.
	RemoveInstalled(ctx context.Context, before time.Time, limit int) (more bool, err error)
}

// Janitor removes names and addresses from campaigns that ended a number of days ago. Of many processes one works at a time.
type Janitor struct {
	Store RetentionStore
	Days  int // 0: people are kept for ever, and Run does nothing
	Now   func() time.Time
	Log   *slog.Logger

	poke chan struct{}
}

// NewJanitor makes a janitor.
func NewJanitor(s RetentionStore, days int, now func() time.Time, log *slog.Logger) *Janitor {
	return &Janitor{Store: s, Days: days, Now: now, Log: log, poke: make(chan struct{}, 1)}
}

// Poke has the janitor look at once: time has leapt.
func (j *Janitor) Poke() {
	select {
	case j.poke <- struct{}{}:
	default: // it will look already
	}
}

// Run looks at once and then every hour, until ctx ends.
func (j *Janitor) Run(ctx context.Context) {
	if j.Days == 0 {
		return
	}
	holder := uuid.NewString()
	t := time.NewTicker(janitorEvery)
	defer t.Stop()
	for {
		if _, err := j.clean(ctx, holder); err != nil && ctx.Err() == nil {
			j.Log.WarnContext(ctx, "people not removed from old campaigns; trying again in an hour", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-j.poke:
		}
	}
}

// Clean removes the people of every campaign that is old enough, unless another process does; n is how many campaigns it cleaned.
func (j *Janitor) Clean(ctx context.Context) (n int, err error) {
	return j.clean(ctx, uuid.NewString())
}

func (j *Janitor) clean(ctx context.Context, holder string) (n int, err error) {
	for {
		now := j.Now()
		held, err := j.lease(ctx, holder, janitorLease)
		if err != nil || !held {
			return n, err
		}
		if more, err := j.Store.RemoveInstalled(ctx, now.AddDate(0, 0, -j.Days), janitorBatch); err != nil {
			return n, err
		} else if more {
			continue
		}
		aged, err := j.Store.Aged(ctx, now.AddDate(0, 0, -j.Days), janitorLook)
		if err != nil || len(aged) == 0 {
			if err == nil { // for whoever looks next
				_, err = j.lease(ctx, holder, -time.Millisecond)
			}
			return n, err
		}
		for _, k := range aged {
			done, err := j.campaign(ctx, holder, k)
			if err != nil || !done {
				return n, err
			}
			n++
		}
	}
}

// lease runs on real time: nobody may take it over because the clock has leapt.
func (j *Janitor) lease(ctx context.Context, holder string, d time.Duration) (held bool, err error) {
	now := time.Now()
	return j.Store.Lease(ctx, "janitor", holder, now, now.Add(d))
}

// campaign removes the people of one; done is false when the lease was lost.
func (j *Janitor) campaign(ctx context.Context, holder string, k Key) (done bool, err error) {
	var last int64
	for {
		now := j.Now()
		held, err := j.lease(ctx, holder, janitorLease)
		if err != nil || !held {
			return false, err
		}
		if last, err = j.Store.RemovePeople(ctx, k, last, janitorBatch, j.Days, now); err != nil {
			return false, err
		}
		if last == 0 {
			j.Log.InfoContext(ctx, "people removed from an old campaign", "tenant", k.TenantID, "campaign", k.CampaignID, "days", j.Days)
			return true, nil
		}
	}
}
