package delivery_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

var publisher = campaigns.Actor{TenantID: contoso, PersonID: "publisher", DisplayName: "Publisher", Roles: []campaigns.Role{campaigns.RolePublisher}}

func limited(above int) func(*process, *delivery.Config) {
	return func(_ *process, cfg *delivery.Config) { cfg.Settings.ApprovalAbove = above }
}

// outgrown is a world in which a campaign was scheduled when there were fewer people than now, when it starts.
func outgrown(t *testing.T, limit, scheduled, starts int) (*world, campaigns.Key) {
	t.Helper()
	w := setup(t)
	w.service.Settings.ApprovalAbove = limit
	w.people(contoso, scheduled)
	k := w.later(everybody)
	w.people(contoso, starts)
	w.advance(time.Hour)
	return w, k
}

// later is a campaign of the author's to everybody, in an hour; approved when it has to be.
func (w *world) later(a campaigns.Audience) campaigns.Key {
	w.t.Helper()
	k := w.draft(contoso, a)
	at := w.now().Add(time.Hour)
	ctx := campaigns.WithActor(w.ctx, author(contoso), w.now())
	c, err := w.service.Send(ctx, author(contoso), k.CampaignID, 0, &at)
	w.ok(err)
	if c.Approval != nil && c.Approval.State == campaigns.Waiting {
		_, err = w.service.Approve(w.ctx, publisher, k.CampaignID, c.Version, "")
		w.ok(err)
	}
	return k
}

// held waits until the campaign is back with the people who decide, with nobody planned and nobody told.
func (w *world) held(p *process, k campaigns.Key, recipients, before int) *campaigns.Campaign {
	w.t.Helper()
	var c *campaigns.Campaign
	w.until("the campaign is held back", func() bool { c = w.campaign(k); return c.Approval != nil && c.Approval.Grown })
	p.idle()
	if ap := c.Approval; c.Status != campaigns.Draft || ap.State != campaigns.Waiting || ap.Recipients != recipients || ap.Before != before || ap.RequestedBy.ID != "author" || c.SendAt != nil || c.StartedAt != nil {
		w.t.Errorf("%+v, approval %+v", c, ap)
	}
	if n := w.teams.total(k); n != 0 || len(w.recipients(k)) != 0 {
		w.t.Errorf("%d messages and %d recipients", n, len(w.recipients(k)))
	}
	return c
}

func TestAudienceThatGrewPastTheLimitIsHeldBack(t *testing.T) {
	for name, tc := range map[string]struct{ scheduled, starts, limit, before int }{
		"below the limit, then above it":          {scheduled: 5, starts: 6, limit: 5},
		"approved, then more than a tenth larger": {scheduled: 20, starts: 23, limit: 5, before: 20},
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			w.service.Settings.ApprovalAbove = tc.limit
			w.ok(w.service.Met(w.ctx, publisher))
			w.people(contoso, tc.scheduled)
			k := w.later(everybody)
			w.people(contoso, tc.starts)
			w.advance(time.Hour)
			p := w.start(limited(tc.limit))
			c := w.held(p, k, tc.starts, tc.before)

			lines, _, err := w.db.AuditLog(w.ctx, contoso, campaigns.AuditFilter{Actions: []campaigns.Action{campaigns.CampaignHeldBack}, Limit: 10})
			w.ok(err)
			if len(lines) != 1 || lines[0].Actor != campaigns.Itself || lines[0].Target.ID != k.CampaignID {
				t.Errorf("the log says %+v", lines)
			}
			notices, err := w.db.ClaimNotices(w.ctx, w.now(), time.Now(), time.Hour, 100)
			w.ok(err)
			var told []string
			for _, n := range notices {
				if n.Approval.Grown && !n.Settled {
					told = append(told, string(n.Kind)+" "+n.PersonID)
				}
			}
			if slices.Sort(told); !slices.Equal(told, []string{"ask publisher", "tell author"}) {
				t.Errorf("told %q", told)
			}

			if _, err := w.service.Approve(w.ctx, campaigns.Actor{TenantID: contoso, PersonID: "author", Roles: []campaigns.Role{campaigns.RoleAdmin}}, k.CampaignID, c.Version, ""); campaigns.CodeOf(err) != campaigns.CodeForbidden {
				t.Errorf("whoever sent it approved it: %v", err)
			}
			if _, err := w.service.Approve(w.ctx, publisher, k.CampaignID, c.Version, ""); err != nil {
				t.Fatal(err)
			}
			w.ended(k, campaigns.Completed)
			w.exactlyOnce(k, tc.starts)
		})
	}
}

