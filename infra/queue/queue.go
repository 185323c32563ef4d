// Package queue is Herald's delayed queue on Redis: which campaign starts when,
// which delivery is due when, who works on what, how fast each tenant may go.
// It implements delivery.Queue.
//
// Redis holds ids and moments only; SQL is the truth and everything here can be
// rebuilt from it. The same code runs on a real Redis (standalone, or a cluster:
// every script stays in one slot) and on the server that Embedded starts inside
// the process.
//
// # Where to start reading
//
// lua/claim.lua is the heart: round-robin, rate and leases in one script. keys.go
// names what lies in Redis. wait.go explains how work is noticed without polling.
//
// # The rate, and why it is kept in this form
//
// The last Rate claims of a tenant are kept as a list of moments; a claim is
// allowed when the one Rate places before it is a window old. That is exact for
// every sliding window, over all workers, whatever their timing, and one late
// wake-up costs one place of the list once, not every later one, as a strictly paced
// bucket would. On top of it claims are spaced over the second (see room.lua),
// so that a campaign does not start with a burst.
//
// What counts at Teams is when messages arrive, not when they are claimed. The
// window is therefore one second plus Margin: even if one message is sent at
// once and the one Rate places before it was held up by Margin on its way, the two are a
// full second apart. The default of 16 ms costs 1.6 % of the rate. The first messages after a silence
// are later still, for connections must be made; so their claims are noted as if made Cold later. And a worker
// that was held up before it could send, by a slow ledger say, has its claims noted anew (Late).
//
// This package may import campaigns/delivery, go-redis and its own bell, nothing else of ours.
package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"herald/campaigns/delivery"
	"herald/infra/queue/bell"
)

var _ delivery.Queue = (*Queue)(nil)

const (
	defaultLease    = 60 * time.Second
	defaultRate     = 50
	defaultMargin   = 16 * time.Millisecond
	defaultPrefix   = "herald:"
	defaultRecovery = 30 * time.Second
	defaultCold     = 150 * time.Millisecond

	// coldAfter is the silence of a tenant after which connections may be gone.
	coldAfter = 5 * time.Second

	// slack is by how much claims may run ahead of an even pace: to catch up
	// after a late wake-up (a busy machine wakes timers tens of
	// milliseconds late), and to be worth a round trip when the rate is high. With 20 ms, workers on an
	// overloaded machine used 78 % of their rate.
	slack = 100 * time.Millisecond

	maxClaim = 500 // deliveries per claim script
	chunk    = 400 // ids per script of any other kind
	// rescheduleChunk is smaller, for three values an id.
	rescheduleChunk = 250

	// leastShare is the part of its rate below which a tenant is not slowed down: somebody must find out
	// when Teams takes messages again.
	leastShare = 0.125
	// slowEvery is the shortest time between two halvings: what was on the wire together is refused together.
	slowEvery = time.Second

	// Teams takes 7 messages in 1 s, 8 in 2 s, 60 in 30 s and 1800 in an hour for one conversation and bot (platform.md
	// §2). Seven at once and then one every chatEvery keeps all four.
	chatBurst = 7
	chatEvery = 2010 * time.Millisecond
)

// Options of New. The zero value is usable.
type Options struct {
	// Lease is how long a claim belongs to its worker without Renew. It must be
	// longer than the timeout of one send. Default 60 s.
	Lease time.Duration
	// Rate is the number of claims per tenant in any second, over all workers of
	// the same Redis, which must agree on it. Negative: unlimited. Default 50.
	Rate int
	// Margin lengthens the rate's window: by so much may one message be
	// delayed between claim and send more than another. Negative: none. Default 16 ms.
	Margin time.Duration
	// Cold is how much later than claimed the first messages after coldAfter of silence may arrive: they make
	// connections. Default 150 ms; negative: no later than others.
	Cold time.Duration
	// Recovery is the time in which the rate of a tenant that was slowed down climbs back. Default 30 s; negative: at once.
	Recovery time.Duration
	// Skew is added to Redis' clock for due moments and pauses; leases and the rate run on real time. It must not block. Default: no skew. After a jump, call Poke.
	Skew func() time.Duration
	// Prefix of every key and channel. Default "herald:".
	Prefix string
	// Logger hears about a broken and restored subscription. Default: slog.Default.
	Logger *slog.Logger
}

// Queue implements delivery.Queue on Redis. Make one with New, end it with Close.
type Queue struct {
	rdb    redis.UniversalClient
	opt    Options
	keys   keys
	log    *slog.Logger
	window int64 // of the rate, µs

	turn turn

	// The subscription that wakes waiters; started by the first Wait.
	life      context.Context
	end       context.CancelFunc
	listen    sync.Once
	listener  sync.WaitGroup
	listening atomic.Bool
	bell      bell.Bell
	drops     drops
}

