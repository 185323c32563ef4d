package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"herald/campaigns/schedule"
)

// working is Monday to Friday, with the same hours each day.
func working(first string, days int, spans ...schedule.Span) schedule.Window {
	w := schedule.Window{FirstDay: day(first), Days: days, Hours: hours(spans...)}
	w.Hours[time.Saturday], w.Hours[time.Sunday] = nil, nil
	return w
}

// climb is the ladder of somebody who is never there, as the clock on their wall shows it.
func climb(t *testing.T, w schedule.Window, loc *time.Location, at time.Time) (shown []string, why schedule.Ended) {
	t.Helper()
	r := schedule.Rung{Round: 1, First: at}
	for range 20 {
		shown = append(shown, fmt.Sprintf("%d.%d %s", r.Round, r.Step, at.In(loc).Format("Mon 15:04:05.999")))
		at, r, why = w.Next(loc, r, at)
		if why != schedule.NotEnded {
			if !at.IsZero() || r != (schedule.Rung{}) {
				t.Errorf("ended, but goes on at %s on %v", at, r)
			}
			return shown, why
		}
	}
	t.Fatalf("does not end: %v", shown)
	return nil, 0
}

func TestLadder(t *testing.T) {
	t.Parallel()
	nineToFive := span("09:00", "17:00")
	friday := working("2026-11-30", 10, nineToFive)
	friday.Hours[time.Friday] = []schedule.Span{span("09:00", "13:00")}
	holiday := working("2026-11-30", 3, nineToFive)
	holiday.Holidays = []schedule.Day{day("2026-12-01")}
	nights := working("2026-11-30", 8, span("22:00", "06:00"))
	always := schedule.Window{FirstDay: day("2026-11-30"), Days: 3, Hours: hours(span("00:00", "24:00"))}
	for name, tc := range map[string]struct {
		w     schedule.Window
		zone  string
		first string // on the wall
		want  []string
		why   schedule.Ended
	}{
		"the seed's example": {
			working("2026-11-30", 5, nineToFive), "Europe/Paris", "2026-11-30 14:27:00",
			[]string{
				"1.0 Mon 14:27:00", "1.1 Mon 14:37:00", "1.2 Mon 15:00:00",
				"2.0 Tue 14:27:00", "2.1 Tue 14:37:00", "2.2 Tue 15:00:00",
				"3.0 Wed 14:27:00", "3.1 Wed 14:37:00", "3.2 Wed 15:00:00",
			}, schedule.RoundsOver,
		},
		"over a weekend": {
			working("2026-11-30", 10, nineToFive), "America/New_York", "2026-12-04 11:59:59.999",
			[]string{
				"1.0 Fri 11:59:59.999", "1.1 Fri 12:09:59.999", "1.2 Fri 13:00:00",
				"2.0 Mon 11:59:59.999", "2.1 Mon 12:09:59.999", "2.2 Mon 13:00:00",
				"3.0 Tue 11:59:59.999", "3.1 Tue 12:09:59.999", "3.2 Tue 13:00:00",
			}, schedule.RoundsOver,
		},
		"the pause ends at a full hour": {
			working("2026-11-30", 1, nineToFive), "UTC", "2026-11-30 14:50:00",
			[]string{"1.0 Mon 14:50:00", "1.1 Mon 15:00:00", "1.2 Mon 16:00:00"}, schedule.WindowOver,
		},
		"the full hour is closing time": {
			working("2026-11-30", 2, nineToFive), "UTC", "2026-11-30 16:30:00",
			[]string{"1.0 Mon 16:30:00", "1.1 Mon 16:40:00", "2.0 Tue 16:30:00", "2.1 Tue 16:40:00"}, schedule.WindowOver,
		},
		"the last minutes of a day": {
			working("2026-11-30", 9, nineToFive), "UTC", "2026-11-30 16:55:00",
			[]string{"1.0 Mon 16:55:00", "2.0 Tue 16:55:00", "3.0 Wed 16:55:00"}, schedule.RoundsOver,
		},
		"a break in which the second try falls": {
			working("2026-11-30", 1, span("09:00", "11:55"), nineToFive, span("12:00", "17:00")), "UTC", "2026-11-30 11:48:00",
			[]string{"1.0 Mon 11:48:00", "1.1 Mon 11:58:00", "1.2 Mon 12:00:00"}, schedule.WindowOver,
		},
		"only the second try is left out": {
			working("2026-11-30", 1, span("09:00", "11:55"), span("12:00", "17:00")), "UTC", "2026-11-30 11:48:00",
			[]string{"1.0 Mon 11:48:00", "1.2 Mon 12:00:00"}, schedule.WindowOver,
		},
		"full hours of half-hour zones": {
			working("2026-11-30", 1, nineToFive), "Asia/Kolkata", "2026-11-30 14:27:00",
			[]string{"1.0 Mon 14:27:00", "1.1 Mon 14:37:00", "1.2 Mon 15:00:00"}, schedule.WindowOver,
		},
		"and of quarter-hour ones": {
			working("2026-11-30", 1, nineToFive), "Asia/Kathmandu", "2026-11-30 14:35:00",
			[]string{"1.0 Mon 14:35:00", "1.1 Mon 14:45:00", "1.2 Mon 15:00:00"}, schedule.WindowOver,
		},
		"a shorter day": { // 14:27 is 68 % of the hours from 9 to 17, and 11:43:30 of those from 9 to 13
			friday, "UTC", "2026-12-03 14:27:00",
			[]string{
				"1.0 Thu 14:27:00", "1.1 Thu 14:37:00", "1.2 Thu 15:00:00",
				"2.0 Fri 11:43:30", "2.1 Fri 11:53:30", "2.2 Fri 12:00:00",
				"3.0 Mon 11:43:30", "3.1 Mon 11:53:30", "3.2 Mon 12:00:00",
			}, schedule.RoundsOver,
		},
		"a holiday": {
			holiday, "UTC", "2026-11-30 10:00:00",
			[]string{
				"1.0 Mon 10:00:00", "1.1 Mon 10:10:00", "1.2 Mon 11:00:00",
				"2.0 Wed 10:00:00", "2.1 Wed 10:10:00", "2.2 Wed 11:00:00",
			}, schedule.WindowOver,
		},
		"a night that ends on Saturday is Friday's": {
			nights, "UTC", "2026-12-04 23:57:00",
			[]string{
				"1.0 Fri 23:57:00", "1.1 Sat 00:07:00", "1.2 Sat 01:00:00",
				"2.0 Mon 23:57:00", "2.1 Tue 00:07:00", "2.2 Tue 01:00:00",
			}, schedule.WindowOver,
		},
		"after midnight it is still the night before": {
			nights, "UTC", "2026-12-03 03:27:00",
			[]string{
				"1.0 Thu 03:27:00", "1.1 Thu 03:37:00", "1.2 Thu 04:00:00",
				"2.0 Fri 03:27:00", "2.1 Fri 03:37:00", "2.2 Fri 04:00:00",
				"3.0 Sat 03:27:00", "3.1 Sat 03:37:00", "3.2 Sat 04:00:00",
			}, schedule.RoundsOver,
		},
		"always open": {
			always, "UTC", "2026-11-30 23:57:00",
			[]string{
				"1.0 Mon 23:57:00", "1.1 Tue 00:07:00", "1.2 Tue 01:00:00",
				"2.0 Tue 23:57:00", "2.1 Wed 00:07:00", "2.2 Wed 01:00:00",
				"3.0 Wed 23:57:00",
			}, schedule.RoundsOver,
		},
		"the moment is skipped on the second day": {
			schedule.Window{FirstDay: day("2026-03-28"), Days: 2, Hours: hours(span("00:00", "12:00"))}, "Europe/Paris", "2026-03-28 02:27:00",
			[]string{
				"1.0 Sat 02:27:00", "1.1 Sat 02:37:00", "1.2 Sat 03:00:00",
				"2.0 Sun 03:00:00", "2.1 Sun 03:10:00", "2.2 Sun 04:00:00",
			}, schedule.WindowOver,
		},
		"the moment is repeated on the second day": {
			schedule.Window{FirstDay: day("2026-10-24"), Days: 2, Hours: hours(span("00:00", "12:00"))}, "Europe/Paris", "2026-10-24 02:27:00",
			[]string{
				"1.0 Sat 02:27:00", "1.1 Sat 02:37:00", "1.2 Sat 03:00:00",
				"2.0 Sun 02:27:00", "2.1 Sun 02:37:00", "2.2 Sun 02:00:00", // 33 minutes before it is two o'clock again
			}, schedule.WindowOver,
		},
		"the full hour is skipped": { // on Lord Howe, two o'clock is half past
			schedule.Window{FirstDay: day("2026-10-04"), Days: 1, Hours: hours(span("00:00", "12:00"))}, "Australia/Lord_Howe", "2026-10-04 01:45:00",
			[]string{"1.0 Sun 01:45:00", "1.1 Sun 01:55:00", "1.2 Sun 03:00:00"}, schedule.WindowOver,
		},
		"the full hour is put off": { // and half a year later it is half past one before it is two
			schedule.Window{FirstDay: day("2026-04-05"), Days: 1, Hours: hours(span("00:00", "12:00"))}, "Australia/Lord_Howe", "2026-04-05 01:35:00",
			[]string{"1.0 Sun 01:35:00", "1.1 Sun 01:45:00", "1.2 Sun 02:00:00"}, schedule.WindowOver,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, tc.zone)
			first, err := time.ParseInLocation(time.DateTime, tc.first, loc)
			if err != nil {
				t.Fatal(err)
			}
			got, why := climb(t, tc.w, loc, first)
			if !reflect.DeepEqual(got, tc.want) || why != tc.why {
				t.Errorf("%q\nended by %d; want\n%q\nended by %d", got, why, tc.want, tc.why)
			}
		})
	}
}

