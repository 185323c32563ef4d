package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"herald/campaigns"
)

// released is a world in which somebody's moment is ten seconds before five on the first of n days, and the gate has let them through; nobody can
// have got it yet.
func released(t *testing.T, n int) (*world, campaigns.Key, *process, *graph) {
	t.Helper()
	w := setup(t)
	w.people(contoso, 1)
	g := &graph{}
	k := w.within(days(n), everybody)
	p := w.start(telling(g))
	w.opened(k, p)
	w.moment(k, ann, at(0, 17, 0).Add(-10*time.Second))
	w.goTo(at(0, 17, 0).Add(-15 * time.Second))
	w.until("the gate to let her through", func() bool {
		poke([]*process{p})
		return w.waiting(k, ann) == 0
	})
	return w, k, p, g
}

const ann = "p00000"

// Nobody gets the message after their hours because something held it up: it waits for the next ones, and the gate asks again whether they are there.
//
// Checked by sending all the same (sender.send): she gets it at seven in the evening.
func TestTimedNothingLeavesAfterHours(t *testing.T) {
	w, k, p, g := released(t, 2)
	w.goTo(at(0, 19, 0))
	w.until("her message to be put off", func() bool {
		poke([]*process{p})
		return w.waiting(k, ann) == 1
	})
	r := w.recipients(k)[ann]
	if r.Status != campaigns.DeliveryPending || r.Reason != "" || r.Attempts != 0 || r.NextAttemptAt == nil || !days(2).Open(paris).Contains(*r.NextAttemptAt) || r.NextAttemptAt.Before(at(1, 0, 0)) {
		t.Errorf("%+v", r)
	}
	same(t, "ann", found(r), "present Mon 16:59", "closed Mon 19:00")
	g.set(ann, campaigns.PresenceOffline)
	w.moment(k, ann, at(1, 10, 30))
	w.walk(k, at(1, 10, 40), p)
	g.set(ann, campaigns.PresenceAvailable)
	w.walk(k, at(2, 0, 0), p)
	c := w.ended(k, campaigns.Completed)
	r = w.recipients(k)[ann]
	if c.Counts != (campaigns.Counts{Total: 1, Sent: 1}) || c.Replanned != 0 || w.teams.sends(k)[ann] != 1 || r.Attempts != 1 || r.Repeated || r.SentAt.Sub(at(1, 11, 0)).Abs() > time.Minute {
		t.Errorf("%+v, sent %d times: %+v", c.Counts, w.teams.sends(k)[ann], r)
	}
	if n := w.places(k); n != 0 {
		t.Errorf("%d places are kept after the end", n)
	}
}

// places counts all rows of those who have, or had, moments.
func (w *world) places(k campaigns.Key) (n int) {
	w.t.Helper()
	w.ok(w.scan(&n, `SELECT COUNT(*) FROM timed_deliveries WHERE campaign = (SELECT num FROM campaigns WHERE id = ?)`, k.CampaignID))
	return n
}

// When nothing is left of the window, who was not reached is so for good.
func TestTimedNothingIsLeftAfterTheLastHours(t *testing.T) {
	w, k, _, _ := released(t, 1)
	w.goTo(at(0, 19, 0))
	c := w.ended(k, campaigns.Completed)
	r := w.recipients(k)[ann]
	if c.Counts != (campaigns.Counts{Total: 1, Unscheduled: 1}) || r.Status != campaigns.DeliveryUnscheduled || r.Reason != campaigns.WindowOver || r.Attempts != 0 || w.teams.total(k) != 0 || w.places(k) != 0 {
		t.Errorf("%+v, sent %d times: %+v", c.Counts, w.teams.total(k), r)
	}
}

// Rather late than never: after their last hours there is a quarter of an hour.
func TestTimedLateAfterTheLastHours(t *testing.T) {
	w, k, _, _ := released(t, 1)
	w.goTo(at(0, 17, 14))
	if c := w.ended(k, campaigns.Completed); c.Counts.Sent != 1 || len(w.recipients(k)[ann].Checks) != 1 {
		t.Errorf("%+v: %+v", c.Counts, w.recipients(k)[ann])
	}
}

// A queue that is a moment behind puts nobody off by a day.
func TestTimedAMomentLateIsNotTooLate(t *testing.T) {
	w, k, _, _ := released(t, 2)
	w.goTo(at(0, 17, 0).Add(30 * time.Second))
	if c := w.ended(k, campaigns.Completed); c.Counts.Sent != 1 || len(w.recipients(k)[ann].Checks) != 1 {
		t.Errorf("%+v: %+v", c.Counts, w.recipients(k)[ann])
	}
}

