package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"herald/campaigns/delivery"
)

// ScheduleStart makes the start due at at, unless it is leased right now.
func (q *Queue) ScheduleStart(ctx context.Context, k delivery.Key, at time.Time) error {
	err := startScheduleScript.Run(ctx, q.rdb, q.keys.starts(),
		member(k), micros(at), q.keys.wake()).Err()
	return wrap("schedule a start", err)
}

// Unschedule forgets the start, leased or not.
func (q *Queue) Unschedule(ctx context.Context, k delivery.Key) error {
	_, err := q.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZRem(ctx, q.keys.startDue(), member(k))
		p.HDel(ctx, q.keys.startTokens(), member(k))
		return nil
	})
	return wrap("unschedule a start", err)
}

// ClaimStart leases the start that is due longest.
func (q *Queue) ClaimStart(ctx context.Context) (delivery.StartLease, bool, error) {
	token := newToken()
	v, err := startClaimScript.Run(ctx, q.rdb, q.keys.starts(), q.skew(), q.opt.Lease.Microseconds(), token).StringSlice()
	if err != nil {
		return delivery.StartLease{}, false, wrap("claim a start", err)
	}
	if len(v) == 0 {
		return delivery.StartLease{}, false, nil
	}
	until, err := parseMoment(v[1])
	k, ok := parseMember(v[0])
	if err != nil || !ok {
		return delivery.StartLease{}, false, fmt.Errorf("queue: claim a start: unexpected answer %q", v)
	}
	return delivery.StartLease{Key: k, Token: token, Until: until}, true, nil
}

// RenewStart prolongs the lease to its full length from now.
func (q *Queue) RenewStart(ctx context.Context, l delivery.StartLease) (bool, error) {
	held, err := startRenewScript.Run(ctx, q.rdb, q.keys.starts(),
		q.opt.Lease.Microseconds(), member(l.Key), l.Token).Bool()
	return held, wrap("renew a start", err)
}

// AckStart ends a start whose work is recorded in SQL.
func (q *Queue) AckStart(ctx context.Context, l delivery.StartLease) error {
	err := startAckScript.Run(ctx, q.rdb, q.keys.starts(), member(l.Key), l.Token).Err()
	return wrap("acknowledge a start", err)
}
