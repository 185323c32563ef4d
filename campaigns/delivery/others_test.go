package delivery_test

import (
	"context"
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
