package queue

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"herald/campaigns/delivery"
)

// Claim leases up to max due deliveries of one tenant under that tenant's rate.
//
// Usually it is one round trip: the script for the tenant whose turn it is,
// and beside it the list of tenants for the next turn. Only when that tenant has
// nothing is everybody asked, again in one round trip.
func (q *Queue) Claim(ctx context.Context, max int) ([]delivery.Lease, error) {
	if max <= 0 {
		return nil, nil
	}
	max = min(max, maxClaim)
	asked, ok := q.turn.next()
	if ok {
		ls, err := q.claim(ctx, asked, max)
		if err != nil || len(ls) > 0 {
			return ls, err
		}
		if q.turn.only(asked) {
			return nil, nil
		}
	}
	ds, err := q.look(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range q.turn.order() {
		if d, known := ds.tenants[t]; !known || d != 0 || (ok && t == asked) {
			continue
		}
		ls, err := q.claim(ctx, t, max)
		if err != nil || len(ls) > 0 {
			q.turn.served(t)
			return ls, err
		}
	}
	return nil, nil
}

func (q *Queue) claim(ctx context.Context, tenant string, max int) ([]delivery.Lease, error) {
	token := newToken()
	lease := q.opt.Lease.Microseconds()
	c := &call{script: claimScript, keys: q.keys.clockwork(tenant), args: []any{
		q.skew(), max, lease, token,
		q.opt.Rate, q.window, slack.Microseconds(), q.opt.Recovery.Microseconds(),
		q.keys.tenant(tenant), coldAfter.Microseconds(), q.opt.Cold.Microseconds(),
	}}
	var tenants *redis.StringSliceCmd
	err := q.run(ctx, []*call{c}, func(p redis.Pipeliner) { tenants = p.SMembers(ctx, q.keys.tenants()) })
	if err != nil {
		return nil, wrap("claim", err)
	}
	q.turn.set(tenants.Val())
	ls, err := parseClaim(c, tenant, token, q.opt.Lease)
	return ls, wrap("claim", err)
}

// parseClaim reads the result of claim.lua.
func parseClaim(c *call, tenant, token string, lease time.Duration) ([]delivery.Lease, error) {
	v, err := c.Slice()
	if err != nil {
		return nil, err
	}
	if len(v) < 2 || len(v)%2 != 0 {
		return nil, fmt.Errorf("unexpected answer of %d values", len(v))
	}
	s, _ := v[0].(string)
	at, err := parseMoment(s)
	if err != nil {
		return nil, err
	}
	reclaimed, _ := v[1].(int64)
	ls := make([]delivery.Lease, 0, len(v)/2-1)
	for i := 2; i < len(v); i += 2 {
		campaign, _ := v[i].(string)
		s, _ := v[i+1].(string)
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, err
		}
		ls = append(ls, delivery.Lease{
			Key:       delivery.Key{TenantID: tenant, CampaignID: campaign},
			ID:        id,
			Token:     token,
			Until:     at.Add(lease),
			Reclaimed: int64(len(ls)) < reclaimed,
		})
	}
	return ls, nil
}

// turn says whose turn it is among the tenants, for all claims of this process.
type turn struct {
	mu      sync.Mutex
	tenants []string // sorted
	last    string
}

func (t *turn) set(tenants []string) {
	slices.Sort(tenants)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tenants = tenants
}

// next moves on to the tenant after the last one.
func (t *turn) next() (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.tenants) == 0 {
		return "", false
	}
	t.last = t.tenants[t.after()]
	return t.last, true
}

// order lists all tenants, beginning after the last one.
func (t *turn) order() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.tenants) == 0 {
		return nil
	}
	i := t.after()
	return slices.Concat(t.tenants[i:], t.tenants[:i])
}

func (t *turn) served(tenant string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = tenant
}

// only says whether there is nobody but tenant.
func (t *turn) only(tenant string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.tenants) == 1 && t.tenants[0] == tenant
}

func (t *turn) after() int {
	i, found := slices.BinarySearch(t.tenants, t.last)
	if found {
		i++
	}
	return i % len(t.tenants)
}
