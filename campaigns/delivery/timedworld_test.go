package delivery_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/schedule"
)

// graph tells presence as the test scripts it: everybody is available who is nothing else.
type graph struct {
	mu    sync.Mutex
	is    map[string]campaigns.Presence
	err   error
	calls [][]string
}

func (g *graph) Presences(_ context.Context, _ string, ids []string) (map[string]campaigns.Presence, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, slices.Clone(ids))
	if g.err != nil {
		return nil, g.err
	}
	out := make(map[string]campaigns.Presence, len(ids))
	for _, id := range ids {
		out[id] = campaigns.PresenceAvailable
		if p, ok := g.is[id]; ok {
			out[id] = p
		}
	}
	return out, nil
}

func (g *graph) set(person string, p campaigns.Presence) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.is == nil {
		g.is = map[string]campaigns.Presence{}
	}
	g.is[person] = p
}

func (g *graph) fails(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.err = err
}

func (g *graph) asked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.calls)
}

func telling(g *graph) func(*process, *delivery.Config) {
	return func(_ *process, cfg *delivery.Config) { cfg.Presence = g }
}

// zoned lets a process know what the store knows of people's time zones.
func zoned(w *world) func(*process, *delivery.Config) {
	return func(_ *process, cfg *delivery.Config) {
		cfg.Zones = &campaigns.ZoneKeeper{Store: w.db, Now: w.now, Log: slog.New(slog.DiscardHandler)}
	}
}

var paris, _ = schedule.Zone("Europe/Paris")

// at is a moment of the week in which timed campaigns are tested: 30 November 2026 is a Monday.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, 30+day, hour, minute, 0, 0, paris)
}

// goTo moves the clock of everything and everybody to a moment.
func (w *world) goTo(t time.Time) { w.advance(t.Sub(w.now())) }

// days is a window of working days from that Monday on, for who is available.
func days(n int, change ...func(*campaigns.Window)) campaigns.Window {
	win := campaigns.Window{Presence: campaigns.OnlyAvailable, Unknown: campaigns.SendUnknown, Window: schedule.Window{FirstDay: schedule.DayOf(at(0, 0, 0)), Days: n, TimeZone: "Europe/Paris"}}
	for d := time.Monday; d <= time.Friday; d++ {
		win.Hours[d] = []schedule.Span{{From: 9 * 60, To: 17 * 60}}
	}
	for _, c := range change {
		c(&win)
	}
	return win
}

// within makes a campaign that is sent within a window; it is the eve of its first day.
func (w *world) within(win campaigns.Window, a campaigns.Audience) campaigns.Key {
	w.t.Helper()
	w.goTo(at(-1, 20, 0))
	k := w.draft(contoso, a)
	_, err := w.service.SendWithin(w.ctx, author(contoso), k.CampaignID, 0, win)
	w.ok(err)
	return k
}

// opened lets the window open and waits until everybody has their moment.
func (w *world) opened(k campaigns.Key, ps ...*process) {
	w.t.Helper()
	w.goTo(at(0, 9, 0))
	w.until("everybody has a moment", func() bool {
		poke(ps)
		return w.campaign(k).Planned
	})
}

func poke(ps []*process) {
	for _, p := range ps {
		p.Poke()
	}
}

// moment gives somebody a moment that the test chooses.
func (w *world) moment(k campaigns.Key, person string, at time.Time) {
	w.t.Helper()
	w.exec(`UPDATE timed_deliveries SET moment = ?, first_at = ? WHERE seq = (SELECT seq FROM deliveries d WHERE d.campaign = timed_deliveries.campaign AND d.recipient = ?)
		AND campaign = (SELECT num FROM campaigns WHERE id = ?)`, at.UnixMilli(), at.UnixMilli(), person, k.CampaignID)
}

// next is the first moment of those who have no outcome yet, and whose it is; zero when there is nobody.
func (w *world) next(k campaigns.Key) (moment time.Time, whose string) {
	w.t.Helper()
	for id, r := range w.lines(k) {
		if n := r.NextAttemptAt; n != nil && !r.Status.Final() && (moment.IsZero() || n.Before(moment)) {
			moment, whose = *n, id
		}
	}
	return moment, whose
}

// walk lets time pass from moment to moment up to until. At each, nothing has left a second before although it was looked at, and then
// something happens.
func (w *world) walk(k campaigns.Key, until time.Time, ps ...*process) {
	w.t.Helper()
	for {
		moment, whose := w.next(k)
		if moment.IsZero() || moment.After(until) {
			return
		}
		before := w.teams.sends(k)[whose]
		if early := moment.Add(-time.Second); early.After(w.now()) {
			w.goTo(early)
			w.until("the gate to look at "+whose, func() bool {
				poke(ps)
				return w.gone(k, whose, moment)
			})
			if !slices.ContainsFunc(ps, (*process).gone) {
				ps[0].idle()
			}
			if w.now().Before(moment) && w.teams.sends(k)[whose] > before {
				w.t.Errorf("%s got it before %s", whose, moment)
			}
		}
		if moment.After(w.now()) {
			w.goTo(moment)
		}
		w.until(whose+" to be done with "+moment.String(), func() bool {
			poke(ps)
			r := w.lines(k)[whose]
			return (r.Status.Final() || r.NextAttemptAt != nil && r.NextAttemptAt.After(moment)) && w.open() == 0
		})
	}
}

// gone says that the gate has decided about somebody's moment.
func (w *world) gone(k campaigns.Key, person string, moment time.Time) bool {
	r := w.lines(k)[person]
	return r.Status.Final() || r.NextAttemptAt != nil && r.NextAttemptAt.After(moment) || w.waiting(k, person) == 0
}

// open counts those whose moment has come and who are not done: while there are some, a leap of the clock would look like the death of a worker.
func (w *world) open() (n int) {
	w.t.Helper()
	w.ok(w.scan(&n, `SELECT (SELECT COUNT(*) FROM timed_deliveries WHERE moment <= $1) + (SELECT COUNT(*) FROM deliveries WHERE due_at <= $1 AND NOT final)`, w.now().UnixMilli()))
	return n
}

// waiting counts rows of those who have a moment to come: of one person, or of everybody when person is empty. Who has been let through
// has one in the year 9999.
func (w *world) waiting(k campaigns.Key, person string) (n int) {
	w.t.Helper()
	w.ok(w.scan(&n, `SELECT COUNT(*) FROM timed_deliveries t JOIN deliveries d ON d.campaign = t.campaign AND d.seq = t.seq
		WHERE t.campaign = (SELECT num FROM campaigns WHERE id = ?) AND t.moment < ? AND (? = '' OR d.recipient = ?)`, k.CampaignID, at(99, 0, 0).UnixMilli(), person, person))
	return n
}
