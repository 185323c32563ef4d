package delivery_test

import (
	"sync"
	"testing"

	"herald/campaigns"
)

// G3: several processes share a campaign, and nothing is doubled.
//
// Two mechanisms keep workers apart, leases in Redis and the mark in SQL, and either is enough here: it was seen
// that this test passes without SQL's. SQL's alone is tested by TestG2StaleIdsAreRefused, Redis' in infra/queue.
func TestG3ProcessesShareTheWork(t *testing.T) {
	w := setup(t)
	const people = 80
	w.people(contoso, people)
	w.people(fabrikam, people)
	a, b := w.send(contoso, everybody, 0), w.send(fabrikam, everybody, 0)
	var ps []*process
	for range 3 {
		ps = append(ps, w.start())
	}
	for _, k := range []campaigns.Key{a, b} {
		if c := w.ended(k, campaigns.Completed); c.Version != 4 { // made, scheduled, begun, completed: each once
			t.Errorf("%+v", c)
		}
		w.exactlyOnce(k, people)
	}
	for i, p := range ps {
		p.end()
		if p.count("Record") == 0 {
			t.Logf("process %d had nothing to record", i)
		}
	}
}

// G3: two planners at one campaign: the first is held up before its second page until its lease
// is over, another takes its place, then it goes on.
//
// Two mechanisms keep planners apart, the cursor's compare-and-set and the unique index, and either is enough here: it was seen that
// this test passes without the first. That one alone is tested by TestPlanIsWrittenOnce in infra/store.
func TestG3TwoPlanners(t *testing.T) {
	w := setup(t)
	const people = 1200 // two pages
	w.people(contoso, people)
	w.teams.holds(func(attempt) <-chan struct{} { return w.teams.end })
	held, late := make(chan struct{}), make(chan struct{})
	first := w.start(before(func(_ *process, call string, n int) error {
		if call == "PlanMembers" && n == 2 {
			close(held)
			<-late
		}
		if call == "ClaimStart" && n > 1 { // the process is held up, and not one of its plans
			select {
			case <-held:
				return errAway
			default:
			}
		}
		return nil
	}))
	k := w.send(contoso, everybody, 0)
	w.wait("the second page of the first planner", held)
	second := w.start()
	w.expire()
	second.planned(k)
	if n := second.count("PlanMembers"); n != 2 {
		t.Errorf("the second planner wrote %d pages, want 1 and the directory's newcomers", n)
	}
	acked := first.count("AckStart")
	close(late)
	w.until("the first planner gives up", func() bool { return first.count("AckStart") > acked })
	if n := first.count("PlanMembers"); n != 2 { // the second was refused
		t.Errorf("the first planner wrote %d pages", n)
	}
	if c := w.campaign(k); c.Counts.Total != people {
		t.Errorf("%+v", c.Counts)
	}
	if rs := w.recipients(k); len(rs) != people {
		t.Errorf("%d recipients", len(rs))
	}
}

// G3: a double click on send, or two authors at once: one of them sends.
//
// Checked by leaving "status = 'draft'" and the version out of ScheduleCampaign: several succeed. Either of the two is enough here.
func TestG3TwoClicks(t *testing.T) {
	w := setup(t)
	const people = 5
	w.people(contoso, people)
	k := w.draft(contoso, everybody)
	w.start()
	w.start()
	var clicks sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		clicks.Go(func() {
			_, results[i] = w.service.Send(w.ctx, author(contoso), k.CampaignID, 0, nil)
		})
	}
	clicks.Wait()
	sent := 0
	for _, err := range results {
		switch campaigns.CodeOf(err) {
		case "":
			w.ok(err)
			sent++
		case campaigns.CodeConflict:
		default:
			t.Error(err)
		}
	}
	if sent != 1 {
		t.Errorf("%d clicks sent it", sent)
	}
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
}
