package schedule

import (
	"fmt"
	"strconv"
	"time"
)

// maxDaysAhead is how many calendar days ahead a window may begin, as MaxDelay is for a single moment.
const maxDaysAhead = int(MaxDelay / (24 * time.Hour))

// WindowProblem is one thing that is wrong with a window, at its place.
type WindowProblem struct {
	Field   string // JSON pointer relative to the window, e.g. "/hours/mon/1/to"
	Code    string // stable word, e.g. "window_days"
	Message string // English: what is wrong and what would be right
	Value   string // the offending value; empty when something is missing
}

// Problems is everything that is wrong with a window that somebody wants to start at now, in the order of its fields;
// nil when it can be sent. "Today" and what has passed are seen from TimeZone, also when people's own zones count: those whose
// zone is not known are reached by it.
func (w Window) Problems(now time.Time) []WindowProblem {
	c := &check{w: w}
	zone, err := Zone(w.TimeZone)
	today := DayOf(now)
	if err == nil {
		today = DayOf(now.In(zone))
	}
	begins := c.firstDay(today, err == nil)
	lasts := c.days()
	hours := c.hours()
	holidays := c.holidays()
	switch {
	case !hours:
	case !c.anyHours():
		c.add("/hours", "window_no_hours", "", "No weekday has working hours. Enter hours for at least one day.")
	case begins && lasts && holidays:
		c.opening(zone, now)
	}
	if err != nil {
		c.add("/timeZone", "unknown_time_zone", shorten([]byte(w.TimeZone)),
			"There is no time zone %q. Choose one of the IANA database, such as \"Europe/Paris\" or \"America/New_York\".", shorten([]byte(w.TimeZone)))
	}
	if w.PerHour < 0 || w.PerHour > MaxPerHour {
		c.add("/perHour", "window_per_hour", strconv.Itoa(w.PerHour),
			"The send speed is a number of messages an hour from 1 to %d. Enter such a number, or 0 for no limit.", MaxPerHour)
	}
	return c.problems
}

// check gathers the problems of one window. Its methods say whether their part of it can be built upon.
type check struct {
	w        Window
	problems []WindowProblem
}

func (c *check) add(field, code, value, format string, args ...any) {
	c.problems = append(c.problems, WindowProblem{Field: field, Code: code, Value: value, Message: fmt.Sprintf(format, args...)})
}

// firstDay compares with today only where that is known.
func (c *check) firstDay(today Day, known bool) bool {
	first, last := c.w.FirstDay, today.Add(maxDaysAhead)
	switch {
	case first == (Day{}):
		c.add("/firstDay", "window_first_day", "", "There is no first day. Choose the day on which the campaign begins.")
	case !first.valid():
		c.add("/firstDay", "window_first_day", first.String(), "The calendar has no day %s. Choose the day on which the campaign begins.", first)
	case !known:
	case first.Before(today):
		c.add("/firstDay", "window_first_day_past", first.String(),
			"The first day, %s, has passed. Choose today (%s) or a day up to %s.", spoken(first), spoken(today), spoken(last))
	case last.Before(first):
		c.add("/firstDay", "window_first_day_cap", first.String(),
			"The first day, %s, is more than %d days ahead. Choose %s or an earlier day.", spoken(first), maxDaysAhead, spoken(last))
	default:
		return true
	}
	return false
}

func (c *check) days() bool {
	if c.w.Days >= 1 && c.w.Days <= MaxWindowDays {
		return true
	}
	c.add("/days", "window_days", strconv.Itoa(c.w.Days),
		"A campaign lasts from 1 to %d days, not %d. Enter a number of days in that range.", MaxWindowDays, c.w.Days)
	return false
}

func (c *check) anyHours() bool {
	for _, spans := range c.w.Hours {
		if len(spans) > 0 {
			return true
		}
	}
	return false
}

func (c *check) hours() bool {
	before := len(c.problems)
	for i, day := range week {
		c.weekday(day, week[(i+6)%7])
	}
	return len(c.problems) == before
}

