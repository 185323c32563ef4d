package campaigns

import (
	"cmp"
	"context"
	_ "embed"
	"math"
	"slices"
	"strings"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/schedule"
)

// TimingStore is what timed campaigns need beside what all do.
type TimingStore interface {
	ZoneStore
	// ZoneCounts counts a tenant's people who have the app by their effective zone; "" where it is unknown.
	ZoneCounts(ctx context.Context, tenantID string) (map[string]int, error)
	// Moments counts the people of a timed campaign who have no outcome yet by their next moment, in steps of whole seconds
	// since 1970; empty steps are left out. next is the first moment of all; zero when there is none.
	Moments(ctx context.Context, k Key, step time.Duration) (steps []MomentStep, next time.Time, err error)
}

// MomentStep counts people by when their next moment is.
type MomentStep struct {
	At      time.Time // where the step begins
	Planned int       // whose first moment it is, or who got another one for a reason that is not theirs
	Waiting int       // who were absent before, or of whom nobody could say
}

// fits says that the audience of c is too large for w; nil w takes any.
func (s *Service) fits(ctx context.Context, a Actor, c *Campaign, w *Window) error {
	if w == nil {
		return nil
	}
	people, err := s.reachedBy(ctx, a, c.Audience, c.Mandatory)
	if err != nil {
		return err
	}
	if p := w.tooSmall(s.Now(), s.Settings.Rate, people); p != nil {
		return invalid([]message.Problem{*p})
	}
	return nil
}

// reachedBy is how many people of an audience would get a message now.
func (s *Service) reachedBy(ctx context.Context, a Actor, aud Audience, mandatory bool) (int, error) {
	n, err := s.CountAudience(ctx, a, aud, 0)
	if err != nil || mandatory {
		return n.Installed, err
	}
	return n.Installed - n.OptedOut, nil
}

// TimingPreview is what a window comes to from now on.
type TimingPreview struct {
	OpensAt, ClosesAt *time.Time // in whichever zone people live; nil: never
	Open              time.Duration
	People            int
	Capacity          *int // nil: any number
	TimeZone          string
	Hours             []HourPreview
	Zones             []ZonePeople
	Problems          []message.Problem
}

// HourPreview is one hour on the clocks of the window's zone.
type HourPreview struct {
	Day    schedule.Day
	Hour   int
	Open   time.Duration
	People float64 // to be expected
}

// ZonePeople is how many people of an audience live in a zone, as far as everybody who has the app tells.
type ZonePeople struct {
	TimeZone string
	People   int
}

// PreviewTiming shows what a window would be for an audience.
func (s *Service) PreviewTiming(ctx context.Context, a Actor, w Window, aud Audience) (TimingPreview, error) {
	if err := a.require(Prepare); err != nil {
		return TimingPreview{}, err
	}
	now := s.Now()
	p := TimingPreview{Problems: w.problems(now)}
	var err error
	if !aud.Empty() {
		if p.People, err = s.reachedBy(ctx, a, aud, false); err != nil {
			return TimingPreview{}, err
		}
	}
	if slices.ContainsFunc(p.Problems, func(p message.Problem) bool { return !laterProblems[p.Code] }) {
		return p, nil // nothing can be said
	}
	p.TimeZone = w.TimeZone
	zone := w.Location("")
	p.Open = w.open(now).Total()
	if opens, closes := w.Earliest(), w.Latest(); closes.After(now) {
		if !w.OwnTimeZone {
			opens = w.open(now).From()
		} else if opens.Before(now) {
			opens = now
		}
		p.OpensAt, p.ClosesAt = &opens, &closes
	}
	if n, limited := w.capacity(now, s.Settings.Rate); limited {
		p.Capacity = &n
		if too := w.tooSmall(now, s.Settings.Rate, p.People); too != nil && len(p.Problems) == 0 {
			p.Problems = append(p.Problems, *too)
		}
	}
	shares := map[string]float64{w.TimeZone: 1}
	if w.OwnTimeZone {
		if shares, err = s.zoneShares(ctx, a.TenantID, w.TimeZone); err != nil {
			return TimingPreview{}, err
		}
		p.Zones = zonesOf(shares, p.People)
	}
	p.Hours = expected(w, shares, p.People, zone, now)
	return p, nil
}

// zoneShares is which share of a tenant's people live in which zone; who lives nobody knows where counts to home.
func (s *Service) zoneShares(ctx context.Context, tenantID, home string) (map[string]float64, error) {
	counts, err := s.Store.ZoneCounts(ctx, tenantID)
	if err != nil {
		return nil, err
	}
	all := 0
	byName := map[string]int{}
	for name, n := range counts {
		if _, err := schedule.Zone(name); err != nil {
			name = home
		}
		byName[name] += n
		all += n
	}
	if all == 0 {
		return map[string]float64{home: 1}, nil
	}
	shares := make(map[string]float64, len(byName))
	for name, n := range byName {
		shares[name] = float64(n) / float64(all)
	}
	return shares, nil
}

// zonesOf says how many of people live in which zone, most people first.
func zonesOf(shares map[string]float64, people int) []ZonePeople {
	out := make([]ZonePeople, 0, len(shares))
	for name, share := range shares {
		out = append(out, ZonePeople{name, int(math.Round(share * float64(people)))})
	}
	slices.SortFunc(out, func(a, b ZonePeople) int {
		return cmp.Or(cmp.Compare(shares[b.TimeZone], shares[a.TimeZone]), strings.Compare(a.TimeZone, b.TimeZone))
	})
	return out
}

