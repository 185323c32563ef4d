package e2e

import (
	"testing"
	"time"
)

// A campaign of 20 000 over several workers is stopped when thousands have it. From one
// second after the answer nothing is sent any more, by no worker; whoever was not sent to
// is cancelled, and nobody is left in between.
//
// Checked: it fails with a stop that tells neither the queue nor, when attempts are marked, SQL
// (the last message left 2.2 s after the answer, and the counts were off by a thousand).
func TestFaultsStop(t *testing.T) {
	t.Parallel()
	const people, latency = 20_000, 50 * time.Millisecond
	f := StartFleet(t, Plan{People: people, Rate: 500, Workers: 3})
	f.Cloud.Faults(map[string]any{"latency": latency.String()})
	id := f.Send()
	f.Author.Follow(id, func(p Progress) bool { return p.Counts["total"] == people && p.Counts["sent"] >= people/10 })
	c := f.Author.OK(202, "POST", "/campaigns/"+id+"/stop", nil)
	answered := f.Cloud.Now()
	if c["status"] != "stopped" {
		t.Errorf("stopped: %v", c)
	}
	f.Author.Follow(id, func(p Progress) bool { return p.Done() == people })
	// Whoever sends on would do so for long: the window in Redis holds thousands. The rest
	// of the second and another one pass before the cloud is asked.
	<-time.After(2 * time.Second)
	a := NewWitness(t, f.DB, id).Audit(f.Author)
	if late := a.Latest.Sub(answered); late > time.Second+latency {
		t.Errorf("a message left %s after the stop was answered", late)
	}
	if n := a.Counts; n["total"] != people || n["sent"]+n["cancelled"] != people || n["sent"] < people/10 || n["cancelled"] < people/10 {
		t.Errorf("counts %v", n)
	}
	if a.Twice != 0 || a.Repeated != 0 {
		t.Errorf("%+v", a)
	}
}
