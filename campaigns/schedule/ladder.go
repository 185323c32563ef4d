package schedule

import "time"

const (
	// Rounds is how many times, on as many days, somebody who is absent is tried.
	Rounds = 3
	// LadderPause is between the first and the second try of a round.
	LadderPause = 10 * time.Minute
)

// Rung is where a person stands on the ladder of those who are absent.
type Rung struct {
	Round int // 1 to Rounds
	Step  int // 0: the moment of the round; 1: LadderPause later; 2: at the next full hour
	// First is the moment at which this round began.
	First time.Time
}

// Ended says why there is no next rung.
type Ended int

const (
	NotEnded   Ended = iota // there is one
	RoundsOver              // somebody was absent at the last rung of the last round
	WindowOver              // no open day is left for another round
)

// Next is the rung that follows when somebody, who lives in loc, was absent at
// rung r, whose moment was at. Step 1 is LadderPause after at; step 2 the next
// full hour of the wall clock after step 1; then the next round begins, on the
// next day with open hours, when the wall clock shows what it did at r.First. A
// step at which the window is not open is left out. A day's hours that do not
// hold that time of day hold the same share of their open time: who was to be reached
// in the middle of a day is reached in the middle of a shorter one.
//
// A day is what its hours are, with what runs over midnight: the round that
// began on a Monday's night shift at 00:27 goes on at Tuesday's, 24 hours later.
// When why is not NotEnded, next and to are zero.
func (w Window) Next(loc *time.Location, r Rung, at time.Time) (next time.Time, to Rung, why Ended) {
	o := w.Open(loc)
	at = at.UTC()
	pause := at
	if r.Step == 0 {
		pause = at.Add(LadderPause)
		if o.Contains(pause) {
			return pause, Rung{r.Round, 1, r.First}, NotEnded
		}
	}
	if r.Step <= 1 {
		if hour := fullHour(loc, pause); o.Contains(hour) {
			return hour, Rung{r.Round, 2, r.First}, NotEnded
		}
	}
	if r.Round >= Rounds {
		return time.Time{}, Rung{}, RoundsOver
	}
	began := w.dayOf(loc, r.First)
	for i := range w.days() {
		day := w.FirstDay.Add(i)
		if !began.Before(day) {
			continue
		}
		if t, ok := w.sameMoment(loc, r.First, began, day); ok && t.After(at) {
			return t, Rung{r.Round + 1, 0, t}, NotEnded
		}
	}
	return time.Time{}, Rung{}, WindowOver
}

// dayOf is the day to whose hours t belongs: the day before, when those run over midnight and its own do not hold t.
func (w Window) dayOf(loc *time.Location, t time.Time) Day {
	today := DayOf(wall(t, loc))
	if yesterday := today.Add(-1); !w.openDay(loc, today).Contains(t) && w.openDay(loc, yesterday).Contains(t) {
		return yesterday
	}
	return today
}

// sameMoment is the moment in day's hours that answers to first in began's; not ok when day has no open hours.
func (w Window) sameMoment(loc *time.Location, first time.Time, began, day Day) (t time.Time, ok bool) {
	o := w.openDay(loc, day)
	if o.Empty() {
		return time.Time{}, false
	}
	clock := wall(first, loc).Sub(began.midnight())
	for _, t := range readings(loc, day.midnight().Add(clock)) {
		if o.Contains(t) {
			return t, true
		}
	}
	share := float64(clock) / float64(24*time.Hour)
	if was := w.openDay(loc, began); was.Contains(first) {
		share = float64(was.elapsed(first)) / float64(was.Total())
	}
	return o.At(time.Duration(share * float64(o.Total())).Truncate(time.Millisecond)), true
}
