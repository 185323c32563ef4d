package delivery_test

import (
	"testing"
	"time"

	"herald/campaigns"
)

// quiet says that a process which has nothing to do does not look for it all the time. The measure is the
// reconciler's own pace: two of its rounds pass, and the calls in between are counted.
func (p *process) quiet() {
	p.w.t.Helper()
	calls := []string{"Claim", "ClaimStart", "WaitDelivery", "WaitStart", "Due", "BeginAttempts"}
	before := map[string]int{}
	for _, c := range calls {
		before[c] = p.count(c)
	}
	round := p.count("OpenCampaigns")
	p.w.until("two rounds of the reconciler", func() bool { return p.count("OpenCampaigns") >= round+2 })
	for _, c := range calls {
		// Until the queue's subscription stands, waits are short: 50 ms. A loop without a wait makes thousands.
		if n := p.count(c) - before[c]; n > 200 {
			p.w.t.Errorf("%s was called %d times while there was nothing to do", c, n)
		}
	}
}

// Checked by leaving the wait out of Engine.rest: thousands of calls.
func TestIdleProcessIsQuiet(t *testing.T) {
	t.Run("nothing is due", func(t *testing.T) {
		w := setup(t)
		w.people(contoso, 1)
		w.send(contoso, everybody, time.Hour)
		p := w.start()
		p.idle()
		p.quiet()
	})
	t.Run("a tenant has to wait", func(t *testing.T) {
		w := setup(t)
		w.people(contoso, 5)
		k := w.send(contoso, everybody, 0)
		w.ok(w.queue.Pause(w.ctx, contoso, w.now().Add(time.Hour)))
		p := w.start()
		w.until("the plan", func() bool { return w.campaign(k).Planned })
		p.quiet()
	})
	t.Run("all slots are full and more is due", func(t *testing.T) {
		w := setup(t)
		w.people(contoso, 20)
		w.teams.holds(func(attempt) <-chan struct{} { return w.teams.end })
		k := w.send(contoso, everybody, 0)
		p := w.start(slots(2))
		w.until("full slots", func() bool { return w.teams.wire() == 2 && w.campaign(k).Planned })
		p.quiet()
	})
	t.Run("planning takes long and a second start is due", func(t *testing.T) {
		w := setup(t)
		w.people(contoso, 5)
		first := w.send(contoso, everybody, 0)
		held, late := make(chan struct{}), make(chan struct{})
		p := w.start(before(func(_ *process, call string, n int) error {
			if call == "PlanMembers" && n == 1 {
				close(held)
				<-late
			}
			return nil
		}))
		w.wait("the first page", held)
		second := w.send(contoso, everybody, 0)
		p.quiet()
		close(late)
		w.ended(first, campaigns.Completed)
		w.ended(second, campaigns.Completed)
		w.exactlyOnce(first, 5)
		w.exactlyOnce(second, 5)
	})
}
