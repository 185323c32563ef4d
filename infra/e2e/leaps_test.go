package e2e

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"herald/infra/queue/redistest"
)

// The cloud's clock leaps by days, again and again, while two workers have all that they can take on a slow wire; each hears of it
// for itself, and at one of the leaps Redis forgets who has what. Nobody gets the message twice, and nothing is marked.
//
// Checked: it fails with leases on the clock that leaps, and with the age of attempts on it.
func TestLeapsOfTheClock(t *testing.T) {
	t.Parallel()
	const people = 900
	server := redistest.Start(t)
	f := StartFleet(t, Plan{People: people, Rate: 500, Workers: 2, Redis: server})
	rdb := server.Client(t)
	f.Cloud.Faults(map[string]any{"latency": "3s"}) // reconcilers look more often
	id := f.Send()
	w := NewWitness(t, f.DB, id)
	leaps := 0
	f.Author.Follow(id, func(p Progress) bool {
		for leaps < 4 && p.Done()*5 >= people*leaps && p.Counts["sending"] > parallel { // both have some
			leaps++
			f.Cloud.Advance(72 * time.Hour)
			if leaps == 2 {
				if err := rdb.FlushAll(t.Context()).Err(); err != nil {
					t.Error(err)
				}
			}
		}
		return leaps == 4
	})
	f.Author.Await(id, "completed")
	if a := w.Audit(f.Author); a.Counts["sent"] != people || a.Twice != 0 || a.Repeated != 0 {
		t.Errorf("%+v", a)
	}
	if st := f.Cloud.Stats(); st.Accepted != people || st.Duplicates != 0 {
		t.Errorf("the cloud: %+v", st)
	}
}

// The same with one process on SQLite and the embedded Redis.
func TestLeapsOfTheClockAlone(t *testing.T) {
	t.Parallel()
	const people = 300
	h := StartApart(t, map[string]string{"HERALD_RATE": "500"}, map[string]string{"HERALD_SANDBOX_USERS": strconv.Itoa(people)})
	h.Cloud.Install(people)
	h.Cloud.Faults(map[string]any{"latency": "3s"})
	api := h.Author(t)
	id := api.Create("Everybody", "message", text("Hello [FIRSTNAME]"), all)
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	w := NewWitness(t, open(t, "sqlite", "file:"+filepath.Join(h.env["HERALD_DATA_DIR"], "herald.db")+"?mode=ro&_pragma=busy_timeout(10000)"), id)
	leaps := 0
	api.Follow(id, func(p Progress) bool {
		for leaps < 3 && p.Done()*4 >= people*leaps && p.Counts["sending"] > 0 {
			leaps++
			h.Cloud.Advance(72 * time.Hour)
		}
		return leaps == 3
	})
	api.Await(id, "completed")
	if a := w.Audit(api); a.Counts["sent"] != people || a.Twice != 0 || a.Repeated != 0 {
		t.Errorf("%+v", a)
	}
	if d := h.Cloud.Duplicates(); d != 0 {
		t.Errorf("%d duplicates", d)
	}
}
