//go:build !race

package delivery_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// counting takes every message and remembers none.
type counting struct{ n atomic.Int64 }

func (c *counting) Send(context.Context, campaigns.Reference, []byte, string) campaigns.Outcome {
	c.n.Add(1)
	return sent
}

// busyGraph has one in ten away at any moment, and counts what it is asked.
type busyGraph struct {
	calls, ids, most atomic.Int64
}

func (g *busyGraph) Presences(_ context.Context, _ string, ids []string) (map[string]campaigns.Presence, error) {
	n := g.calls.Add(1)
	g.ids.Add(int64(len(ids)))
	for was := g.most.Load(); int64(len(ids)) > was && !g.most.CompareAndSwap(was, int64(len(ids))); was = g.most.Load() {
	}
	out := make(map[string]campaigns.Presence, len(ids))
	for i, id := range ids {
		out[id] = campaigns.PresenceAvailable
		if (int64(i)+n)%10 == 0 {
			out[id] = campaigns.PresenceAway
		}
	}
	return out, nil
}

// G7: many people get a campaign over three days at moments of their own, with presence asked for whole pages: Graph is asked
// far less than it allows, and memory does not grow with the audience.
func TestTimedCrowd(t *testing.T) { timedCrowd(t, 20_000) }

// The same with 100 000, which takes a minute: go test -run=^$ -bench=TimedCrowd -benchtime=1x ./campaigns/delivery
func BenchmarkTimedCrowd(b *testing.B) {
	for b.Loop() {
		timedCrowd(b, 100_000)
	}
}

func timedCrowd(t testing.TB, people int) {
	w := setup(t)
	const pause = 10 * time.Minute // from one look to the next; Herald looks every two seconds
	w.crowd(contoso, people)
	w.install(contoso, people)
	k := w.within(days(3), everybody)
	g, teams := &busyGraph{}, &counting{}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	p := w.start(slots(200), func(_ *process, cfg *delivery.Config) { cfg.Presence, cfg.Messenger = g, teams })
	w.opened(k, p)
	most := heap() - before
	looks := 0
	for day := range 3 {
		for now := at(day, 9, 0); !now.After(at(day, 17, 0)); now = now.Add(pause) {
			if now.After(w.now()) {
				w.goTo(now)
			}
			looks++
			w.until("all whose moment has come to be done", func() bool {
				p.Poke()
				return w.open() == 0
			})
			if looks%48 == 0 {
				most = max(most, heap()-before)
			}
		}
	}
	c := w.ended(k, campaigns.Completed)
	if n := int(teams.n.Load()); c.Counts.Sent+c.Counts.Unscheduled != people || c.Counts.Unscheduled > people/50 || n != c.Counts.Sent || c.Replanned > 0 {
		t.Errorf("%+v, %d messages, %d replanned", c.Counts, n, c.Replanned)
	}
	calls, ids := g.calls.Load(), g.ids.Load()
	t.Logf("%d calls for %d looks at %d people, up to %d at once; the heap grew by up to %d MB", calls, looks, ids, g.most.Load(), most>>20)
	// A page that is full is followed by another one, and each look may find a few more that became due meanwhile.
	if g.most.Load() > campaigns.MaxPresences || calls > ids/campaigns.MaxPresences+int64(6*looks) || ids < int64(people) {
		t.Errorf("%d calls for %d people, up to %d at once", calls, ids, g.most.Load())
	}
	if most > 64<<20 {
		t.Errorf("the heap grew by %d MB", most>>20)
	}
}
