package schedule_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"herald/campaigns/schedule"
)

func hours(spans ...schedule.Span) (h schedule.Hours) {
	for d := range h {
		h[d] = spans
	}
	return h
}

func span(from, to string) (s schedule.Span) {
	if s.From.UnmarshalText([]byte(from)) != nil || s.To.UnmarshalText([]byte(to)) != nil {
		panic("no span: " + from + "–" + to)
	}
	return s
}

func day(text string) (d schedule.Day) {
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return d
}

// Every minute of every window, as somebody with a calendar and a clock on the wall would tell it.
func TestOpenIsWhatTheWallClockShows(t *testing.T) {
	t.Parallel()
	changes := map[string]bool{}
	everyWorld(t, 260, func(t *testing.T, w world) {
		o := w.Open(w.loc)
		var total time.Duration
		for m := range w.minutes {
			want := w.open(m)
			if want {
				total += time.Minute
			}
			if o.Contains(m) != want {
				t.Errorf("%s: at %s open is %v, should be %v", w, m.In(w.loc), !want, want)
				return
			}
		}
		if o.Total() != total {
			t.Errorf("%s: open for %s, should be %s", w, o.Total(), total)
		}
		for i, in := range o.Intervals() {
			if !in.From.Before(in.To) || in.From.Location() != time.UTC || in.To.Location() != time.UTC {
				t.Errorf("%s: interval %v", w, in)
			}
			if i > 0 && !o.Intervals()[i-1].To.Before(in.From) {
				t.Errorf("%s: %v touches the one before", w, in)
			}
		}
	})
	for _, w := range worlds(t, 260) {
		o := w.Open(w.loc)
		if _, a := o.From().In(w.loc).Zone(); !o.Empty() {
			if _, b := o.To().In(w.loc).Zone(); a != b {
				changes[w.loc.String()] = true
			}
		}
	}
	// UTC, Kolkata, Kathmandu, Kiritimati and GMT+12 changed nothing in these years, Apia little.
	if len(changes) < 7 {
		t.Errorf("clocks changed during a window in %v only", changes)
	}
}

func TestOpenOnDaysWhenClocksChange(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		zone, day string
		span      schedule.Span
		want      []string // in UTC
	}{
		"an hour that is skipped":                  {"Europe/Paris", "2026-03-29", span("02:00", "03:00"), nil},
		"begins in it":                             {"Europe/Paris", "2026-03-29", span("02:30", "04:00"), []string{"03-29 01:00–03-29 02:00"}},
		"ends in it":                               {"Europe/Paris", "2026-03-29", span("01:00", "02:30"), []string{"03-29 00:00–03-29 01:00"}},
		"a whole day of 23 hours":                  {"Europe/Paris", "2026-03-29", span("00:00", "24:00"), []string{"03-28 23:00–03-29 22:00"}},
		"a whole day of 25 hours":                  {"Europe/Paris", "2026-10-25", span("00:00", "24:00"), []string{"10-24 22:00–10-25 23:00"}},
		"an hour that is repeated":                 {"Europe/Paris", "2026-10-25", span("02:00", "03:00"), []string{"10-25 00:00–10-25 02:00"}},
		"half of it, twice":                        {"Europe/Paris", "2026-10-25", span("02:00", "02:30"), []string{"10-25 00:00–10-25 00:30", "10-25 01:00–10-25 01:30"}},
		"a night shift over it":                    {"America/New_York", "2026-10-31", span("22:00", "06:00"), []string{"11-01 02:00–11-01 11:00"}},
		"half an hour that is repeated":            {"Australia/Lord_Howe", "2026-04-05", span("01:30", "02:00"), []string{"04-04 14:30–04-04 15:30"}},
		"half an hour that is skipped":             {"Australia/Lord_Howe", "2026-10-04", span("01:00", "03:00"), []string{"10-03 14:30–10-03 16:00"}},
		"a day that Samoa never had":               {"Pacific/Apia", "2011-12-30", span("09:00", "17:00"), nil},
		"a night that Samoa slept over that day":   {"Pacific/Apia", "2011-12-29", span("22:00", "06:00"), []string{"12-30 08:00–12-30 10:00"}},
		"a day at a quarter to":                    {"Asia/Kathmandu", "2026-11-30", span("09:00", "17:00"), []string{"11-30 03:15–11-30 11:15"}},
		"midnight is skipped":                      {"America/Sao_Paulo", "2018-11-04", span("00:00", "01:30"), []string{"11-04 03:00–11-04 03:30"}},
		"summer time put off in Ramadan":           {"Africa/Casablanca", "2026-02-15", span("02:00", "03:00"), []string{"02-15 01:00–02-15 03:00"}},
		"until midnight and to midnight are alike": {"UTC", "2026-11-30", span("22:00", "00:00"), []string{"11-30 22:00–12-01 00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := schedule.Window{FirstDay: day(tc.day), Days: 1, Hours: hours(tc.span)}
			var got []string
			for _, in := range w.Open(zone(t, tc.zone)).Intervals() {
				got = append(got, in.From.Format("01-02 15:04")+"–"+in.To.Format("01-02 15:04"))
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("open at %v, want %v", got, tc.want)
			}
		})
	}
}

