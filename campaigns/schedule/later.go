package schedule

import (
	"slices"
	"time"
)

// Later is when somebody wants a message that does not suit them now.
type Later string

const (
	InAnHour      Later = "hour"
	ThisAfternoon Later = "afternoon"
	Tomorrow      Later = "tomorrow"
)

// Valid says whether l is one of the three.
func (l Later) Valid() bool { return l == InAnHour || l == ThisAfternoon || l == Tomorrow }

// What the choices mean, by the clock on the person's wall.
const (
	afternoon      = Clock(14 * 60)
	afternoonUntil = Clock(13 * 60)
	evening        = Clock(16*60 + 30) // the afternoon of whoever asks in it
	eveningUntil   = Clock(16 * 60)
	morning        = Clock(9 * 60)
	// laterJitter keeps those who want a message at the same time of day from getting it in the same second.
	laterJitter = 8 * time.Minute
	// laterDays is how far the next day with hours is looked for: further than a week and all holidays that a window can name.
	laterDays = 7 + MaxHolidays
)

// Later is the moment that a choice, made at now by somebody who lives in loc, stands for; after now. In an hour is just
// that. This afternoon is 14:00, asked for after 13:00 it is 16:30, and after 16:00 it is tomorrow. Tomorrow is the first open moment
// from 09:00 on the next day with hours that is no holiday, whether or not it is one of the window's days. A few minutes follow
// that are the same whenever seed is.
func (w Window) Later(l Later, now time.Time, loc *time.Location, seed uint64) time.Time {
	now = now.UTC().Truncate(time.Second)
	jitter := time.Duration(mix(seed, uint64(now.Unix()/86400))%uint64(laterJitter/time.Minute)) * time.Minute
	jitter += time.Duration(mix(seed, 1)%60) * time.Second
	shown := wall(now, loc)
	today := DayOf(shown)
	clock := Clock(shown.Hour()*60 + shown.Minute())
	switch {
	case l == InAnHour:
		return now.Add(time.Hour)
	case l == ThisAfternoon && clock < afternoonUntil:
		return at(loc, today, afternoon).Add(jitter)
	case l == ThisAfternoon && clock < eveningUntil:
		return at(loc, today, evening).Add(jitter)
	}
	day := today.Add(1)
	for i := range laterDays {
		if open := merge(w.readings(today.Add(i + 1))); len(open) > 0 {
			day = today.Add(i + 1)
			nine := day.midnight().Add(time.Duration(morning) * time.Minute)
			if i := slices.IndexFunc(open, func(in Interval) bool { return in.To.After(nine) }); i >= 0 {
				return first(loc, later(open[i].From, nine)).Add(jitter)
			}
			return first(loc, open[0].From).Add(jitter) // whose day ends before nine
		}
	}
	return at(loc, day, morning).Add(jitter)
}

func at(loc *time.Location, d Day, c Clock) time.Time {
	return first(loc, d.midnight().Add(time.Duration(c)*time.Minute))
}

// first is the first moment at which the wall clock in loc shows w, or jumps over it.
func first(loc *time.Location, w time.Time) time.Time { return readings(loc, w)[0] }
