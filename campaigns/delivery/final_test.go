package delivery_test

import (
	"math/rand/v2"
	"testing"

	"herald/campaigns"
)

// G1: every recipient of a started campaign ends in exactly one final state.
//
// A process dies (or is stopped) at the n-th word to SQL or Redis, before or after it is
// spoken, again and again; then one is left alone. Redis keeps its data, or comes back empty.
//
// Checked by taking out, one at a time: the stale attempts from Due, and those taken over from
// BeginAttempts. Both times it never ends: cut-off attempts stay "sending".
func TestG1EveryRecipientIsFinalHoweverOftenProcessesDie(t *testing.T) {
	for name, tc := range map[string]struct {
		kill, flush bool
	}{
		"killed":                 {kill: true},
		"killed and Redis empty": {kill: true, flush: true},
		"stopped":                {},
		"stopped, Redis empty":   {flush: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			const people, lives = 120, 12
			w.people(contoso, people)
			k := w.send(contoso, everybody, 0)
			rnd := rand.New(rand.NewPCG(7, 11))
			for life := range lives {
				words, last := 0, 3+rnd.IntN(25)
				gate := make(chan struct{}, 1)
				gate <- struct{}{}
				die := func(p *process, call string, _ int) {
					switch call {
					case "Claim", "WaitDelivery", "WaitStart", "ClaimStart", "OpenCampaigns", "Due", "Members":
						return // nothing changed
					}
					<-gate
					words++
					now := words == last
					gate <- struct{}{}
					if now && tc.kill {
						p.kill()
					} else if now {
						p.stop()
					}
				}
				opt := after(die)
				if life%2 == 0 {
					opt = before(func(p *process, call string, n int) error { die(p, call, n); return nil })
				}
				p := w.start(opt)
				w.until("a death, or the end", func() bool {
					select {
					case <-p.done:
						return true
					default:
						return w.campaign(k).Status == campaigns.Completed
					}
				})
				p.end()
				if tc.kill {
					w.expire()
				}
				if tc.flush {
					w.ok(w.rdb.FlushAll(w.ctx).Err())
				}
			}
			p := w.start()
			c := w.ended(k, campaigns.Completed)
			p.end()
			if c.Counts.Sent != people || c.Version != 4 { // made, scheduled, begun, completed: each once
				t.Errorf("%+v", c)
			}
			if !tc.kill {
				w.exactlyOnce(k, people)
				return
			}
			// Only what was in flight at a crash is repeated, at most one batch per killed process.
			if n := w.atLeastOnce(k, people); n > lives*parallel {
				t.Errorf("%d attempts repeated by %d deaths", n, lives)
			}
		})
	}
}

// G1: a planner that dies between two pages is continued from the page where it ended.
//
// Checked by letting the planner begin at the empty cursor whatever the plan says: turnPage
// refuses, and the campaign is never planned.
func TestG1PlanningContinuesFromTheLastPage(t *testing.T) {
	w := setup(t)
	const people = 1200 // two pages
	w.people(contoso, people)
	w.teams.holds(func(attempt) <-chan struct{} { return w.teams.end })
	k := w.send(contoso, everybody, 0)
	first := w.start(diesAt("PlanMembers", 2))
	w.until("one page", func() bool { return first.gone() })
	if c := w.campaign(k); c.Counts.Total != 500 || c.Planned {
		t.Fatalf("%+v", c)
	}
	w.expire()
	second := w.start()
	second.planned(k)
	if n := second.count("PlanMembers"); n != 2 {
		t.Errorf("the second planner wrote %d pages, want the one that was missing, and the directory's newcomers", n)
	}
	if rs := w.recipients(k); len(rs) != people {
		t.Errorf("%d recipients", len(rs))
	}
}

// A ledger that fails at a page, or a directory that does not answer, delays the plan and no more:
// the start is handed back, and nobody waits for a lease to run out.
func TestPlanningSurvivesFaults(t *testing.T) {
	w := setup(t)
	emails := w.people(contoso, 250)
	w.directory.found = map[string]campaigns.Person{"new@x.example": {TenantID: contoso, ID: "new", Mail: "new@x.example", DisplayName: "New"}}
	w.directory.err = campaigns.Errorf(campaigns.CodeUnavailable, "graph", "away")
	k := w.send(contoso, these(append(emails, "new@x.example", "nobody@x.example")...), 0)
	p := w.start(before(func(p *process, call string, n int) error {
		if call == "WritePage" && n == 2 || call == "Begin" && n == 1 {
			return errAway
		}
		return nil
	}))
	w.until("the page that needs the directory", func() bool { return w.campaign(k).Counts.Total == 200 && p.count("AckStart") >= 3 })
	w.directory.mu.Lock()
	w.directory.err = nil
	w.directory.mu.Unlock()
	w.ended(k, campaigns.Completed)
	rs := w.recipients(k)
	if len(rs) != 252 || rs["new"].Reason != campaigns.NotInstalled || rs["nobody@x.example"].Reason != campaigns.UserNotFound {
		t.Errorf("%d recipients: %+v %+v", len(rs), rs["new"], rs["nobody@x.example"])
	}
	for id, n := range w.teams.sends(k) {
		if n != 1 {
			t.Errorf("%s got it %d times", id, n)
		}
	}
}

// A graceful stop finishes what is on the wire, records it and begins nothing more.
func TestStopOfAProcessFinishesWhatIsOnTheWire(t *testing.T) {
	w := setup(t)
	const people = 40
	w.people(contoso, people)
	gate := make(chan struct{})
	w.teams.holds(func(attempt) <-chan struct{} { return gate })
	k := w.send(contoso, everybody, 0)
	p := w.start()
	w.until("full slots", func() bool { return w.teams.wire() == parallel })
	p.stop()
	close(gate)
	p.end()
	c := w.campaign(k)
	if c.Counts.Sent != parallel || c.Counts.Sending != 0 || c.Counts.Pending != people-parallel {
		t.Errorf("%+v", c.Counts)
	}
	w.start()
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
}

// Campaigns that reach nobody end as failed, and the report says why.
func TestNobodyToSendTo(t *testing.T) {
	w := setup(t)
	w.people(fabrikam, 2)
	w.set(fabrikam, "p00000", campaigns.Uninstalled)
	w.set(fabrikam, "p00001", campaigns.Blocked)
	empty := w.send(contoso, everybody, 0)
	skipped := w.send(fabrikam, everybody, 0)
	unknown := w.send(contoso, these("Nobody@x.example", "p00000@x.example"), 0)
	w.start()
	if c := w.ended(empty, campaigns.Failed); c.Counts.Total != 0 || c.CompletedAt == nil {
		t.Errorf("%+v", c)
	}
	w.ended(skipped, campaigns.Failed)
	rs := w.recipients(skipped)
	if a, b := rs["p00000"], rs["p00001"]; a.Reason != campaigns.NotInstalled || b.Reason != campaigns.BlockedByUser || a.Status != campaigns.DeliverySkipped {
		t.Errorf("%+v", rs)
	}
	w.ended(unknown, campaigns.Failed)
	if rs := w.recipients(unknown); len(rs) != 2 || rs["Nobody@x.example"].Reason != campaigns.UserNotFound || rs["Nobody@x.example"].Attempts != 0 {
		t.Errorf("%+v", rs)
	}
	for _, k := range []campaigns.Key{empty, skipped, unknown} {
		if w.teams.total(k) != 0 {
			t.Error("something was sent")
		}
	}
}
