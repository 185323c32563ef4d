package delivery

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// held are the leases of what is marked in the ledger and has no outcome there yet.
type held struct {
	queue Queue
	lease time.Duration
	log   *slog.Logger

	mu     sync.Mutex
	leases map[Ref]Lease
}

func (h *held) add(l Lease) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leases[l.ref()] = l
}

func (h *held) release(batch []finished) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range batch {
		if h.leases[f.result.Ref].Token == f.lease.Token {
			delete(h.leases, f.result.Ref)
		}
	}
}

// renew keeps the leases of what is on the wire or waits for the ledger, until ctx ends: a
// ledger that does not answer for longer than a lease must not make others send it again.
func (h *held) renew(ctx context.Context) {
	t := time.NewTicker(h.lease / 3)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		h.mu.Lock()
		leases := slices.Collect(maps.Values(h.leases))
		h.mu.Unlock()
		// A lease that was lost is no news: SQL refuses the outcome of an attempt that another followed.
		if _, err := h.queue.Renew(ctx, leases); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "leases not renewed; trying again", "count", len(leases), "err", err)
		}
	}
}