// What is still within the limit, or within a tenth of what was approved, starts.
func TestAudienceThatGrewALittleStarts(t *testing.T) {
	for name, tc := range map[string]struct{ scheduled, starts, limit int }{
		"up to the limit":              {scheduled: 3, starts: 5, limit: 5},
		"up to a tenth above":          {scheduled: 20, starts: 22, limit: 5},
		"far above, but without limit": {scheduled: 3, starts: 30},
	} {
		t.Run(name, func(t *testing.T) {
			w, k := outgrown(t, tc.limit, tc.scheduled, tc.starts)
			w.start(limited(tc.limit))
			w.ended(k, campaigns.Completed)
			w.exactlyOnce(k, tc.starts)
		})
	}
}

// Lists grow too; typed addresses cannot, and are not counted again.
func TestListThatGrewIsHeldBack(t *testing.T) {
	w := setup(t)
	w.service.Settings.ApprovalAbove = 3
	w.people(contoso, 6)
	list := w.list(x("p00000"), "", x("p00001"), "")
	k := w.later(campaigns.Audience{ListIDs: []string{list}, Emails: []string{x("p00001"), x("p00002")}})
	typed := w.later(these(x("p00000"), x("p00001"), x("p00002")))
	l, err := w.service.GetList(w.ctx, publisher, list)
	w.ok(err)
	_, err = w.db.ImportMembers(w.ctx, l.Key(), campaigns.Import{Version: l.Version, Columns: amount, Members: []campaigns.Member{{Email: x("p00003")}}}, w.now())
	w.ok(err)
	w.advance(time.Hour)
	p := w.start(limited(3))
	w.held(p, k, 4, 0)
	w.ended(typed, campaigns.Completed)
	w.exactlyOnce(typed, 3)
	// Held back, its lists may be changed again.
	if err := w.service.DeleteList(w.ctx, publisher, list); err != nil {
		t.Errorf("the list is still held: %v", err)
	}
}

// A planner that dies between the start and the question leaves it to the next one; one that dies after its first page is continued
// without being asked again, however the tenant grows meanwhile.
func TestHeldBackByTheNextPlanner(t *testing.T) {
	w, k := outgrown(t, 2, 2, 3)
	dies := w.start(limited(2), diesAt("HoldBack", 1))
	w.wait("the planner to die", dies.done)
	if c := w.campaign(k); c.Status != campaigns.Sending || c.Counts.Total != 0 {
		t.Fatalf("%+v", c)
	}
	w.expire()
	w.held(w.start(limited(2)), k, 3, 0)
}

func TestContinuedPlanIsNotHeldBack(t *testing.T) {
	w, k := outgrown(t, 600, 600, 600) // more than one page
	dies := w.start(limited(600), diesAt("PlanMembers", 2))
	w.wait("the planner to die", dies.done)
	w.people(contoso, 700)
	w.expire()
	w.start(limited(600))
	c := w.ended(k, campaigns.Completed)
	if c.Approval != nil && c.Approval.Grown || c.Counts.Total < 600 {
		t.Errorf("%+v", c)
	}
	w.atLeastOnce(k, c.Counts.Total)
}

