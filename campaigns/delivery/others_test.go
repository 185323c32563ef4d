package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// A campaign whose plan waits for a directory that does not answer keeps no other one, of whichever tenant, from starting.
//
// Checked by planning one campaign at a time: the second waits for two minutes.
func TestPlanThatWaitsHoldsUpNobody(t *testing.T) {
	w := setup(t)
	w.people(contoso, 3)
	answers := make(chan struct{})
	w.directory.gate = answers
	slow := w.send(contoso, everybody, 0)
	p := w.start()
	w.until("everybody known to have the first", func() bool { return w.teams.total(slow) == 3 })
	other := w.send(fabrikam, these(w.people(fabrikam, 2)...), 0)
	w.ended(other, campaigns.Completed)
	w.exactlyOnce(other, 2)
	if w.campaign(slow).Planned {
		t.Error("the first did not wait")
	}
	close(answers)
	w.ended(slow, campaigns.Completed)
	w.exactlyOnce(slow, 3)
	p.end()
}

// lame is a ledger that cannot read one campaign's moments.
type lame struct {
	delivery.Ledger
	at campaigns.Key
}

func (l lame) Near(ctx context.Context, k delivery.Key, until time.Time, limit int) ([]delivery.Waiting, error) {
	if k == l.at {
		return nil, errAway
	}
	return l.Ledger.Near(ctx, k, until, limit)
}

// A timed campaign that cannot be looked at keeps no other of its tenant from reaching its people.
//
// Checked by ending the round with the first error: nobody gets the second.
func TestLameCampaignHoldsUpNobody(t *testing.T) {
	w := setup(t)
	w.people(contoso, 3)
	first := w.within(days(2), everybody)
	second := w.within(days(2), everybody)
	p := w.start(telling(&graph{}), func(_ *process, cfg *delivery.Config) { cfg.Ledger = lame{cfg.Ledger, first} })
	w.opened(first, p)
	w.opened(second, p)
	for _, person := range []string{"p00000", "p00001", "p00002"} {
		w.moment(first, person, at(1, 16, 0))
		w.moment(second, person, at(0, 10, 0))
	}
	w.walk(second, at(0, 17, 0), p)
	w.ended(second, campaigns.Completed)
	w.exactlyOnce(second, 3)
}

// Whoever writes “stop” while an attempt at them is on the wire is not tried again, unless it is mandatory.
func TestStopWhileOnTheWire(t *testing.T) {
	for _, mandatory := range []bool{false, true} {
		t.Run(fmt.Sprint("mandatory ", mandatory), func(t *testing.T) {
			w := setup(t)
			in := greeting
			in.Audience, in.Mandatory = these(w.people(contoso, 1)...), mandatory
			c, err := w.service.Create(w.ctx, author(contoso), in)
			w.ok(err)
			answer := make(chan struct{})
			w.teams.holds(func(attempt) <-chan struct{} { return answer })
			w.teams.answers(func(a attempt) campaigns.Outcome {
				if a.Turn == 1 {
					return retry(campaigns.Throttled, time.Minute)
				}
				return sent
			})
			_, err = w.service.Send(w.ctx, author(contoso), c.ID, 0, nil)
			w.ok(err)
			p := w.start()
			w.until("the first attempt", func() bool { return w.teams.wire() == 1 })
			w.ok(w.db.SetOptedOut(w.ctx, contoso, "p00000", true, w.now()))
			close(answer)
			w.until("the second to wait", func() bool { return w.campaign(c.Key()).Counts.Rescheduled == 1 })
			w.advance(5 * time.Minute)
			w.until("the end", func() bool {
				p.Poke()
				return w.campaign(c.Key()).Status == campaigns.Completed
			})
			want := "failed opted_out"
			if mandatory {
				want = "sent"
			}
			w.is(c.Key(), map[string]string{"p00000": want})
			if sends := w.teams.total(c.Key()); (sends == 2) != mandatory {
				t.Errorf("sent %d times", sends)
			}
		})
	}
}
