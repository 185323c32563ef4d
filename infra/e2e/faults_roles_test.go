package e2e

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// someSent is a count of attempts that is not zero.
var someSent = regexp.MustCompile(`(?m)^herald_messages_total\{.*\} [1-9]`)

// One web process, and workers that come and go (SIGTERM) all through a campaign. A campaign
// waits for the first worker: a web process sends nothing. Everybody has it exactly once, and
// nothing is even marked, because a worker finishes what it has on the wire.
//
// Checked: it fails with a worker that exits at SIGTERM instead of finishing (99 copies too many), and
// with one that lets the end of its context break the marking of attempts off (marks without a message).
func TestFaultsWorkersComeAndGo(t *testing.T) {
	t.Parallel()
	const people, changes = 4000, 10
	f := StartFleet(t, Plan{People: people, Rate: 250})
	f.Cloud.Faults(map[string]any{"latency": "100ms"})
	id := f.Send()
	w := NewWitness(t, f.DB, id)
	if c := f.Author.OK(200, "GET", "/campaigns/"+id, nil); c["status"] != "scheduled" {
		t.Errorf("without a worker the campaign is %v", c["status"])
	}
	f.Begin()
	f.Begin()
	worker := f.Ready()
	f.Ready()
	for _, path := range []string{"/tab/", "/api/v1/me", "/api/v1/campaigns", "/api/v1/openapi.json", "/api/messages", "/l/x"} {
		if status, _ := body(t, worker.URL+path); status != 404 {
			t.Errorf("a worker answers %d to %s", status, path)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if status, _ := body(t, worker.URL+path); status != 200 {
			t.Errorf("a worker answers %d to %s", status, path)
		}
	}
	dice := rand.New(rand.NewPCG(4, 1))
	changed := 0
	f.Author.Follow(id, func(p Progress) bool {
		for changed < changes && p.Done()*changes >= (changed+1)*people*9/10 {
			f.Begin()
			f.Ready()
			f.Remove(dice.IntN(2)).Stop()
			w.Look()
			changed++
		}
		return p.Status == "completed"
	})
	if changed != changes {
		t.Errorf("%d workers came and went", changed)
	}
	if _, metrics := body(t, f.URL+"/metrics"); !strings.Contains(metrics, "herald_messages_total{") || someSent.MatchString(metrics) {
		t.Error("the web process sent messages")
	}
	if a := w.Audit(f.Author); a.Counts["sent"] != people || a.Twice != 0 || a.Repeated != 0 {
		t.Errorf("%+v", a)
	}
	if st := f.Cloud.Stats(); st.Accepted != people || st.Duplicates != 0 {
		t.Errorf("the cloud: %+v", st)
	}
}
