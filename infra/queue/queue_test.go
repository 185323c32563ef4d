package queue_test

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"herald/campaigns/delivery"
	"herald/infra/queue"
	"herald/infra/queue/redistest"
)

func TestMain(m *testing.M) {
	queue.LogTo(slog.New(slog.DiscardHandler)) // servers go away on purpose
	goleak.VerifyTestMain(m)
}

// TestQueue is the behaviour that delivery.Queue promises, on every server.
func TestQueue(t *testing.T) {
	t.Parallel()
	for _, s := range servers() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, name := range slices.Sorted(maps.Keys(behaviours)) {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					behaviours[name](setup(t, s, queue.Options{}))
				})
			}
		})
	}
}

// TestQueueOnACluster is the same in cluster mode, where a script that touches
// two slots is refused. The node is shared, because it takes two seconds until it is ready.
func TestQueueOnACluster(t *testing.T) {
	t.Parallel()
	rdb := redistest.StartCluster(t).ClusterClient(t)
	for _, name := range slices.Sorted(maps.Keys(behaviours)) {
		t.Run(name, func(t *testing.T) {
			behaviours[name](setup(t, server{"cluster", func(t testing.TB) redis.UniversalClient {
				if err := rdb.FlushAll(t.Context()).Err(); err != nil {
					t.Fatal(err)
				}
				return rdb
			}}, queue.Options{}))
		})
	}
}

