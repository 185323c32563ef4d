package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"herald/campaigns/schedule"
)

// Zones with half and quarter hours, half-hour summer time, the ends of the date line, and summer time that is put off for Ramadan.
var zoneNames = []string{
	"UTC", "Europe/Paris", "America/New_York", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kolkata", "Asia/Kathmandu",
	"America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Chatham", "Etc/GMT+12",
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := schedule.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// world is a random window in a random zone.
type world struct {
	schedule.Window
	loc    *time.Location
	number uint64
}

func (w world) String() string {
	return fmt.Sprintf("world %d: %s, %v for %d days, hours %v, holidays %v", w.number, w.loc, w.FirstDay, w.Days, w.Hours, w.Holidays)
}

// worlds are n random windows, always the same: half of them about a change of the clocks.
func worlds(t testing.TB, n int) []world {
	t.Helper()
	all := make([]world, n)
	for i := range all {
		rnd := rand.New(rand.NewPCG(uint64(i), 7))
		name := zoneNames[i%len(zoneNames)]
		w := world{number: uint64(i), loc: zone(t, name)}
		w.TimeZone = name
		w.Days = 1 + rnd.IntN(7)
		if i%10 == 0 {
			w.Days = 1 + rnd.IntN(schedule.MaxWindowDays)
		}
		about := time.Date(2010+rnd.IntN(25), time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28), 12, 0, 0, 0, w.loc)
		if _, change := about.ZoneBounds(); i%2 == 0 && !change.IsZero() {
			about = change
		}
		w.FirstDay = schedule.DayOf(about).Add(-rnd.IntN(w.Days + 1))
		for d := range w.Hours {
			w.Hours[d] = randomSpans(rnd)
		}
		for range rnd.IntN(3) {
			if day := w.FirstDay.Add(rnd.IntN(w.Days + 1)); !slices.Contains(w.Holidays, day) {
				w.Holidays = append(w.Holidays, day)
			}
		}
		all[i] = w
	}
	return all
}

// randomSpans may overlap, be in any order and run over midnight.
func randomSpans(rnd *rand.Rand) []schedule.Span {
	switch rnd.IntN(6) {
	case 0:
		return nil
	case 1:
		return []schedule.Span{{From: 0, To: 24 * 60}}
	case 2:
		return []schedule.Span{{From: 540, To: 720}, {From: 780, To: 1020}}
	case 3:
		return []schedule.Span{{From: schedule.Clock(1200 + rnd.IntN(240)), To: schedule.Clock(rnd.IntN(400))}}
	}
	var all []schedule.Span
	for range 1 + rnd.IntN(schedule.MaxSpans) {
		all = append(all, schedule.Span{From: schedule.Clock(rnd.IntN(1440)), To: schedule.Clock(rnd.IntN(1441))})
	}
	return all
}

// openOn is told by nothing but what a clock and a calendar on the wall show at t: whether the hours of day hold it.
func (w world) openOn(day schedule.Day, t time.Time) bool {
	local := t.In(w.loc)
	today := schedule.DayOf(local)
	minute := schedule.Clock(local.Hour()*60 + local.Minute())
	if slices.Contains(w.Holidays, today) || slices.Contains(w.Holidays, day) {
		return false
	}
	for _, s := range w.Hours[day.Weekday()] {
		overnight := s.To < s.From
		switch today {
		case day:
			if minute >= s.From && (minute < s.To || overnight) {
				return true
			}
		case day.Add(1):
			if overnight && minute < s.To {
				return true
			}
		}
	}
	return false
}

// shift is the day of the window whose hours hold t: the same day's rather than those of the day before.
func (w world) shift(t time.Time) (schedule.Day, bool) {
	today := schedule.DayOf(t.In(w.loc))
	for _, day := range []schedule.Day{today, today.Add(-1)} {
		inWindow := !day.Before(w.FirstDay) && day.Before(w.FirstDay.Add(w.Days))
		if inWindow && w.openOn(day, t) {
			return day, true
		}
	}
	return schedule.Day{}, false
}

// open says whether the window is open at t.
func (w world) open(t time.Time) bool {
	_, ok := w.shift(t)
	return ok
}

// minutes are all minutes that can matter to the window, with a day to spare.
func (w world) minutes(yield func(time.Time) bool) {
	t := time.Date(w.FirstDay.Year, w.FirstDay.Month, w.FirstDay.Day-2, 0, 0, 0, 0, time.UTC)
	for end := t.AddDate(0, 0, w.Days+5); t.Before(end); t = t.Add(time.Minute) {
		if !yield(t) {
			return
		}
	}
}

// everyWorld runs f for n worlds on both cores.
func everyWorld(t *testing.T, n int, f func(t *testing.T, w world)) {
	t.Helper()
	var wg sync.WaitGroup
	all := worlds(t, n)
	for half := range 2 {
		wg.Go(func() {
			for i := half; i < len(all) && !t.Failed(); i += 2 {
				f(t, all[i])
			}
		})
	}
	wg.Wait()
}
