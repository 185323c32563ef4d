package campaigns

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/schedule"
)

// PresenceRule says to whom a window lets a message through at their moment.
type PresenceRule string

const (
	Regardless    PresenceRule = "any"       // presence is not asked for
	OnlyAvailable PresenceRule = "available" // to who is available
	OnlyPresent   PresenceRule = "present"   // also to who is away or busy; never to who does not want to be disturbed or is offline
)

// Lets says whether somebody whose presence is known may get the message now.
func (r PresenceRule) Lets(p Presence) bool {
	switch p {
	case PresenceAvailable:
		return true
	case PresenceAway, PresenceBusy:
		return r != OnlyAvailable
	}
	return r == Regardless
}

// UnknownRule says what becomes of those whose presence nobody can tell.
type UnknownRule string

const (
	SendUnknown UnknownRule = "send" // they get it at their moment
	WaitUnknown UnknownRule = "wait" // they count as absent
)

// Window is when a campaign may reach people, and whether they must be there.
type Window struct {
	schedule.Window
	Presence PresenceRule `json:"presence"`
	Unknown  UnknownRule  `json:"presenceUnknown"`
}

// normalise fills in what an author need not say.
func (w Window) normalise() Window {
	if w.Presence == "" {
		w.Presence = Regardless
	}
	if w.Unknown == "" {
		w.Unknown = SendUnknown
	}
	return w
}

// Location is the zone whose name is name, or the window's own where that is unknown.
func (w Window) Location(name string) *time.Location {
	for _, n := range []string{name, w.TimeZone} {
		if zone, err := schedule.Zone(n); err == nil {
			return zone
		}
	}
	return time.UTC
}

// How long after their hours somebody may still get what was due within them: nobody waits for another day because a queue was a moment
// behind, and rather a quarter of an hour late than never.
const (
	waitsOver = time.Minute
	lastWait  = 15 * time.Minute // when nothing is left of the window
)

// Reaches says whether somebody in zone may get at t what was due before.
func (w Window) Reaches(zone *time.Location, t time.Time) bool {
	open := w.Open(zone)
	if end := open.To(); !t.Before(end) {
		return t.Sub(end) < lastWait
	}
	// Before they begin nothing is due but by another clock, which is a moment ahead.
	return open.Contains(t) || open.Contains(t.Add(-waitsOver)) || open.Contains(t.Add(waitsOver))
}

// ClockHour is when the hour began that clocks in zone show at t.
func ClockHour(zone *time.Location, t time.Time) time.Time {
	_, offset := t.In(zone).Zone()
	wall := t.UTC().Add(time.Duration(offset) * time.Second)
	return t.UTC().Add(-wall.Sub(wall.Truncate(time.Hour)))
}

// windowField is where the fields of a window stand in a campaign.
const windowField = "/timing/window"

// problems finds why a campaign could not be sent in w from now on; not whether its audience fits.
func (w Window) problems(now time.Time) (ps []message.Problem) {
	for _, p := range w.Window.Problems(now) {
		ps = append(ps, message.Problem{Field: windowField + p.Field, Code: p.Code, Message: p.Message, Value: short(p.Value)})
	}
	switch w.Presence {
	case "", Regardless, OnlyAvailable, OnlyPresent:
	default:
		ps = append(ps, message.Problem{Field: windowField + "/presence", Code: "unknown_presence", Message: "That is no rule for presence. Use any, available or present.", Value: short(string(w.Presence))})
	}
	switch w.Unknown {
	case "", SendUnknown, WaitUnknown:
	default:
		ps = append(ps, message.Problem{Field: windowField + "/presenceUnknown", Code: "unknown_presence", Message: "That is no rule for people whose presence is unknown. Use send or wait.", Value: short(string(w.Unknown))})
	}
	return ps
}

// laterProblems are those that a draft may have: something is not chosen yet, or time has passed since it was.
var laterProblems = map[string]bool{"window_first_day": true, "window_first_day_past": true, "window_first_day_cap": true, "window_over": true, "window_no_hours": true}

