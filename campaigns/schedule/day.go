package schedule

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Day is a day of the calendar, of no time zone. As text "2026-11-30"; the zero
// Day, that nobody chose yet, is "".
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf is the calendar day of t in t's own location.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.midnight().Weekday() }

// Add is the day that many days later; earlier, when days is negative.
func (d Day) Add(days int) Day { return DayOf(d.midnight().AddDate(0, 0, days)) }

// Before says whether d is an earlier day than e.
func (d Day) Before(e Day) bool { return d.midnight().Before(e.midnight()) }

func (d Day) String() string {
	if d == (Day{}) {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// midnight is the wall clock's reading at which the day begins, see wall.
func (d Day) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// valid says whether the calendar has such a day, and text with four digits a year can say it.
func (d Day) valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && DayOf(d.midnight()) == d
}

// MarshalText refuses a day that the calendar does not have.
func (d Day) MarshalText() ([]byte, error) {
	if d != (Day{}) && !d.valid() {
		return nil, fmt.Errorf("no such day: year %d, month %d, day %d", d.Year, d.Month, d.Day)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes, and nothing else.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Day{}
		return nil
	}
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil || !DayOf(t).valid() {
		return refused(*d, fmt.Sprintf("%q: a day of the calendar is written like 2026-11-30", shorten(text)))
	}
	*d = DayOf(t)
	return nil
}

// Clock is a time of day in minutes since midnight, 0 to 1440. As text "09:00";
// "24:00" is the midnight at which a day ends.
type Clock int

const endOfDay Clock = 24 * 60

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText refuses what is no time of day.
func (c Clock) MarshalText() ([]byte, error) {
	if c < 0 || c > endOfDay {
		return nil, fmt.Errorf("no time of day: %d minutes after midnight", int(c))
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads what MarshalText writes, and nothing else.
func (c *Clock) UnmarshalText(text []byte) error {
	if string(text) == endOfDay.String() {
		*c = endOfDay
		return nil
	}
	t, err := time.Parse("15:04", string(text))
	read := Clock(t.Hour()*60 + t.Minute())
	if err != nil || read.String() != string(text) {
		return refused(*c, fmt.Sprintf("%q: a time of day is written like 09:00, up to 24:00", shorten(text)))
	}
	*c = read
	return nil
}

// refused is the error that encoding/json completes with the way to the field,
// so that the answer to a bad request can name it: "… must not be <what>".
func refused(v any, what string) *json.UnmarshalTypeError {
	return &json.UnmarshalTypeError{Value: what, Type: reflect.TypeOf(v)}
}

// shorten keeps what people can recognise, and does not end within a letter.
func shorten(text []byte) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(string(text[:40]), "") + "…"
	}
	return string(text)
}
