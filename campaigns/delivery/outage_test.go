package delivery_test

import (
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// While nothing gets through to Teams, a tenant costs a few attempts at growing distances and not one of every
// recipient's; when Teams is back, everybody gets the message.
//
// Checked by leaving the pause out of sender.yield: all forty are tried, again and again.
func TestOutageCostsFewAttempts(t *testing.T) {
	w := setup(t)
	const people = 40
	w.people(contoso, people)
	w.people(fabrikam, 3)
	var up atomic.Bool
	w.teams.answers(func(a attempt) campaigns.Outcome {
		if up.Load() || a.TenantID == fabrikam {
			return sent
		}
		return retry(campaigns.Unreachable, 0)
	})
	k := w.send(contoso, everybody, 0)
	p := w.start(slots(1))
	w.until("five failures in a row", func() bool { return w.campaign(k).Counts.Rescheduled == 5 })
	p.idle()
	if n := w.teams.total(k); n != 5 {
		t.Errorf("%d attempts, want 5 and then a pause", n)
	}
	// The next tries come after a second, then after two more: each costs five attempts.
	for _, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		before := w.teams.total(k)
		w.advance(pause)
		w.until("the next failures", func() bool { return w.teams.total(k) == before+5 })
		p.idle()
		if n := w.teams.total(k); n != before+5 {
			t.Errorf("after %s: %d attempts, want 5", pause, n-before)
		}
	}
	other := w.send(fabrikam, everybody, 0)
	w.ended(other, campaigns.Completed)
	up.Store(true)
	w.patiently(k, campaigns.Completed)
	for id, r := range w.recipients(k) {
		if r.Status != campaigns.DeliverySent {
			t.Errorf("%s: %+v", id, r)
		}
	}
}

// A machine whose clock is behind Redis' pauses a tenant for as long as any other.
//
// Checked by pausing until a moment of the machine's clock: it goes on at once.
func TestOutageOnAMachineThatIsBehind(t *testing.T) {
	w := setup(t)
	w.people(contoso, 40)
	w.teams.answers(func(attempt) campaigns.Outcome { return retry(campaigns.Unreachable, 0) })
	k := w.send(contoso, everybody, 0)
	p := w.start(slots(1), func(_ *process, cfg *delivery.Config) {
		cfg.Now = func() time.Time { return w.now().Add(-time.Minute) }
	})
	w.until("five failures in a row", func() bool { return w.campaign(k).Counts.Rescheduled == 5 })
	p.idle()
	if n := w.teams.total(k); n != 5 {
		t.Errorf("%d attempts, want 5 and then a pause", n)
	}
}
