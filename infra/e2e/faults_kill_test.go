package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // database/sql driver "sqlite"
)

// unkind is a cloud with the faults of a bad day. Every 429 pauses the tenant for its
// second, so that the speed is what goes out until the next one is told: the latency and
// a rate above all need set it, and keep many messages on the wire when something is killed.
var unkind = map[string]any{"throttle": 0.05, "retryAfter": 1, "error502": 0.03, "drop": 0.01, "latency": "300ms"}

const (
	// parallel is how many messages one process has on the wire at most.
	parallel = 64
	// batch is the most that one kill can repeat: what was on the wire, and what was answered
	// and on its way into the ledger. While that is written, no sender ends a second message: each
	// takes the cloud's latency.
	batch = 2 * parallel
)

// 100 × kill -9 of workers while 20 000 people are sent to through a cloud with faults:
// all eight workers at once in the middle of the planning, then one at random after the
// other, then all at once again. Everybody ends in one state, nobody recorded as sent is
// sent to again, and only what was on the wire at a kill may arrive twice, and is marked.
//
// Checked: it fails with an engine that tries dropped connections again (119 people had it twice
// without having been on the wire at a kill, and nobody was unconfirmed).
func TestFaultsKilledWorkers(t *testing.T) {
	t.Parallel()
	const people, workers, kills = 20_000, 8, 100
	f := StartFleet(t, Plan{People: people, Rate: 2000, Workers: workers})
	f.Cloud.Faults(unkind)
	dice := rand.New(rand.NewPCG(7, 100))
	killed := 0
	kill := func(w *Witness) {
		f.Remove(dice.IntN(workers)).Kill()
		killed++
		w.Look()
		f.Begin()
	}
	powerCut := func(w *Witness) {
		for i := range workers {
			f.Remove(workers - 1 - i).Kill()
			killed++
		}
		w.Look()
		expire(t, f.worker)
	}
	revive := func() {
		for range workers {
			f.Begin()
		}
	}

	held := holdPlanning(t, f)
	id := f.Send()
	w := NewWitness(t, f.DB, id)
	held.reached()
	powerCut(w)
	held.release()
	var planned bool
	var total int
	if err := f.DB.QueryRow(`SELECT planned, n_total FROM campaigns WHERE id = $1`, id).Scan(&planned, &total); err != nil || planned || total == 0 || total >= people {
		t.Fatalf("not in the middle of the planning: %v, %d people, %v", planned, total, err)
	}
	revive()
	f.Author.Follow(id, func(p Progress) bool {
		for killed < kills-workers && killed-workers < p.Done()*kills/(people*85/100) {
			kill(w)
		}
		return killed == kills-workers
	})
	powerCut(w)
	revive()
	f.Author.Await(id, "completed")

	if killed != kills {
		t.Errorf("%d kills", killed)
	}
	a, st := w.Audit(f.Author), f.Cloud.Stats()
	t.Logf("the cloud: %+v", st)
	reached := people - a.Reasons["unconfirmed"] // and some of those
	if a.Counts["total"] != people || a.Counts["sent"]+a.Reasons["unconfirmed"] != people || a.Counts["failed"] != a.Reasons["unconfirmed"] {
		t.Errorf("counts %v, reasons %v", a.Counts, a.Reasons)
	}
	if st.Duplicates != a.Twice || st.Accepted-a.Twice < reached || st.Accepted-a.Twice > people {
		t.Errorf("the cloud accepted %d, %d of them again; Herald recorded %d as sent", st.Accepted, st.Duplicates, a.Counts["sent"])
	}
	if a.Twice > kills*batch || a.Repeated > st.Sends["502"]+kills*batch {
		t.Errorf("%d copies too many, %d marked as repeated, %d gateway errors", a.Twice, a.Repeated, st.Sends["502"])
	}
	if n := a.Reasons["unconfirmed"]; n == 0 || n > st.Sends["dropped"] || n < st.Sends["dropped"]-kills*batch {
		t.Errorf("%d connections were dropped, %d recipients are unconfirmed", st.Sends["dropped"], n)
	}
}

