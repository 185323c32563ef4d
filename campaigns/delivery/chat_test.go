package delivery_test

import (
	"testing"

	"herald/campaigns"
)

// One person's chat takes seven messages at once (platform.md §2), whatever number of campaigns wants to write to it. The others
// wait a moment without an attempt being spent on them, and arrive too.
//
// Checked by leaving Admit out of the claimer: nine are on the wire at once.
func TestOneChatIsNotFlooded(t *testing.T) {
	w := setup(t)
	w.people(contoso, 1)
	gate := make(chan struct{})
	w.teams.holds(func(attempt) <-chan struct{} { return gate })
	var ks []campaigns.Key
	for range 9 {
		ks = append(ks, w.send(contoso, everybody, 0))
	}
	p := w.start(slots(20))
	waiting := func() (n int) {
		for _, k := range ks {
			rs, _, err := w.db.Recipients(w.ctx, k, campaigns.RecipientFilter{Limit: 1})
			w.ok(err)
			if len(rs) == 1 && rs[0].Status == campaigns.DeliveryPending && rs[0].Reason == campaigns.Throttled && rs[0].Attempts == 0 && rs[0].NextAttemptAt != nil {
				n++
			}
		}
		return n
	}
	w.until("seven on the wire, two waiting", func() bool { return w.teams.wire() == 7 && waiting() == 2 })
	close(gate)
	for _, k := range ks {
		w.ended(k, campaigns.Completed)
		w.exactlyOnce(k, 1)
	}
	p.end()
}