// Who works through the night does not do so into a holiday, nor on one.
func TestHolidaysAreClosedFromMidnightToMidnightAndAfter(t *testing.T) {
	t.Parallel()
	w := schedule.Window{FirstDay: day("2026-12-24"), Days: 3, Hours: hours(span("22:00", "06:00")), Holidays: []schedule.Day{day("2026-12-25")}}
	want := []schedule.Interval{
		{From: time.Date(2026, 12, 24, 22, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)},
		{From: time.Date(2026, 12, 26, 22, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 27, 6, 0, 0, 0, time.UTC)},
	}
	if got := w.Open(time.UTC).Intervals(); !reflect.DeepEqual(got, want) {
		t.Errorf("open at %v, want %v", got, want)
	}
}

func TestOpenTakesNoLongerThanAWindowMay(t *testing.T) {
	t.Parallel()
	w := schedule.Window{FirstDay: day("2026-11-30"), Days: math.MaxInt, Hours: hours(span("00:00", "24:00"))}
	if got := w.Open(time.UTC).Total(); got != schedule.MaxWindowDays*24*time.Hour {
		t.Errorf("open for %s", got)
	}
	w.Days = -1
	if !w.Open(time.UTC).Empty() {
		t.Error("open for -1 days")
	}
}

func TestAfterAtAndTotalAgree(t *testing.T) {
	t.Parallel()
	everyWorld(t, 400, func(t *testing.T, w world) {
		o := w.Open(w.loc)
		if o.Empty() {
			return
		}
		rnd := rand.New(rand.NewPCG(w.number, 1))
		var last time.Time
		for i := range 40 {
			offset := o.Total() * time.Duration(i) / 40 // and the first moment
			offset = (offset + time.Duration(rnd.Int64N(int64(o.Total()/40)))).Truncate(time.Millisecond)
			if i == 0 {
				offset = 0
			}
			at := o.At(offset)
			left := o.After(at)
			if !at.After(last) || !o.Contains(at) || !w.open(at) || left.From() != at || left.To() != o.To() || left.Total() != o.Total()-offset {
				t.Errorf("%s: after %s it is %s and %s are left, of %s", w, offset, at, left.Total(), o.Total())
			}
			last = at
		}
		for i, in := range o.Intervals() {
			if o.Contains(in.To) || !o.Contains(in.From) || o.Contains(in.From.Add(-1)) || !o.Contains(in.To.Add(-1)) {
				t.Errorf("%s: %v is not half open", w, in)
			}
			if left := o.After(in.To); len(left.Intervals()) != len(o.Intervals())-i-1 {
				t.Errorf("%s: after interval %d of %d there are %d", w, i, len(o.Intervals()), len(left.Intervals()))
			}
		}
		if o.After(o.From().Add(-time.Hour)).Total() != o.Total() || !o.After(o.To()).Empty() {
			t.Errorf("%s: something is lost before it opens, or left when it has closed", w)
		}
	})
}

// A moment from a clock has nanoseconds; the moments that people are given have none.
func TestAfterBeginsAtAWholeMillisecond(t *testing.T) {
	t.Parallel()
	w := schedule.Window{FirstDay: day("2026-11-30"), Days: 1, Hours: hours(span("09:00", "17:00")), TimeZone: "UTC"}
	at := time.Date(2026, 11, 30, 10, 0, 0, 1_000_001, time.UTC)
	left := w.Open(time.UTC).After(at)
	if want := at.Add(999_999); left.From() != want {
		t.Errorf("begins at %s, want %s", left.From(), want)
	}
	if got := w.Open(time.UTC).After(w.Latest().Add(-1)); !got.Empty() {
		t.Errorf("the last nanosecond holds %s", got.Total())
	}
}

