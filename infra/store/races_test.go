package store_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/store"
)

// Many workers claim the same deliveries: each is begun once.
func TestWorkersNeverShareADelivery(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		k := sending(t, db, tenant, 40)
		var seqs []int64
		for i := range int64(40) {
			seqs = append(seqs, i+1)
		}
		var mu sync.Mutex
		begun := map[int64]int{}
		for _, err := range together(8, func(i int) error {
			for n := range 4 {
				from := (i + n) % 4 * 10
				as, err := db.BeginAttempts(t.Context(), refs(k, seqs[from:from+10]...), nil, long, now, now)
				if err != nil {
					return err
				}
				mu.Lock()
				for _, a := range as {
					begun[a.Seq]++
				}
				mu.Unlock()
			}
			return nil
		}) {
			ok(t, err)
		}
		if len(begun) != 40 {
			t.Errorf("%d begun", len(begun))
		}
		for seq, n := range begun {
			if n != 1 {
				t.Errorf("delivery %d begun %d times", seq, n)
			}
		}
		counted(t, db, k)
	})
}

// Workers on two campaigns in opposite orders, and an author who stops both: no
// deadlock, nothing begun after the stop, counts that add up.
func TestStopWhileWorkersWork(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for range 4 {
			a, b := sending(t, db, tenant, 24), sending(t, db, tenant, 24)
			stops := []campaigns.Key{a, b}
			for _, err := range together(6, func(i int) error {
				if i >= 4 {
					_, err := db.StopCampaign(t.Context(), stops[i-4], now)
					return err
				}
				keys := []campaigns.Key{a, b}
				if i%2 == 1 {
					keys = []campaigns.Key{b, a}
				}
				for n := range int64(6) {
					seq := int64(i)*6 + n + 1
					as, err := db.BeginAttempts(t.Context(), append(refs(keys[0], seq), refs(keys[1], seq)...), nil, long, now, now)
					if err != nil {
						return err
					}
					var rs []delivery.Result
					for j, at := range as {
						rs = append(rs, result(at, []campaigns.DeliveryStatus{campaigns.DeliverySent, campaigns.DeliveryFailed, campaigns.DeliveryRescheduled}[(int(n)+j)%3]))
					}
					if _, err := db.Record(t.Context(), rs); err != nil {
						return err
					}
				}
				return nil
			}) {
				ok(t, err)
			}
			for _, k := range stops {
				if c := counted(t, db, k); c.Status != campaigns.Stopped || c.Counts.Open() != 0 {
					t.Errorf("%+v", c)
				}
				if as := must(db.BeginAttempts(t.Context(), refs(k, 1, 2, 3), map[delivery.Ref]bool{refs(k, 1)[0]: true}, now.Add(time.Hour), now, now))(t); len(as) != 0 {
					t.Errorf("begun after the stop: %+v", as)
				}
			}
		}
	})
}

// The last outcomes of a campaign arrive from two workers at once: it is completed, once.
func TestLastOutcomesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for range 5 {
			k := sending(t, db, tenant, 4)
			var as []delivery.Attempt
			for i := range int64(4) {
				as = append(as, attempt(t, db, k, i+1))
			}
			before := must(db.Campaign(t.Context(), k))(t).Version
			for _, err := range together(4, func(i int) error {
				_, err := db.Record(t.Context(), []delivery.Result{result(as[i], campaigns.DeliverySent)})
				return err
			}) {
				ok(t, err)
			}
			if c := counted(t, db, k); c.Status != campaigns.Completed || c.Version != before+1 {
				t.Errorf("%+v", c)
			}
		}
	})
}

// model is what the ledger must say of one delivery.
type model struct {
	status   campaigns.DeliveryStatus
	attempts int
	begun    time.Time
}

// Whatever is asked in whatever order, the ledger agrees with a model of the state
// machine that fits on a page, and its counters with its rows.
func TestLedgerFollowsTheStateMachine(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { operations(t, db, rand.New(rand.NewPCG(seed, 7))) })
		}
	})
}

