package delivery_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// fullChat takes room messages, and those that come then in an hour: Redis' own clock, by which chats empty, does not stop for a test.
// TestChatsStayBelowTeamsLimits in infra/queue shows what it says.
type fullChat struct {
	delivery.Queue
	mu   sync.Mutex
	room int
}

func (c *fullChat) Admit(_ context.Context, _ string, people []string) ([]time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waits := make([]time.Duration, len(people))
	for i := range waits {
		if c.room--; c.room < 0 {
			waits[i] = time.Hour
		}
	}
	return waits, nil
}

// empty lets it take n more.
func (c *fullChat) empty(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room = n
}

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
	chat := &fullChat{room: 7}
	p := w.start(slots(20), func(_ *process, cfg *delivery.Config) { chat.Queue, cfg.Queue = cfg.Queue, chat })
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
	done := func() (n int) {
		for _, k := range ks {
			if w.campaign(k).Status == campaigns.Completed {
				n++
			}
		}
		return n
	}
	w.until("seven on the wire, two waiting", func() bool { return w.teams.wire() == 7 && waiting() == 2 })
	close(gate)
	w.until("the seven have arrived", func() bool { return w.teams.wire() == 0 && done() == 7 })
	chat.empty(2)
	w.advance(time.Hour)
	for _, k := range ks {
		w.ended(k, campaigns.Completed)
		w.exactlyOnce(k, 1)
	}
	p.end()
}