// A service that was down asks late: what comes next is still to come, and a day is not tried again.
func TestNextIsAfterALateTry(t *testing.T) {
	t.Parallel()
	w := working("2026-11-30", 5, span("09:00", "17:00"))
	first := time.Date(2026, 11, 30, 14, 27, 0, 0, time.UTC)
	late := time.Date(2026, 12, 2, 16, 55, 0, 0, time.UTC)
	next, to, why := w.Next(time.UTC, schedule.Rung{Round: 1, Step: 0, First: first}, late)
	want := time.Date(2026, 12, 3, 14, 27, 0, 0, time.UTC)
	if next != want || to != (schedule.Rung{Round: 2, Step: 0, First: want}) || why != schedule.NotEnded {
		t.Errorf("goes on at %s on %v, %d", next, to, why)
	}
}

// Somebody has moved: what was within working hours there is not here. They are not all put at the same moment.
func TestNextOfAMomentOutsideTheHours(t *testing.T) {
	t.Parallel()
	w := working("2026-11-30", 5, span("09:00", "17:00"))
	seen := map[time.Time]bool{}
	for hour := range 9 {
		first := time.Date(2026, 11, 30, hour, 0, 0, 0, time.UTC)
		next, _, why := w.Next(time.UTC, schedule.Rung{Round: 1, Step: 2, First: first}, first)
		if why != schedule.NotEnded || !w.Open(time.UTC).Contains(next) || schedule.DayOf(next) != day("2026-12-01") || seen[next] {
			t.Errorf("after %s it goes on at %s, %d", first, next, why)
		}
		seen[next] = true
	}
}

