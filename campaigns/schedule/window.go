package schedule

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	// MaxWindowDays is how many days a window may last.
	MaxWindowDays = 30
	// MaxHolidays is how many holidays a window may name.
	MaxHolidays = 100
	// MaxSpans is how many spans of hours a weekday may have.
	MaxSpans = 4
	// MaxPerHour is the highest send speed that can be set.
	MaxPerHour = 1_000_000
)

// Window is when a timed campaign may reach people: some days in a row and the
// working hours in them. It belongs to no moment yet: Open makes moments of it,
// in one time zone.
type Window struct {
	FirstDay Day   `json:"firstDay"`
	Days     int   `json:"days"` // 1 to MaxWindowDays, holidays and closed days counted
	Hours    Hours `json:"hours"`
	// Holidays have no working hours. What runs over midnight into a holiday ends at midnight, and what would begin on
	// one does not begin, its part after midnight neither.
	Holidays []Day  `json:"holidays,omitempty"`
	TimeZone string `json:"timeZone"` // IANA, see Zone
	// OwnTimeZone: the hours are those of each person's own zone where it is known, else of TimeZone.
	OwnTimeZone bool `json:"ownTimeZone,omitempty"`
	PerHour     int  `json:"perHour,omitempty"` // most messages in a clock hour; 0: no such limit
}

// Span is a stretch of working hours: From is in it, To is not. A To before From is on the next day; the span belongs
// to the day on which it begins. A span from a time to the same time is empty.
type Span struct {
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// minutes are the span's bounds in minutes since the midnight at which its day begins: up to 2 × 1440.
func (s Span) minutes() (from, to Clock) {
	if s.To < s.From {
		return s.From, s.To + endOfDay
	}
	return s.From, s.To
}

// Hours are the working hours by time.Weekday. As JSON an object with a list of
// spans for each of "mon" to "sun"; a day that is not there is closed.
type Hours [7][]Span

// week is the order in which people read a week.
var week = [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// weekdayKey is the weekday's name in JSON: "mon".
func weekdayKey(d time.Weekday) string { return strings.ToLower(d.String()[:3]) }

// MarshalJSON leaves closed days out.
func (h Hours) MarshalJSON() ([]byte, error) {
	open := make(map[string][]Span, len(h))
	for _, d := range week {
		if len(h[d]) > 0 {
			open[weekdayKey(d)] = h[d]
		}
	}
	return json.Marshal(open)
}

// UnmarshalJSON refuses unknown days: a misspelled one would be closed, and nobody told.
func (h *Hours) UnmarshalJSON(data []byte) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(data, &given); err != nil {
		return err
	}
	var read Hours
	for _, d := range week {
		key := weekdayKey(d)
		if err := unmarshalField(key, given[key], &read[d]); err != nil {
			return err
		}
		delete(given, key)
	}
	if err := unknownField(*h, given, "there: the days are mon, tue, wed, thu, fri, sat and sun"); err != nil {
		return err
	}
	*h = read
	return nil
}

// UnmarshalJSON wants both times and nothing else: without its begin, a span would begin at midnight.
func (s *Span) UnmarshalJSON(data []byte) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(data, &given); err != nil {
		return err
	}
	var from, to *Clock
	for key, clock := range map[string]**Clock{"from": &from, "to": &to} {
		if err := unmarshalField(key, given[key], clock); err != nil {
			return err
		}
		delete(given, key)
	}
	if err := unknownField(*s, given, "there: a span has from and to"); err != nil {
		return err
	}
	if from == nil || to == nil {
		return refused(*s, "without both from and to")
	}
	*s = Span{*from, *to}
	return nil
}

// unmarshalField reads one field of an object, none when data is empty, and names it in the error.
func unmarshalField(key string, data json.RawMessage, v any) error {
	if len(data) == 0 {
		return nil
	}
	err := json.Unmarshal(data, v)
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		typ.Field = strings.TrimSuffix(key+"."+typ.Field, ".")
	}
	return err
}

// unknownField is the error for the first, by name, of the fields that are left.
func unknownField(v any, left map[string]json.RawMessage, what string) error {
	keys := slices.Sorted(maps.Keys(left))
	if len(keys) == 0 {
		return nil
	}
	err := refused(v, what)
	err.Field = shorten([]byte(keys[0]))
	return err
}
