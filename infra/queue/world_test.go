package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"herald/campaigns/delivery"
	"herald/infra/queue"
	"herald/infra/queue/redistest"
)

const lease = time.Minute

// server is a Redis-compatible server of one kind.
type server struct {
	name  string
	start func(t testing.TB) redis.UniversalClient
}

func servers() []server {
	return []server{
		{"embedded", func(t testing.TB) redis.UniversalClient {
			rdb, closeAll, err := queue.Embedded(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = closeAll() })
			return rdb
		}},
		{"redis", func(t testing.TB) redis.UniversalClient { return redistest.Start(t).Client(t) }},
	}
}

// world is one queue on one empty server, with a clock that the test moves.
type world struct {
	*queue.Queue
	t    testing.TB
	ctx  context.Context
	rdb  redis.UniversalClient
	opt  queue.Options
	skew *atomic.Int64
}

// setup gives a queue without a rate; opt may change that.
func setup(t testing.TB, s server, opt queue.Options) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	w := &world{t: t, ctx: ctx, rdb: s.start(t), skew: new(atomic.Int64)}
	w.ok(w.rdb.Ping(ctx).Err())
	opt.Lease = lease
	opt.Logger = slog.New(slog.DiscardHandler)
	opt.Skew = func() time.Duration { return time.Duration(w.skew.Load()) }
	if opt.Rate == 0 {
		opt.Rate = -1
	}
	if opt.Cold == 0 {
		opt.Cold = -1 // the tests of the rate look at claims, not at arrivals
	}
	w.opt = opt
	w.Queue = w.another()
	return w
}

// another is a queue of another process on the same server.
func (w *world) another() *queue.Queue {
	q := queue.New(w.rdb, w.opt)
	w.t.Cleanup(q.Close)
	return q
}

// advance lets time pass without waiting: for moments, and for leases.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	redistest.Age(w.t, w.rdb, d)
	w.leap(d)
}

// leap moves the controllable clock, and nothing else.
func (w *world) leap(d time.Duration) { w.skew.Add(int64(d)) }

func (w *world) now() time.Time {
	w.t.Helper()
	now, err := w.Now(w.ctx)
	w.ok(err)
	return now
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// feed makes ids due at now+in.
func (w *world) feed(k delivery.Key, in time.Duration, ids ...int64) {
	w.t.Helper()
	at := w.now().Add(in)
	var due []delivery.Due
	for _, id := range ids {
		due = append(due, delivery.Due{ID: id, At: at})
	}
	w.ok(w.Feed(w.ctx, k, due))
}

func (w *world) claim(max int) []delivery.Lease {
	w.t.Helper()
	ls, err := w.Claim(w.ctx, max)
	w.ok(err)
	return ls
}

// claimAll claims until nothing is left.
func (w *world) claimAll() []delivery.Lease {
	w.t.Helper()
	var all []delivery.Lease
	for {
		ls := w.claim(100)
		if len(ls) == 0 {
			return all
		}
		all = append(all, ls...)
	}
}

func (w *world) pending(k delivery.Key, want int) {
	w.t.Helper()
	n, err := w.Pending(w.ctx, k, w.now().Add(48*time.Hour))
	w.ok(err)
	if n != want {
		w.t.Errorf("pending = %d, want %d", n, want)
	}
}

// stats compares the counts, and returns the rest for the test to look at.
func (w *world) stats(starts queue.StartStats, want map[string]queue.TenantStats) map[string]queue.TenantStats {
	w.t.Helper()
	s, err := w.Stats(w.ctx)
	w.ok(err)
	if s.Starts != starts {
		w.t.Errorf("starts %+v, want %+v", s.Starts, starts)
	}
	counts := make(map[string]queue.TenantStats, len(s.Tenants))
	for t, ts := range s.Tenants {
		counts[t] = queue.TenantStats{Due: ts.Due, Waiting: ts.Waiting, InFlight: ts.InFlight}
		if unlimited := w.opt.Rate < 0; unlimited != (ts.Rate == 0) {
			w.t.Errorf("rate in force %d of %d", ts.Rate, w.opt.Rate)
		}
	}
	if !maps.Equal(counts, want) {
		w.t.Errorf("tenants %+v, want %+v", counts, want)
	}
	return s.Tenants
}

func wantIDs(t testing.TB, ls []delivery.Lease, want ...int64) {
	t.Helper()
	got := ids(ls)
	if !slices.Equal(got, want) {
		t.Fatalf("claimed %v, want %v", got, want)
	}
}

func ids(ls []delivery.Lease) []int64 {
	var out []int64
	for _, l := range ls {
		out = append(out, l.ID)
	}
	return out
}

func key(tenant, campaign string) delivery.Key {
	return delivery.Key{TenantID: tenant, CampaignID: campaign}
}

func upTo(n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(i + 1)
	}
	return out
}

var a = key("contoso", "a")

func (w *world) start(k delivery.Key) delivery.StartLease {
	w.t.Helper()
	l, found, err := w.ClaimStart(w.ctx)
	w.ok(err)
	if !found || l.Key != k {
		w.t.Fatalf("start of %v (%v), want %v", l.Key, found, k)
	}
	return l
}

func (w *world) noStart() {
	w.t.Helper()
	l, found, err := w.ClaimStart(w.ctx)
	w.ok(err)
	if found {
		w.t.Fatalf("start of %v, want none", l.Key)
	}
}

func (w *world) renewStart(l delivery.StartLease, want bool) error {
	held, err := w.RenewStart(w.ctx, l)
	if err == nil && held != want {
		err = fmt.Errorf("start held = %v, want %v", held, want)
	}
	return err
}