// moments are what a clock on the wall and patience tell of one day's hours.
type moments struct {
	open []time.Time // its open minutes
}

func (w world) moments(d schedule.Day) (m moments) {
	t := time.Date(d.Year, d.Month, d.Day, -15, 0, 0, 0, time.UTC)
	for end := t.Add(81 * time.Hour); t.Before(end); t = t.Add(time.Minute) {
		if w.openOn(d, t) {
			m.open = append(m.open, t)
		}
	}
	return m
}

// minute is how many minutes after midnight of d the clock on the wall shows t.
func (w world) minute(d schedule.Day, t time.Time) int {
	local := t.In(w.loc)
	days := 0
	for today := schedule.DayOf(local); d.Before(today); d = d.Add(1) {
		days++
	}
	return days*1440 + local.Hour()*60 + local.Minute()
}

// jump is the moment at which the clock on the wall jumps over that minute of day d; the zero time when it does not.
func (w world) jump(d schedule.Day, minute int) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, -15, 0, 0, 0, time.UTC)
	wanted := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC).Format(time.DateTime)
	last := ""
	for end := t.Add(81 * time.Hour); t.Before(end); t = t.Add(time.Minute) {
		shown := t.In(w.loc).Format(time.DateTime)
		if last != "" && last < wanted && wanted < shown {
			return t
		}
		last = shown
	}
	return time.Time{}
}

// expected is the rung that follows, found minute by minute; within is how exact its moment can be told.
func (w world) expected(r schedule.Rung, at time.Time) (next time.Time, to schedule.Rung, why schedule.Ended, within time.Duration) {
	pause := at
	if r.Step == 0 {
		pause = at.Add(10 * time.Minute)
		if w.open(pause) {
			return pause, schedule.Rung{Round: r.Round, Step: 1, First: r.First}, schedule.NotEnded, 0
		}
	}
	if r.Step < 2 {
		hour := pause.Truncate(time.Minute).Add(time.Minute)
		for hour.In(w.loc).Minute() != 0 {
			hour = hour.Add(time.Minute)
		}
		if w.open(hour) {
			return hour, schedule.Rung{Round: r.Round, Step: 2, First: r.First}, schedule.NotEnded, 0
		}
	}
	if r.Round == 3 {
		return next, to, schedule.RoundsOver, 0
	}
	began, _ := w.shift(r.First)
	for d := began.Add(1); d.Before(w.FirstDay.Add(w.Days)); d = d.Add(1) {
		t, exact, ok := w.sameAs(r.First, began, d)
		if ok && t.After(at) {
			return t, schedule.Rung{Round: r.Round + 1, Step: 0, First: t}, schedule.NotEnded, exact
		}
	}
	return next, to, schedule.WindowOver, 0
}

