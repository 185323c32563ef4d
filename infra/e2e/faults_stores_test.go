package e2e

import (
	"testing"
	"time"

	"herald/infra/queue/redistest"
	"herald/infra/store/pgtest"
)

// away is how long a store stays away: longer than any patience of its clients.
const away = 4 * time.Second

// interrupted runs a campaign to all of a fleet's people, lets the faults happen when a quarter and
// the half have it, and returns when the campaign has ended by itself.
func (f *Fleet) interrupted(t *testing.T, people int, first, second func()) *Witness {
	t.Helper()
	f.Cloud.Faults(map[string]any{"latency": "300ms"}) // much is on the wire at every moment
	id := f.Send()
	w := NewWitness(t, f.DB, id)
	faults := []func(){first, second}
	f.Author.Follow(id, func(p Progress) bool {
		if p.Done()*4 >= people*(3-len(faults)) {
			w.Look()
			faults[0]()
			faults = faults[1:]
		}
		return len(faults) == 0
	})
	f.Hurry(id)
	return w
}

// Redis loses everything at a stroke (FLUSHALL); later it is killed, stays away, and comes back with
// what its log on disk holds, which is old by then: what was sent meanwhile could not be
// acknowledged, and comes again when its lease has run out. Workers finish what they have on the
// wire, the queue is filled again from SQL, and SQL refuses what is sent already: nothing is
// even marked.
//
// Checked: it fails with Due and BeginAttempts taking what is being sent (81 copies too many), with
// BeginAttempts taking what is sent, and never ends without the reconciler.
func TestFaultsRedisLost(t *testing.T) {
	t.Parallel()
	const people = 4000
	redis := redistest.Start(t, "--appendonly", "yes")
	f := StartFleet(t, Plan{People: people, Rate: 250, Workers: 2, Redis: redis})
	rdb := redis.Client(t)
	w := f.interrupted(t, people, func() {
		if err := rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Error(err)
		}
	}, func() {
		redis.Stop()
		<-time.After(away)
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
// Checked: it fails with a recorder that gives up at the first error (17 copies too many).
func TestFaultsPostgresRestarted(t *testing.T) {
	t.Parallel()
	const people, workers = 3000, 2
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
	w := f.interrupted(t, people, restart, restart)
	if a := w.Audit(f.Author); a.Counts["sent"] != people || a.Twice != 0 || a.Repeated > 2*workers*batch {
		t.Errorf("%+v", a)
	}
}
