package campaigns_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/schedule"
	"herald/campaigns/survey"
)

// monday is a window from Monday 30 November on; now is the Friday before.
func monday(change ...func(*campaigns.Window)) campaigns.Window {
	w := campaigns.Window{Window: schedule.Window{FirstDay: schedule.Day{Year: 2026, Month: 11, Day: 30}, Days: 3, TimeZone: "Europe/Paris"}}
	for day := time.Monday; day <= time.Friday; day++ {
		w.Hours[day] = []schedule.Span{{From: 9 * 60, To: 17 * 60}}
	}
	for _, c := range change {
		c(&w)
	}
	return w
}

func addresses(ids ...string) (out []string) {
	for _, id := range ids {
		out = append(out, id+"@x.example")
	}
	return out
}

// A queue may be a moment behind, or its clock ahead; and after the last hours it is rather late than never.
func TestWindowReaches(t *testing.T) {
	t.Parallel()
	w := monday()
	zone := w.Location("")
	at := func(day, hour, minute, second int) time.Time {
		return time.Date(2026, 11, 30+day, hour, minute, second, 0, zone)
	}
	for name, tc := range map[string]struct {
		at   time.Time
		want bool
	}{
		"within":                           {at(0, 12, 0, 0), true},
		"a moment before they begin":       {at(1, 8, 59, 30), true},
		"long before":                      {at(1, 8, 58, 0), false},
		"a moment after":                   {at(0, 17, 0, 30), true},
		"two minutes after":                {at(0, 17, 2, 0), false},
		"fourteen minutes after the last":  {at(2, 17, 14, 0), true},
		"a quarter of an hour after those": {at(2, 17, 15, 0), false},
	} {
		if got := w.Reaches(zone, tc.at); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (campaigns.Window{}).Reaches(time.UTC, at(0, 12, 0, 0)) {
		t.Error("a window without hours reaches somebody")
	}
}

func TestPresenceRules(t *testing.T) {
	t.Parallel()
	all := []campaigns.Presence{campaigns.PresenceAvailable, campaigns.PresenceBusy, campaigns.PresenceAway, campaigns.PresenceDoNotDisturb, campaigns.PresenceOffline}
	for rule, want := range map[campaigns.PresenceRule][]bool{
		campaigns.Regardless:    {true, true, true, true, true},
		campaigns.OnlyAvailable: {true, false, false, false, false},
		campaigns.OnlyPresent:   {true, true, true, false, false},
	} {
		for i, p := range all {
			if rule.Lets(p) != want[i] {
				t.Errorf("%s lets %s: %v", rule, p, !want[i])
			}
		}
	}
}

func code(err error) string {
	var e *campaigns.Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return fmt.Sprint(err)
}

// A window that its audience does not fit into says what would: a longer one, or a faster one.
func TestWindowTooSmall(t *testing.T) {
	w := setup(t)
	w.Queue = &starts{}
	var ids []string
	for i := range 30 {
		ids = append(ids, fmt.Sprintf("p%02d", i))
	}
	w.met(campaigns.Installed, ids...)
	w.ok(w.db.SetOptedOut(t.Context(), tenant, "p00", true, start))
	c, err := w.Create(t.Context(), author, campaigns.Input{Name: "Draft", Content: message.Content{Text: "Hi"}, Audience: campaigns.Audience{Emails: addresses(ids...)}})
	w.ok(err)
	for name, tc := range map[string]struct {
		window campaigns.Window
		code   string
		field  string
		params message.Params
	}{
		"29 in 24 hours at one an hour": {monday(func(w *campaigns.Window) { w.PerHour = 1 }), "window_too_small", "/timing/window/perHour", message.Params{"people": 29, "capacity": 24, "days": 4, "perHour": 2}},
		"29 in 32 hours":                {monday(func(w *campaigns.Window) { w.PerHour, w.Days = 1, 4 }), "<nil>", "", nil},
		"what is left of a day": {monday(func(w *campaigns.Window) { // it is eleven in Paris
			w.FirstDay, w.Days, w.PerHour = schedule.DayOf(start), 1, 4
		}), "window_too_small", "/timing/window/perHour", message.Params{"people": 29, "capacity": 24, "days": 4, "perHour": 5}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.SendWithin(t.Context(), author, c.ID, 0, tc.window)
			if code(err) != tc.code {
				t.Fatalf("%v, want %s", err, tc.code)
			}
			if tc.params != nil {
				p := err.(*campaigns.Error).Problems[0]
				if p.Field != tc.field || fmt.Sprint(p.Params) != fmt.Sprint(tc.params) {
					t.Errorf("%s %v: %s", p.Field, p.Params, p.Message)
				}
				return
			}
			_, err = w.Unschedule(t.Context(), author, c.ID)
			w.ok(err)
		})
	}
	w.Settings.Rate = 50
	p, err := w.PreviewTiming(t.Context(), author, monday(), campaigns.Audience{})
	w.ok(err)
	if p.Capacity == nil || *p.Capacity != 24*3600*50 {
		t.Errorf("at Herald's own rate %v fit", p.Capacity)
	}
}

