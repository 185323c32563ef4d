package delivery_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// G1, G2, G3: a gate is killed before or after it has let people through, and another one, which has waited beside it, goes on: everybody gets
// the message once, nobody before their moment.
//
// Checked by letting Settle find moments that have changed (leaving "v.moment = …" out of standing) and by deciding twice about a page: checks are doubled.
func TestTimedGateIsKilled(t *testing.T) {
	for _, call := range []string{"Lease", "Near", "Settle"} {
		for _, when := range []string{"before", "after"} {
			t.Run(call+" "+when, func(t *testing.T) {
				w := setup(t)
				const people = 12
				w.people(contoso, people)
				g := &graph{}
				g.set("p00000", campaigns.PresenceAway)
				k := w.within(days(2), everybody)
				killed := make(chan struct{})
				var dead atomic.Bool
				kill := func(p *process, c string) {
					if c != call || dead.Load() {
						return
					}
					// When the first of them have got it, and while nothing is on the wire.
					counts := w.campaign(k).Counts
					if moment, _ := w.next(k); counts.Sent > 0 && counts.Sending == 0 && moment.After(w.now()) && dead.CompareAndSwap(false, true) {
						p.kill()
						w.exec(`UPDATE leases SET until = 0`) // it has run out
						close(killed)
					}
				}
				// Whichever has the lease then.
				mortal := []func(*process, *delivery.Config){telling(g), before(func(p *process, c string, _ int) error {
					if when == "before" {
						kill(p, c)
					}
					return nil
				}), after(func(p *process, c string, _ int) {
					if when == "after" {
						kill(p, c)
					}
				})}
				first := w.start(mortal...)
				w.opened(k, first)
				w.moment(k, "p00000", at(0, 10, 30)) // none of whose rungs are near each other
				second := w.start(mortal...)
				w.walk(k, at(2, 0, 0), first, second)
				w.wait("the kill", killed)
				c := w.ended(k, campaigns.Completed)
				if want := (campaigns.Counts{Total: people, Sent: people - 1, Unscheduled: 1}); c.Counts != want || c.Replanned != 0 {
					t.Errorf("%+v, replanned %d", c.Counts, c.Replanned)
				}
				for id, r := range w.recipients(k) {
					sends, looks := 1, 1
					if id == "p00000" {
						sends, looks = 0, len(r.Checks) // one at each rung that the window has for them, minutes apart
						for i := 1; i < len(r.Checks); i++ {
							if r.Checks[i].At.Sub(r.Checks[i-1].At) < time.Minute {
								t.Errorf("looked at twice: %+v", r.Checks)
							}
						}
					}
					if w.teams.sends(k)[id] != sends || len(r.Checks) != looks || r.Attempts != sends || r.Repeated {
						t.Errorf("%s got it %d times: %+v", id, w.teams.sends(k)[id], r)
					}
				}
			})
		}
	}
}

// G1, G3: a planner is killed between the pages of moments; another one continues, and everybody has one moment within the window.
func TestTimedPlannerIsKilled(t *testing.T) {
	for name, page := range map[string]int{"before the first page": 1, "before the second": 2, "before the last": 3} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			const people = 4500 // three pages
			w.crowd(contoso, people)
			w.install(contoso, people)
			k := w.within(days(3), everybody)
			killed := make(chan struct{})
			planner := w.start(before(func(p *process, c string, n int) error {
				if c == "PlacePage" && n == page && !p.gone() {
					p.kill()
					close(killed)
				}
				return nil
			}))
			w.goTo(opening())
			w.wait("the kill", killed)
			<-planner.done
			if n := w.waiting(k, ""); n != min(2000*(page-1), people) || w.campaign(k).Planned {
				t.Errorf("%d have a moment", n)
			}
			second := w.start()
			w.expire()
			w.until("everybody has a moment", func() bool { second.Poke(); return w.campaign(k).Planned })
			second.end()
			var n, first, last int64
			// Of those whose moment is near already, the gate has let some through.
			w.ok(w.scan(&n, `SELECT (SELECT COUNT(*) FROM timed_deliveries WHERE moment < $1) + (SELECT COUNT(*) FROM deliveries WHERE due_at < $1)`, at(99, 0, 0).UnixMilli()))
			w.ok(w.scan(&first, `SELECT MIN(moment) FROM timed_deliveries`))
			w.ok(w.scan(&last, `SELECT MAX(moment) FROM timed_deliveries WHERE moment < ?`, at(99, 0, 0).UnixMilli()))
			win := days(3).Open(paris)
			if n != people || !win.Contains(time.UnixMilli(first)) || !win.Contains(time.UnixMilli(last)) {
				t.Errorf("%d have a moment, from %s to %s", n, time.UnixMilli(first), time.UnixMilli(last))
			}
			if c := w.campaign(k); c.Counts.Total != people || c.Counts.Open()+c.Counts.Sent != people {
				t.Errorf("%+v", c.Counts)
			}
		})
	}
}

