package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"herald/campaigns/delivery"
	"herald/infra/queue"
	"herald/infra/queue/redistest"
)

// looks tells of every look at Redis that a Wait has finished.
type looks chan struct{}

func (l looks) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (l looks) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (l looks) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		select {
		case l <- struct{}{}:
		default:
		}
		return err
	}
}

// Somebody who waits for an hour is woken by what another process does, or by
// the clock, without looking at Redis in between.
func TestWaitIsWoken(t *testing.T) {
	t.Parallel()
	tomorrow := func(w *world) time.Time { return w.now().Add(26 * time.Hour) }
	cases := map[string]struct {
		before func(w *world) []delivery.Lease
		wake   func(w *world, other *queue.Queue, ls []delivery.Lease)
	}{
		"a feed": {
			wake: func(w *world, other *queue.Queue, _ []delivery.Lease) {
				w.ok(other.Feed(w.ctx, a, []delivery.Due{{ID: 1, At: w.now()}}))
			},
		},
		"a start": {
			wake: func(w *world, other *queue.Queue, _ []delivery.Lease) {
				w.ok(other.ScheduleStart(w.ctx, a, w.now()))
			},
		},
		"a delivery that is rescheduled": {
			before: func(w *world) []delivery.Lease {
				w.feed(a, 0, 1)
				return w.claim(1)
			},
			wake: func(w *world, other *queue.Queue, ls []delivery.Lease) {
				w.ok(other.Reschedule(w.ctx, []delivery.Again{{Lease: ls[0], At: w.now()}}))
			},
		},
		"a start that is moved forward": {
			before: func(w *world) []delivery.Lease {
				w.ok(w.ScheduleStart(w.ctx, a, tomorrow(w)))
				return nil
			},
			wake: func(w *world, other *queue.Queue, _ []delivery.Lease) {
				w.ok(other.ScheduleStart(w.ctx, a, w.now()))
			},
		},
		"a jump of the clock": {
			before: func(w *world) []delivery.Lease {
				w.ok(w.ScheduleStart(w.ctx, a, tomorrow(w)))
				return nil
			},
			wake: func(w *world, _ *queue.Queue, _ []delivery.Lease) {
				w.advance(26 * time.Hour)
				w.Poke()
			},
		},
	}
	for _, s := range servers() {
		for name, tc := range cases {
			t.Run(s.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := setup(t, s, queue.Options{})
				other := w.another()
				var ls []delivery.Lease
				if tc.before != nil {
					ls = tc.before(w)
				}
				for !w.Listening() {
					w.ok(w.Wait(w.ctx, time.Millisecond))
				}
				seen := make(looks, 1)
				w.rdb.AddHook(seen)
				woken := make(chan error, 1)
				go func() { woken <- w.Wait(w.ctx, time.Hour) }()
				<-seen // it has looked; if it sleeps now, only the wake can end that
				tc.wake(w, other, ls)
				w.ok(<-woken)
			})
		}
	}
}

func TestWaitReturnsAtOnceWhenSomethingIsDue(t *testing.T) {
	t.Parallel()
	for _, s := range servers() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, s, queue.Options{})
			w.feed(a, 0, 1)
			w.ok(w.Wait(w.ctx, time.Hour))
			w.claim(1)
			w.advance(lease) // the lease ran out
			w.ok(w.Wait(w.ctx, time.Hour))
			w.ok(w.Pause(w.ctx, a.TenantID, w.now().Add(time.Hour)))
			w.advance(time.Hour)
			w.ok(w.Wait(w.ctx, time.Hour))
			w.ok(w.WaitDelivery(w.ctx, time.Hour))
			w.ok(w.Drop(w.ctx, a))
			w.ok(w.ScheduleStart(w.ctx, a, w.now()))
			w.ok(w.Wait(w.ctx, time.Hour))
			w.ok(w.WaitStart(w.ctx, time.Hour))
		})
	}
}

