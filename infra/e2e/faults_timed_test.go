package e2e

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// A campaign with a window of two hours on two days, and kill -9 of the one process that is planner, gate, worker and web at once every nine minutes of the first,
// in the midst of sending; its Redis is empty after each. Everybody gets the message once, not before their moment, unless it was on the wire at a kill
// and is marked; some are away and come back the next day.
func TestFaultsTimed(t *testing.T) {
	t.Parallel()
	const people, steps = 600, 12
	const step = 9 * time.Minute
	h := StartApart(t, nil, map[string]string{"HERALD_SANDBOX_USERS": fmt.Sprint(people)})
	h.Cloud.Install(people)
	h.Cloud.Faults(map[string]any{"latency": "50ms"})
	users := h.Cloud.Users()
	h.Cloud.do("PUT", "/api/presence", map[string]any{"availability": "Available"}, 200, nil)
	away := func(availability string) {
		for i := 0; i < len(users); i += 10 {
			h.Cloud.do("PUT", "/api/users/"+users[i].ID+"/presence", map[string]any{"availability": availability}, 200, nil)
		}
	}
	away("Away")
	api := h.Author(t)
	id := api.Create("Within two hours", "message", text("Hello [FIRSTNAME]"), all)
	now := h.Cloud.Now().UTC()
	spans := []map[string]string{{"from": now.Format("15:04"), "to": now.Add(2 * time.Hour).Format("15:04")}}
	hours := map[string]any{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		hours[day] = spans
	}
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"window": map[string]any{"firstDay": now.Format(time.DateOnly), "days": 2, "hours": hours, "timeZone": "UTC", "presence": "available", "presenceUnknown": "wait"}})
	db := open(t, "sqlite", "file:"+filepath.Join(h.env["HERALD_DATA_DIR"], "herald.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	count := func(query string, args ...any) (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, "everybody has a moment", func() bool { return count(`SELECT COUNT(*) FROM campaigns WHERE planned`) == 1 })
	w := NewWitness(t, db, id)
	// quiet waits until all whose moment has come have got it.
	quiet := func() {
		t.Helper()
		eventually(t, "all whose moment has come get it", func() bool {
			at := h.Cloud.Now().UnixMilli()
			return count(`SELECT COUNT(*) FROM timed_deliveries WHERE moment <= ?`, at) == 0 && count(`SELECT COUNT(*) FROM deliveries WHERE due_at <= ? AND NOT final`, at) == 0
		})
	}
	dice := rand.New(rand.NewPCG(7, 7))
	for range steps {
		sent := count(`SELECT n_sent FROM campaigns`)
		h.Cloud.Advance(step)
		some := 1 + dice.IntN(15)
		eventually(t, "some of them get it", func() bool {
			return count(`SELECT n_sent FROM campaigns`) >= sent+some || count(`SELECT COUNT(*) FROM timed_deliveries`) == 0 && count(`SELECT COUNT(*) FROM deliveries WHERE NOT final`) == 0
		})
		h.Kill()
		w.Look()
		expire(t, h.env)
		h.Again()
		quiet()
	}
	if n := count(`SELECT n_unscheduled + n_replanned FROM campaigns`); n > 0 {
		t.Errorf("%d unscheduled or replanned", n)
	}
	away("Available")
	for day := 0; day < 2 && count(`SELECT COUNT(*) FROM deliveries WHERE NOT final`) > 0; day++ { // the second round is on the next day
		next := count(`SELECT COALESCE(MIN(moment), 0) / 1000 FROM timed_deliveries`)
		if next == 0 {
			break
		}
		if d := time.Unix(int64(next), 0).Sub(h.Cloud.Now()) - 10*time.Second; d > 0 {
			h.Cloud.Advance(d)
		}
		for range steps + 3 {
			quiet()
			if count(`SELECT COUNT(*) FROM timed_deliveries`) == 0 {
				break
			}
			h.Cloud.Advance(step)
		}
	}
	api.Await(id, "completed")
	a := w.Audit(api)
	if a.Counts["sent"]+a.Counts["unscheduled"] != people || a.Counts["unscheduled"] > 0 || a.Twice > steps*batch || a.Repeated > len(w.going) {
		t.Errorf("%+v, %d on the wire at kills", a, len(w.going))
	}
	early := count(`SELECT COUNT(*) FROM deliveries WHERE first_at < due_at`)
	if early > 0 {
		t.Errorf("%d were tried before their moment", early)
	}
	if n := count(`SELECT COUNT(*) FROM timed_deliveries`); n > 0 {
		t.Errorf("%d still wait", n)
	}
}

// eventually waits until something that nobody tells a test of is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(startTimeout); !is(); <-look.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}
