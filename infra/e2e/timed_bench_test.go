package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// BenchmarkTimedCrowdOnTheSandbox sends a campaign over three days to as many people as it is asked to run, of whom one in ten is never there, and moves the
// clock by ten minutes whenever all whose moment has come are done. It reports what the sandbox counted of Graph's look-ups, and how far Herald's memory grew.
//
//	go test ./infra/e2e -run '^$' -bench TimedCrowdOnTheSandbox -benchtime 100000x -timeout 1h
func BenchmarkTimedCrowdOnTheSandbox(b *testing.B) {
	people := b.N
	if people < 100 {
		return // what the testing package tries first
	}
	const step = 10 * time.Minute
	h := StartApart(b, map[string]string{"HERALD_RATE": "100000"}, map[string]string{"HERALD_SANDBOX_USERS": strconv.Itoa(people)})
	db := open(b, "sqlite", "file:"+filepath.Join(h.env["HERALD_DATA_DIR"], "herald.db")+"?_pragma=busy_timeout(10000)")
	count := func(query string, args ...any) (n int) {
		b.Helper()
		if err := db.QueryRowContext(b.Context(), query, args...).Scan(&n); err != nil {
			b.Fatal(err)
		}
		return n
	}
	h.crowd(b, db)
	h.Cloud.do("PUT", "/api/presence", map[string]any{"availability": "Available"}, 200, nil)
	for cursor, i := "", 0; ; {
		var page struct {
			Items []User  `json:"items"`
			Next  *string `json:"next"`
		}
		h.Cloud.do("GET", "/api/users?limit=200&cursor="+cursor, nil, 200, &page)
		for _, u := range page.Items {
			if i++; i%10 == 0 {
				h.Cloud.do("PUT", "/api/users/"+u.ID+"/presence", map[string]any{"availability": "Away"}, 200, nil)
			}
		}
		if page.Next == nil {
			break
		}
		cursor = *page.Next
	}
	api := h.Author(b)
	id := api.Create("Over three days", "message", text("Hello [FIRSTNAME]"), all)
	hours, first := map[string]any{}, h.Cloud.Now().UTC().AddDate(0, 0, 1)
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		hours[day] = []map[string]string{{"from": "09:00", "to": "17:00"}}
	}
	window := map[string]any{"firstDay": first.Format(time.DateOnly), "days": 3, "hours": hours, "timeZone": "UTC", "presence": "available", "presenceUnknown": "wait"}
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"window": window})
	before := h.memory(b, "VmRSS")
	b.ResetTimer()
	opens := first.Truncate(24 * time.Hour).Add(9 * time.Hour)
	h.Cloud.Advance(opens.Sub(h.Cloud.Now()))
	for look := time.NewTicker(20 * time.Millisecond); count(`SELECT COUNT(*) FROM campaigns WHERE planned`) == 0; <-look.C {
	}
	b.ReportMetric(b.Elapsed().Seconds(), "planning-s")
	for day := range 3 {
		for at := opens.AddDate(0, 0, day); !at.After(opens.AddDate(0, 0, day).Add(8 * time.Hour)); at = at.Add(step) {
			if d := at.Sub(h.Cloud.Now()); d > 0 {
				h.Cloud.Advance(d)
			}
			for look := time.NewTicker(20 * time.Millisecond); ; <-look.C {
				now := h.Cloud.Now().UnixMilli()
				if count(`SELECT COUNT(*) FROM timed_deliveries WHERE moment <= ?`, now) == 0 && count(`SELECT COUNT(*) FROM deliveries WHERE due_at <= ? AND NOT final`, now) == 0 {
					break
				}
			}
		}
	}
	b.StopTimer()
	h.Author(b).Await(id, "completed")
	away := people / 10
	if sent, left := count(`SELECT n_sent FROM campaigns`), count(`SELECT n_unscheduled FROM campaigns`); sent != people-away || left != away || count(`SELECT n_replanned FROM campaigns`) > 0 {
		b.Errorf("%d sent, %d unscheduled of %d", sent, left, people)
	}
	var stats struct {
		Duplicates int `json:"duplicates"`
		Presence   struct{ Calls, Throttled, IDs, Largest, PeakPer30 int }
	}
	h.Cloud.do("GET", "/api/stats", nil, 200, &stats)
	if p := stats.Presence; p.Throttled > 0 || p.Largest > 650 || p.PeakPer30 > 1500 || stats.Duplicates > 0 {
		b.Errorf("%+v", stats)
	}
	b.ReportMetric(float64(stats.Presence.Calls), "presence-calls")
	b.ReportMetric(float64(stats.Presence.Largest), "largest-call")
	b.ReportMetric(float64(stats.Presence.PeakPer30), "most-calls-in-30s")
	b.ReportMetric(float64(before), "MB-before")
	b.ReportMetric(float64(h.memory(b, "VmHWM")), "MB-at-most")
}

// memory is what the kernel says of the program's, in megabytes.
func (p *Process) memory(t testing.TB, what string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(what + `:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("no %s in %s", what, text)
	}
	kB, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kB >> 10
}
