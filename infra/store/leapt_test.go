package store_test

import (
	"fmt"
	"testing"
	"time"

	"herald/infra/store"
)

// The release before noted attempts and leases on a clock that may have been days ahead. Whoever has them is not waited for that long.
func TestWhatALeaptClockNotedIsMended(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		real := time.Now()
		k := sending(t, db, tenant, 2)
		attempt(t, db, k, 1)
		ahead := real.AddDate(0, 0, 6)
		if held := must(db.Lease(ctx, "janitor", "dead", ahead, ahead))(t); !held {
			t.Fatal("no lease")
		}
		for _, statement := range []string{
			fmt.Sprintf(`UPDATE deliveries SET attempted_at = %d WHERE status = 'sending'`, ahead.UnixMilli()),
			`ALTER TABLE notices DROP COLUMN held_until`,
		} {
			ok(t, store.Exec(ctx, db, statement))
		}
		ok(t, store.RealTime(ctx, db))
		later := time.Now().Add(time.Minute)
		if as := must(db.BeginAttempts(ctx, refs(k, 1), nil, real.Add(-time.Minute), real, now))(t); len(as) != 0 {
			t.Errorf("taken over at once: %+v", as)
		}
		if as := must(db.BeginAttempts(ctx, refs(k, 1), nil, later, later, now))(t); len(as) != 1 {
			t.Errorf("%d attempts taken over, want 1", len(as))
		}
		if held := must(db.Lease(ctx, "janitor", "another", later, later.Add(time.Minute)))(t); !held {
			t.Error("the lease of the dead is not given up")
		}
	})
}
