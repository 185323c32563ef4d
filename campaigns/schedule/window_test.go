package schedule_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"herald/campaigns/schedule"
)

func TestWindowAsJSON(t *testing.T) {
	t.Parallel()
	w := schedule.Window{
		FirstDay: day("2026-11-30"), Days: 3, TimeZone: "Europe/Paris",
		Hours:    schedule.Hours{time.Monday: {span("09:00", "12:30"), span("13:30", "24:00")}, time.Saturday: {span("22:00", "06:00")}},
		Holidays: []schedule.Day{day("2026-12-01")}, OwnTimeZone: true, PerHour: 500,
	}
	const want = `{"firstDay":"2026-11-30","days":3,"hours":{"mon":[{"from":"09:00","to":"12:30"},{"from":"13:30","to":"24:00"}],"sat":[{"from":"22:00","to":"06:00"}]},` +
		`"holidays":["2026-12-01"],"timeZone":"Europe/Paris","ownTimeZone":true,"perHour":500}`
	got, err := json.Marshal(w)
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	var back schedule.Window
	if err := json.Unmarshal([]byte(want), &back); err != nil || !reflect.DeepEqual(back, w) {
		t.Errorf("read back as %+v, %v", back, err)
	}
	// What nobody has filled in yet can be kept, too.
	got, err = json.Marshal(schedule.Window{})
	if err != nil || string(got) != `{"firstDay":"","days":0,"hours":{},"timeZone":""}` {
		t.Errorf("%s, %v", got, err)
	}
	if err := json.Unmarshal(got, &back); err != nil || back.FirstDay != (schedule.Day{}) {
		t.Errorf("%+v, %v", back, err)
	}
	for _, w := range worlds(t, 200) {
		text, err := json.Marshal(w.Window)
		var back schedule.Window
		if err != nil || json.Unmarshal(text, &back) != nil || !reflect.DeepEqual(back, w.Window) {
			t.Errorf("%s: %v\n%s\n%+v", w, err, text, back)
		}
	}
}

// The way to the field is in the error, so that the answer to a request can name it.
func TestWindowRefusesJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ field, value string }{
		`{"firstDay":"tomorrow"}`:                                          {"firstDay", `"tomorrow": a day of the calendar is written like 2026-11-30`},
		`{"firstDay":"2026-02-29"}`:                                        {"firstDay", `"2026-02-29": a day`},
		`{"firstDay":"2026-2-9"}`:                                          {"firstDay", `"2026-2-9": a day`},
		`{"firstDay":"0000-01-01"}`:                                        {"firstDay", `"0000-01-01": a day`},
		`{"firstDay":"2026-11-30T00:00:00Z"}`:                              {"firstDay", `"2026-11-30T00:00:00Z": a day`},
		`{"firstDay":20261130}`:                                            {"firstDay", "number"},
		`{"firstDay":"` + strings.Repeat("9", 90) + `"}`:                   {"firstDay", `"` + strings.Repeat("9", 40) + `…"`},
		`{"holidays":["2026-11-30","x"]}`:                                  {"holidays", `"x": a day`},
		`{"days":"three"}`:                                                 {"days", "string"},
		`{"days":1.5}`:                                                     {"days", "number 1.5"},
		`{"hours":[]}`:                                                     {"hours", "array"},
		`{"hours":{"monday":[]}}`:                                          {"hours.monday", "there: the days are mon, tue"},
		`{"hours":{"Mon":[]}}`:                                             {"hours.Mon", "there: the days are mon, tue"},
		`{"hours":{"mon":"9-5"}}`:                                          {"hours.mon", "string"},
		`{"hours":{"mon":[null]}}`:                                         {"hours.mon", "without both"},
		`{"hours":{"mon":[{"from":"09:00"}]}}`:                             {"hours.mon", "without both from and to"},
		`{"hours":{"tue":[{"from":null,"to":"09:00"}]}}`:                   {"hours.tue", "without both from and to"},
		`{"hours":{"mon":[{"from":"09:00","to":"17:00","until":"x"}]}}`:    {"hours.mon.until", "there: a span has from and to"},
		`{"hours":{"mon":[{"from":"9:00","to":"17:00"}]}}`:                 {"hours.mon.from", `"9:00": a time of day is written like 09:00`},
		`{"hours":{"mon":[{"from":"09:00","to":"24:01"}]}}`:                {"hours.mon.to", `"24:01": a time of day`},
		`{"hours":{"mon":[{"from":"09:00","to":"12:60"}]}}`:                {"hours.mon.to", `"12:60": a time of day`},
		`{"hours":{"mon":[{"from":"","to":"12:00"}]}}`:                     {"hours.mon.from", `"": a time of day`},
		`{"hours":{"mon":[{"from":540,"to":"17:00"}]}}`:                    {"hours.mon.from", "number"},
		`{"hours":{"fri":[{"from":"09:00","to":"12:00"},{"from":false}]}}`: {"hours.fri.from", "bool"},
	} {
		var request struct {
			Window schedule.Window `json:"window"`
		}
		err := json.Unmarshal([]byte(`{"window":`+text+`}`), &request)
		var typ *json.UnmarshalTypeError
		if !errors.As(err, &typ) || typ.Field != "window."+want.field || !strings.HasPrefix(typ.Value, want.value) {
			t.Errorf("%s: %v", text, err)
			if typ != nil {
				t.Errorf("    at %s: %s", typ.Field, typ.Value)
			}
		}
	}
}