var behaviours = map[string]func(w *world){
	"claims in due order and never early": func(w *world) {
		now := w.now()
		w.ok(w.Feed(w.ctx, a, []delivery.Due{
			{ID: 3, At: now.Add(3 * time.Hour)}, {ID: 1, At: now.Add(time.Hour)}, {ID: 2, At: now.Add(2 * time.Hour)},
		}))
		wantIDs(w.t, w.claim(10))
		w.advance(time.Hour - time.Minute)
		wantIDs(w.t, w.claim(10))
		w.advance(time.Minute)
		ls := w.claim(10)
		wantIDs(w.t, ls, 1)
		w.ok(w.Ack(w.ctx, ls))
		w.advance(2 * time.Hour)
		wantIDs(w.t, w.claim(10), 2, 3)
	},

	"a lease says what it is and how long": func(w *world) {
		w.feed(a, 0, 1)
		before := w.now()
		l := w.claim(1)[0]
		after := w.now()
		if l.Key != a || l.Token == "" || l.Reclaimed {
			w.t.Errorf("lease = %+v", l)
		}
		if l.Until.Before(before.Add(lease)) || l.Until.After(after.Add(lease)) {
			w.t.Errorf("until %v, want one lease after a moment in %v … %v", l.Until, before, after)
		}
	},

	"feeding twice is feeding once": func(w *world) {
		w.feed(a, 0, 1, 2)
		w.feed(a, time.Hour, 1, 2) // keeps its own moment
		w.pending(a, 2)
		ls := w.claim(10)
		wantIDs(w.t, ls, 1, 2)
		w.feed(a, 0, 1, 2) // leased
		w.pending(a, 2)
		wantIDs(w.t, w.claim(10))
		w.ok(w.Ack(w.ctx, ls))
		w.pending(a, 0)
		w.ok(w.Ack(w.ctx, ls))
		w.pending(a, 0)
	},

	"big feeds arrive whole": func(w *world) {
		w.feed(a, 0, upTo(1000)...)
		w.pending(a, 1000)
		got := ids(w.claimAll())
		slices.Sort(got)
		if !slices.Equal(got, upTo(1000)) {
			w.t.Errorf("claimed %d ids, want 1 to 1000", len(got))
		}
	},

	"no claim is larger than asked": func(w *world) {
		w.feed(a, 0, upTo(20)...)
		if n := len(w.claim(7)); n != 7 {
			w.t.Errorf("claimed %d, want 7", n)
		}
		if n := len(w.claim(0)); n != 0 {
			w.t.Errorf("claimed %d, want 0", n)
		}
	},

	"campaigns of a tenant take turns": func(w *world) {
		b := key("contoso", "b")
		w.feed(a, -time.Hour, upTo(300)...)
		w.claim(1)
		w.feed(b, 0, upTo(100)...)
		count := map[string]int{}
		for range 20 {
			ls := w.claim(10)
			for _, l := range ls {
				count[l.CampaignID]++
			}
			if ls[0].CampaignID == ls[9].CampaignID {
				w.t.Fatal("one campaign got a whole claim while another waits")
			}
		}
		if count["a"] != 100 || count["b"] != 100 {
			w.t.Errorf("of 200 claims %v, want 100 each", count)
		}
		count = map[string]int{}
		w.feed(b, 0, upTo(100)...)
		w.feed(key("contoso", "c"), 0, upTo(100)...)
		for range 90 { // the same, one by one
			for _, l := range w.claim(1) {
				count[l.CampaignID]++
			}
		}
		if count["a"] != 45 || count["c"] != 45 {
			w.t.Errorf("of 90 claims %v, want 45 of a and c (b is leased)", count)
		}
	},

	"tenants take turns": func(w *world) {
		b := key("fabrikam", "b")
		w.feed(a, -time.Hour, upTo(100)...)
		w.feed(b, 0, upTo(100)...)
		count := map[string]int{}
		for range 10 {
			ls := w.claim(5)
			for _, l := range ls {
				if l.TenantID != ls[0].TenantID {
					w.t.Fatal("one claim mixes tenants")
				}
				count[l.TenantID]++
			}
		}
		if count["contoso"] != 25 || count["fabrikam"] != 25 {
			w.t.Errorf("of 50 claims %v, want 25 each", count)
		}
	},

	"a tenant with nothing due costs the other no claim": func(w *world) {
		w.feed(a, time.Hour, 1)
		w.feed(key("fabrikam", "b"), 0, 1, 2, 3)
		for i := range 3 {
			wantIDs(w.t, w.claim(1), int64(i+1))
		}
	},

	"a lease that ran out is claimed again, first and marked, and the old token is refused": func(w *world) {
		w.feed(a, -time.Hour, 1, 2)
		w.feed(key("contoso", "b"), -time.Hour, 7)
		old := w.claim(1)
		wantIDs(w.t, old, 1)
		w.advance(lease - time.Second)
		wantIDs(w.t, w.claim(10), 7, 2)
		w.feed(a, -2*time.Hour, 3)
		w.advance(time.Second)
		again := w.claim(10)
		wantIDs(w.t, again, 1, 3)
		if !again[0].Reclaimed || again[1].Reclaimed {
			w.t.Errorf("reclaimed: %v %v, want true false", again[0].Reclaimed, again[1].Reclaimed)
		}
		if again[0].Token == old[0].Token {
			w.t.Error("the token did not change")
		}
		w.pending(a, 3)
		w.ok(w.Ack(w.ctx, old))
		w.ok(w.Reschedule(w.ctx, []delivery.Again{{Lease: old[0], At: w.now()}}))
		held, err := w.Renew(w.ctx, old)
		w.ok(err)
		wantIDs(w.t, held)
		w.pending(a, 3)
		wantIDs(w.t, w.claim(10))
		w.ok(w.Ack(w.ctx, again))
		w.pending(a, 1)
	},

	"a lease that ran out but was not taken is still held": func(w *world) {
		w.feed(a, 0, 1)
		ls := w.claim(1)
		w.advance(2 * lease)
		w.ok(w.Ack(w.ctx, ls))
		wantIDs(w.t, w.claim(1))
		w.pending(a, 0)
	},

	"a leap of the clock ends no lease": func(w *world) {
		b, later := key("fabrikam", "b"), key("fabrikam", "later")
		for _, leap := range []time.Duration{144 * time.Hour, -300 * time.Hour, 2 * lease, 200 * time.Hour} {
			w.feed(a, -time.Hour, 1, 2)
			w.feed(b, -time.Hour, 3)
			ls := append(w.claim(10), w.claim(10)...)
			w.ok(w.ScheduleStart(w.ctx, a, w.now().Add(-time.Minute)))
			w.ok(w.ScheduleStart(w.ctx, later, w.now().Add(time.Minute)))
			start := w.start(a)
			w.leap(leap)
			w.ok(w.ScheduleStart(w.ctx, a, w.now())) // as the reconciler of another process does
			if leap > 0 {
				l := w.start(later)
				w.ok(w.AckStart(w.ctx, l))
			}
			w.noStart()
			wantIDs(w.t, w.claimAll())
			held, err := w.Renew(w.ctx, ls)
			w.ok(err)
			if len(held) != len(ls) || len(ls) != 3 {
				w.t.Fatalf("after a leap of %s %d of %d leases are held, want 3", leap, len(held), len(ls))
			}
			w.ok(w.renewStart(start, true))
			w.noStart()
			s, err := w.Stats(w.ctx)
			w.ok(err)
			if want := (queue.StartStats{Waiting: map[bool]int{true: 1}[leap < 0]}); s.Starts != want {
				w.t.Errorf("starts %+v after a leap of %s, want %+v", s.Starts, leap, want)
			}
			w.ok(w.Ack(w.ctx, ls))
			w.pending(a, 0)
			w.ok(w.AckStart(w.ctx, start))
			w.ok(w.Unschedule(w.ctx, later))
			w.noStart()
		}
	},

	"a lease ends after its length of real time, whatever the clock did": func(w *world) {
		w.opt.Lease = 200 * time.Millisecond
		for _, leap := range []time.Duration{144 * time.Hour, -300 * time.Hour} {
			q := w.another()
			w.feed(a, -time.Hour, 1)
			old, err := q.Claim(w.ctx, 1)
			w.ok(err)
			w.ok(w.ScheduleStart(w.ctx, a, w.now().Add(-time.Minute)))
			start, found, err := q.ClaimStart(w.ctx)
			w.ok(err)
			if len(old) != 1 || !found {
				w.t.Fatalf("claimed %v and a start: %v", old, found)
			}
			w.leap(leap)
			var again []delivery.Lease
			for len(again) == 0 {
				w.ok(q.WaitDelivery(w.ctx, time.Minute)) // longer than the test may take with another
				again, err = q.Claim(w.ctx, 1)
				w.ok(err)
			}
			if !again[0].Reclaimed || again[0].Until.Before(old[0].Until.Add(w.opt.Lease)) {
				w.t.Errorf("after a leap of %s: %+v, before its lease ended: %+v", leap, again[0], old[0])
			}
			for found = false; !found; {
				w.ok(q.WaitStart(w.ctx, time.Minute))
				var l delivery.StartLease
				l, found, err = q.ClaimStart(w.ctx)
				w.ok(err)
				if found && l.Until.Before(start.Until.Add(w.opt.Lease)) {
					w.t.Errorf("after a leap of %s the start was taken before its lease ended", leap)
				}
			}
			w.ok(w.Drop(w.ctx, a))
		}
	},

	"renewed leases run on": func(w *world) {
		w.feed(a, 0, upTo(5)...)
		w.feed(key("contoso", "b"), 0, 9)
		ls := w.claim(10)
		w.advance(lease - time.Second)
		w.ok(w.Ack(w.ctx, ls[1:2]))
		held, err := w.Renew(w.ctx, ls)
		w.ok(err)
		if len(held) != 5 {
			w.t.Fatalf("held %d, want 5: %v", len(held), held)
		}
		if want := w.now().Add(lease); held[0].Until.After(want) || held[0].Until.Before(ls[0].Until) {
			w.t.Errorf("until %v, want about %v", held[0].Until, want)
		}
		w.advance(lease - time.Second)
		wantIDs(w.t, w.claim(10))
		w.advance(2 * time.Second)
		if n := len(w.claim(10)); n != 5 {
			w.t.Errorf("reclaimed %d, want 5", n)
		}
	},

	"rescheduled is due again at its moment, unmarked": func(w *world) {
		w.feed(a, 0, 1)
		l := w.claim(1)[0]
		w.ok(w.Reschedule(w.ctx, []delivery.Again{{Lease: l, At: w.now().Add(time.Hour)}}))
		w.ok(w.Reschedule(w.ctx, []delivery.Again{{Lease: l, At: w.now()}})) // done once already
		w.pending(a, 1)
		w.advance(time.Hour - time.Second)
		wantIDs(w.t, w.claim(1))
		w.advance(time.Second)
		ls := w.claim(1)
		wantIDs(w.t, ls, 1)
		if ls[0].Reclaimed {
			w.t.Error("marked as reclaimed")
		}
	},

	"a dropped campaign is gone, leases too": func(w *world) {
		b := key("contoso", "b")
		w.feed(a, 0, upTo(10)...)
		w.feed(b, 0, 1)
		w.ok(w.ScheduleStart(w.ctx, a, w.now()))
		ls := w.claim(4)
		w.ok(w.Drop(w.ctx, a))
		w.ok(w.Drop(w.ctx, a))
		w.pending(a, 0)
		for _, l := range ls {
			w.ok(w.Reschedule(w.ctx, []delivery.Again{{Lease: l, At: w.now()}}))
		}
		held, err := w.Renew(w.ctx, ls)
		w.ok(err)
		for _, l := range held {
			if l.Key == a {
				w.t.Error("a lease of the dropped campaign is held")
			}
		}
		w.pending(a, 0)
		_, found, err := w.ClaimStart(w.ctx)
		w.ok(err)
		if found {
			w.t.Error("the start survived")
		}
		w.advance(2 * lease)
		for _, l := range w.claimAll() {
			if l.Key == a {
				w.t.Fatal("a delivery of the dropped campaign was claimed")
			}
		}
		w.feed(a, 0, 1) // the name can be used again
		w.ok(w.Ack(w.ctx, ls))
		w.pending(a, 1)
	},

	"a pause stops one tenant, and the longer one wins": func(w *world) {
		b := key("fabrikam", "b")
		w.feed(a, 0, 1)
		w.feed(b, 0, 2)
		w.ok(w.Pause(w.ctx, "contoso", w.now().Add(time.Hour)))
		w.ok(w.Pause(w.ctx, "contoso", w.now().Add(time.Minute)))
		wantIDs(w.t, w.claimAll(), 2)
		w.advance(59 * time.Minute)
		wantIDs(w.t, w.claim(1), 2) // reclaimed; contoso stays silent
		wantIDs(w.t, w.claim(1))
		w.advance(2 * time.Minute)
		ls := w.claimAll()
		if !slices.Contains(ids(ls), 1) {
			w.t.Error("the pause did not end")
		}
	},

	"starts: due order, lease, fencing, renewal": func(w *world) {
		b := key("fabrikam", "b")
		w.ok(w.ScheduleStart(w.ctx, a, w.now().Add(144*time.Hour)))
		w.ok(w.ScheduleStart(w.ctx, b, w.now().Add(time.Hour)))
		w.noStart()
		w.advance(144*time.Hour - time.Second)
		first := w.start(b)
		w.noStart()
		w.advance(time.Second)
		w.ok(w.renewStart(first, true))
		w.ok(w.ScheduleStart(w.ctx, b, w.now())) // leased: stays as it is
		second := w.start(a)
		w.ok(w.AckStart(w.ctx, second))
		w.ok(w.AckStart(w.ctx, second))
		w.advance(lease)
		again := w.start(b)
		w.ok(w.renewStart(first, false))
		w.ok(w.AckStart(w.ctx, first))
		w.ok(w.renewStart(again, true))
		w.ok(w.AckStart(w.ctx, again))
		w.advance(2 * lease)
		w.noStart()
	},

	"a start can be moved and forgotten": func(w *world) {
		w.ok(w.ScheduleStart(w.ctx, a, w.now().Add(time.Hour)))
		w.ok(w.ScheduleStart(w.ctx, a, w.now().Add(3*time.Hour)))
		w.advance(2 * time.Hour)
		w.noStart()
		w.ok(w.ScheduleStart(w.ctx, a, w.now()))
		l := w.start(a)
		w.ok(w.Unschedule(w.ctx, a))
		w.ok(w.renewStart(l, false))
		w.advance(2 * lease)
		w.noStart()
	},

	"stats: what is due, what comes, what is in flight, who is paused": func(w *world) {
		b, c := key("contoso", "b"), key("fabrikam", "c")
		w.stats(queue.StartStats{}, nil)
		w.feed(a, -time.Hour, upTo(3)...)
		w.feed(b, -2*time.Hour, 7)
		w.feed(b, time.Hour, 8, 9)
		w.feed(c, time.Hour, 1)
		began := w.now()
		got := w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {Due: 4, Waiting: 2}, "fabrikam": {Waiting: 1}})
		if lag, most := got["contoso"].Lag, 2*time.Hour+w.now().Sub(began); lag < 2*time.Hour || lag > most+time.Minute {
			w.t.Errorf("lag %s, want about two hours", lag)
		}
		if lag := got["fabrikam"].Lag; lag != 0 {
			w.t.Errorf("lag %s of what is not due", lag)
		}
		first := w.claim(2)
		rest := w.claim(2)
		w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {Waiting: 2, InFlight: 4}, "fabrikam": {Waiting: 1}})
		w.ok(w.Ack(w.ctx, first))
		w.ok(w.Reschedule(w.ctx, []delivery.Again{{Lease: rest[0], At: w.now().Add(time.Minute)}}))
		w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {Waiting: 3, InFlight: 1}, "fabrikam": {Waiting: 1}})

		until := w.now().Add(time.Hour)
		w.ok(w.Pause(w.ctx, "contoso", until))
		w.advance(time.Minute)
		got = w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {Due: 1, Waiting: 2, InFlight: 1}, "fabrikam": {Waiting: 1}})
		p := got["contoso"]
		if d := p.PausedUntil.Sub(until); d < 0 || d > time.Microsecond {
			w.t.Errorf("paused until %s, want %s", p.PausedUntil, until)
		}
		if most := 59 * time.Minute; p.Paused > most || p.Paused < until.Sub(w.now()) {
			w.t.Errorf("paused for %s more, want less than %s and no less than now", p.Paused, most)
		}
		if p := got["fabrikam"]; p.Paused != 0 || !p.PausedUntil.IsZero() {
			w.t.Errorf("the other tenant is paused: %+v", p)
		}
		w.advance(time.Hour)
		got = w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {Due: 3, InFlight: 1}, "fabrikam": {Due: 1}})
		if p := got["contoso"]; p.Paused != 0 || !p.PausedUntil.IsZero() {
			w.t.Errorf("the pause is over: %+v", p)
		}
		w.ok(w.Drop(w.ctx, a))
		w.ok(w.Drop(w.ctx, b))
		w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {}, "fabrikam": {Due: 1}})
	},

	"stats: starts": func(w *world) {
		b, c := key("contoso", "b"), key("fabrikam", "c")
		w.ok(w.ScheduleStart(w.ctx, a, w.now()))
		w.ok(w.ScheduleStart(w.ctx, b, w.now().Add(lease/2))) // among the leases in the index, and none itself
		w.ok(w.ScheduleStart(w.ctx, c, w.now().Add(144*time.Hour)))
		w.stats(queue.StartStats{Due: 1, Waiting: 2}, nil)
		l := w.start(a)
		w.stats(queue.StartStats{Waiting: 2}, nil)
		w.advance(lease)
		w.stats(queue.StartStats{Due: 2, Waiting: 1}, nil) // a's lease ran out
		w.ok(w.AckStart(w.ctx, l))
		w.stats(queue.StartStats{Due: 1, Waiting: 1}, nil)
	},

	"stats are bounded, and change nothing": func(w *world) {
		for i := range 205 {
			w.feed(key("contoso", fmt.Sprintf("%03d", i)), time.Duration(i-300)*time.Second, 1)
		}
		w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {Due: 200}})
		if lag := w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {Due: 200}})["contoso"].Lag; lag < 300*time.Second {
			w.t.Errorf("lag %s: the oldest is not among those looked at", lag)
		}
		if n := len(w.claimAll()); n != 205 {
			w.t.Errorf("%d claimed, want 205", n)
		}
		w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {InFlight: 200}})
	},

	"an empty Redis has another epoch": func(w *world) {
		first, err := w.Epoch(w.ctx)
		w.ok(err)
		same, err := w.another().Epoch(w.ctx)
		w.ok(err)
		w.feed(a, 0, 1)
		w.ok(w.rdb.FlushAll(w.ctx).Err())
		second, err := w.Epoch(w.ctx)
		w.ok(err)
		if first == "" || first != same || second == first {
			w.t.Errorf("epochs %q %q, after FLUSHALL %q", first, same, second)
		}
		wantIDs(w.t, w.claim(1))
		w.feed(a, 0, 1) // fed again, it works as before
		wantIDs(w.t, w.claim(1), 1)
	},

	"scripts survive SCRIPT FLUSH": func(w *world) {
		for range 2 {
			w.ok(w.rdb.ScriptFlush(w.ctx).Err())
			w.feed(a, 0, 1, 2)
			ls := w.claim(10)
			w.ok(w.rdb.ScriptFlush(w.ctx).Err())
			_, err := w.Renew(w.ctx, ls)
			w.ok(err)
			w.ok(w.rdb.ScriptFlush(w.ctx).Err())
			w.ok(w.Wait(w.ctx, time.Microsecond))
			w.ok(w.rdb.ScriptFlush(w.ctx).Err())
			w.stats(queue.StartStats{}, map[string]queue.TenantStats{"contoso": {InFlight: 2}})
			w.ok(w.Ack(w.ctx, ls))
			w.pending(a, 0)
		}
	},

	"nobody gets what another one has": func(w *world) {
		const n = 600
		w.feed(a, 0, upTo(n)...)
		var mu sync.Mutex
		seen := map[int64]int{}
		var wg sync.WaitGroup
		for range 4 {
			q := w.another()
			wg.Go(func() {
				for {
					ls, err := q.Claim(w.ctx, 10)
					if err != nil {
						w.t.Error(err)
					}
					if len(ls) == 0 {
						return
					}
					mu.Lock()
					for _, l := range ls {
						seen[l.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for id, times := range seen {
			if times != 1 {
				w.t.Fatalf("%d was claimed %d times", id, times)
			}
		}
		if len(seen) != n {
			w.t.Errorf("%d of %d claimed", len(seen), n)
		}
	},
}
