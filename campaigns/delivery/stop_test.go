package delivery_test

import (
	"testing"
	"time"

	"herald/campaigns"
)

func (w *world) stop(k campaigns.Key) *campaigns.Campaign {
	w.t.Helper()
	c, err := w.service.Stop(w.ctx, author(k.TenantID), k.CampaignID)
	w.ok(err)
	if c.Counts.Pending+c.Counts.Rescheduled != 0 {
		w.t.Errorf("stopped, and yet open: %+v", c.Counts)
	}
	return c
}

// G5: a stopped campaign sends nothing more than what was on the wire; that is recorded as it
// turns out, and what would be tried again is cancelled.
//
// Checked by treating stopped campaigns as sending in lockCampaign: more is sent, retries wait for ever.
func TestG5StopLeavesOnlyWhatIsOnTheWire(t *testing.T) {
	w := setup(t)
	const people = 60
	w.people(contoso, people)
	gate := make(chan struct{})
	w.teams.holds(func(attempt) <-chan struct{} { return gate })
	k := w.send(contoso, everybody, 0)
	p := w.start()
	w.until("full slots", func() bool { return w.teams.wire() == parallel })
	wire := w.teams.order(k)
	w.teams.answers(func(a attempt) campaigns.Outcome {
		switch a.Person {
		case wire[1]:
			return retry(campaigns.Throttled, time.Second)
		case wire[2]:
			return never(campaigns.BlockedByUser)
		}
		return sent
	})
	c := w.stop(k)
	if c.Status != campaigns.Stopped || c.Counts.Sending != parallel || c.Counts.Cancelled != people-parallel {
		t.Errorf("%+v", c)
	}
	// Redis hears of the ids again: from a feeder that read them before, say.
	w.ok(w.queue.Feed(w.ctx, k, w.due(people)))
	close(gate)
	w.ended(k, campaigns.Stopped)
	w.until("the queue is empty", func() bool {
		n, err := w.queue.Pending(w.ctx, k, w.now().Add(time.Hour))
		w.ok(err)
		return n == 0
	})
	p.idle()
	w.advance(time.Hour)
	p.idle()
	if n := w.teams.total(k); n != parallel {
		t.Errorf("%d messages, want the %d that were on the wire", n, parallel)
	}
	rs := w.recipients(k)
	for id, want := range map[string]campaigns.Reason{wire[0]: "", wire[1]: campaigns.StoppedByAuthor, wire[2]: campaigns.BlockedByUser} {
		if rs[id].Reason != want {
			t.Errorf("%s: %+v", id, rs[id])
		}
	}
	if c := w.campaign(k).Counts; c.Sent != parallel-2 || c.Failed != 1 || c.Cancelled != people-parallel+1 {
		t.Errorf("%+v", c)
	}
}

// G5, at full speed, at any moment: of what starts after the stop nothing was not marked before it.
//
// Checked as TestG5StopLeavesOnlyWhatIsOnTheWire.
func TestG5StopAtAnyMoment(t *testing.T) {
	w := setup(t)
	const people = 100
	w.people(contoso, people)
	w.start()
	w.start()
	for _, moment := range []int{0, 1, 30, 70} {
		k := w.send(contoso, everybody, 0)
		w.until("some are sent", func() bool { return w.teams.total(k) >= moment })
		at := w.stop(k).Counts
		c := w.ended(k, campaigns.Stopped)
		if n := w.teams.total(k); n > at.Sent+at.Sending || c.Counts.Sent != n {
			t.Errorf("%d messages; when it was stopped %+v, in the end %+v", n, at, c.Counts)
		}
		w.recipients(k)
	}
}

// G5 and G1: stopped while the audience is being resolved, and stopped while the process that had
// messages on the wire is dead: those are ended too, as failed, since nobody knows and nobody may try again.
//
// Checked by leaving CloseStopped out of the reconciler: two recipients stay "sending" for ever.
func TestG5StopWhileNobodyWorks(t *testing.T) {
	w := setup(t)
	const people = 700 // two pages
	w.people(contoso, people)
	w.teams.holds(func(attempt) <-chan struct{} { return w.teams.end })
	k := w.send(contoso, everybody, 0)
	held, late := make(chan struct{}), make(chan struct{})
	first := w.start(slots(2), before(func(_ *process, call string, n int) error {
		if call == "PlanMembers" && n == 2 {
			close(held)
			<-late
		}
		return nil
	}))
	w.wait("the second page", held)
	w.until("two on the wire", func() bool { return w.teams.wire() == 2 })
	if c := w.stop(k).Counts; c.Total != 500 || c.Sending != 2 || c.Cancelled != 498 {
		t.Errorf("%+v", c)
	}
	close(late)
	w.until("the planner gives up", func() bool { return first.count("AckStart") == 1 })
	first.kill()
	second := w.start()
	second.idle()
	if c := w.campaign(k).Counts; c.Sending != 2 {
		t.Errorf("ended while their worker may live: %+v", c)
	}
	w.expire()
	c := w.ended(k, campaigns.Stopped)
	if c.Counts.Total != 500 || c.Counts.Failed != 2 || c.Counts.Cancelled != 498 {
		t.Errorf("%+v", c.Counts)
	}
	for _, r := range w.recipients(k) {
		if r.Reason != campaigns.StoppedByAuthor {
			t.Errorf("%+v", r)
		}
	}
	if n := w.teams.total(k); n != 2 {
		t.Errorf("%d messages", n)
	}
}
