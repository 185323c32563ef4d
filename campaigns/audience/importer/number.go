package importer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// dateKind says what of a moment a style shows.
type dateKind uint8

const (
	showsDay dateKind = 1 << iota
	showsTime
)

// builtinFormats are the formats every workbook has without defining them
// (ECMA-376, part 1, 18.8.30), East Asian ones included.
var builtinFormats = func() map[string]dateKind {
	m := make(map[string]dateKind)
	for _, r := range []struct {
		from, to int
		kind     dateKind
	}{{14, 17, showsDay}, {18, 21, showsTime}, {22, 22, showsDay | showsTime}, {27, 31, showsDay}, {32, 35, showsTime}, {36, 36, showsDay}, {45, 47, showsTime}, {50, 54, showsDay}, {55, 56, showsTime}, {57, 58, showsDay}} {
		for id := r.from; id <= r.to; id++ {
			m[strconv.Itoa(id)] = r.kind
		}
	}
	return m
}()

// kindOfFormat reads a format such as [$-409]d\-mmm\-yy;@ as far as its letters
// tell days and times; texts in it, colours and filling characters do not count.
func kindOfFormat(code string) dateKind {
	var kind dateKind
	month := false
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			n := strings.IndexByte(code[i+1:], '"')
			if n < 0 {
				return kind
			}
			i += n + 1
		case '\\', '_', '*':
			i++
		case '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				return kind
			}
			if n > 1 && strings.Trim(code[i+1:i+n], "hmsHMS") == "" {
				kind |= showsTime // [h]:mm, time that passed
			}
			i += n
		case ';':
			i = len(code) // negative numbers
		case 'y', 'Y', 'd', 'D':
			kind |= showsDay
		case 'h', 'H', 's', 'S':
			kind |= showsTime
		case 'm', 'M':
			month = true
		case 'G', 'g':
			if strings.HasPrefix(strings.ToLower(code[i:]), "general") {
				i += len("general") - 1
			}
		}
	}
	if kind == 0 && month {
		kind = showsDay // "mmm"
	}
	return kind
}

// lastSerial is 9999-12-31.
const lastSerial = 2958465

// dateText writes the number of a day as spreadsheets count them: 2026-03-31, with
// " 14:05" behind it when the style shows the time and it is not midnight, and 14:05
// alone when the style shows no day. ok is false for what is no such number.
func dateText(raw string, kind dateKind, date1904 bool) (s string, ok bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil || !(v >= 0 && v < lastSerial+1) {
		return "", false
	}
	seconds := int64(math.Round(v * 86400))
	day, clock := seconds/86400, seconds%86400
	if kind&showsDay == 0 {
		return clockText(seconds), true
	}
	var date string
	switch {
	case date1904:
		date = time.Date(1904, 1, 1+int(day), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case day == 60:
		// Excel keeps Lotus' belief that 1900 was a leap year. No such day exists, and
		// the check of dates says so.
		date = "1900-02-29"
	case day < 60:
		date = time.Date(1899, 12, 31+int(day), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	default:
		date = time.Date(1899, 12, 30+int(day), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if len(date) != len(time.DateOnly) {
		return "", false // beyond the year 9999
	}
	if kind&showsTime != 0 && clock != 0 {
		date += " " + clockText(clock)
	}
	return date, true
}

func clockText(seconds int64) string {
	s := fmt.Sprintf("%02d:%02d", seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf(":%02d", seconds%60)
	}
	return s
}

// isoDate cuts the midnight off a date that is written as such.
func isoDate(s string) string {
	s = strings.TrimSpace(s)
	if day, clock, ok := strings.Cut(s, "T"); ok && isDate(day) && strings.Trim(clock, "0:.Z") == "" {
		return day
	}
	return s
}

// significant is how many digits of a number spreadsheets keep and show.
const significant = 15

// numberText writes a number without exponent and without the digits behind the 15th,
// which are rounding: 1.5E+10 is 15000000000, 0.30000000000000004 is 0.3. What is no
// number stays what it is.
func numberText(raw string) string {
	s := strings.TrimSpace(raw)
	mantissa, exponent, scientific := strings.Cut(strings.Replace(s, "e", "E", 1), "E")
	if !isNumber(mantissa) || strings.Contains(s, ",") || scientific && !isDigits(strings.TrimLeft(exponent, "+-")) {
		return raw
	}
	digits := strings.TrimLeft(strings.Trim(strings.Replace(mantissa, ".", "", 1), "+-"), "0")
	if !scientific && len(digits) <= significant {
		return s
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return raw
	}
	v, err = strconv.ParseFloat(strconv.FormatFloat(v, 'e', significant-1, 64), 64)
	if err != nil || v == 0 {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