// Stopped while it is counted, it stays stopped.
func TestStoppedWhileItIsCounted(t *testing.T) {
	w, k := outgrown(t, 2, 2, 3)
	stopped := false
	p := w.start(limited(2), before(func(_ *process, call string, n int) error {
		if call == "HoldBack" && !stopped {
			stopped = true
			_, err := w.service.Stop(w.ctx, author(contoso), k.CampaignID)
			return err
		}
		return nil
	}))
	w.ended(k, campaigns.Stopped)
	p.idle()
	if n := w.teams.total(k); n != 0 || w.campaign(k).Status != campaigns.Stopped {
		t.Errorf("%d messages", n)
	}
}

// Without a count nothing starts; the next planner that can count sends it.
func TestCountThatFailsStartsNothing(t *testing.T) {
	w, k := outgrown(t, 5, 3, 3)
	roster := &campaigns.Roster{Store: uncounted{w.db}, Directory: w.directory, Now: w.now, Log: slog.New(slog.DiscardHandler)}
	t.Cleanup(roster.Close)
	p := w.start(limited(5), func(_ *process, cfg *delivery.Config) { cfg.Roster = roster })
	w.until("it was begun", func() bool { return p.count("Begin") > 0 })
	p.end()
	if n := w.teams.total(k); n != 0 || len(w.recipients(k)) != 0 {
		t.Errorf("%d messages without a count", n)
	}
	w.expire()
	w.start(limited(5))
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, 3)
}

// uncounted is a database that cannot count.
type uncounted struct{ campaigns.Store }

func (uncounted) CountAudience(context.Context, string, campaigns.AudienceQuery) (campaigns.AudienceCount, error) {
	return campaigns.AudienceCount{}, errAway
}

// Approved late, a campaign with a window goes out in what is left of it.
func TestTimedCampaignThatGrewIsHeldBack(t *testing.T) {
	w := setup(t)
	const limit, people = 5, 8
	w.service.Settings.ApprovalAbove = limit
	w.people(contoso, limit)
	k := w.within(days(2, func(win *campaigns.Window) { win.Presence = campaigns.Regardless }), everybody)
	w.people(contoso, people)
	w.goTo(at(0, 9, 0))
	p := w.start(limited(limit))
	w.until("the campaign is held back", func() bool {
		p.Poke()
		c := w.campaign(k)
		return c.Approval != nil && c.Approval.Grown
	})
	p.idle()
	c := w.campaign(k)
	if ap := c.Approval; c.Status != campaigns.Draft || ap.State != campaigns.Waiting || ap.Window == nil || ap.Window.Days != 2 || len(w.recipients(k)) != 0 {
		t.Fatalf("%+v, approval %+v", c, c.Approval)
	}
	w.goTo(at(1, 12, 0))
	if _, err := w.service.Approve(w.ctx, publisher, k.CampaignID, c.Version, ""); err != nil {
		t.Fatal(err)
	}
	w.until("everybody has a moment", func() bool {
		p.Poke()
		return w.campaign(k).Planned
	})
	for id, r := range w.recipients(k) {
		if r.NextAttemptAt == nil || r.NextAttemptAt.Before(at(1, 12, 0)) || !r.NextAttemptAt.Before(at(1, 17, 0)) {
			t.Errorf("%s: %+v", id, r)
		}
	}
	w.walk(k, at(1, 17, 0), p)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
}

// When nothing is left of the window, it is too late.
func TestTimedApprovalAfterTheWindow(t *testing.T) {
	w := setup(t)
	w.service.Settings.ApprovalAbove = 1
	w.people(contoso, 3)
	k := w.within(days(2), everybody)
	w.goTo(at(1, 17, 0))
	if _, err := w.service.Approve(w.ctx, publisher, k.CampaignID, w.campaign(k).Version, ""); campaigns.CodeOf(err) != campaigns.CodeInvalid {
		t.Fatalf("approved after the window: %v", err)
	}
	if c := w.campaign(k); c.Status != campaigns.Draft || c.Approval.State != campaigns.Waiting {
		t.Errorf("%+v, approval %+v", c, c.Approval)
	}
}
