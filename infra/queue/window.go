package queue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"herald/campaigns/delivery"
)

// Feed adds deliveries to the campaign's window.
func (q *Queue) Feed(ctx context.Context, k delivery.Key, due []delivery.Due) error {
	if len(due) == 0 {
		return nil
	}
	// The tenant first: deliveries of a tenant that nobody asks for would wait
	// for ever, a tenant without deliveries costs nothing.
	if err := q.rdb.SAdd(ctx, q.keys.tenants(), k.TenantID).Err(); err != nil {
		return wrap("feed", err)
	}
	keys := []string{q.keys.ready(k.TenantID), q.keys.sleep(k.TenantID), q.keys.waiting(k), q.keys.tokens(k)}
	for len(due) > 0 {
		n := min(len(due), chunk)
		args := make([]any, 0, 3+2*n)
		args = append(args, k.CampaignID, q.keys.wake(), k.TenantID)
		for _, d := range due[:n] {
			args = append(args, micros(d.At), d.ID)
		}
		if err := feedScript.Run(ctx, q.rdb, keys, args...).Err(); err != nil {
			return wrap("feed", err)
		}
		due = due[n:]
	}
	return nil
}

// Pending counts what is leased or due by until, both at the same moment.
func (q *Queue) Pending(ctx context.Context, k delivery.Key, until time.Time) (int, error) {
	var waiting, leased *redis.IntCmd
	_, err := q.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		waiting = p.ZCount(ctx, q.keys.waiting(k), "-inf", strconv.FormatInt(micros(until), 10))
		leased = p.ZCard(ctx, q.keys.leases(k))
		return nil
	})
	if err != nil {
		return 0, wrap("count pending", err)
	}
	return int(waiting.Val() + leased.Val()), nil
}

// dropped begins the publication of a Drop.
const dropped = "dropped "

// Drop forgets everything of a campaign. UNLINK frees the memory in the
// background, and without tokens no old lease is good for anything.
func (q *Queue) Drop(ctx context.Context, k delivery.Key) error {
	q.drops.note(k)
	_, err := q.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Unlink(ctx, q.keys.waiting(k), q.keys.leases(k), q.keys.tokens(k))
		p.ZRem(ctx, q.keys.ready(k.TenantID), k.CampaignID)
		p.ZRem(ctx, q.keys.sleep(k.TenantID), k.CampaignID)
		p.ZRem(ctx, q.keys.leased(k.TenantID), k.CampaignID)
		return nil
	})
	if err == nil {
		// Apart from the transaction: in a cluster the channel may be another node's.
		err = q.rdb.Publish(ctx, q.keys.wake(), dropped+member(k)).Err()
	}
	if err != nil {
		return wrap("drop", err)
	}
	return q.Unschedule(ctx, k) // another slot of a cluster
}

// Renew prolongs leases to their full length from now and returns those still held.
func (q *Queue) Renew(ctx context.Context, ls []delivery.Lease) ([]delivery.Lease, error) {
	parts := q.split(ls, renewScript, q.opt.Lease.Microseconds())
	if err := q.run(ctx, calls(parts), nil); err != nil {
		return nil, wrap("renew", err)
	}
	var held []delivery.Lease
	for _, p := range parts {
		v, err := p.ints()
		if err != nil || len(v) == 0 {
			return nil, fmt.Errorf("queue: renew: unexpected answer: %w", err)
		}
		for _, i := range v[1:] {
			l := p.leases[i-1]
			l.Until = moment(v[0])
			held = append(held, l)
		}
	}
	return held, nil
}

// Ack ends leases whose outcome is recorded in SQL.
func (q *Queue) Ack(ctx context.Context, ls []delivery.Lease) error {
	return wrap("acknowledge", q.run(ctx, calls(q.split(ls, ackScript)), nil))
}

// Reschedule ends leases and makes their deliveries due again.
func (q *Queue) Reschedule(ctx context.Context, again []delivery.Again) error {
	var all []*call
	open := make(map[delivery.Key]*call)
	for _, a := range again {
		c := open[a.Key]
		if c == nil || len(c.args) >= 3+3*rescheduleChunk {
			t := a.TenantID
			c = &call{
				script: rescheduleScript,
				keys:   []string{q.keys.ready(t), q.keys.sleep(t), q.keys.waiting(a.Key), q.keys.leases(a.Key), q.keys.tokens(a.Key)},
				args:   []any{a.CampaignID, q.keys.wake(), t},
			}
			open[a.Key] = c
			all = append(all, c)
		}
		c.args = append(c.args, a.ID, a.Token, micros(a.At))
	}
	return wrap("reschedule", q.run(ctx, all, nil))
}

// part is a script call for some leases of one campaign.
type part struct {
	*call
	leases []delivery.Lease
}

// split groups leases by campaign, because a script serves one, and into
// chunks, because no script is unbounded.
func (q *Queue) split(ls []delivery.Lease, s *redis.Script, head ...any) []*part {
	var all []*part
	open := make(map[delivery.Key]*part)
	for _, l := range ls {
		p := open[l.Key]
		if p == nil || len(p.leases) == chunk {
			args := make([]any, 0, len(head)+2*min(len(ls), chunk))
			p = &part{call: &call{
				script: s,
				keys:   []string{q.keys.leases(l.Key), q.keys.tokens(l.Key)},
				args:   append(args, head...),
			}}
			open[l.Key] = p
			all = append(all, p)
		}
		p.args = append(p.args, l.ID, l.Token)
		p.leases = append(p.leases, l)
	}
	return all
}

func calls(ps []*part) []*call {
	cs := make([]*call, len(ps))
	for i, p := range ps {
		cs[i] = p.call
	}
	return cs
}

// ints reads an array of integers, some of which a script wrote as text.
func (c *call) ints() ([]int64, error) {
	v, err := c.Slice()
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(v))
	for i, x := range v {
		switch x := x.(type) {
		case int64:
			out[i] = x
		case string:
			if out[i], err = strconv.ParseInt(x, 10, 64); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("unexpected %T", x)
		}
	}
	return out, nil
}

func moment(us int64) time.Time { return time.UnixMicro(us).UTC() }

func parseMoment(s string) (time.Time, error) {
	us, err := strconv.ParseInt(s, 10, 64)
	return moment(us), err
}
