package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"herald/campaigns"
)

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
}

// claim takes up to n deliveries on, and says whether there were some.
func (c *claimer) claim(ctx context.Context, n int) (some bool, err error) {
	claimed := time.Now()
	leases, err := c.queue.Claim(ctx, n)
	if err != nil || len(leases) == 0 {
		return false, err
	}
	c.observer.Claimed(len(leases), time.Since(claimed))
	refs := make([]Ref, len(leases))
	reclaimed := map[Ref]bool{}
	byRef := make(map[Ref]Lease, len(leases))
	for i, l := range leases {
		refs[i] = Ref{Key: l.Key, Seq: l.ID}
		byRef[refs[i]] = l
		if l.Reclaimed {
			reclaimed[refs[i]] = true
		}
	}
	now := c.now()
	attempts, err := c.ledger.BeginAttempts(ctx, refs, reclaimed, now.Add(-c.stale), now)
	if err != nil {
		c.handBack(ctx, leases)
		return false, fmt.Errorf("begin attempts: %w", err)
	}
	marked := time.Now()
	// What is marked is held from here on, whatever becomes of it.
	for _, a := range attempts {
		c.held.add(byRef[a.Ref])
	}
	waits, err := c.admit(ctx, leases[0].TenantID, attempts)
	for i, a := range attempts {
		l := byRef[a.Ref]
		delete(byRef, a.Ref)
		switch {
		case err != nil:
			c.results <- finished{l, unmade(a, now, "")}
		case waits[i] > 0:
			c.results <- finished{l, unmade(a, now.Add(waits[i]), campaigns.Throttled)}
		default:
			c.stock.put(job{lease: l, attempt: a, claimed: claimed, marked: marked})
		}
	}
	if err != nil {
		return false, err
	}
	// What SQL refused is over, or in other hands: the queue forgets it.
	if len(byRef) > 0 {
		rest := make([]Lease, 0, len(byRef))
		for _, l := range byRef {
			rest = append(rest, l)
		}
		if err := c.queue.Ack(ctx, rest); err != nil {
			return false, fmt.Errorf("ack refused: %w", err)
		}
	}
	return true, nil
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
			again = append(again, Again{Lease: l, At: l.Until.Add(-c.lease)})
		}
	}
	if err := c.queue.Reschedule(ctx, again); err != nil {
		c.log.WarnContext(ctx, "deliveries not handed back; their leases run out", "err", err)
	}
}
