package queue

import (
	"context"
	"fmt"
	"time"
)

// statsMost bounds how many campaigns of a tenant one look at it counts.
const statsMost = 200

// Stats is how things stand in Redis. It is the same whichever process asks.
type Stats struct {
	Starts  StartStats
	Tenants map[string]TenantStats // every tenant that was ever fed
}

// StartStats counts the starts of all tenants that nobody has leased.
type StartStats struct {
	Due     int // their moment has come
	Waiting int // for their moment
}

// TenantStats is how things stand with one tenant. A campaign counts with what lies in its window; what is due beyond
// it waits in SQL. Of a tenant with more than 200 campaigns at once, the 200 that are due first count.
type TenantStats struct {
	Due      int // deliveries whose moment has come
	Waiting  int // deliveries whose moment comes later
	InFlight int // leased, also those whose lease ran out, until somebody takes them over
	// Lag is how long ago the moment of the oldest due delivery was; 0 when none is due.
	Lag time.Duration
	// Rate is the number of claims per second that the tenant may use now: Options.Rate, or less after Slow. 0: unlimited.
	Rate int
	// Paused is how much longer the tenant is paused; 0: it is not.
	Paused time.Duration
	// PausedUntil is the end of the pause on the queue's clock; the zero time: it is not paused.
	PausedUntil time.Time
}

// Stats asks how things stand. It changes nothing, takes two round trips, and costs Redis a few commands per open campaign.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	s, err := q.stats(ctx)
	return s, wrap("ask how things stand", err)
}

func (q *Queue) stats(ctx context.Context) (Stats, error) {
	tenants, err := q.rdb.SMembers(ctx, q.keys.tenants()).Result()
	if err != nil {
		return Stats{}, err
	}
	starts := &call{script: startStatsScript, keys: q.keys.starts(), args: []any{q.skew()}}
	calls := []*call{starts}
	for _, t := range tenants {
		calls = append(calls, &call{script: statsScript, keys: []string{q.keys.state(t), q.keys.ready(t), q.keys.sleep(t), q.keys.leased(t)}, args: []any{
			q.skew(), q.opt.Rate, q.opt.Recovery.Microseconds(), q.keys.tenant(t), statsMost,
		}})
	}
	if err := q.run(ctx, calls, nil); err != nil {
		return Stats{}, err
	}
	v, err := starts.values(2)
	if err != nil {
		return Stats{}, err
	}
	s := Stats{Starts: StartStats{Due: int(v[0]), Waiting: int(v[1])}, Tenants: make(map[string]TenantStats, len(tenants))}
	for i, t := range tenants {
		if v, err = calls[i+1].values(7); err != nil {
			return Stats{}, err
		}
		ts := TenantStats{Due: int(v[0]), Waiting: int(v[1]), InFlight: int(v[2]), Lag: time.Duration(v[3]) * time.Microsecond, Rate: int(v[4])}
		if v[5] > 0 {
			ts.Paused, ts.PausedUntil = time.Duration(v[5])*time.Microsecond, moment(v[6])
		}
		s.Tenants[t] = ts
	}
	return s, nil
}

// values is ints for an answer of n values.
func (c *call) values(n int) ([]int64, error) {
	v, err := c.ints()
	if err == nil && len(v) != n {
		err = fmt.Errorf("unexpected answer of %d values", len(v))
	}
	return v, err
}