// weekday finds at most one problem for each span: what follows from another is not worth saying.
func (c *check) weekday(day, eve time.Weekday) {
	spans := c.w.Hours[day]
	at := "/hours/" + weekdayKey(day)
	if len(spans) > MaxSpans {
		c.add(at, "window_hours_too_many", strconv.Itoa(len(spans)),
			"%s has %d spans of hours; a day has at most %d. Join some of them, or remove some.", day, len(spans), MaxSpans)
		return
	}
	for i, s := range spans {
		field := at + "/" + strconv.Itoa(i)
		switch {
		case s.From < 0 || s.From >= endOfDay:
			c.add(field+"/from", "window_hours_clock", s.From.String(),
				"Hours on %s cannot begin at %s. Enter a time from 00:00 to 23:59.", day, s.From)
			continue
		case s.To < 0 || s.To > endOfDay:
			c.add(field+"/to", "window_hours_clock", s.To.String(),
				"Hours on %s cannot end at %s. Enter a time from 00:00 to 24:00.", day, s.To)
			continue
		case s.From == s.To:
			c.add(field+"/to", "window_hours_empty", s.To.String(),
				"The hours on %s begin and end at %s. Enter a later end, 24:00 for the end of the day.", day, s.To)
			continue
		}
		if j, ok := overlapped(spans[:i], s); ok {
			c.add(field+"/from", "window_hours_overlap", s.From.String(),
				"The hours from %s on %s overlap those from %s to %s. Join the two, or change a time.", s.From, day, spans[j].From, spans[j].To)
			continue
		}
		if i > 0 && s.From < spans[i-1].From {
			c.add(field+"/from", "window_hours_order", s.From.String(),
				"The hours from %s on %s stand below those from %s. List the hours of a day in their order, the earliest first.", s.From, day, spans[i-1].From)
			continue
		}
		for _, night := range c.w.Hours[eve] {
			if _, to := night.minutes(); to-endOfDay > s.From {
				c.add(field+"/from", "window_hours_overlap", s.From.String(),
					"The hours from %s on %s overlap those that run over midnight from %s %s to %s. Change one of the times.", s.From, day, eve, night.From, night.To)
				break
			}
		}
	}
}

// overlapped is the first of spans that has a moment in common with s.
func overlapped(spans []Span, s Span) (int, bool) {
	from, to := s.minutes()
	for i, other := range spans {
		if f, t := other.minutes(); from < t && f < to {
			return i, true
		}
	}
	return 0, false
}

func (c *check) holidays() bool {
	all := c.w.Holidays
	if len(all) > MaxHolidays {
		c.add("/holidays", "window_holidays", strconv.Itoa(len(all)),
			"There are %d holidays; a campaign takes at most %d. Remove those that lie outside of it.", len(all), MaxHolidays)
		return false
	}
	before := len(c.problems)
	seen := make(map[Day]bool, len(all))
	for i, d := range all {
		field := "/holidays/" + strconv.Itoa(i)
		switch {
		case !d.valid():
			c.add(field, "window_holidays", d.String(), "The calendar has no day %q. Choose a day, or remove this holiday.", d.String())
		case seen[d]:
			c.add(field, "window_holidays", d.String(), "The holiday %s is listed twice. Remove one of the two.", spoken(d))
		}
		seen[d] = true
	}
	return len(c.problems) == before
}

// opening looks for working hours, and for some that are still to come. A zone
// that is not known (nil) is reported elsewhere.
func (c *check) opening(zone *time.Location, now time.Time) {
	if zone == nil {
		return
	}
	w := c.w
	last := w.FirstDay.Add(w.Days - 1)
	switch o := w.Open(zone); {
	case !o.Empty() && o.After(now).Empty():
		c.add("/firstDay", "window_over", w.FirstDay.String(),
			"All working hours of this campaign have passed; the last ended at %s. Choose a later first day, more days or longer hours.",
			o.To().In(zone).Format("15:04 on Monday 2 January 2006"))
	case o.Empty() && w.without().Open(zone).Empty():
		c.add("/hours", "window_no_hours", "",
			"No day from %s to %s has working hours. Enter hours for one of these weekdays, or choose more days or another first day.", spoken(w.FirstDay), spoken(last))
	case o.Empty():
		c.add("/holidays", "window_no_hours", "",
			"Every day with working hours from %s to %s is a holiday. Remove a holiday, or choose more days or another first day.", spoken(w.FirstDay), spoken(last))
	}
}

// without is the window as if it had no holidays.
func (w Window) without() Window {
	w.Holidays = nil
	return w
}

func spoken(d Day) string { return d.midnight().Format("Monday 2 January 2006") }
