package schedule

import (
	"slices"
	"sort"
	"time"
)

// Interval is the moments from From on and before To, in UTC.
type Interval struct{ From, To time.Time }

// Opening is the moments at which a window is open: intervals of whole
// milliseconds in UTC that are apart from each other and in order. The zero
// Opening is never open. It does not change and may be shared.
type Opening struct {
	intervals []Interval
	before    []time.Duration // open time before each interval, so that At need not walk
	total     time.Duration
}

// Open is the window in the zone loc: the moments at which a clock on the wall
// there shows working hours of the window. So an hour that is repeated when
// summer time ends is open twice, one that is skipped is not at all, and hours
// that begin or end in a skipped one do so when it is skipped.
func (w Window) Open(loc *time.Location) Opening {
	var readings []Interval
	for i := range w.days() {
		readings = append(readings, w.readings(w.FirstDay.Add(i))...)
	}
	return open(loc, readings)
}

// openDay is the part of Open that belongs to one day, with what runs over its midnight.
func (w Window) openDay(loc *time.Location, d Day) Opening { return open(loc, w.readings(d)) }

// days is Days within its bounds: nobody can make Open loop for ever.
func (w Window) days() int { return max(0, min(w.Days, MaxWindowDays)) }

func (w Window) holiday(d Day) bool { return slices.Contains(w.Holidays, d) }

// readings are the wall clock's readings at which the hours of day d are open, whether or not it is one of the window's.
func (w Window) readings(d Day) []Interval {
	if w.holiday(d) {
		return nil
	}
	var all []Interval
	midnight := d.midnight()
	for _, s := range w.Hours[d.Weekday()] {
		from, to := s.minutes()
		if to > endOfDay && w.holiday(d.Add(1)) {
			to = endOfDay
		}
		if from < to {
			all = append(all, Interval{midnight.Add(time.Duration(from) * time.Minute), midnight.Add(time.Duration(to) * time.Minute)})
		}
	}
	return all
}

// open makes moments of readings of the wall clock in loc.
func open(loc *time.Location, readings []Interval) Opening {
	readings = merge(readings)
	if len(readings) == 0 {
		return Opening{}
	}
	var all []Interval
	// A day to each side: no zone is as far from UTC, nor has it ever been.
	first, last := readings[0].From.Add(-24*time.Hour), readings[len(readings)-1].To.Add(24*time.Hour)
	for _, s := range segments(loc, first, last) {
		for _, r := range readings {
			part := Interval{later(r.From.Add(-s.offset), s.From), earlier(r.To.Add(-s.offset), s.To)}
			if part.From.Before(part.To) {
				all = append(all, part)
			}
		}
	}
	return newOpening(merge(all))
}

// merge puts intervals in order and makes one of those that overlap or touch.
func merge(all []Interval) []Interval {
	slices.SortFunc(all, func(a, b Interval) int { return a.From.Compare(b.From) })
	merged := all[:0]
	for _, next := range all {
		if n := len(merged); n > 0 && !merged[n-1].To.Before(next.From) {
			merged[n-1].To = later(merged[n-1].To, next.To)
			continue
		}
		merged = append(merged, next)
	}
	return merged
}