// What Teams refuses for now near the end of their hours is tried again within the next ones, with patience of its own; on the last day it has failed.
func TestTimedRetriesKeepToHours(t *testing.T) {
	for days, want := range map[int]campaigns.Counts{2: {Total: 1, Sent: 1}, 1: {Total: 1, Failed: 1}} {
		t.Run(fmt.Sprint("of ", days), func(t *testing.T) {
			w, k, p, _ := released(t, days)
			w.teams.answers(func(a attempt) campaigns.Outcome {
				if w.teams.total(a.Key) <= 2 {
					return retry(campaigns.Throttled, 20*time.Minute)
				}
				return sent
			})
			w.goTo(at(0, 17, 0).Add(-10 * time.Second))
			if days == 2 {
				w.until("the refusal", func() bool { return w.campaign(k).Counts.Rescheduled == 1 && w.waiting(k, ann) == 1 })
				r := w.recipients(k)[ann]
				if r.Status != campaigns.DeliveryRescheduled || r.Reason != campaigns.Throttled || r.Attempts != 1 || r.NextAttemptAt.Before(at(1, 9, 0)) || r.NextAttemptAt.After(at(1, 17, 0)) {
					t.Errorf("%+v", r)
				}
				same(t, "ann", found(r), "present Mon 16:59", "closed Mon 16:59")
				w.moment(k, ann, at(1, 9, 30))
				w.walk(k, at(1, 9, 30), p) // refused again, though more than six hours have passed since the first attempt: that was yesterday
				w.walk(k, at(2, 0, 0), p)
			}
			c := w.ended(k, campaigns.Completed)
			r := w.recipients(k)[ann]
			if c.Counts != want || days == 1 && (r.Status != campaigns.DeliveryFailed || r.Reason != campaigns.Throttled || r.Attempts != 1) || days == 2 && (r.Attempts != 3 || r.SentAt.Sub(at(1, 9, 50)) > time.Minute) {
				t.Errorf("%+v, %+v", c.Counts, r)
			}
		})
	}
}

// A gate that comes late, and after somebody's hours, finds them another moment.
func TestTimedGateThatComesAfterHours(t *testing.T) {
	w := setup(t)
	w.people(contoso, 1)
	k := w.within(days(2, func(w *campaigns.Window) { w.Presence = campaigns.Regardless }), everybody)
	p := w.start()
	w.opened(k, p)
	w.moment(k, ann, at(0, 16, 55))
	p.end()
	w.goTo(at(0, 17, 5)) // which is less than the quarter of an hour after which moments are missed
	p = w.start()
	w.until("another moment", func() bool {
		poke([]*process{p})
		r := w.lines(k)[ann]
		return r.NextAttemptAt != nil && r.NextAttemptAt.After(at(1, 0, 0))
	})
	if c := w.campaign(k); c.Replanned != 1 || w.teams.total(k) != 0 {
		t.Errorf("replanned %d, sent %d", c.Replanned, w.teams.total(k))
	}
}

// Their hours are those of their own clocks.
func TestTimedHoursOfTheirOwn(t *testing.T) {
	w := setup(t)
	w.people(contoso, 2)
	w.ok(w.db.SaveClientZone(w.ctx, contoso, ann, "Europe/Athens")) // an hour ahead
	k := w.within(days(2, func(w *campaigns.Window) { w.OwnTimeZone, w.Presence = true, campaigns.Regardless }), everybody)
	p := w.start(zoned(w))
	w.goTo(at(0, 8, 0))
	w.until("everybody has a moment", func() bool {
		p.Poke()
		return w.campaign(k).Planned
	})
	soon := at(0, 16, 0).Add(-10 * time.Second)
	w.moment(k, ann, soon)
	w.moment(k, "p00001", soon)
	w.goTo(soon.Add(-5 * time.Second))
	w.until("the gate to let them through", func() bool {
		p.Poke()
		return w.waiting(k, "") == 0
	})
	w.goTo(at(0, 16, 10))
	w.until("one to be sent, the other to be put off", func() bool {
		return w.campaign(k).Counts.Sent == 1 && w.waiting(k, ann) == 1
	})
	if r := w.recipients(k)[ann]; r.NextAttemptAt.Before(at(1, 8, 0)) || r.NextAttemptAt.After(at(1, 16, 0)) {
		t.Errorf("%+v", r)
	}
}
