package delivery_test

import (
	"testing"
	"time"

	"herald/campaigns"
)

// G4: a 429 stops the whole tenant until Retry-After, at once; the other tenant does not notice. The
// recipient shows as rescheduled, with the moment, and gets the message then.
//
// Checked by slowing the tenant down until now only (sender.yield): it goes on.
func TestG4ThrottledTenantWaitsAndTheOtherGoesOn(t *testing.T) {
	w := setup(t)
	const people = 20
	w.people(contoso, people)
	w.people(fabrikam, people)
	w.teams.answers(func(a attempt) campaigns.Outcome {
		if a.TenantID == contoso && a.Turn == 1 && w.teams.total(a.Key) == 1 {
			o := retry(campaigns.Throttled, 90*time.Second)
			o.Slow = true
			return o
		}
		return sent
	})
	slow := w.send(contoso, everybody, 0)
	p := w.start(slots(1))
	w.until("the refusal is recorded", func() bool { return w.campaign(slow).Counts.Rescheduled == 1 })
	fast := w.send(fabrikam, everybody, 0)
	w.ended(fast, campaigns.Completed)
	w.exactlyOnce(fast, people)

	p.idle()
	if n := w.teams.total(slow); n != 1 {
		t.Errorf("%d messages to the tenant that has to wait, want 1", n)
	}
	first := w.teams.order(slow)[0]
	r := w.recipients(slow)[first]
	if r.Status != campaigns.DeliveryRescheduled || r.Reason != campaigns.Throttled || r.NextAttemptAt == nil || r.NextAttemptAt.Before(w.now().Add(30*time.Second)) {
		t.Errorf("%+v", r)
	}
	if c := w.campaign(slow); c.Counts.Pending != people-1 || campaigns.ResultOf(c) != campaigns.ResultOngoing {
		t.Errorf("%+v", c)
	}
	w.advance(2 * time.Minute)
	w.ended(slow, campaigns.Completed)
	rs := w.recipients(slow)
	for id, n := range w.teams.sends(slow) {
		want := 1
		if id == first {
			want = 2
		}
		if r := rs[id]; n != want || r.Attempts != want || r.Status != campaigns.DeliverySent || r.Reason != "" || r.Repeated || r.NextAttemptAt != nil {
			t.Errorf("%s: %d, %+v", id, n, r)
		}
	}
}

// G4: a Retry-After of days is a mistake or an attack, and holds nobody for longer than an hour.
//
// Checked by leaving schedule.MaxRetryAfter out of sender.yield.
func TestG4AnAbsurdRetryAfterIsCut(t *testing.T) {
	w := setup(t)
	w.people(contoso, 1)
	w.teams.answers(func(a attempt) campaigns.Outcome {
		if a.Turn == 1 {
			o := retry(campaigns.Throttled, 240*time.Hour)
			o.Slow = true
			return o
		}
		return sent
	})
	k := w.send(contoso, everybody, 0)
	w.start()
	w.until("the refusal is recorded", func() bool { return w.campaign(k).Counts.Rescheduled == 1 })
	if c := w.campaign(k); campaigns.ResultOf(c) != campaigns.ResultRescheduled {
		t.Errorf("%s", campaigns.ResultOf(c))
	}
	w.advance(61 * time.Minute)
	w.ended(k, campaigns.Completed)
}