func TestWindowDoesNotWriteWhatItDoesNotRead(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]schedule.Window{
		"30 February":     {FirstDay: schedule.Day{Year: 2026, Month: 2, Day: 30}},
		"year 12026":      {FirstDay: schedule.Day{Year: 12026, Month: 1, Day: 1}},
		"a holiday":       {Holidays: []schedule.Day{{Year: 2026, Month: 13, Day: 1}}},
		"before midnight": {Hours: hours(schedule.Span{From: -1, To: 60})},
		"after midnight":  {Hours: hours(schedule.Span{From: 60, To: 1441})},
	} {
		if text, err := json.Marshal(w); err == nil {
			t.Errorf("%s is written as %s", name, text)
		}
	}
}

func TestDay(t *testing.T) {
	t.Parallel()
	d := day("2026-12-31")
	if d.Weekday() != time.Thursday || d.Add(1) != day("2027-01-01") || d.Add(-365) != day("2025-12-31") || d.Add(60) != day("2027-03-01") {
		t.Error("the calendar is wrong")
	}
	if !d.Before(d.Add(1)) || d.Before(d) || d.Add(1).Before(d) {
		t.Error("the order of days is wrong")
	}
	evening := time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC)
	if schedule.DayOf(evening) != d || schedule.DayOf(evening.In(zone(t, "Europe/Paris"))) != d.Add(1) {
		t.Error("a day is that of the moment's own zone")
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Paris", "UTC", "Etc/GMT+12", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Asia/Calcutta", "EST5EDT"} {
		z, err := schedule.Zone(name)
		if err != nil || z.String() != name {
			t.Errorf("%s: %v, %v", name, z, err)
		}
		if again, _ := schedule.Zone(name); again != z {
			t.Errorf("%s is read again", name)
		}
	}
	for _, name := range []string{
		"", "Local", "Mars/Olympus", "localtime", "posixrules", "Factory", "right/Europe/Paris", "posix/Europe/Paris", "Europe", "Europe/",
		"/etc/localtime", "../Europe/Paris", "Europe/../Europe/Paris", "./UTC", `Europe\Paris`, "Europe/Paris\x00", "Europe/Paris\n", "W. Europe Standard Time", "UTC+2",
		"zone.tab", "tzdata.zi", strings.Repeat("A", 5000),
	} {
		if z, err := schedule.Zone(name); err == nil || z != nil || len(err.Error()) > 100 {
			t.Errorf("%.40q: %v, %v", name, z, err)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	nineToFive := span("09:00", "17:00")
	// now is Saturday 21 November 2026, 9:00 in UTC.
	good := func() schedule.Window {
		return schedule.Window{FirstDay: day("2026-11-23"), Days: 3, Hours: working("2026-11-23", 3, nineToFive).Hours, TimeZone: "Europe/Paris"}
	}
	monday := func(spans ...schedule.Span) func(*schedule.Window) {
		return func(w *schedule.Window) { w.Hours[time.Monday] = spans }
	}
	many := make([]schedule.Day, schedule.MaxHolidays+1)
	for i := range many {
		many[i] = day("2027-01-01").Add(i)
	}
	for name, tc := range map[string]struct {
		change func(*schedule.Window)
		want   []string // code, field and value, and a word of the remedy
	}{
		"none":                      {func(*schedule.Window) {}, nil},
		"today":                     {func(w *schedule.Window) { w.FirstDay = day("2026-11-21") }, nil},
		"six days ahead":            {func(w *schedule.Window) { w.FirstDay = day("2026-11-27") }, nil},
		"one day":                   {func(w *schedule.Window) { w.Days = 1 }, nil},
		"thirty days":               {func(w *schedule.Window) { w.Days = 30 }, nil},
		"a hundred holidays":        {func(w *schedule.Window) { w.Holidays = many[:schedule.MaxHolidays] }, nil},
		"a million an hour":         {func(w *schedule.Window) { w.PerHour = 1_000_000 }, nil},
		"four spans, touching":      {monday(span("00:00", "06:00"), span("06:00", "12:00"), span("12:00", "18:00"), span("18:00", "24:00")), nil},
		"a night up to the morning": {monday(span("22:00", "09:00")), nil},
		"yesterday":                 {func(w *schedule.Window) { w.FirstDay = day("2026-11-20") }, []string{"window_first_day_past /firstDay 2026-11-20", "Choose today (Saturday 21 November 2026)"}},
		"still yesterday in the zone": {func(w *schedule.Window) {
			w.FirstDay, w.TimeZone, w.Hours = day("2026-11-20"), "Etc/GMT+12", hours(nineToFive)
		}, nil},
		"seven days ahead in the zone":  {func(w *schedule.Window) { w.FirstDay, w.TimeZone = day("2026-11-27"), "Etc/GMT+12" }, []string{"window_first_day_cap /firstDay 2026-11-27", "Choose Thursday 26 November 2026 or"}},
		"seven days ahead":              {func(w *schedule.Window) { w.FirstDay = day("2026-11-28") }, []string{"window_first_day_cap /firstDay 2026-11-28", "Choose Friday 27 November 2026 or an earlier day"}},
		"no first day":                  {func(w *schedule.Window) { w.FirstDay = schedule.Day{} }, []string{"window_first_day /firstDay ", "Choose the day"}},
		"30 February":                   {func(w *schedule.Window) { w.FirstDay = schedule.Day{Year: 2026, Month: 2, Day: 30} }, []string{"window_first_day /firstDay 2026-02-30", "Choose the day"}},
		"0 days":                        {func(w *schedule.Window) { w.Days = 0 }, []string{"window_days /days 0", "from 1 to 30 days"}},
		"-1 days":                       {func(w *schedule.Window) { w.Days = -1 }, []string{"window_days /days -1", "from 1 to 30 days"}},
		"400 days":                      {func(w *schedule.Window) { w.Days = 400 }, []string{"window_days /days 400", "from 1 to 30 days"}},
		"31 days":                       {func(w *schedule.Window) { w.Days = 31 }, []string{"window_days /days 31", "from 1 to 30 days"}},
		"five spans":                    {monday(make([]schedule.Span, 5)...), []string{"window_hours_too_many /hours/mon 5", "at most 4"}},
		"an empty span":                 {monday(nineToFive, span("18:00", "18:00")), []string{"window_hours_empty /hours/mon/1/to 18:00", "Enter a later end"}},
		"a whole day, written wrongly":  {monday(span("00:00", "00:00")), []string{"window_hours_empty /hours/mon/0/to 00:00", "24:00"}},
		"begins at 24:00":               {monday(span("24:00", "06:00")), []string{"window_hours_clock /hours/mon/0/from 24:00", "from 00:00 to 23:59"}},
		"begins before midnight":        {monday(schedule.Span{From: -60, To: 60}), []string{"window_hours_clock /hours/mon/0/from -1:00", "from 00:00 to 23:59"}},
		"ends after midnight":           {monday(schedule.Span{From: 60, To: 1500}), []string{"window_hours_clock /hours/mon/0/to 25:00", "from 00:00 to 24:00"}},
		"ends before all time":          {monday(schedule.Span{From: 60, To: -60}), []string{"window_hours_clock /hours/mon/0/to -1:00", "from 00:00 to 24:00"}},
		"overlap":                       {monday(span("09:00", "12:00"), span("11:59", "17:00")), []string{"window_hours_overlap /hours/mon/1/from 11:59", "Join the two"}},
		"one in the other":              {monday(span("09:00", "17:00"), span("10:00", "11:00")), []string{"window_hours_overlap /hours/mon/1/from 10:00", "Join the two"}},
		"over all of the other":         {monday(span("10:00", "11:00"), span("09:00", "17:00")), []string{"window_hours_overlap /hours/mon/1/from 09:00", "Join the two"}},
		"overlap with the one but last": {monday(span("09:00", "12:00"), span("13:00", "14:00"), span("11:00", "12:30")), []string{"window_hours_overlap /hours/mon/2/from 11:00", "Join the two"}},
		"overlap at night":              {monday(span("22:00", "06:00"), span("23:00", "24:00")), []string{"window_hours_overlap /hours/mon/1/from 23:00", "Join the two"}},
		"not in order":                  {monday(span("13:00", "17:00"), span("09:00", "12:00")), []string{"window_hours_order /hours/mon/1/from 09:00", "earliest first"}},
		"a night into the morning":      {monday(span("22:00", "09:01")), []string{"window_hours_overlap /hours/tue/0/from 09:00", "Change one of the times"}},
		"a Sunday night into Monday": {func(w *schedule.Window) { w.Hours[time.Sunday] = []schedule.Span{span("22:00", "10:00")} },
			[]string{"window_hours_overlap /hours/mon/0/from 09:00", "Sunday 22:00 to 10:00. Change one of the times"}},
		"closed all week":          {func(w *schedule.Window) { w.Hours = schedule.Hours{} }, []string{"window_no_hours /hours ", "at least one day"}},
		"closed, with empty lists": {func(w *schedule.Window) { w.Hours = hours() }, []string{"window_no_hours /hours ", "at least one day"}},
		"a weekend":                {func(w *schedule.Window) { w.FirstDay, w.Days = day("2026-11-21"), 2 }, []string{"window_no_hours /hours ", "choose more days"}},
		"nothing but holidays": {func(w *schedule.Window) {
			w.Holidays = []schedule.Day{day("2026-11-23"), day("2026-11-24"), day("2026-11-25")}
		},
			[]string{"window_no_hours /holidays ", "Remove a holiday"}},
		"101 holidays":          {func(w *schedule.Window) { w.Holidays = many }, []string{"window_holidays /holidays 101", "at most 100"}},
		"a holiday twice":       {func(w *schedule.Window) { w.Holidays = []schedule.Day{many[0], many[1], many[0]} }, []string{"window_holidays /holidays/2 2027-01-01", "Remove one of the two"}},
		"a holiday that is not": {func(w *schedule.Window) { w.Holidays = []schedule.Day{{}} }, []string{"window_holidays /holidays/0 ", "remove this holiday"}},
		"an unknown zone":       {func(w *schedule.Window) { w.TimeZone = "Mars/Olympus" }, []string{"unknown_time_zone /timeZone Mars/Olympus", `such as "Europe/Paris"`}},
		"a long unknown zone":   {func(w *schedule.Window) { w.TimeZone = "x" + strings.Repeat("é", 50) }, []string{"unknown_time_zone /timeZone x" + strings.Repeat("é", 19) + "…", "Choose one"}},
		"no zone":               {func(w *schedule.Window) { w.TimeZone = "" }, []string{"unknown_time_zone /timeZone ", "Choose one"}},
		"-1 an hour":            {func(w *schedule.Window) { w.PerHour = -1 }, []string{"window_per_hour /perHour -1", "0 for no limit"}},
		"too many an hour":      {func(w *schedule.Window) { w.PerHour = 1_000_001 }, []string{"window_per_hour /perHour 1000001", "from 1 to 1000000"}},
		"the hours have passed": {func(w *schedule.Window) {
			w.FirstDay, w.Days, w.Hours = day("2026-11-21"), 1, hours(span("07:00", "10:00"))
		}, []string{"window_over /firstDay 2026-11-21", "ended at 10:00 on Saturday 21 November 2026. Choose a later first day"}},
		"a minute is left": {func(w *schedule.Window) {
			w.FirstDay, w.Days, w.Hours = day("2026-11-21"), 1, hours(span("07:00", "10:01"))
		}, nil},
		"nothing but wrong": {func(w *schedule.Window) {
			*w = schedule.Window{Days: math.MinInt, PerHour: math.MinInt, Holidays: []schedule.Day{{}}, Hours: schedule.Hours{time.Friday: {{}}}}
		}, []string{
			"window_first_day /firstDay ", "Choose", "window_days /days -9223372036854775808", "1 to 30", "window_hours_empty /hours/fri/0/to 00:00", "later end",
			"window_holidays /holidays/0 ", "Choose", "unknown_time_zone /timeZone ", "Choose", "window_per_hour /perHour -9223372036854775808", "Enter",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := good()
			tc.change(&w)
			got := w.Problems(now)
			if len(got)*2 != len(tc.want) {
				t.Fatalf("%d problems: %+v", len(got), got)
			}
			for i, p := range got {
				if is := p.Code + " " + p.Field + " " + p.Value; is != tc.want[2*i] || !strings.Contains(p.Message, tc.want[2*i+1]) {
					t.Errorf("%s: %s\nwant %s: … %s …", is, p.Message, tc.want[2*i], tc.want[2*i+1])
				}
				if !strings.HasSuffix(p.Message, ".") || strings.Contains(p.Message, "%!") {
					t.Errorf("no sentence: %s", p.Message)
				}
			}
		})
	}
}

// FuzzWindow: whatever is read as a window can be written and read again, is judged without a panic, and is open in the
// future when nothing was found wrong with it.
func FuzzWindow(f *testing.F) {
	f.Add([]byte(`{"firstDay":"2026-11-23","days":3,"hours":{"mon":[{"from":"09:00","to":"17:00"}]},"timeZone":"Europe/Paris"}`))
	f.Add([]byte(`{"firstDay":"2026-11-21","days":30,"hours":{"sat":[{"from":"22:00","to":"06:00"}],"sun":[{"from":"06:00","to":"24:00"}]},"holidays":["2026-11-22"],"timeZone":"Australia/Lord_Howe","ownTimeZone":true,"perHour":1}`))
	f.Add([]byte(`{"firstDay":"9999-12-31","days":9223372036854775807,"hours":{"mon":[]},"timeZone":"../etc"}`))
	f.Add([]byte(`{"firstDay":"","hours":null,"holidays":[""]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var w, again schedule.Window
		if json.Unmarshal(text, &w) != nil {
			return
		}
		first, err := json.Marshal(w)
		if err != nil {
			t.Fatalf("read, but not written: %v", err)
		}
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("written, but not read: %v", err)
		}
		if second, _ := json.Marshal(again); !bytes.Equal(first, second) {
			t.Fatalf("%s becomes %s", first, second)
		}
		problems := w.Problems(now)
		o := w.Open(time.UTC)
		w.Next(time.UTC, schedule.Rung{Round: 1, First: now}, now)
		if len(problems) > 0 {
			for _, p := range problems {
				if p.Code == "" || !strings.HasPrefix(p.Field, "/") || p.Message == "" {
					t.Errorf("%+v", p)
				}
			}
			return
		}
		z, err := schedule.Zone(w.TimeZone)
		if err != nil {
			t.Fatal(err)
		}
		if !w.OwnTimeZone {
			o = w.Open(z)
		}
		if !w.Open(z).To().After(now) || o.From().Before(w.Earliest()) || o.To().After(w.Latest()) || !o.Contains(schedule.Place(o, 1, 0, 3)) {
			t.Errorf("nothing is wrong with %s, but it is open from %s to %s", first, o.From(), o.To())
		}
	})
}
