package e2e

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// Forty people want a timed campaign in an hour. An hour later another campaign goes to the same people, and Herald is killed in the midst
// of both: all have both then, twice only what was on the wire and is marked, and never more in a second than the tenant's rate.
func TestFaultsReturns(t *testing.T) {
	t.Parallel()
	const people, rate = 40, 8
	h := StartApart(t, map[string]string{"HERALD_RATE": fmt.Sprint(rate)}, map[string]string{"HERALD_SANDBOX_USERS": fmt.Sprint(people)})
	h.Cloud.Install(people)
	api := h.Author(t)
	id := api.Create("When it suits", "idea", text("A quiet word"), all)
	now := h.Cloud.Now().UTC()
	hours := map[string]any{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		hours[day] = []map[string]string{{"from": now.Format("15:04"), "to": now.Add(10 * time.Minute).Format("15:04")}}
	}
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"window": map[string]any{"firstDay": now.Format(time.DateOnly), "days": 1, "hours": hours, "timeZone": "UTC"}})
	db := open(t, "sqlite", "file:"+filepath.Join(h.env["HERALD_DATA_DIR"], "herald.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	count := func(query string) (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, "everybody has a moment", func() bool { return count(`SELECT COUNT(*) FROM campaigns WHERE planned`) == 1 })
	h.Cloud.Advance(10 * time.Minute)
	api.Await(id, "completed")
	users := h.Cloud.Users()
	for _, u := range users {
		h.Cloud.do("POST", "/api/users/"+u.ID+"/submit", map[string]any{"activityId": h.Cloud.Saw(u.ID, "A quiet word")[0].ID, "action": "herald.later.hour"}, 200, nil)
	}
	const returned = `SELECT COUNT(*) FROM snoozes WHERE state = 'returned'`
	if n := count(`SELECT COUNT(*) FROM snoozes WHERE state = 'waiting'`); n != people {
		t.Fatalf("%d wait", n)
	}
	h.Cloud.do("DELETE", "/api/stats", nil, 200, nil)
	other := api.Create("An hour later", "message", text("Another word"), all)
	api.OK(202, "POST", "/campaigns/"+other+"/send", map[string]any{"at": h.Cloud.Now().Add(time.Hour)})
	h.Cloud.Advance(time.Hour)
	eventually(t, "some came back", func() bool { return count(returned) > 4 })
	h.Kill()
	expire(t, h.env)
	h.Again()
	eventually(t, "all came back", func() bool { return count(returned) == people })
	h.Author(t).Await(other, "completed")
	var peak struct {
		Peak int `json:"peakPerSecond"`
	}
	h.Cloud.do("GET", "/api/stats", nil, 200, &peak)
	if peak.Peak > rate+rate/2 || peak.Peak == 0 { // on their way messages come closer to each other
		t.Errorf("%d messages in a second", peak.Peak)
	}
	again := 0
	for _, u := range users {
		n := len(h.Cloud.Saw(u.ID, "A quiet word"))
		if again += n - 1; n < 1 || len(h.Cloud.Saw(u.ID, "Another word")) < 1 {
			t.Errorf("%s has %d of the one and %d of the other", u.ID, n, len(h.Cloud.Saw(u.ID, "Another word")))
		}
	}
	if marked := count(`SELECT COUNT(*) FROM snoozes WHERE repeated`); again > marked {
		t.Errorf("%d have it twice, %d are marked", again, marked)
	}
	if n := count(`SELECT COUNT(*) FROM deliveries WHERE campaign = (SELECT num FROM campaigns WHERE name = 'When it suits') AND status = 'sent' AND attempts = 1 AND NOT repeated`); n != people {
		t.Errorf("%d deliveries are as they were", n)
	}
}
