package schedule

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // so that every machine knows every zone
)

// zoneName is how the names of the IANA database look: no paths, no tricks.
var zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,31}){0,2}$`)

// zones remembers what was read: the standard library reads and parses a zone at each call.
var zones sync.Map

// Zone is the time zone of that name in the IANA database, such as
// "Europe/Paris". A machine's own zone ("Local", ""), variants that lie beside
// the database on some machines, and what only looks like a path are unknown.
func Zone(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	switch {
	case !zoneName.MatchString(name),
		name == "Local", name == "Factory", name == "localtime", name == "posixrules",
		strings.HasPrefix(name, "posix/"), strings.HasPrefix(name, "right/"):
		return nil, fmt.Errorf("unknown time zone %q", shorten([]byte(name)))
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("unknown time zone %q", name)
	}
	zones.Store(name, z)
	return z, nil
}

// wall is what a clock on the wall in loc shows at t, written as a moment of
// UTC: so that wall clock readings can be compared and added to like moments.
func wall(t time.Time, loc *time.Location) time.Time {
	_, offset := t.In(loc).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// segment is a stretch of time during which a zone's clocks run undisturbed:
// a moment is the wall clock's reading less offset.
type segment struct {
	Interval
	offset time.Duration
}

// segments are those of loc that cover from to to, without a gap between them.
func segments(loc *time.Location, from, to time.Time) []segment {
	var all []segment
	for from.Before(to) {
		here := from.In(loc)
		_, offset := here.Zone()
		_, end := here.ZoneBounds()
		if end.IsZero() || end.After(to) {
			end = to
		}
		all = append(all, segment{Interval{from.UTC(), end.UTC()}, time.Duration(offset) * time.Second})
		from = end
	}
	return all
}

// readings are the moments at which the wall clock in loc shows w: one; two,
// when an hour is repeated; and when w is skipped, the moment at which the clock jumps over it.
func readings(loc *time.Location, w time.Time) []time.Time {
	var all []time.Time
	// A day to each side: no zone is as far from UTC, nor has it ever been.
	around := segments(loc, w.Add(-24*time.Hour), w.Add(24*time.Hour))
	for i, s := range around {
		t := w.Add(-s.offset)
		switch {
		case !t.Before(s.From) && t.Before(s.To):
			all = append(all, t)
		case i > 0 && t.Before(s.From) && !w.Add(-around[i-1].offset).Before(s.From):
			all = append(all, s.From)
		}
	}
	return all
}

// fullHour is the first moment after t at which the wall clock in loc shows a full hour.
func fullHour(loc *time.Location, t time.Time) time.Time {
	for from := t; ; {
		// Two undisturbed hours hold a full one; shorter, the clock changes before, and may jump to a full hour or over one.
		s := segments(loc, from, from.Add(2*time.Hour))[0]
		w := s.From.Add(s.offset)
		if over := w.Sub(w.Truncate(time.Hour)); over > 0 || from.Equal(t) {
			w = w.Add(time.Hour - over)
		}
		if next := w.Add(-s.offset); next.Before(s.To) {
			return next
		}
		from = s.To
	}
}
