package e2e

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
	"time"
)

// The cloud is away for two minutes, with everything in it: Connector, tokens, directory.
// Connections are refused. The campaign waits, goes on by itself when the cloud is back, and
// everybody has the message once; only attempts that were on the wire when it went may have no
// answer, and end as such.
//
// The outage begins before the test lets others run beside it, so that they run through it.
//
// Checked: it fails with eight attempts at full jitter and no breaker (124 of 2000 were given up).
func TestFaultsCloudAway(t *testing.T) {
	const people, workers, away = 2000, 2, 2 * time.Minute
	f := StartFleet(t, Plan{People: people, Rate: 100, Workers: workers, Cloud: map[string]string{"HERALD_SANDBOX_ADDR": keptAddress(t)}})
	f.Cloud.Faults(map[string]any{"latency": "50ms"})
	id := f.Send()
	w := NewWitness(t, f.DB, id)
	f.Author.Follow(id, func(p Progress) bool { return p.Counts["total"] == people && p.Counts["sent"] >= people/4 })
	f.Cloud.Stop()
	w.Look()
	outage := time.NewTimer(away)
	t.Parallel()
	<-outage.C
	if sent, _ := w.Look(); len(sent) >= people {
		t.Fatalf("%d sent without a cloud", len(sent))
	}
	f.Cloud.Again()
	f.Cloud.SetBot(f.URL)
	f.Hurry(id) // the next attempts are minutes away
	a := w.Audit(f.Author)
	if a.Counts["total"] != people || a.Counts["sent"]+a.Reasons["unconfirmed"] != people || a.Reasons["unconfirmed"] > workers*parallel {
		t.Errorf("counts %v, reasons %v", a.Counts, a.Reasons)
	}
	if a.Twice != 0 || a.Repeated != 0 {
		t.Errorf("%+v", a)
	}
}

// keptAddress is a free address that stays free while its server is away: its port is none
// of those that the kernel gives to outgoing connections and to listeners that do not mind.
func keptAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(20_000+rand.IntN(12_000))))
		if err == nil {
			_ = l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}