var oneQuestion = survey.Definition{Questions: []survey.Question{{ID: "q1", Type: survey.YesNo, Text: "Coming?"}}}

// A survey must stay open as long as its card may leave.
func TestWindowOutlivesItsSurvey(t *testing.T) {
	w := setup(t)
	w.Queue = &starts{}
	w.met(campaigns.Installed, "a")
	closes := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	s, err := w.CreateSurvey(t.Context(), author, campaigns.SurveyInput{Name: "S", Definition: oneQuestion, ClosesAt: &closes})
	w.ok(err)
	c, err := w.Create(t.Context(), author, campaigns.Input{Name: "Draft", Format: message.Survey, Content: message.Content{SurveyID: s.ID}, Audience: campaigns.Audience{Emails: addresses("a")}})
	w.ok(err)
	if _, err := w.SendWithin(t.Context(), author, c.ID, 0, monday()); code(err) != "survey_closed" {
		t.Errorf("%v", err)
	}
	_, err = w.SendWithin(t.Context(), author, c.ID, 0, monday(func(w *campaigns.Window) { w.Days = 1 }))
	w.ok(err)
}

// A second person approves the window that was asked for, as long as it can be kept.
func TestApproveAWindow(t *testing.T) {
	w, c, q, _ := large(t)
	asked, err := w.SendWithin(t.Context(), author, c.ID, 0, monday())
	w.ok(err)
	if asked.Status != campaigns.Draft || asked.Approval == nil || asked.Approval.Window == nil || asked.Approval.Window.Days != 3 || asked.Approval.SendAt != nil || len(q.at) != 0 {
		t.Fatalf("%+v", asked.Approval)
	}
	done, err := w.Approve(t.Context(), publisher, c.ID, asked.Version, "")
	w.ok(err)
	opens := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	if !done.Timed() || !done.SendAt.Equal(opens) || !done.EndsAt().Equal(time.Date(2026, 12, 2, 16, 0, 0, 0, time.UTC)) || len(q.at) != 1 || !q.at[0].Equal(opens) {
		t.Errorf("%+v, starts %v", done, q.at)
	}
	_, err = w.Unschedule(t.Context(), author, c.ID)
	w.ok(err)
	asked, err = w.SendWithin(t.Context(), author, c.ID, 0, monday())
	w.ok(err)
	w.advance(7 * 24 * time.Hour)
	if _, err := w.Approve(t.Context(), publisher, c.ID, asked.Version, ""); code(err) != "window_first_day_past" {
		t.Errorf("%v", err)
	}
}

// A copy keeps the hours, and the first day only as long as it can be kept.
func TestCloneAWindow(t *testing.T) {
	w := setup(t)
	win := monday()
	c, err := w.Create(t.Context(), author, campaigns.Input{Name: "Draft", Timing: campaigns.Timing{Window: &win}})
	w.ok(err)
	for after, want := range map[time.Duration]schedule.Day{0: win.FirstDay, 5 * 24 * time.Hour: {}} {
		w.advance(after)
		copied, err := w.Clone(t.Context(), author, c.ID, "Copy")
		w.ok(err)
		if got := copied.Timing.Window; got == nil || (after > 0 && got.FirstDay != want) || got.Days != 3 || got.Presence != campaigns.Regardless || got.Unknown != campaigns.SendUnknown {
			t.Errorf("after %s: %+v", after, got)
		}
	}
}