func (w world) sameAs(first time.Time, began, d schedule.Day) (t time.Time, within time.Duration, ok bool) {
	m := w.moments(d)
	if len(m.open) == 0 {
		return t, 0, false
	}
	minute := w.minute(began, first)
	seconds := first.Sub(first.Truncate(time.Minute))
	for _, t := range m.open {
		if w.minute(d, t) == minute {
			return t.Add(seconds), 0, true
		}
	}
	if jump := w.jump(d, minute); !jump.IsZero() && w.openOn(d, jump) {
		return jump, 0, true
	}
	was := w.moments(began).open
	before := 0
	for _, t := range was {
		if t.Before(first) {
			before++ // the minute of first itself too
		}
	}
	if seconds == 0 {
		before++
	}
	share := (float64(before-1)*float64(time.Minute) + float64(seconds)) / (float64(len(was)) * float64(time.Minute))
	open := time.Duration(share * float64(len(m.open)) * float64(time.Minute))
	return m.open[min(int(open/time.Minute), len(m.open)-1)].Add(open % time.Minute), 2 * time.Millisecond, true
}

func TestLaddersOfRandomWindows(t *testing.T) {
	t.Parallel()
	var rounds, steps, left, changed [4]int
	everyWorld(t, 195, func(t *testing.T, w world) {
		o := w.Open(w.loc)
		if o.Empty() {
			return
		}
		rnd := rand.New(rand.NewPCG(w.number, 3))
		for i := range int64(3) {
			at := schedule.Place(o, rnd.Uint64(), i, 3)
			if i == 0 { // a full minute near where the window opens or closes
				in := o.Intervals()[rnd.IntN(len(o.Intervals()))]
				at = in.To.Add(-time.Duration(1+rnd.IntN(20)) * time.Minute)
				if !o.Contains(at) {
					at = in.From
				}
			}
			r := schedule.Rung{Round: 1, First: at}
			for count := 1; ; count++ {
				next, to, why := w.Next(w.loc, r, at)
				want, wantTo, wantWhy, within := w.expected(r, at)
				off := next.Sub(want).Abs()
				if within > 0 {
					wantTo.First = to.First
				}
				if off > within || to != wantTo || why != wantWhy {
					t.Errorf("%s: %v at %s is followed by %v at %s (%d), should be by %v at %s (%d)",
						w, r, at.In(w.loc), to, next.In(w.loc), why, wantTo, want.In(w.loc), wantWhy)
					return
				}
				if why != schedule.NotEnded {
					break
				}
				if !o.Contains(next) || !next.After(at) || slices.Contains(w.Holidays, schedule.DayOf(next.In(w.loc))) || next.Nanosecond()%1e6 != 0 || next.Location() != time.UTC {
					t.Errorf("%s: %v at %s is closed, or not after %s", w, to, next.In(w.loc), at.In(w.loc))
					return
				}
				if count == 9 {
					t.Errorf("%s: a tenth moment at %s", w, next)
					return
				}
				at, r = next, to
			}
		}
	})
	// The worlds are such that all of this comes to pass; otherwise the comparison would say little.
	for _, w := range worlds(t, 195) {
		o := w.Open(w.loc)
		if o.Empty() {
			continue
		}
		at := schedule.Place(o, w.number, 0, 1)
		r := schedule.Rung{Round: 1, First: at}
		for {
			next, to, why := w.Next(w.loc, r, at)
			if why != schedule.NotEnded {
				rounds[why]++
				break
			}
			steps[to.Step]++
			if to.Step == 2 && r.Step == 0 {
				left[1]++
			}
			if to.Step == 0 && r.Step < 2 {
				left[2]++
			}
			if to.Step == 0 && w.minute(schedule.DayOf(next.In(w.loc)), next) != w.minute(schedule.DayOf(r.First.In(w.loc)), r.First) {
				changed[0]++
			}
			at, r = next, to
		}
	}
	if min(rounds[1], rounds[2], steps[0], steps[1], steps[2], left[1]+left[2], changed[0]) < 10 {
		t.Errorf("ended %v, steps %v, left out %v, at another time of day %v: too few to tell", rounds, steps, left, changed)
	}
}