// G3: several processes share timed campaigns of two tenants, and nothing is doubled. Redis loses everything on the way, twice.
func TestTimedTogetherAndRedisIsEmptied(t *testing.T) {
	w := setup(t)
	const people = 15
	w.people(contoso, people)
	k := w.within(days(1), everybody)
	g := &graph{}
	var ps []*process
	for range 3 {
		ps = append(ps, w.start(telling(g)))
	}
	w.opened(k, ps...)
	for _, hour := range []int{11, 14} {
		w.walk(k, at(0, hour, 0), ps...)
		w.ok(w.rdb.FlushAll(w.ctx).Err())
	}
	w.walk(k, at(1, 0, 0), ps...)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
	for id, r := range w.recipients(k) {
		same(t, id, kinds(r), "present")
	}
}

// G6: with free capacity a message leaves at its moment, and not before: it lies in Redis already, due then.
//
// Checked by letting people through at once (gate.go, release).
func TestTimedMessageIsReadyBeforeItsMoment(t *testing.T) {
	w := setup(t)
	w.people(contoso, 3)
	k := w.within(days(1, func(w *campaigns.Window) { w.Presence = campaigns.Regardless }), everybody)
	p := w.start()
	w.opened(k, p)
	for i := range 3 {
		w.moment(k, fmt.Sprintf("p%05d", i), at(0, 10, 0))
	}
	w.goTo(at(0, 9, 59).Add(53 * time.Second))
	w.until("they lie in Redis", func() bool {
		p.Poke()
		n, err := w.queue.Pending(w.ctx, k, at(0, 10, 0))
		w.ok(err)
		return n == 3
	})
	p.idle()
	if n := w.teams.total(k); n > 0 && w.now().Before(at(0, 10, 0)) {
		t.Errorf("%d got it early", n)
	}
	w.goTo(at(0, 10, 0))
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, 3)
	for id, r := range w.recipients(k) {
		if r.SentAt.Before(at(0, 10, 0)) {
			t.Errorf("%s got it at %s", id, r.SentAt)
		}
	}
}

// opening is when the window of days opens.
func opening() time.Time { return at(0, 9, 0) }

// A campaign that an older Herald would plan is left alone by it: it cannot read the cursor. Its deliveries are due in the far future, so that it
// feeds none.
func TestTimedPlanIsNotForOlderHeralds(t *testing.T) {
	w := setup(t)
	w.people(contoso, 2)
	k := w.within(days(1), everybody)
	var cursor string
	w.ok(w.scan(&cursor, `SELECT plan_cursor FROM campaigns WHERE id = ?`, k.CampaignID))
	if cursor == "" {
		t.Fatal("an older planner would begin")
	}
	p := w.start()
	w.opened(k, p)
	p.end()
	due, err := w.db.Due(w.ctx, k, delivery.Due{}, w.now().Add(-time.Hour), w.now().AddDate(1, 0, 0), 10)
	w.ok(err)
	if len(due) > 0 {
		t.Errorf("an older feeder would take %v", due)
	}
}