// New makes a queue on rdb, which stays the caller's to close (after Close).
func New(rdb redis.UniversalClient, opt Options) *Queue {
	if opt.Lease <= 0 {
		opt.Lease = defaultLease
	}
	if opt.Rate == 0 {
		opt.Rate = defaultRate
	}
	if opt.Margin == 0 {
		opt.Margin = defaultMargin
	}
	if opt.Recovery == 0 {
		opt.Recovery = defaultRecovery
	}
	if opt.Cold == 0 {
		opt.Cold = defaultCold
	}
	opt.Cold = max(opt.Cold, 0)
	if opt.Skew == nil {
		opt.Skew = func() time.Duration { return 0 }
	}
	if opt.Prefix == "" {
		opt.Prefix = defaultPrefix
	}
	if opt.Logger == nil {
		opt.Logger = slog.Default()
	}
	q := &Queue{
		rdb:    rdb,
		opt:    opt,
		keys:   keys{prefix: opt.Prefix},
		log:    opt.Logger,
		window: (time.Second + max(0, opt.Margin)).Microseconds(),
	}
	q.life, q.end = context.WithCancel(context.Background())
	return q
}

// Close ends the subscription of Wait. Waiters return soon after; further calls
// of Wait still work, by looking every few milliseconds.
func (q *Queue) Close() {
	q.listen.Do(func() {}) // none may start any more
	q.end()
	q.listener.Wait()
	q.bell.Ring()
}

// Now is Redis' TIME plus the skew.
func (q *Queue) Now(ctx context.Context) (time.Time, error) {
	t, err := q.rdb.Time(ctx).Result()
	if err != nil {
		return time.Time{}, wrap("read the clock", err)
	}
	return t.Add(q.opt.Skew()).UTC(), nil
}

// Epoch returns the mark of this life of the data, and makes it when there is none.
func (q *Queue) Epoch(ctx context.Context) (string, error) {
	// SET NX GET would do it in one step, but needs Redis 7. Between the two
	// steps the mark can only be lost by another FLUSHALL; then the next call tells.
	mark := newToken()
	made, err := q.rdb.SetNX(ctx, q.keys.epoch(), mark, 0).Result()
	if err != nil {
		return "", wrap("mark the epoch", err)
	}
	if made {
		return mark, nil
	}
	mark, err = q.rdb.Get(ctx, q.keys.epoch()).Result()
	if err != nil {
		return "", wrap("read the epoch", err)
	}
	return mark, nil
}

// Pause stops claims for the tenant until until.
func (q *Queue) Pause(ctx context.Context, tenantID string, until time.Time) error {
	err := pauseScript.Run(ctx, q.rdb, []string{q.keys.state(tenantID)}, micros(until)).Err()
	return wrap("pause the tenant", err)
}

// Slow halves the tenant's rate and holds it until until.
func (q *Queue) Slow(ctx context.Context, tenantID string, until time.Time) error {
	if q.opt.Rate < 0 {
		return q.Pause(ctx, tenantID, until)
	}
	err := slowScript.Run(ctx, q.rdb, []string{q.keys.state(tenantID)}, q.skew(), micros(until), leastShare, slowEvery.Microseconds(), q.opt.Recovery.Microseconds()).Err()
	return wrap("slow the tenant down", err)
}

// Late notes claims anew that leave so late that less than half of Margin is left for what happens to them on the wire.
func (q *Queue) Late(ctx context.Context, tenantID string, n int, ago time.Duration) (noted bool, err error) {
	if q.opt.Rate < 0 || n == 0 || ago <= q.opt.Margin/2 {
		return false, nil
	}
	err = lateScript.Run(ctx, q.rdb, []string{q.keys.log(tenantID)}, min(n, q.opt.Rate)).Err()
	return err == nil, wrap("note late messages", err)
}

// Admit keeps the chat of each person below Teams' limits for one conversation.
func (q *Queue) Admit(ctx context.Context, tenantID string, personIDs []string) ([]time.Duration, error) {
	waits := make([]time.Duration, 0, len(personIDs))
	for len(personIDs) > 0 {
		some := personIDs[:min(chunk, len(personIDs))]
		personIDs = personIDs[len(some):]
		args := make([]any, 0, 3+len(some))
		args = append(args, q.keys.chats(tenantID), chatEvery.Microseconds(), chatBurst)
		for _, p := range some {
			args = append(args, p)
		}
		v, err := admitScript.Run(ctx, q.rdb, []string{q.keys.state(tenantID)}, args...).Int64Slice()
		if err != nil || len(v) != len(some) {
			return nil, wrap("admit", errors.Join(err, ctx.Err()))
		}
		for _, us := range v {
			waits = append(waits, time.Duration(us)*time.Microsecond)
		}
	}
	return waits, nil
}

func (q *Queue) skew() int64 { return q.opt.Skew().Microseconds() }

// newToken names one claim. It is random, not counted, so that it stays unique
// when Redis comes back empty.
func newToken() string { return rand.Text() }

// micros rounds up, so that nothing is early. Moments outside of what a script
// can count exactly (1970 to 2255) are moved to its edge.
func micros(t time.Time) int64 {
	us := t.UnixMicro()
	if t.Nanosecond()%1000 != 0 {
		us++
	}
	return min(max(us, 0), 1<<53-1)
}
