package delivery_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/schedule"
)

func found(r campaigns.Recipient) (out []string) {
	for _, c := range r.Checks {
		out = append(out, string(c.Found)+" "+c.At.In(paris).Format("Mon 15:04"))
	}
	return out
}

func same(t *testing.T, who string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", who, got, want)
	}
}

// The seed's example: three days, absent people, the ladder at 14:27, 14:37 and 15:00, three rounds, given up; through a restart on the way.
func TestTimedScenario(t *testing.T) {
	w := setup(t)
	const people = 12
	w.people(contoso, people)
	g := &graph{}
	k := w.within(days(3), everybody)
	p := w.start(telling(g))
	w.goTo(at(0, 8, 59))
	p.Poke()
	p.idle()
	if c := w.campaign(k); c.Status != campaigns.Scheduled || c.Counts.Total != 0 {
		t.Fatalf("a minute before the window: %+v", c)
	}
	w.opened(k, p)
	win := days(3).Open(paris)
	for id, r := range w.recipients(k) {
		if r.NextAttemptAt == nil || !win.Contains(*r.NextAttemptAt) || r.Checks == nil || len(r.Checks) > 0 {
			t.Errorf("%s: %+v", id, r)
		}
	}
	// Ann is never there; Bob has come back after ten minutes; Cem wants no disturbance and comes at three; Dee is there on Tuesday.
	bob, cem, dee := "p00001", "p00002", "p00003"
	for _, id := range []string{ann, bob, cem, dee} {
		w.moment(k, id, at(0, 14, 27))
	}
	g.set(ann, campaigns.PresenceOffline)
	g.set(bob, campaigns.PresenceBusy)
	g.set(cem, campaigns.PresenceDoNotDisturb)
	g.set(dee, campaigns.PresenceAway)
	w.walk(k, at(0, 14, 36), p)
	if r := w.lines(k)[ann]; r.Status != campaigns.DeliveryRescheduled || r.Reason != campaigns.Absent || !r.NextAttemptAt.Equal(at(0, 14, 37)) {
		t.Errorf("%+v", r)
	}
	g.set(bob, campaigns.PresenceAvailable)
	w.walk(k, at(0, 14, 59), p)
	g.set(cem, campaigns.PresenceAvailable)
	p.end()
	p = w.start(telling(g))
	w.walk(k, at(0, 23, 0), p)
	if r := w.lines(k)[dee]; r.Status != campaigns.DeliveryRescheduled || !r.NextAttemptAt.Equal(at(1, 14, 27)) {
		t.Errorf("%+v", r)
	}
	g.set(dee, campaigns.PresenceAvailable)
	w.walk(k, at(9, 0, 0), p)
	c := w.ended(k, campaigns.Completed)
	if want := (campaigns.Counts{Total: people, Sent: people - 1, Unscheduled: 1}); c.Counts != want || campaigns.ResultOf(c) != campaigns.ResultSuccess || c.Replanned != 0 {
		t.Errorf("%+v, %s, replanned %d", c.Counts, campaigns.ResultOf(c), c.Replanned)
	}
	rs := w.recipients(k)
	same(t, "ann", found(rs[ann]), "absent Mon 14:26", "absent Mon 14:36", "absent Mon 14:59", "absent Tue 14:26", "absent Tue 14:36", "absent Tue 14:59", "absent Wed 14:26", "absent Wed 14:36", "absent Wed 14:59")
	same(t, "bob", found(rs[bob]), "absent Mon 14:26", "present Mon 14:36")
	same(t, "cem", found(rs[cem]), "absent Mon 14:26", "absent Mon 14:36", "present Mon 14:59")
	same(t, "dee", found(rs[dee]), "absent Mon 14:26", "absent Mon 14:36", "absent Mon 14:59", "present Tue 14:26")
	if r := rs[ann]; r.Status != campaigns.DeliveryUnscheduled || r.Reason != campaigns.Absent || r.NextAttemptAt != nil {
		t.Errorf("%+v", r)
	}
	for id, r := range rs {
		if want := map[string]int{ann: 0}; id != ann && (w.teams.sends(k)[id] != 1 || !win.Contains(*r.SentAt) || r.Attempts != 1 || r.Repeated) || id == ann && w.teams.sends(k)[id] != want[id] {
			t.Errorf("%s got it %d times: %+v", id, w.teams.sends(k)[id], r)
		}
	}
	if n := w.waiting(k, ""); n > 0 {
		t.Errorf("%d still wait", n)
	}
}