// expected adds the hours of all zones up, as clocks in one of them show them. An hour is open for as long as it is for those who have most of it.
func expected(w Window, shares map[string]float64, people int, in *time.Location, now time.Time) []HourPreview {
	type hour struct {
		day  schedule.Day
		hour int
	}
	found := map[hour]*HourPreview{}
	for name, share := range shares {
		for _, h := range w.Open(w.Location(name)).After(now).ByHour(in) {
			at := hour{h.Day, h.Hour}
			if found[at] == nil {
				found[at] = &HourPreview{Day: h.Day, Hour: h.Hour}
			}
			found[at].Open = max(found[at].Open, h.Open)
			found[at].People += h.Share * share * float64(people)
		}
	}
	out := make([]HourPreview, 0, len(found))
	for _, h := range found {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b HourPreview) int {
		return cmp.Or(strings.Compare(a.Day.String(), b.Day.String()), cmp.Compare(a.Hour, b.Hour))
	})
	return out
}

//go:embed zones.txt
var zoneList string

// zoneNames are the time zones that can be chosen, in the order of their names.
var zoneNames = strings.Fields(zoneList)

// TimingDefaults is what a new window begins with.
type TimingDefaults struct {
	TimeZone string // the author's; "" where nobody knows it
	Hours    schedule.Hours
	Zones    []string
	// Presence says whether people's presence can be asked for; NoPresence why it cannot.
	Presence   bool
	NoPresence string
}

// TimingDefaults returns what a new window of the actor's begins with.
func (s *Service) TimingDefaults(ctx context.Context, a Actor) (TimingDefaults, error) {
	if err := a.require(Prepare); err != nil {
		return TimingDefaults{}, err
	}
	known, err := s.Store.ZonesOf(ctx, a.TenantID, []string{a.PersonID})
	if err != nil {
		return TimingDefaults{}, err
	}
	d := TimingDefaults{TimeZone: known[a.PersonID].Effective(), Zones: zoneNames, Presence: true}
	for day := time.Monday; day <= time.Friday; day++ {
		d.Hours[day] = []schedule.Span{{From: 9 * 60, To: 17 * 60}}
	}
	if s.Presence == nil {
		d.Presence, d.NoPresence = false, "no_presence_source"
		return d, nil
	}
	ctx, cancel := context.WithTimeout(ctx, presencePatience)
	defer cancel()
	// Whether it is permitted is known only to who asks; that Graph does not answer just now says nothing about the day of the campaign.
	if _, err := s.Presence.Presences(ctx, a.TenantID, []string{a.PersonID}); CodeOf(err) == CodeForbidden {
		d.Presence, d.NoPresence = false, "no_presence_permission"
	}
	return d, nil
}

// presencePatience is how long a page waits for the answer whether presence can be asked for.
const presencePatience = 3 * time.Second

// Hours is a timed campaign hour by hour.
type Hours struct {
	TimeZone    string
	Now         time.Time
	Hours       []HourCounts
	Unscheduled int
	Replanned   int
	ReplannedAt *time.Time
	NextAt      *time.Time // of anybody; nil: there is none
}

// HourCounts is what was and will be in one hour of the clock.
type HourCounts struct {
	At                             time.Time
	Planned, Waiting, Sent, Failed int
}

// quarter divides every zone's hours: no clock is apart from UTC by anything else.
const quarter = 15 * time.Minute

// Hours returns a timed campaign hour by hour. CodeConflict, "not_timed", when it has no window or is a draft.
func (s *Service) Hours(ctx context.Context, a Actor, id string) (Hours, error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return Hours{}, err
	}
	if !c.Timed() {
		return Hours{}, Errorf(CodeConflict, "not_timed", "This campaign has no window, or has not been sent.")
	}
	zone := c.Timing.Window.Location("")
	h := Hours{TimeZone: c.Timing.Window.TimeZone, Now: s.Now().UTC(), Unscheduled: c.Counts.Unscheduled, Replanned: c.Replanned, ReplannedAt: c.ReplannedAt}
	byHour := map[time.Time]*HourCounts{}
	in := func(at time.Time) *HourCounts {
		hour := ClockHour(zone, at)
		if byHour[hour] == nil {
			byHour[hour] = &HourCounts{At: hour}
		}
		return byHour[hour]
	}
	steps, next, err := s.Store.Moments(ctx, c.Key(), quarter)
	if err != nil {
		return Hours{}, err
	}
	for _, m := range steps {
		hour := in(m.At)
		hour.Planned += m.Planned
		hour.Waiting += m.Waiting
	}
	if !next.IsZero() {
		h.NextAt = &next
	}
	from, to, err := s.Store.PaceSpan(ctx, c.Key())
	if err != nil {
		return Hours{}, err
	}
	if !from.IsZero() {
		pace, err := s.Store.Pace(ctx, c.Key(), from, to, quarter)
		if err != nil {
			return Hours{}, err
		}
		for _, b := range pace {
			hour := in(b.At)
			hour.Sent += b.Sent
			hour.Failed += b.Failed
		}
	}
	for _, hour := range byHour {
		h.Hours = append(h.Hours, *hour)
	}
	slices.SortFunc(h.Hours, func(a, b HourCounts) int { return a.At.Compare(b.At) })
	return h, nil
}