// A planner does not spin because deliveries are due, nor a worker because of a start.
func TestWaitForOneKindIgnoresTheOther(t *testing.T) {
	t.Parallel()
	w := setup(t, servers()[0], queue.Options{})
	for !w.Listening() {
		w.ok(w.Wait(w.ctx, time.Millisecond))
	}
	for name, wait := range map[string]func(context.Context, time.Duration) error{
		"start": w.WaitStart, "delivery": w.WaitDelivery,
	} {
		w.ok(w.Drop(w.ctx, a))
		if name == "start" {
			w.feed(a, 0, 1)
		} else {
			w.ok(w.ScheduleStart(w.ctx, a, w.now()))
		}
		// Rings of the lines above may still be under way: each of them ends one wait.
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancel(w.ctx)
		seen := make(looks, 100)
		w.rdb.AddHook(seen)
		go func() {
			var err error
			for err == nil {
				err = wait(ctx, time.Hour)
			}
			ended <- err
		}()
		<-seen
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(seen); n > 5 {
			t.Errorf("%s: looked %d times", name, n)
		}
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := setup(t, servers()[0], queue.Options{})
	ctx, cancel := context.WithCancel(w.ctx)
	ended := make(chan error, 1)
	go func() {
		var err error
		for err == nil {
			err = w.Wait(ctx, time.Hour)
		}
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}

// A broken subscription is not silence: waiting goes on by looking, and heals.
func TestWaitWithABrokenSubscription(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	w := setup(t, server{"redis", func(t testing.TB) redis.UniversalClient { return s.Client(t) }}, queue.Options{})
	other := w.another()
	for round := range int64(3) {
		for !w.Listening() {
			w.ok(w.Wait(w.ctx, time.Millisecond))
		}
		w.ok(w.rdb.Do(w.ctx, "CLIENT", "KILL", "TYPE", "pubsub").Err())
		w.ok(other.Feed(w.ctx, a, []delivery.Due{{ID: round, At: w.now()}}))
		for len(w.claim(1)) == 0 {
			w.ok(w.Wait(w.ctx, time.Hour))
		}
	}
}

// A Redis that is gone is an error, and one that is back works without further ado.
func TestRedisGoneAndBack(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	w := setup(t, server{"redis", func(t testing.TB) redis.UniversalClient { return s.Client(t) }}, queue.Options{})
	before, err := w.Epoch(w.ctx)
	w.ok(err)
	w.feed(a, 0, 1)
	w.ok(w.Wait(w.ctx, time.Hour))
	s.Stop()
	if err := w.Wait(w.ctx, time.Hour); err == nil {
		t.Error("Wait without Redis gave no error")
	}
	if _, err := w.Claim(w.ctx, 1); err == nil {
		t.Error("Claim without Redis gave no error")
	}
	w.ok(s.Restart())
	after, err := w.Epoch(w.ctx)
	w.ok(err)
	if after == before {
		t.Error("the epoch is the same")
	}
	w.feed(a, 0, 1)
	for len(w.claim(1)) == 0 {
		w.ok(w.Wait(w.ctx, time.Hour))
	}
}

// With appendonly, a restart keeps what waits, and the epoch says so.
func TestRedisRestartWithAOF(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	w := setup(t, server{"redis", func(t testing.TB) redis.UniversalClient { return s.Client(t) }}, queue.Options{})
	before, err := w.Epoch(w.ctx)
	w.ok(err)
	w.feed(a, 0, 1, 2)
	ls := w.claim(1)
	w.ok(s.Restart())
	after, err := w.Epoch(w.ctx)
	w.ok(err)
	if after != before {
		t.Error("the epoch changed")
	}
	w.ok(w.Ack(w.ctx, ls))
	wantIDs(t, w.claim(10), 2)
	w.pending(a, 1)
}

func TestCloseEndsTheSubscription(t *testing.T) {
	t.Parallel()
	rdb := servers()[0].start(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	q := queue.New(rdb, queue.Options{Logger: slog.New(slog.DiscardHandler)})
	for !q.Listening() {
		if err := q.Wait(ctx, time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	q.Close()
	q.Close()
	if q.Listening() {
		t.Error("still listening")
	}
	if err := q.Wait(ctx, time.Millisecond); err != nil { // still works
		t.Error(err)
	}
}