func operations(t *testing.T, db *store.DB, r *rand.Rand) {
	const n = 8
	ctx := t.Context()
	k := sending(t, db, tenant, n)
	ds := make([]model, n+1)
	for i := range ds {
		ds[i].status = campaigns.DeliveryPending
	}
	status := campaigns.Sending
	clock := now
	var attempts []delivery.Attempt // every one ever begun: outcomes may come late, and twice
	for step := range 120 {
		clock = clock.Add(time.Second)
		switch op := r.IntN(100); {
		case op < 45: // a worker begins some, believing some of them reclaimed
			var some []delivery.Ref
			reclaimed := map[delivery.Ref]bool{}
			for range 1 + r.IntN(4) {
				ref := delivery.Ref{Key: k, Seq: int64(1 + r.IntN(n))}
				if reclaimed[ref] = r.IntN(4) == 0; !reclaimed[ref] {
					delete(reclaimed, ref)
				}
				some = append(some, ref)
			}
			stale := clock.Add(-time.Duration(r.IntN(40)) * time.Second)
			want := map[int64]bool{}
			for _, ref := range some {
				d := ds[ref.Seq]
				free := d.status == campaigns.DeliveryPending || d.status == campaigns.DeliveryRescheduled
				takeover := d.status == campaigns.DeliverySending && (reclaimed[ref] || d.begun.Before(stale))
				if status == campaigns.Sending && (free || takeover) {
					want[ref.Seq] = true
				}
			}
			as := must(db.BeginAttempts(ctx, some, reclaimed, stale, clock, clock))(t)
			if len(as) != len(want) {
				t.Fatalf("step %d: begun %+v, want %v", step, as, want)
			}
			for _, a := range as {
				d := &ds[a.Seq]
				if d.attempts++; !want[a.Seq] || a.Number != d.attempts {
					t.Fatalf("step %d: %+v, want number %d", step, a, d.attempts)
				}
				d.status, d.begun = campaigns.DeliverySending, clock
			}
			attempts = append(attempts, as...)
		case op < 97 && len(attempts) > 0: // an outcome, perhaps a late one
			a := attempts[len(attempts)-1-r.IntN(min(len(attempts), 6))]
			res := result(a, []campaigns.DeliveryStatus{campaigns.DeliverySent, campaigns.DeliveryFailed, campaigns.DeliveryRescheduled, campaigns.DeliveryRescheduled}[r.IntN(4)])
			d := &ds[a.Seq]
			counts := d.status == campaigns.DeliverySending && d.attempts == a.Number
			accepted := counts && (status == campaigns.Sending || res.Status != campaigns.DeliveryRescheduled)
			if got := record(t, db, res); (len(got) == 1) != accepted {
				t.Fatalf("step %d: accepted %+v, want %t (%+v)", step, got, accepted, *d)
			}
			if counts {
				if d.status = res.Status; !accepted {
					d.status = campaigns.DeliveryCancelled
				}
			}
		case op >= 97 && step > 10: // the author stops it
			_, err := db.StopCampaign(ctx, k, clock)
			if (err == nil) != (status == campaigns.Sending) {
				t.Fatalf("step %d: stop of %s: %v", step, status, err)
			}
			if err == nil {
				status = campaigns.Stopped
				for i := range ds {
					if ds[i].status == campaigns.DeliveryPending || ds[i].status == campaigns.DeliveryRescheduled {
						ds[i].status = campaigns.DeliveryCancelled
					}
				}
			}
		}
		open := 0
		items, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: n})
		ok(t, err)
		for _, it := range items {
			if d := ds[it.Seq]; it.Status != d.status || it.Attempts != d.attempts {
				t.Fatalf("step %d: recipient %+v, want %+v", step, it, d)
			}
			if s := it.Status; s == campaigns.DeliveryPending || s == campaigns.DeliverySending || s == campaigns.DeliveryRescheduled {
				open++
			}
		}
		if status == campaigns.Sending && open == 0 {
			status = campaigns.Completed
		}
		if c := counted(t, db, k); c.Status != status || c.Counts.Open() != open {
			t.Fatalf("step %d: %+v, want %s with %d open", step, c, status, open)
		}
	}
}

// Somebody answers the card that they have, before Herald has written that it was sent: the outcome is kept all the same, and nobody gets it
// twice.
func TestAnswerBeforeTheOutcome(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		k := sending(t, db, tenant, 3)
		rs := []delivery.Result{result(attempt(t, db, k, 1), campaigns.DeliverySent), result(attempt(t, db, k, 2), campaigns.DeliverySent)}
		var accepted []delivery.Result
		ok(t, store.Overtake(t.Context(), db, k, `UPDATE deliveries SET answered_at = 1 WHERE recipient = 'p1'`, func() (err error) {
			accepted, err = db.Record(t.Context(), rs)
			return err
		}))
		if c := counted(t, db, k); len(accepted) != 2 || c.Counts.Sent != 2 || c.Counts.Pending != 1 {
			t.Errorf("%d accepted, %+v", len(accepted), c.Counts)
		}
	})
}