// The picture adds everybody's own hours up, as the window's clocks show them.
func TestPreviewOwnTimeZones(t *testing.T) {
	w := setup(t)
	w.met(campaigns.Installed, "a", "b", "c", "d")
	w.ok(w.db.SaveClientZone(t.Context(), tenant, "a", "America/New_York"))
	w.ok(w.db.SaveClientZone(t.Context(), tenant, "b", "Asia/Kolkata"))
	p, err := w.PreviewTiming(t.Context(), author, monday(func(w *campaigns.Window) { w.OwnTimeZone, w.Days = true, 1 }), campaigns.Audience{Emails: []string{"a@x.example", "b@x.example"}})
	w.ok(err)
	if want := []campaigns.ZonePeople{{TimeZone: "Europe/Paris", People: 1}, {TimeZone: "America/New_York", People: 1}, {TimeZone: "Asia/Kolkata", People: 1}}; !slices.Equal(p.Zones, want) || p.People != 2 {
		t.Errorf("%d people, %+v", p.People, p.Zones)
	}
	sum, byHour := 0.0, map[int]float64{}
	for _, h := range p.Hours {
		sum += h.People
		byHour[h.Hour] = h.People
	}
	// 09:00 in Kolkata is 04:30 in Paris, and 17:00 in New York is 23:00.
	if math.Abs(sum-2) > 1e-9 || math.Abs(byHour[4]-0.5/16) > 1e-9 || math.Abs(byHour[22]-0.5/8) > 1e-9 || math.Abs(byHour[10]-(1.0/8+0.5/8)) > 1e-9 || byHour[3] != 0 || byHour[23] != 0 {
		t.Errorf("%v people in %+v", sum, byHour)
	}
	if !p.OpensAt.Equal(time.Date(2026, 11, 29, 19, 0, 0, 0, time.UTC)) || !p.ClosesAt.Equal(time.Date(2026, 12, 1, 5, 0, 0, 0, time.UTC)) || p.Open != 8*time.Hour || p.Capacity != nil {
		t.Errorf("%+v", p)
	}
}

// askable is Graph that answers with an error or without.
type askable struct{ err error }

func (a askable) Presences(context.Context, string, []string) (map[string]campaigns.Presence, error) {
	return nil, a.err
}

// A new window begins with the author's own time zone, and says whether presence can be asked for.
func TestTimingDefaults(t *testing.T) {
	w := setup(t)
	w.met(campaigns.Installed, "author")
	w.ok(w.db.SaveClientZone(t.Context(), tenant, "author", "Europe/Paris"))
	for name, tc := range map[string]struct {
		source campaigns.PresenceSource
		may    bool
		why    string
	}{
		"nobody to ask": {nil, false, "no_presence_source"},
		"answered":      {askable{}, true, ""},
		"down":          {askable{&campaigns.Error{Code: campaigns.CodeUnavailable}}, true, ""},
		"not permitted": {askable{&campaigns.Error{Code: campaigns.CodeForbidden}}, false, "no_presence_permission"},
	} {
		w.Presence = tc.source
		d, err := w.TimingDefaults(t.Context(), author)
		w.ok(err)
		if d.TimeZone != "Europe/Paris" || d.Presence != tc.may || d.NoPresence != tc.why || len(d.Hours[time.Monday]) != 1 || len(d.Hours[time.Sunday]) != 0 {
			t.Errorf("%s: %+v", name, d)
		}
		for _, zone := range d.Zones {
			if _, err := schedule.Zone(zone); err != nil {
				t.Errorf("%v", err)
			}
		}
		if !slices.Contains(d.Zones, "UTC") || !slices.IsSorted(d.Zones) {
			t.Error("the zones are not all there")
		}
	}
}

func TestClockHour(t *testing.T) {
	t.Parallel()
	kolkata, err := schedule.Zone("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	if got := campaigns.ClockHour(kolkata, time.Date(2026, 11, 30, 9, 29, 59, 0, time.UTC)); !got.Equal(time.Date(2026, 11, 30, 8, 30, 0, 0, time.UTC)) {
		t.Errorf("%s", got)
	}
}
