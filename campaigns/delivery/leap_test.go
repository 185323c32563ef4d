package delivery_test

import (
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/queue/redistest"
)

// apart gives a process a clock of its own, as each hears for itself that the clock was moved.
func apart(skew *atomic.Int64) func(*process, *delivery.Config) {
	return func(p *process, cfg *delivery.Config) {
		cfg.Queue = watchedQueue{p.w.openQueueAt(skew), p}
		cfg.Now = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
	}
}

// looked waits until each of the processes has claimed and compared SQL with Redis after this moment.
func (w *world) looked(ps ...*process) {
	w.t.Helper()
	for _, call := range []string{"Claim", "OpenCampaigns"} {
		counts := make([]int, len(ps))
		for i, p := range ps {
			counts[i] = p.count(call)
		}
		for i, p := range ps {
			w.until("a look at what is due", func() bool {
				return p.count(call) >= counts[i]+2 || call == "Claim" && w.poke() // the first may have begun before
			})
		}
	}
}

// The clock leaps by days, forward and back, while a process has messages on the wire and another one has its hands free. They
// hear of it one after the other, and Redis forgets everything in between. Nobody is taken for dead: everybody has the message once.
//
// Checked: it fails with leases on the skewed clock, and with attempted_at on it.
func TestLeapsOfTheClockRepeatNothing(t *testing.T) {
	w := setup(t)
	const people, slow = 60, 6
	w.people(contoso, people)
	arrived := make(chan struct{})
	w.teams.holds(func(a attempt) <-chan struct{} {
		if a.Person < "p00006" {
			return arrived
		}
		return nil
	})
	k := w.send(contoso, everybody, 0)
	var skews [2]atomic.Int64
	a := w.start(apart(&skews[0]))
	w.until("the slow ones are on the wire", func() bool { return w.campaign(k).Counts.Sent == people-slow && w.teams.wire() == slow })
	b := w.start(apart(&skews[1]))
	leap := func(d time.Duration) {
		t.Helper()
		for _, i := range []int{1, 0} {
			skews[i].Add(int64(d))
			for _, p := range []*process{a, b} {
				claims := p.count("Claim")
				w.until("a claim at the new time", func() bool { return p.count("Claim") >= claims+2 || w.teams.wire() > slow || w.poke() })
			}
		}
	}
	leap(144 * time.Hour)
	if n := w.teams.wire(); n != slow {
		t.Fatalf("%d on the wire after a leap, want the same %d", n, slow)
	}
	w.ok(w.rdb.FlushAll(w.ctx).Err())
	w.looked(a, b)
	leap(-200 * time.Hour)
	w.looked(a, b)
	leap(400 * time.Hour)
	close(arrived)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
}

// The same of a campaign that is stopped: what is on the wire then is not given up, and counts when it arrives.
//
// Checked: it fails when CloseStopped is asked on the skewed clock.
func TestALeapGivesUpNothingOfAStoppedCampaign(t *testing.T) {
	w := setup(t)
	w.people(contoso, 2)
	arrived := make(chan struct{})
	w.teams.holds(func(attempt) <-chan struct{} { return arrived })
	k := w.send(contoso, everybody, 0)
	p := w.start()
	w.until("two on the wire", func() bool { return w.teams.wire() == 2 })
	w.stop(k)
	w.advance(144 * time.Hour)
	w.looked(p)
	close(arrived)
	c := w.ended(k, campaigns.Stopped)
	if c.Counts.Sent != 2 {
		t.Errorf("%+v, want 2 sent", c.Counts)
	}
}

// A process that was killed before the leap is not forgotten: what it had on the wire is taken over after a lease of real time, and
// not before, though the clock has leapt.
func TestALeapNeitherHastensNorDelaysATakeover(t *testing.T) {
	for name, d := range map[string]time.Duration{"forward": 144 * time.Hour, "back": -144 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			const people = 8
			w.people(contoso, people)
			w.teams.holds(func(a attempt) <-chan struct{} {
				if a.Turn == 1 {
					return w.teams.end
				}
				return nil
			})
			k := w.send(contoso, everybody, 0)
			first := w.start(slots(people))
			w.until("all on the wire", func() bool { return w.teams.wire() == people })
			first.kill()
			w.advance(d)
			second := w.start()
			w.looked(second)
			if n := w.teams.total(k); n != people {
				t.Errorf("%d messages while the lease runs, want %d", n, people)
			}
			redistest.Age(t, w.rdb, lease+time.Second)
			w.poke()
			w.ended(k, campaigns.Completed)
			for id, r := range w.recipients(k) {
				if r.Status != campaigns.DeliverySent || r.Attempts != 2 || !r.Repeated {
					t.Errorf("%s: %+v", id, r)
				}
			}
		})
	}
}