func newOpening(all []Interval) Opening {
	o := Opening{intervals: all, before: make([]time.Duration, len(all))}
	for i, in := range all {
		o.before[i] = o.total
		o.total += in.To.Sub(in.From)
	}
	return o
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Intervals are the stretches of open time, in order.
func (o Opening) Intervals() []Interval { return slices.Clone(o.intervals) }

// Total is how long it is open in all.
func (o Opening) Total() time.Duration { return o.total }

// Empty says whether it is never open.
func (o Opening) Empty() bool { return len(o.intervals) == 0 }

// From is the first open moment; the zero time if there is none.
func (o Opening) From() time.Time {
	if o.Empty() {
		return time.Time{}
	}
	return o.intervals[0].From
}

// To is the moment at which it closes for good, itself not open; the zero time if it never opens.
func (o Opening) To() time.Time {
	if o.Empty() {
		return time.Time{}
	}
	return o.intervals[len(o.intervals)-1].To
}

// Contains says whether it is open at t.
func (o Opening) Contains(t time.Time) bool {
	i := o.ending(t)
	return i < len(o.intervals) && !t.Before(o.intervals[i].From)
}

// Since is when the stretch began that is open at t, or else the last one before t; the zero time if there is none.
func (o Opening) Since(t time.Time) time.Time {
	i := sort.Search(len(o.intervals), func(i int) bool { return o.intervals[i].From.After(t) })
	if i == 0 {
		return time.Time{}
	}
	return o.intervals[i-1].From
}

// ending is the index of the first interval that ends after t.
func (o Opening) ending(t time.Time) int {
	return sort.Search(len(o.intervals), func(i int) bool { return o.intervals[i].To.After(t) })
}

// After is what is left of it from t on, from the next whole millisecond if t is not one.
func (o Opening) After(t time.Time) Opening {
	t = t.UTC()
	if whole := t.Truncate(time.Millisecond); whole.Before(t) {
		t = whole.Add(time.Millisecond)
	}
	left := slices.Clone(o.intervals[o.ending(t):])
	if len(left) > 0 {
		left[0].From = later(left[0].From, t)
	}
	return newOpening(left)
}

// elapsed is how long it has been open before t, at which it is open, too.
func (o Opening) elapsed(t time.Time) time.Duration {
	i := o.ending(t)
	return o.before[i] + t.Sub(o.intervals[i].From)
}

// At is the moment at which it has been open for offset, 0 ≤ offset < Total. What is outside of that is
// as the nearest that is inside; the zero time if it never opens.
func (o Opening) At(offset time.Duration) time.Time {
	if o.Empty() {
		return time.Time{}
	}
	offset = max(0, min(offset, o.total-1))
	i := sort.Search(len(o.before), func(i int) bool { return o.before[i] > offset }) - 1
	return o.intervals[i].From.Add(offset - o.before[i])
}

// The zones that are the first and the last to see a day.
var (
	eastmost = time.FixedZone("UTC+14", 14*60*60)
	westmost = time.FixedZone("UTC-12", -12*60*60)
)

// Earliest is the first open moment, in whichever zone people may live; the zero time if there is none.
func (w Window) Earliest() time.Time { return w.outermost(eastmost).From() }

// Latest is when it is closed for good, in whichever zone people may live; the zero time if it never opens.
func (w Window) Latest() time.Time { return w.outermost(westmost).To() }

func (w Window) outermost(zone *time.Location) Opening {
	if !w.OwnTimeZone {
		z, err := Zone(w.TimeZone)
		if err != nil {
			return Opening{}
		}
		zone = z
	}
	return w.Open(zone)
}

// HourShare is what of an opening falls into one hour of the wall clock.
type HourShare struct {
	Day   Day
	Hour  int           // 0 to 23
	Open  time.Duration // more than an hour, where an hour is repeated
	Share float64       // of all open time, and so of the people to be expected; all shares add up to 1
}

// ByHour is the opening as clocks in the zone in show it: the hours with open time, in order.
func (o Opening) ByHour(in *time.Location) []HourShare {
	var all []HourShare
	index := map[time.Time]int{}
	for _, interval := range o.intervals {
		for _, s := range segments(in, interval.From, interval.To) {
			for from, to := s.From.Add(s.offset), s.To.Add(s.offset); from.Before(to); {
				hour := from.Truncate(time.Hour)
				end := earlier(hour.Add(time.Hour), to)
				i, ok := index[hour]
				if !ok {
					i = len(all)
					index[hour] = i
					all = append(all, HourShare{Day: DayOf(hour), Hour: hour.Hour()})
				}
				all[i].Open += end.Sub(from)
				from = end
			}
		}
	}
	for i := range all {
		all[i].Share = float64(all[i].Open) / float64(o.total)
	}
	return all
}
