package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"herald/campaigns"
)

// marking is how many batches may be marked in the ledger at once, while the next is claimed.
const marking = 2

// claimer takes due deliveries from the queue and marks their attempts in the ledger, which refuses
// what is stopped, final, or in other hands. Only then may they be sent.
type claimer struct {
	queue    Queue
	ledger   Ledger
	held     *held
	stock    *stock
	results  chan<- finished
	lease    time.Duration
	stale    time.Duration
	now      func() time.Time
	log      *slog.Logger
	observer Observer

	slots   chan struct{} // one per batch that is being marked
	marks   sync.WaitGroup
	trouble chan error // of marks; at most one waits to be heard
}

// claim takes up to n deliveries on, and says whether there were some. Marking them goes on behind it; what went wrong
// there is the error of a later claim.
func (c *claimer) claim(ctx context.Context, n int) (some bool, err error) {
	select {
	case c.slots <- struct{}{}:
	case err := <-c.trouble:
		return false, err
	}
	claimed := time.Now()
	leases, err := c.queue.Claim(ctx, n)
	if err != nil || len(leases) == 0 {
		<-c.slots
		return false, err
	}
	c.observer.Claimed(len(leases), time.Since(claimed))
	c.stock.take(len(leases))
	c.marks.Go(func() {
		defer func() { <-c.slots }()
		if err := c.mark(ctx, leases, claimed); err != nil {
			select {
			case c.trouble <- err:
			default:
			}
		}
	})
	return true, nil
}

// mark marks the attempts of one batch and gives them to the senders.
func (c *claimer) mark(ctx context.Context, leases []Lease, claimed time.Time) error {
	// The end of the process must not break this off: marks that nobody hears of look like attempts cut off by a crash.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.lease/2)
	defer cancel()
	refs := make([]Ref, len(leases))
	reclaimed := map[Ref]bool{}
	byRef := make(map[Ref]Lease, len(leases))
	for i, l := range leases {
		refs[i] = l.ref()
		byRef[refs[i]] = l
		if l.Reclaimed {
			reclaimed[refs[i]] = true
		}
	}
	now := c.now()
	begun := time.Now()
	attempts, err := c.ledger.BeginAttempts(ctx, refs, reclaimed, begun.Add(-c.stale), begun, now)
	if err != nil {
		// Those of a campaign before the one that failed are marked: nobody else would be allowed to take them.
		for _, a := range attempts {
			c.held.add(byRef[a.Ref])
			c.results <- finished{byRef[a.Ref], unmade(a, now, "")}
			delete(byRef, a.Ref)
		}
		c.stock.drop(len(byRef))
		c.handBack(ctx, slices.Collect(maps.Values(byRef)))
		return fmt.Errorf("begin attempts: %w", err)
	}
	marked := time.Now()
	// What is marked is held from here on, whatever becomes of it.
	for _, a := range attempts {
		c.held.add(byRef[a.Ref])
	}
	waits, err := c.admit(ctx, leases[0].TenantID, attempts)
	counted := claimed
	if noted, lerr := c.queue.Late(ctx, leases[0].TenantID, len(attempts), time.Since(claimed)); lerr != nil {
		c.log.WarnContext(ctx, "the queue does not know that messages leave late", "err", lerr)
	} else if noted {
		counted = time.Now()
	}
	for i, a := range attempts {
		l := byRef[a.Ref]
		delete(byRef, a.Ref)
		if err == nil && waits[i] == 0 {
			c.stock.jobs <- job{lease: l, attempt: a, claimed: claimed, marked: marked, counted: counted}
			continue
		}
		if err != nil {
			c.results <- finished{l, unmade(a, now, "")}
		} else {
			c.results <- finished{l, unmade(a, now.Add(waits[i]), campaigns.Throttled)}
		}
	}
	if err != nil {
		return err
	}
	// What SQL refused is over, or in other hands: the queue forgets it.
	if len(byRef) > 0 {
		c.stock.drop(len(byRef))
		if err := c.queue.Ack(ctx, slices.Collect(maps.Values(byRef))); err != nil {
			return fmt.Errorf("ack refused: %w", err)
		}
	}
	return nil
}

// admit asks how long each of the attempts must wait so that its chat stays below Teams' limits.
func (c *claimer) admit(ctx context.Context, tenantID string, attempts []Attempt) ([]time.Duration, error) {
	if len(attempts) == 0 {
		return nil, nil
	}
	people := make([]string, len(attempts))
	for i, a := range attempts {
		people[i] = a.Person.ID
	}
	waits, err := c.queue.Admit(ctx, tenantID, people)
	if err != nil {
		return nil, fmt.Errorf("admit: %w", err)
	}
	return waits, nil
}

// unmade is the result of an attempt that was marked and not made.
func unmade(a Attempt, next time.Time, r campaigns.Reason) Result {
	s := campaigns.DeliveryRescheduled
	if a.Number == 1 {
		s = campaigns.DeliveryPending
	}
	return Result{Ref: a.Ref, Number: a.Number, Status: s, Reason: r, NextAt: next, At: next, Unmade: true}
}

// handBack makes deliveries due again whose attempt could not be marked. Reclaimed ones keep
// their lease: only when it runs out may they be taken over once more.
func (c *claimer) handBack(ctx context.Context, leases []Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handBackTimeout)
	defer cancel()
	var again []Again
	for _, l := range leases {
		if !l.Reclaimed {
			again = append(again, Again{Lease: l, At: c.now()})
		}
	}
	if err := c.queue.Reschedule(ctx, again); err != nil {
		c.log.WarnContext(ctx, "deliveries not handed back; their leases run out", "err", err)
	}
}
