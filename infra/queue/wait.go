package queue

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Waiting works without polling: Wait asks Redis for the next moment at which
// something may be claimable (one round trip), and sleeps until then or until
// somebody publishes that it comes sooner. Scripts publish only when they make
// a moment earlier, so that a busy campaign is silent.
//
// Publications can be lost: before the subscription stands and while it is
// broken. Then waits are cut to deafWait, and when it stands (again) every
// waiter looks anew.

const (
	deafWait     = 50 * time.Millisecond // longest wait while publications cannot be heard
	pingAfter    = 5 * time.Second       // silence after which the subscription is checked
	resubscribe  = 100 * time.Millisecond
	nothingThere = -1 // answer of the peek scripts
)

// WaitStart returns when ClaimStart may find something, or max has passed. A due
// delivery that somebody else will take does not end it, so that the caller does not spin.
func (q *Queue) WaitStart(ctx context.Context, max time.Duration) error {
	return q.wait(ctx, max, func(d delays) (time.Duration, bool) {
		d.tenants = nil
		return d.next()
	})
}

// WaitDelivery is the same for Claim.
func (q *Queue) WaitDelivery(ctx context.Context, max time.Duration) error {
	return q.wait(ctx, max, func(d delays) (time.Duration, bool) {
		d.start = nothingThere
		return d.next()
	})
}

func (q *Queue) wait(ctx context.Context, max time.Duration, next func(delays) (time.Duration, bool)) error {
	q.listen.Do(func() { q.listener.Go(q.hear) })

	rung := q.bell.Next() // before looking, so that nothing falls in between
	ds, err := q.look(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	if d, ok := next(ds); ok {
		max = min(max, d)
	}
	if !q.listening.Load() {
		max = min(max, deafWait)
	}
	if max <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(max)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-rung:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// Poke lets every Wait of this process return: the skew has changed.
func (q *Queue) Poke() { q.bell.Ring() }

// delays says when something may be claimable, in µs from now.
type delays struct {
	start   int64
	tenants map[string]int64
}

// next is the shortest delay; ok is false when nothing waits anywhere.
func (d delays) next() (time.Duration, bool) {
	best := d.start
	for _, t := range d.tenants {
		if t != nothingThere && (best == nothingThere || t < best) {
			best = t
		}
	}
	return time.Duration(best) * time.Microsecond, best != nothingThere
}

// look asks for the next moment of the starts and of every tenant.
func (q *Queue) look(ctx context.Context) (delays, error) {
	start := &call{script: startPeekScript, keys: q.keys.starts(), args: []any{q.skew()}}
	calls := []*call{start}
	asked := q.turn.order()
	for _, t := range asked {
		calls = append(calls, q.peek(t))
	}
	var members *redis.StringSliceCmd
	err := q.run(ctx, calls, func(p redis.Pipeliner) { members = p.SMembers(ctx, q.keys.tenants()) })
	if err != nil {
		return delays{}, wrap("look for what is next", err)
	}
	ds := delays{tenants: make(map[string]int64)}
	if ds.start, err = start.Int64(); err != nil {
		return delays{}, wrap("look for what is next", err)
	}
	for i, t := range asked {
		if ds.tenants[t], err = calls[i+1].Int64(); err != nil {
			return delays{}, wrap("look for what is next", err)
		}
	}
	// Tenants that were fed since the last look.
	var fresh []string
	calls = nil
	for _, t := range members.Val() {
		if _, known := ds.tenants[t]; !known {
			fresh = append(fresh, t)
			calls = append(calls, q.peek(t))
		}
	}
	if err := q.run(ctx, calls, nil); err != nil {
		return delays{}, wrap("look for what is next", err)
	}
	for i, t := range fresh {
		if ds.tenants[t], err = calls[i].Int64(); err != nil {
			return delays{}, wrap("look for what is next", err)
		}
	}
	q.turn.set(members.Val())
	return ds, nil
}

func (q *Queue) peek(tenant string) *call {
	return &call{script: peekScript, keys: q.keys.clockwork(tenant), args: []any{
		q.skew(), q.opt.Rate, q.window, slack.Microseconds(), q.opt.Recovery.Microseconds(),
	}}
}

// hear rings the bell for every publication until the queue is closed.
func (q *Queue) hear() {
	for q.life.Err() == nil {
		err := q.subscribe(q.life)
		if was := q.listening.Swap(false); was && q.life.Err() == nil {
			q.log.Warn("queue: the subscription broke; looking every few milliseconds until it is back", "error", err)
		}
		q.bell.Ring() // long waits rely on it
		timer := time.NewTimer(resubscribe)
		select {
		case <-timer.C:
		case <-q.life.Done():
		}
		timer.Stop()
	}
}

// subscribe hears publications until the connection breaks or ctx ends.
func (q *Queue) subscribe(ctx context.Context) error {
	sub := q.rdb.Subscribe(ctx, q.keys.wake())
	// Receive does not return when ctx ends, only when the connection does.
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	defer func() {
		stop()
		_ = sub.Close()
	}()
	for pinged := false; ; {
		msg, err := sub.ReceiveTimeout(ctx, pingAfter)
		var timeout net.Error
		switch {
		case err != nil && errors.As(err, &timeout) && timeout.Timeout() && !pinged && ctx.Err() == nil:
			pinged = true // silence, or a connection that is dead without a word
			if err := sub.Ping(ctx); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		pinged = false
		switch msg := msg.(type) {
		case *redis.Subscription:
			q.listening.Store(true)
			q.bell.Ring() // what was published before went unheard
		case *redis.Message:
			if m, ok := strings.CutPrefix(msg.Payload, dropped); ok {
				if k, ok := parseMember(m); ok {
					q.drops.note(k)
				}
				continue
			}
			q.bell.Ring()
		}
	}
}