func TestAtStaysInside(t *testing.T) {
	t.Parallel()
	w := schedule.Window{FirstDay: day("2026-11-30"), Days: 2, Hours: hours(span("09:00", "17:00"))}
	o := w.Open(time.UTC)
	if o.At(-time.Hour) != o.From() || !o.Contains(o.At(o.Total())) || !o.Contains(o.At(math.MaxInt64)) {
		t.Error("outside of 0 to Total, At leaves the opening")
	}
	var never schedule.Opening
	if !never.At(0).IsZero() || !never.From().IsZero() || !never.To().IsZero() || never.Contains(now) || !never.Empty() || !never.After(now).Empty() || len(never.ByHour(time.UTC)) != 0 {
		t.Error("what never opens has moments")
	}
}

// Whoever has the intervals cannot change the opening by them.
func TestIntervalsAreACopy(t *testing.T) {
	t.Parallel()
	w := schedule.Window{FirstDay: day("2026-11-30"), Days: 2, Hours: hours(span("09:00", "17:00"))}
	o := w.Open(time.UTC)
	from := o.From()
	o.Intervals()[0].From = time.Time{}
	o.After(from.Add(time.Hour))
	if o.From() != from {
		t.Error("the opening has changed")
	}
}

func TestEarliestAndLatestEncloseEverybody(t *testing.T) {
	t.Parallel()
	everyWorld(t, 200, func(t *testing.T, w world) {
		own := w.Window
		own.OwnTimeZone = true
		for _, name := range zoneNames {
			if o := own.Open(zone(t, name)); !o.Empty() && (o.From().Before(own.Earliest()) || o.To().After(own.Latest())) {
				t.Errorf("%s: in %s it is open from %s to %s, beyond %s to %s", w, name, o.From(), o.To(), own.Earliest(), own.Latest())
			}
		}
		if o := w.Open(w.loc); w.Earliest() != o.From() || w.Latest() != o.To() {
			t.Errorf("%s: %s to %s, want %s to %s", w, w.Earliest(), w.Latest(), o.From(), o.To())
		}
	})
	w := schedule.Window{FirstDay: day("2026-11-30"), Days: 2, Hours: hours(span("09:00", "17:00")), OwnTimeZone: true}
	if from, to := w.Open(zone(t, "Pacific/Kiritimati")).From(), w.Open(zone(t, "Etc/GMT+12")).To(); w.Earliest() != from || w.Latest() != to {
		t.Errorf("from %s to %s: wider than the world, which is from %s to %s", w.Earliest(), w.Latest(), from, to)
	}
	w.OwnTimeZone, w.TimeZone = false, "Mars/Olympus"
	if !w.Earliest().IsZero() || !w.Latest().IsZero() {
		t.Error("an unknown zone has a day")
	}
}

func TestByHourIsWhatTheWallClockShows(t *testing.T) {
	t.Parallel()
	everyWorld(t, 130, func(t *testing.T, w world) {
		in := zone(t, zoneNames[(w.number*5+1)%uint64(len(zoneNames))])
		type hour struct {
			schedule.Day
			hour int
		}
		want := map[hour]time.Duration{}
		var order []hour
		for m := range w.minutes {
			if local := m.In(in); w.open(m) {
				h := hour{schedule.DayOf(local), local.Hour()}
				if want[h] == 0 {
					order = append(order, h)
				}
				want[h] += time.Minute
			}
		}
		o := w.Open(w.loc)
		sum := 0.0
		got := o.ByHour(in)
		if len(got) != len(order) {
			t.Errorf("%s: %d hours in %s, want %d", w, len(got), in, len(order))
			return
		}
		for i, s := range got {
			if (hour{s.Day, s.Hour}) != order[i] || s.Open != want[order[i]] || math.Abs(s.Share-float64(s.Open)/float64(o.Total())) > 1e-12 {
				t.Errorf("%s: hour %d in %s is %+v, want %v with %s", w, i, in, s, order[i], want[order[i]])
				return
			}
			sum += s.Share
		}
		if len(got) > 0 && math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: the shares add up to %f", w, sum)
		}
	})
}
