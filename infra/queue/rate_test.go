package queue_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"herald/infra/queue"
)

// fullest is the largest number of moments in any closed window of one second.
func fullest(at []time.Time) int {
	slices.SortFunc(at, time.Time.Compare)
	most, from := 0, 0
	for i := range at {
		for at[i].Sub(at[from]) > time.Second {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// stepped is a world whose Redis clock stands still until the test moves it.
func stepped(t *testing.T, opt queue.Options) (*world, func(time.Duration)) {
	m := miniredis.RunT(t)
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	m.SetTime(now)
	w := setup(t, server{"stepped", func(t testing.TB) redis.UniversalClient {
		rdb := redis.NewClient(&redis.Options{Addr: m.Addr()})
		t.Cleanup(func() { _ = rdb.Close() })
		return rdb
	}}, opt)
	return w, func(d time.Duration) {
		now = now.Add(d)
		m.SetTime(now)
	}
}

// work claims for the time d, in steps drawn from step, and returns the moments of the claims.
// It acknowledges at once, and feeds so that there is always work.
func work(w *world, move func(time.Duration), d time.Duration, most int, step func() time.Duration) []time.Time {
	var at []time.Time
	var next int64
	for passed := time.Duration(0); passed < d; {
		if int64(len(at)) > next-int64(most) {
			var ids []int64
			for range 400 {
				next++
				ids = append(ids, next)
			}
			w.feed(a, -time.Hour, ids...)
		}
		ls := w.claim(most)
		for _, l := range ls {
			at = append(at, l.Until.Add(-lease))
		}
		w.ok(w.Ack(w.ctx, ls))
		s := step()
		passed += s
		move(s)
	}
	return at
}

// The rate (G4) holds in every window and is used, for claimers of any rhythm.
// Checked by breaking it: without the log in room.lua 61 claims fall into one
// second at a rate of 50; with a window of 0.9 s, 63 do.
func TestRateInEveryWindow(t *testing.T) {
	t.Parallel()
	random := func(seed uint64, upTo time.Duration) func() time.Duration {
		r := rand.New(rand.NewPCG(seed, 1))
		return func() time.Duration { return time.Duration(r.Int64N(int64(upTo))) }
	}
	for _, tc := range []struct {
		name string
		rate int
		most int
		step func() time.Duration
		used float64 // least share of the rate
	}{
		{"prompt, one by one", 50, 1, random(1, 3*time.Millisecond), 0.98},
		{"prompt, ten at once", 50, 10, random(2, 3*time.Millisecond), 0.98},
		{"a late one now and then", 50, 10, late(random(3, 3*time.Millisecond), 15*time.Millisecond), 0.98},
		{"slow claimers", 50, 10, random(4, 40*time.Millisecond), 0.9},
		{"claimers that come and go", 50, 50, random(5, 3*time.Second), 0},
		{"one a second", 1, 10, random(6, 30*time.Millisecond), 0.95},
		{"two thousand a second", 2000, 100, random(7, 4*time.Millisecond), 0.98},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w, move := stepped(t, queue.Options{Rate: tc.rate})
			span := 2500 * time.Millisecond
			if tc.rate == 1 {
				span *= 2
			}
			at := work(w, move, span, tc.most, tc.step)
			if n := fullest(at); n > tc.rate {
				t.Errorf("%d claims in one second, the rate is %d", n, tc.rate)
			}
			share := used(at, tc.rate)
			t.Logf("%.1f %% of the rate used", 100*share)
			if share < tc.used {
				t.Errorf("%.1f %% of the rate used, want ≥ %.0f %%", 100*share, 100*tc.used)
			}
		})
	}
}

// used is the share of the rate that claims made use of, measured over whole
// rounds of rate claims, so that where the rounds begin does not matter.
func used(at []time.Time, rate int) float64 {
	rounds := (len(at) - 1) / rate
	if rounds < 1 {
		return 0
	}
	return float64(rounds) / at[rounds*rate].Sub(at[0]).Seconds()
}

// late makes every hundredth step longer.
func late(step func() time.Duration, by time.Duration) func() time.Duration {
	n := 0
	return func() time.Duration {
		if n++; n%100 == 0 {
			return step() + by
		}
		return step()
	}
}

// Claims are spread over the second: no burst of a whole second's worth.
func TestRateIsSpread(t *testing.T) {
	t.Parallel()
	w, move := stepped(t, queue.Options{Rate: 50})
	at := work(w, move, 2*time.Second, 50, func() time.Duration { return 2 * time.Millisecond })
	for i := 10; i < len(at); i++ {
		if d := at[i].Sub(at[i-10]); d < 50*time.Millisecond {
			t.Fatalf("11 claims within %v", d)
		}
	}
}

// Tenants have their rate each.
func TestRateIsPerTenant(t *testing.T) {
	t.Parallel()
	w, move := stepped(t, queue.Options{Rate: 10})
	w.feed(key("contoso", "a"), 0, upTo(200)...)
	w.feed(key("fabrikam", "b"), 0, upTo(200)...)
	at := map[string][]time.Time{}
	for range 750 { // three seconds
		for _, l := range w.claim(5) {
			at[l.TenantID] = append(at[l.TenantID], l.Until)
		}
		move(4 * time.Millisecond)
	}
	for tenant, at := range at {
		if n := fullest(at); n > 10 {
			t.Errorf("%s: %d claims in one second", tenant, n)
		}
		if len(at) < 28 {
			t.Errorf("%s: %d claims in three seconds", tenant, len(at))
		}
	}
}

// A clock that is set back must not silence the tenant until it has caught up.
func TestRateSurvivesAClockSetBack(t *testing.T) {
	t.Parallel()
	w, move := stepped(t, queue.Options{Rate: 50})
	step := func() time.Duration { return time.Millisecond }
	work(w, move, time.Second, 10, step)
	move(-time.Hour)
	w.feed(a, -3*time.Hour, upTo(5000)[4000:]...)
	before := 0
	for range 500 {
		before += len(w.claim(10))
		move(2 * time.Millisecond)
	}
	if before < 49 {
		t.Errorf("%d claims in the second after, want 49", before)
	}
}

// With Recovery, a tenant goes slowly after a pause and then as before.
func TestRateRecoversAfterAPause(t *testing.T) {
	t.Parallel()
	w, move := stepped(t, queue.Options{Rate: 50, Recovery: 3 * time.Second})
	step := func() time.Duration { return 2 * time.Millisecond }
	w.ok(w.Pause(w.ctx, a.TenantID, w.now().Add(time.Second)))
	at := work(w, move, 6*time.Second, 10, step)
	begin := at[0]
	count := make([]int, 6)
	for _, at := range at {
		count[int(at.Sub(begin).Seconds())]++
	}
	if count[0] < 25 || count[0] > 34 || count[1] <= count[0] || count[2] <= count[1] || count[4] < 48 {
		t.Errorf("claims per second after the pause: %v, want 25 and more, rising to 50", count)
	}
	if n := fullest(at); n > 50 {
		t.Errorf("%d claims in one second", n)
	}
}

// In real time, with workers that wait as the engine does.
func TestRateOfConcurrentWorkers(t *testing.T) {
	t.Parallel()
	for _, s := range servers() {
		for _, workers := range []int{1, 2, 4} {
			t.Run(fmt.Sprintf("%s/%d", s.name, workers), func(t *testing.T) {
				t.Parallel()
				const rate, n = 100, 250
				w := setup(t, s, queue.Options{Rate: rate})
				w.feed(a, 0, upTo(n)...)
				at := w.drain(workers, n)
				if most := fullest(at); most > rate {
					t.Errorf("%d claims in one second, the rate is %d", most, rate)
				}
				t.Logf("%.1f %% of the rate used", 100*used(at, rate))
			})
		}
	}
}

// drain claims n deliveries with that many workers, each a process of its own
// as far as the queue can tell, and returns the moments.
func (w *world) drain(workers, n int) []time.Time {
	var mu sync.Mutex
	var at []time.Time
	done := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(at) >= n
	}
	var wg sync.WaitGroup
	for range workers {
		q := w.another()
		wg.Go(func() {
			for !done() && w.ctx.Err() == nil {
				ls, err := q.Claim(w.ctx, 10)
				if err == nil && len(ls) == 0 {
					err = q.Wait(w.ctx, 100*time.Millisecond)
				}
				if err == nil {
					err = q.Ack(w.ctx, ls)
				}
				if err != nil {
					w.t.Error(err)
					return
				}
				mu.Lock()
				for _, l := range ls {
					at = append(at, l.Until.Add(-lease))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.SortFunc(at, time.Time.Compare)
	return at
}