// The same with one process that is planner, worker and web at once, on SQLite and the
// embedded Redis, which is empty after every kill. What was on the wire at each kill is
// known exactly here: no process lives then.
//
// Checked: it fails when a repeated attempt is not marked, and with an engine that tries dropped
// connections again.
func TestFaultsKilledAlone(t *testing.T) {
	t.Parallel()
	const people, kills = 2000, 20
	h := StartApart(t, map[string]string{"HERALD_RATE": "500"}, map[string]string{"HERALD_SANDBOX_USERS": fmt.Sprint(people)})
	h.Cloud.Install(people)
	h.Cloud.Faults(unkind)
	api := h.Author(t)
	before := h.Cloud.Stats()
	id := api.Create("Everybody", "message", text("Hello [FIRSTNAME]"), all)
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	w := NewWitness(t, open(t, "sqlite", "file:"+filepath.Join(h.env["HERALD_DATA_DIR"], "herald.db")+"?mode=ro&_pragma=busy_timeout(10000)"), id)
	killed, had := 0, map[string][]time.Time{}
	api.Follow(id, func(p Progress) bool {
		if p.Done()*kills < killed*people*85/100 {
			return false
		}
		h.Kill()
		killed++
		_, going := w.Look()
		got, unrecorded := h.Cloud.Received(id), 0
		for _, who := range going {
			unrecorded += len(got[who]) - len(had[who])
		}
		if had = got; unrecorded > batch {
			t.Errorf("one kill left %d messages that arrived and are not recorded", unrecorded)
		}
		expire(t, h.env) // else most of a small campaign would soon wait for that
		h.Again()
		return killed == kills
	})
	api.Await(id, "completed")
	a, st := w.Audit(api), h.Cloud.Stats()
	if a.Counts["total"] != people || a.Counts["sent"]+a.Reasons["unconfirmed"] != people {
		t.Errorf("counts %v, reasons %v", a.Counts, a.Reasons)
	}
	if st.Duplicates != a.Twice || a.Twice > kills*batch {
		t.Errorf("the cloud counts %d duplicates, the chats %d", st.Duplicates, a.Twice)
	}
	if gateway := st.Sends["502"] - before.Sends["502"]; a.Repeated > gateway+len(w.going) {
		t.Errorf("%d marked as repeated, after %d gateway errors and %d on the wire at kills", a.Repeated, gateway, len(w.going))
	}
}

// hold is a planner that waits in the middle of its second page.
type hold struct {
	t    *testing.T
	conn *pgx.Conn
}

// holdPlanning makes PostgreSQL hold whoever writes a campaign's second page of people,
// in its transaction, until release.
func holdPlanning(t *testing.T, f *Fleet) *hold {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), f.worker["HERALD_DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	for _, statement := range []string{
		`CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.n_total > 0 THEN PERFORM pg_advisory_xact_lock_shared(1); ELSE NOTIFY first_page; END IF;
			RETURN NULL;
		END $$`,
		`CREATE TRIGGER hold AFTER UPDATE OF plan_cursor ON campaigns FOR EACH ROW WHEN (NEW.status = 'sending') EXECUTE FUNCTION hold()`,
		`SELECT pg_advisory_lock(1)`, `LISTEN first_page`,
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return &hold{t, conn}
}

// reached waits until the first page is written: the planner is held at the next, or about to be.
func (h *hold) reached() {
	h.t.Helper()
	if _, err := h.conn.WaitForNotification(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// release lets planners go on.
func (h *hold) release() {
	h.t.Helper()
	if _, err := h.conn.Exec(h.t.Context(), `SELECT pg_advisory_unlock(1)`); err != nil {
		h.t.Fatal(err)
	}
}