// malformed finds what is wrong with w whenever it would be sent.
func (w Window) malformed(now time.Time) (ps []message.Problem) {
	for _, p := range w.problems(now) {
		if !laterProblems[p.Code] && (p.Code != "unknown_time_zone" || p.Value != "") {
			ps = append(ps, p)
		}
	}
	return ps
}

// open is what is left of w in its own zone.
func (w Window) open(now time.Time) schedule.Opening { return w.Open(w.Location("")).After(now) }

// capacity is how many messages fit into what is left of w, at a tenant's rate in messages a second (0: any). limited is
// false when any number does.
func (w Window) capacity(now time.Time, rate int) (n int, limited bool) {
	left := w.open(now).Total()
	most := math.Inf(1)
	if w.PerHour > 0 {
		most = float64(w.PerHour) * left.Hours()
	}
	if rate > 0 {
		most = min(most, float64(rate)*left.Seconds())
	}
	if most > math.MaxInt32 {
		return 0, false
	}
	return int(most), true
}

// tooSmall says that people do not fit into w, and what would.
func (w Window) tooSmall(now time.Time, rate, people int) *message.Problem {
	capacity, limited := w.capacity(now, rate)
	if !limited || people <= capacity {
		return nil
	}
	p := message.Problem{Field: windowField + "/days", Code: "window_too_small", Params: message.Params{"people": people, "capacity": capacity}}
	words := fmt.Sprintf("%d people would get it, and the window takes %d messages.", people, capacity)
	var fits []string
	for longer := w; longer.Days < schedule.MaxWindowDays; {
		longer.Days++
		if n, limited := longer.capacity(now, rate); !limited || n >= people {
			p.Params["days"] = longer.Days
			fits = append(fits, fmt.Sprintf("%d days", longer.Days))
			break
		}
	}
	faster := w
	faster.PerHour = 0
	if n, limited := faster.capacity(now, rate); w.PerHour > 0 && (!limited || n >= people) {
		p.Field = windowField + "/perHour"
		if speed := int(math.Ceil(float64(people) / w.open(now).Total().Hours())); speed <= schedule.MaxPerHour {
			p.Params["perHour"] = speed
			fits = append(fits, fmt.Sprintf("a send speed of %d an hour", speed))
		}
	}
	switch len(fits) {
	case 0:
		words += " Choose longer hours, or send it to fewer people."
	case 1:
		words += " " + fits[0] + " would fit."
	default:
		words += " " + fits[0] + ", or " + fits[1] + ", would fit."
	}
	p.Message = words
	return &p
}

// Timed says whether a campaign that has been scheduled goes out within a window.
func (c *Campaign) Timed() bool { return c.Status != Draft && c.Timing.Window != nil }

// EndsAt is when the window of a campaign that has been scheduled closes at the latest; nil when it has none.
func (c *Campaign) EndsAt() *time.Time {
	if !c.Timed() {
		return nil
	}
	at := c.Timing.Window.Latest()
	return &at
}

// sending is when a campaign starts that is sent as t says, and the last moment that anybody may have in it. late allows a window of which
// only a part is left, because the question whether to send took its time.
func (t Timing) sending(now time.Time, late bool) (from, until time.Time, err error) {
	if t.Window == nil {
		from, err = schedule.SendAt(now, t.At)
		switch {
		case errors.Is(err, schedule.ErrCap):
			err = &Error{Code: CodeInvalid, Reason: "send_later_cap", Message: capMessage(now), Err: err}
		case errors.Is(err, schedule.ErrPast):
			err = &Error{Code: CodeInvalid, Reason: "send_in_past", Message: "That time has passed. Choose a later one, or send now.", Err: err}
		}
		return from, from, err
	}
	ps := t.Window.problems(now)
	if late && !t.Window.open(now).Empty() {
		ps = slices.DeleteFunc(ps, func(p message.Problem) bool { return p.Code == "window_first_day_past" })
	}
	if len(ps) > 0 {
		return from, until, invalid(ps)
	}
	from = t.Window.Earliest()
	if from.Before(now) {
		from = now
	}
	return from, t.Window.Latest().Add(-time.Millisecond), nil
}
