package delivery

import (
	"context"
	"log/slog"
	"sync"

	"herald/campaigns"
)

// placeholdersAtOnce is how many cards are changed at once, and at most in one look: a stop may leave thousands of them.
const placeholdersAtOnce = 20

// GivenUp is a message that was to come back and does not, and the card that stands in its place.
type GivenUp struct {
	To     campaigns.Reference
	CardID string
	Why    campaigns.Reason
}

// placeholders takes back what cards promise that stand in the place of messages which do not come back any more: their campaign was stopped,
// say, or their survey has been closed.
type placeholders struct {
	ledger  Ledger
	returns Returns
	log     *slog.Logger
	looks   sync.WaitGroup
	busy    sync.Mutex
}

// look begins a look, unless one is under way.
func (p *placeholders) look(ctx context.Context) {
	if p.returns == nil || !p.busy.TryLock() {
		return
	}
	p.looks.Go(func() {
		defer p.busy.Unlock()
		given, err := p.ledger.TakeGivenUp(ctx, placeholdersAtOnce)
		if err != nil && ctx.Err() == nil {
			p.log.WarnContext(ctx, "cards of messages that do not come back not looked for; trying again", "err", err)
		}
		var changes sync.WaitGroup
		defer changes.Wait()
		for _, g := range given { // what was taken is carried out, also when Herald ends
			changes.Go(func() { p.returns.GivenUp(context.WithoutCancel(ctx), g.To, g.CardID, g.Why) })
		}
	})
}
