package e2e

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"herald/infra/queue/redistest"
)

// scrape is one answer of /metrics: series as written there → value.
type scrape map[string]float64

func (h *Herald) scrape(t *testing.T) scrape {
	t.Helper()
	status, text := body(t, h.URL+"/metrics")
	if status != 200 {
		t.Fatalf("metrics: %d %s", status, text)
	}
	s := scrape{}
	for line := range strings.Lines(text) {
		series, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil {
			s[series] = v
		}
	}
	return s
}

// sum adds the series of a metric whose labels hold all of some, written as label="value".
func (s scrape) sum(metric string, some ...string) (sum float64) {
	for series, v := range s {
		name, labels, _ := strings.Cut(series, "{")
		if name == metric && !slices.ContainsFunc(some, func(l string) bool { return !strings.Contains(labels, l) }) {
			sum += v
		}
	}
	return sum
}

// families are the names of Herald's metrics in the scrape.
func (s scrape) families() []string {
	names := map[string]bool{}
	for series := range s {
		name, _, _ := strings.Cut(series, "{")
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, end)
		}
		if strings.HasPrefix(name, "herald_") {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// scrapeUntil scrapes until it sees what it waits for; each scrape is a round trip to Redis, so it does not spin.
func (h *Herald) scrapeUntil(t *testing.T, what string, ok func(scrape) bool) scrape {
	t.Helper()
	for deadline := time.Now().Add(startTimeout); ; {
		s := h.scrape(t)
		if ok(s) {
			return s
		}
		if time.Now().After(deadline) {
			for series := range s {
				if !strings.HasPrefix(series, "herald_") || strings.Contains(series, "_bucket") {
					delete(s, series)
				}
			}
			t.Fatalf("never %s: %v", what, s)
		}
	}
}

// The metrics through the life of a campaign: refused by Teams and paused, on the wire, over. Nothing in the test waits: what is to
// be seen stands until the test goes on.
func TestMetricsTellWhatHappens(t *testing.T) {
	const rate, installed, retryAfter = 20, 100, 600
	h := Start(t, map[string]string{"HERALD_REDIS_URL": redistest.Start(t).URL(), "HERALD_RATE": strconv.Itoa(rate), "HERALD_SANDBOX_USERS": "120"})
	h.Cloud.Install(installed)
	api := h.Author(t)
	want := func(s scrape, stage, metric string, low, high float64, labels ...string) {
		t.Helper()
		if v := s.sum(metric, labels...); v < low || v > high {
			t.Errorf("%s: %s%v = %v, want %v to %v", stage, metric, labels, v, low, high)
		}
	}
	later := api.Create("Later", "message", text("Later"), all)
	api.OK(202, "POST", "/campaigns/"+later+"/send", map[string]any{"at": h.Cloud.Now().Add(100 * time.Hour).Format(time.RFC3339)})

	// Teams refuses everything for ten minutes: a few try, then the tenant is paused and all others stay due.
	h.Cloud.do("PUT", "/api/faults", map[string]any{"throttle": 1, "retryAfter": retryAfter}, 200, nil)
	id := sending(t, h, api)
	s := h.scrapeUntil(t, "paused and quiet", func(s scrape) bool {
		return s.sum("herald_tenant_paused_seconds") > 0 && s.sum("herald_queue_in_flight") == 0 && s.sum("herald_deliveries_open", `status="sending"`) == 0 &&
			s.sum("herald_queue_due")+s.sum("herald_deliveries_open", `status="rescheduled"`) == installed
	})
	refused := s.sum("herald_messages_total", `status="rescheduled"`, `reason="throttled"`)
	const stage = "refused"
	want(s, stage, "herald_queue_up", 1, 1)
	want(s, stage, "herald_database_up", 1, 1)
	want(s, stage, "herald_tenant_paused_seconds", retryAfter/2, retryAfter)
	want(s, stage, "herald_rate_limit", rate, rate)
	want(s, stage, "herald_rate_in_force", rate/8, rate/2)
	want(s, stage, "herald_messages_total", refused, refused) // nothing else happened
	want(s, stage, "herald_messages_total", 5, installed-1)   // five in a row make a pause
	want(s, stage, "herald_send_seconds_count", refused, refused)
	want(s, stage, "herald_lateness_seconds_count", refused, refused)
	want(s, stage, "herald_claim_seconds_count", 1, refused+100)
	want(s, stage, "herald_record_seconds_count", 1, refused)
	want(s, stage, "herald_queue_due", installed-refused, installed-refused)
	want(s, stage, "herald_queue_lag_seconds", 0.001, 60)
	want(s, stage, "herald_queue_waiting", 0, 0) // ten minutes ahead: in the database
	want(s, stage, "herald_deliveries_open", installed, installed)
	want(s, stage, "herald_deliveries_open", refused, refused, `status="rescheduled"`)
	want(s, stage, "herald_campaigns", 1, 1, `status="sending"`)
	want(s, stage, "herald_campaigns", 1, 1, `status="scheduled"`)
	want(s, stage, "herald_starts_waiting", 1, 1)
	want(s, stage, "herald_starts_due", 0, 0)
	want(s, stage, "herald_activities_total", installed, 3*installed, `status="200"`)
	checked := []string{"herald_activities_total", "herald_campaigns", "herald_claim_seconds", "herald_database_up", "herald_deliveries_open", "herald_lateness_seconds", "herald_messages_total",
		"herald_queue_due", "herald_queue_in_flight", "herald_queue_lag_seconds", "herald_queue_up", "herald_queue_waiting", "herald_rate_in_force", "herald_rate_limit", "herald_record_seconds", "herald_send_seconds",
		"herald_starts_due", "herald_starts_waiting", "herald_tenant_paused_seconds"}
	if got := s.families(); !slices.Equal(got, checked) {
		t.Errorf("metrics %q, but this test looks at %q", got, checked)
	}

	// Shortly before Teams wants to be asked again, the retries come into the queue, in time.
	h.Cloud.do("PUT", "/api/faults", map[string]any{"latency": "1s"}, 200, nil)
	h.Cloud.Advance(time.Duration(s.sum("herald_tenant_paused_seconds")-9) * time.Second)
	s = h.scrapeUntil(t, "due soon", func(s scrape) bool { return s.sum("herald_queue_waiting") >= 1 })
	want(s, "due soon", "herald_queue_lag_seconds", retryAfter/2, retryAfter+60)

	// Past the pause and the recovery of the rate, while nothing is on the wire whose lease would run out by it. Each
	// message is a second on the wire.
	h.Cloud.Advance(45 * time.Second)
	s = h.scrapeUntil(t, "on the wire", func(s scrape) bool {
		return s.sum("herald_queue_in_flight") >= 1 && s.sum("herald_deliveries_open", `status="sending"`) >= 1 && s.sum("herald_messages_total", `status="sent"`) >= 1
	})
	want(s, "on the wire", "herald_queue_in_flight", 1, installed)
	want(s, "on the wire", "herald_tenant_paused_seconds", 0, 0)
	want(s, "on the wire", "herald_rate_in_force", rate, rate)
	h.Cloud.do("PUT", "/api/faults", map[string]any{}, 200, nil)
	api.Await(id, "completed")
	s = h.scrapeUntil(t, "empty", func(s scrape) bool { return s.sum("herald_queue_in_flight") == 0 }) // the ledger knows before the queue does
	want(s, "over", "herald_messages_total", installed, installed, `status="sent"`, `reason=""`)
	total := s.sum("herald_messages_total")
	want(s, "over", "herald_send_seconds_count", total, total)
	want(s, "over", "herald_send_seconds_sum", 1, 60*installed)
	want(s, "over", "herald_lateness_seconds_sum", retryAfter/2, (retryAfter+600)*total)
	want(s, "over", "herald_queue_due", 0, 0)
	want(s, "over", "herald_queue_lag_seconds", 0, 0)
	want(s, "over", "herald_deliveries_open", 0, 0)
	want(s, "over", "herald_campaigns", 0, 0, `status="sending"`)
	want(s, "over", "herald_campaigns", 1, 1, `status="scheduled"`)
	want(s, "over", "herald_rate_in_force", rate, rate)
}
