package e2e

import (
	"testing"
	"time"

	"herald/infra/queue/redistest"
	"herald/infra/store/pgtest"
)

// halfway runs a campaign to all of a fleet's people, lets the faults happen when the half and three
// quarters have it, and returns when the campaign has ended by itself.
func (f *Fleet) halfway(t *testing.T, people int, faults ...func()) *Witness {
	t.Helper()
	f.Cloud.Faults(map[string]any{"latency": "50ms"})
	id := f.Send()
	w := NewWitness(t, f.DB, id)
	f.Author.Follow(id, func(p Progress) bool {
		if len(faults) > 0 && p.Done()*4 >= people*(4-len(faults)) {
			w.Look()
			faults[0]()
			faults = faults[1:]
		}
		return len(faults) == 0
	})
	f.Hurry(id)
	return w
}

// Redis loses everything at a stroke (FLUSHALL), and later is killed and comes back with
// what its log on disk holds. Workers finish what they have on the wire, the queue is
// filled again from SQL, and nobody gets anything twice or late by a lease: nothing is
// even marked.
//
// Checked by taking the mechanism out: FIXME
func TestFaultsRedisLost(t *testing.T) {
	t.Parallel()
	const people = 3000
	redis := redistest.Start(t, "--appendonly", "yes")
	f := StartFleet(t, Plan{People: people, Rate: 250, Workers: 2, Redis: redis})
	rdb := redis.Client(t)
	w := f.halfway(t, people, func() {
		if err := rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Error(err)
		}
	}, func() {
		if err := redis.Restart(); err != nil {
			t.Fatal(err)
		}
	})
	if a := w.Audit(f.Author); a.Counts["sent"] != people || a.Twice != 0 || a.Repeated != 0 {
		t.Errorf("%+v", a)
	}
}

// PostgreSQL crashes and stays away for some seconds, twice. What was sent meanwhile is
// recorded when it is back, and not sent again; attempts whose mark nobody could confirm are
// made again when they are stale, and are marked.
//
// Checked by taking the mechanism out: FIXME
func TestFaultsPostgresRestarted(t *testing.T) {
	t.Parallel()
	const people, workers, away = 3000, 2, 4 * time.Second
	server := pgtest.Start(t)
	f := StartFleet(t, Plan{People: people, Rate: 250, Workers: workers, Database: server.Database(t)})
	restart := func() {
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
		<-time.After(away)
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	w := f.halfway(t, people, restart, restart)
	if a := w.Audit(f.Author); a.Counts["sent"] != people || a.Twice != 0 || a.Repeated > 2*workers*parallel {
		t.Errorf("%+v", a)
	}
}