// A campaign whose own hours are over for people further east plans them as unscheduled; the others get it by their own clocks.
func TestTimedOwnTimeZones(t *testing.T) {
	w := setup(t)
	w.people(contoso, 3)
	w.ok(w.db.SaveClientZone(w.ctx, contoso, "p00000", "America/New_York"))
	w.ok(w.db.SaveClientZone(w.ctx, contoso, "p00001", "Asia/Kolkata"))
	win := days(1, func(w *campaigns.Window) { w.OwnTimeZone, w.Presence = true, campaigns.Regardless })
	w.goTo(at(0, 13, 0)) // in Kolkata it is half past five
	k := w.draft(contoso, everybody)
	_, err := w.service.SendWithin(w.ctx, author(contoso), k.CampaignID, 0, win)
	w.ok(err)
	p := w.start(zoned(w))
	w.until("everybody has a moment", func() bool { return w.campaign(k).Planned })
	rs := w.lines(k)
	if r := rs["p00001"]; r.Status != campaigns.DeliveryUnscheduled || r.Reason != campaigns.WindowOver {
		t.Errorf("in Kolkata: %+v", r)
	}
	newYork, err := schedule.Zone("America/New_York")
	w.ok(err)
	if at := rs["p00000"].NextAttemptAt.In(newYork); at.Hour() < 9 || at.Hour() > 16 {
		t.Errorf("in New York: %s", at)
	}
	if at := rs["p00002"].NextAttemptAt.In(paris); at.Hour() < 13 || at.Hour() > 16 {
		t.Errorf("in Paris: %s", at)
	}
	w.walk(k, at(2, 0, 0), p)
	w.ended(k, campaigns.Completed)
	if s := w.teams.sends(k); s["p00000"] != 1 || s["p00002"] != 1 || s["p00001"] != 0 {
		t.Errorf("%v", s)
	}
}

// When nobody can tell who is there, the author's rule holds: whether Herald may not ask, or is not answered.
func TestTimedPresenceUnknown(t *testing.T) {
	for name, err := range map[string]error{
		"forbidden": &campaigns.Error{Code: campaigns.CodeForbidden},
		"down":      &campaigns.Error{Code: campaigns.CodeUnavailable},
		"throttled": &campaigns.Error{Code: campaigns.CodeThrottled, RetryAfter: time.Hour},
	} {
		for _, rule := range []campaigns.UnknownRule{campaigns.SendUnknown, campaigns.WaitUnknown} {
			t.Run(fmt.Sprint(name, " ", rule), func(t *testing.T) {
				w := setup(t)
				w.people(contoso, 1)
				g := &graph{}
				g.fails(err)
				k := w.within(days(2, func(w *campaigns.Window) { w.Unknown = rule }), everybody)
				p := w.start(telling(g))
				w.opened(k, p)
				w.moment(k, "p00000", at(0, 10, 0))
				if rule == campaigns.SendUnknown {
					w.walk(k, at(0, 10, 1), p)
					w.ended(k, campaigns.Completed)
					same(t, "checks", kinds(w.recipients(k)["p00000"]), "unknown")
					w.exactlyOnce(k, 1)
					return
				}
				w.walk(k, at(0, 10, 5), p)
				if r := w.lines(k)["p00000"]; r.Status != campaigns.DeliveryRescheduled || r.Reason != campaigns.UnknownPresence || !r.NextAttemptAt.Equal(at(0, 10, 10)) {
					t.Errorf("%+v", r)
				}
				w.walk(k, at(0, 17, 0), p)
				g.fails(nil)
				w.advance(2 * time.Hour)
				w.walk(k, at(2, 0, 0), p)
				w.ended(k, campaigns.Completed)
				same(t, "checks", kinds(w.recipients(k)["p00000"]), "unknown", "unknown", "unknown", "present")
				w.exactlyOnce(k, 1)
			})
		}
	}
}

func kinds(r campaigns.Recipient) (out []string) {
	for _, c := range r.Checks {
		out = append(out, string(c.Found))
	}
	return out
}

// Graph fails for a moment and answers before the person's moment: nobody notices.
func TestTimedAsksAgainBeforeTheMoment(t *testing.T) {
	w := setup(t)
	w.people(contoso, 1)
	g := &graph{}
	k := w.within(days(1, func(w *campaigns.Window) { w.Unknown = campaigns.WaitUnknown }), everybody)
	p := w.start(telling(g))
	w.opened(k, p)
	w.moment(k, "p00000", at(0, 10, 0))
	g.fails(errors.New("down"))
	w.goTo(at(0, 9, 59).Add(54 * time.Second))
	w.until("the first question", func() bool { p.Poke(); return g.asked() > 0 })
	g.fails(nil)
	w.walk(k, at(0, 10, 1), p)
	w.ended(k, campaigns.Completed)
	same(t, "checks", kinds(w.lines(k)["p00000"]), "present")
}

