package delivery_test

import (
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// peak remembers the most ids that a campaign had in Redis after anything was added.
func (w *world) peak(k *atomic.Pointer[campaigns.Key], most *atomic.Int64) func(*process, *delivery.Config) {
	return after(func(_ *process, call string, _ int) {
		if call != "Feed" && call != "Reschedule" || k.Load() == nil {
			return
		}
		n, err := w.queue.Pending(w.ctx, *k.Load(), w.now().Add(time.Hour))
		if err != nil {
			return
		}
		for {
			was := most.Load()
			if int64(n) <= was || most.CompareAndSwap(was, int64(n)) {
				return
			}
		}
	})
}

// G7: an audience of 20 000 (fewer under -race, which makes SQLite ten times slower), of whom some have the app, is planned in pages and lies in Redis
// at most a window at a time; all of them get the message.
//
// Checked by feeding without a window (Due without limit, or no look at Pending): more ids lie in Redis.
func TestG7PlanningInPagesSendingInWindows(t *testing.T) {
	w := setup(t)
	const people, installed = crowd, reached
	w.crowd(contoso, people)
	w.install(contoso, installed)
	gate := make(chan struct{})
	w.teams.holds(func(attempt) <-chan struct{} { return gate })
	var key atomic.Pointer[campaigns.Key]
	var most atomic.Int64
	read := make(chan struct{}) // the directory is read after the first page: there are newcomers
	w.directory.gate = read
	p := w.start(slots(100), w.peak(&key, &most))
	k := w.send(contoso, everybody, 0)
	key.Store(&k)
	w.until("the first page", func() bool { return p.count("PlanMembers") > 0 })
	close(read)
	p.planned(k)
	if c := w.campaign(k).Counts; c.Total != people || c.Skipped != people-installed || c.Open() != installed {
		t.Errorf("%+v", c)
	}
	if n := p.count("PlanMembers"); n != 1+(people-500+4999)/5000+1 { // and the directory's newcomers
		t.Errorf("%d pages", n)
	}
	close(gate)
	c := w.ended(k, campaigns.Completed)
	if c.Counts.Sent != installed {
		t.Errorf("%+v", c.Counts)
	}
	for id, n := range w.teams.sends(k) {
		if n != 1 {
			t.Errorf("%s got it %d times", id, n)
		}
	}
	// Reclaimed and rescheduled ids come on top of the window; here there are none.
	if n := most.Load(); n < 1000 || n > delivery.Window {
		t.Errorf("up to %d ids in Redis, want at most %d", n, delivery.Window)
	}
}

// The end of a campaign is not fed again with every outcome: what is left lies in Redis already.
//
// Checked by looking after every outcome (feeder.more): dozens of calls instead of a few.
func TestFeedingStopsWhenEverythingIsInRedis(t *testing.T) {
	w := setup(t)
	const people = 60
	w.people(contoso, people)
	steps := make(chan struct{})
	w.teams.holds(func(attempt) <-chan struct{} { return steps })
	k := w.send(contoso, everybody, 0)
	p := w.start(slots(1))
	w.until("the plan was compared", func() bool { return w.campaign(k).Planned && p.count("OpenCampaigns") >= 3 })
	looked, compared := p.count("Due"), p.count("OpenCampaigns")
	for range people {
		done := w.campaign(k).Counts.Sent
		steps <- struct{}{}
		w.until("the next outcome", func() bool { return w.campaign(k).Counts.Sent > done })
	}
	w.ended(k, campaigns.Completed)
	if n := p.count("Due") - looked; n > 1+p.count("OpenCampaigns")-compared {
		t.Errorf("SQL was asked %d times for the last %d outcomes", n, people)
	}
}