// Herald is down through part of a window: whose moment it missed gets another one in what is left, and the campaign says so.
func TestTimedDownThroughPartOfTheWindow(t *testing.T) {
	w := setup(t)
	const people = 40
	w.people(contoso, people)
	g := &graph{}
	k := w.within(days(2), everybody)
	p := w.start(telling(g))
	w.opened(k, p)
	p.end()
	late := 0
	back := at(0, 15, 0)
	for _, r := range w.lines(k) {
		if r.NextAttemptAt.Before(back.Add(-15 * time.Minute)) {
			late++
		}
	}
	w.goTo(back)
	p = w.start(telling(g))
	w.until("they have other moments", func() bool { p.Poke(); return w.campaign(k).Replanned == late })
	if c := w.campaign(k); late < people/10 || c.ReplannedAt == nil || c.Counts.Sent > people/10 {
		t.Errorf("%d were missed: %+v", late, c)
	}
	w.walk(k, at(2, 0, 0), p)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
	replanned := 0
	for _, r := range w.recipients(k) {
		if slices.Contains(kinds(r), "replanned") {
			replanned++
		}
	}
	if replanned != late {
		t.Errorf("%d of %d know it", replanned, late)
	}
}

// Herald is down until the window is over: nobody gets it late.
func TestTimedDownUntilTheEnd(t *testing.T) {
	w := setup(t)
	w.people(contoso, 5)
	k := w.within(days(1, func(w *campaigns.Window) { w.Presence = campaigns.Regardless }), everybody)
	p := w.start()
	w.opened(k, p)
	p.end()
	w.goTo(at(0, 18, 0))
	w.start()
	c := w.ended(k, campaigns.Completed)
	if c.Counts.Unscheduled+c.Counts.Sent != 5 || w.teams.total(k) != c.Counts.Sent || c.Counts.Unscheduled < 4 || campaigns.ResultOf(c) != campaigns.ResultError && c.Counts.Sent == 0 {
		t.Errorf("%+v", c.Counts)
	}
	for id, r := range w.recipients(k) {
		if r.Status == campaigns.DeliveryUnscheduled && r.Reason != campaigns.WindowOver {
			t.Errorf("%s: %+v", id, r)
		}
	}
}

// No more than so many an hour, whatever the moments.
func TestTimedPerHour(t *testing.T) {
	w := setup(t)
	const people, most = 30, 10
	w.people(contoso, people)
	k := w.within(days(1, func(w *campaigns.Window) { w.Presence, w.PerHour = campaigns.Regardless, most }), everybody)
	p := w.start()
	w.opened(k, p)
	for i := range people {
		w.moment(k, fmt.Sprintf("p%05d", i), at(0, 10, i))
	}
	w.walk(k, at(1, 0, 0), p)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
	byHour := map[time.Time]int{}
	for id, r := range w.recipients(k) {
		byHour[campaigns.ClockHour(paris, *r.SentAt)]++
		if n := len(kinds(r)); n != r.SentAt.In(paris).Hour()-10 {
			t.Errorf("%s found %d hours full and got it at %s", id, n, r.SentAt.In(paris))
		}
	}
	for hour, n := range byHour {
		if n != most || hour.Before(at(0, 10, 0)) || hour.After(at(0, 12, 0)) {
			t.Errorf("%d in the hour of %s", n, hour.In(paris))
		}
	}
}

// Who opts out, is forgotten, or has uninstalled the app on the way gets nothing; stop ends it for everybody, and nothing is left.
func TestTimedPeopleLeaveAndStop(t *testing.T) {
	w := setup(t)
	w.people(contoso, 6)
	k := w.within(days(2, func(w *campaigns.Window) { w.Presence = campaigns.Regardless }), everybody)
	p := w.start()
	w.opened(k, p)
	for i := range 6 {
		w.moment(k, fmt.Sprintf("p%05d", i), at(0, 10+i, 0))
	}
	w.ok(w.db.SetOptedOut(w.ctx, contoso, "p00000", true, w.now()))
	_, err := w.db.ForgetPerson(w.ctx, contoso, "p00001", w.now())
	w.ok(err)
	w.set(contoso, "p00002", campaigns.Uninstalled)
	w.walk(k, at(0, 13, 30), p)
	if s := w.teams.sends(k); len(s) != 1 || s["p00003"] != 1 || w.waiting(k, "") != 2 {
		t.Errorf("%v, and %d wait", s, w.waiting(k, ""))
	}
	w.goTo(at(0, 13, 59).Add(55 * time.Second)) // the next one is let through already
	w.until("one is let through", func() bool { p.Poke(); return w.waiting(k, "") == 1 })
	c, err := w.service.Stop(w.ctx, author(contoso), k.CampaignID)
	w.ok(err)
	if want := (campaigns.Counts{Total: 6, Sent: 1, Skipped: 1, Failed: 1, Cancelled: 3}); c.Counts != want {
		t.Errorf("%+v, want %+v", c.Counts, want)
	}
	w.goTo(at(1, 16, 0))
	p.Poke()
	p.idle()
	if n := w.teams.total(k); n != 1 || w.waiting(k, "") != 0 {
		t.Errorf("%d messages after the stop, and %d wait", n, w.waiting(k, ""))
	}
}
