package schedule_test

import (
	"testing"
	"time"

	"herald/campaigns/schedule"
)

func TestLater(t *testing.T) {
	t.Parallel()
	week := schedule.Hours{}
	for d := time.Monday; d <= time.Friday; d++ {
		week[d] = []schedule.Span{span("08:00", "12:00"), span("13:30", "17:00")}
	}
	late := schedule.Hours{time.Tuesday: {span("10:15", "16:00")}, time.Wednesday: {span("22:00", "06:00")}, time.Thursday: {span("05:00", "08:00")}}
	for name, c := range map[string]struct {
		hours    schedule.Hours
		holidays []schedule.Day
		zone     string
		now      string // on that wall
		choice   schedule.Later
		want     string
	}{
		"an hour":                         {week, nil, "Europe/Paris", "2026-11-26T11:20:07+01:00", schedule.InAnHour, "2026-11-26T12:20:07+01:00"},
		"an hour, over a change":          {week, nil, "Europe/Paris", "2026-10-25T02:30:00+02:00", schedule.InAnHour, "2026-10-25T02:30:00+01:00"},
		"in the morning":                  {week, nil, "Europe/Paris", "2026-11-26T00:00:00+01:00", schedule.ThisAfternoon, "2026-11-26T14:00:00+01:00"},
		"just before one":                 {week, nil, "Europe/Paris", "2026-11-26T12:59:59+01:00", schedule.ThisAfternoon, "2026-11-26T14:00:00+01:00"},
		"at one":                          {week, nil, "Europe/Paris", "2026-11-26T13:00:00+01:00", schedule.ThisAfternoon, "2026-11-26T16:30:00+01:00"},
		"just before four":                {week, nil, "Europe/Paris", "2026-11-26T15:59:59+01:00", schedule.ThisAfternoon, "2026-11-26T16:30:00+01:00"},
		"at four":                         {week, nil, "Europe/Paris", "2026-11-26T16:00:00+01:00", schedule.ThisAfternoon, "2026-11-27T09:00:00+01:00"},
		"half-hour zone":                  {week, nil, "Asia/Kolkata", "2026-11-26T12:45:00+05:30", schedule.ThisAfternoon, "2026-11-26T14:00:00+05:30"},
		"another day there":               {week, nil, "Pacific/Auckland", "2026-11-26T08:00:00+13:00", schedule.Tomorrow, "2026-11-27T09:00:00+13:00"},
		"tomorrow after a Friday":         {week, nil, "Europe/Paris", "2026-11-27T10:00:00+01:00", schedule.Tomorrow, "2026-11-30T09:00:00+01:00"},
		"past the window's only day":      {week, nil, "Europe/Paris", "2026-12-09T10:00:00+01:00", schedule.Tomorrow, "2026-12-10T09:00:00+01:00"},
		"a holiday":                       {week, []schedule.Day{day("2026-11-30")}, "Europe/Paris", "2026-11-27T10:00:00+01:00", schedule.Tomorrow, "2026-12-01T09:00:00+01:00"},
		"over the change to summer":       {week, nil, "Europe/Paris", "2026-03-28T10:00:00+01:00", schedule.Tomorrow, "2026-03-30T09:00:00+02:00"},
		"an afternoon on the day of it":   {week, nil, "Europe/Paris", "2026-03-29T01:30:00+01:00", schedule.ThisAfternoon, "2026-03-29T14:00:00+02:00"},
		"hours that begin late":           {late, nil, "Europe/Paris", "2026-11-30T10:00:00+01:00", schedule.Tomorrow, "2026-12-01T10:15:00+01:00"},
		"a night shift":                   {late, nil, "Europe/Paris", "2026-12-01T10:00:00+01:00", schedule.Tomorrow, "2026-12-02T22:00:00+01:00"},
		"hours that end before nine":      {late, nil, "Europe/Paris", "2026-12-02T10:00:00+01:00", schedule.Tomorrow, "2026-12-03T05:00:00+01:00"},
		"hours that nobody set":           {schedule.Hours{}, nil, "Europe/Paris", "2026-12-02T10:00:00+01:00", schedule.Tomorrow, "2026-12-03T09:00:00+01:00"},
		"after a short night of the year": {schedule.Hours{}, nil, "America/St_Johns", "2026-03-07T23:59:59-03:30", schedule.Tomorrow, "2026-03-08T09:00:00-02:30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := schedule.Zone(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			now, want := moment(t, c.now), moment(t, c.want)
			w := schedule.Window{FirstDay: day("2026-11-26"), Days: 1, Hours: c.hours, Holidays: c.holidays, TimeZone: "UTC"}
			for seed := range uint64(200) {
				got := w.Later(c.choice, now, zone, seed)
				if again := w.Later(c.choice, now.Add(300*time.Millisecond), zone, seed); !again.Equal(got) {
					t.Fatalf("once %s, once %s", got, again)
				}
				if after := got.Sub(want); after < 0 || after >= 8*time.Minute || c.choice == schedule.InAnHour && after != 0 {
					t.Fatalf("seed %d: %s, not %s", seed, got.In(zone), want)
				}
			}
		})
	}
}

// Who asks for the same time of day does not get it in the same second.
func TestLaterIsSpread(t *testing.T) {
	t.Parallel()
	w := schedule.Window{FirstDay: day("2026-11-26"), Days: 1, Hours: hours(span("09:00", "17:00")), TimeZone: "UTC"}
	seconds := map[time.Time]int{}
	for seed := range uint64(4800) {
		at := w.Later(schedule.Tomorrow, moment(t, "2026-11-26T10:00:00Z"), time.UTC, seed)
		if seconds[at]++; seconds[at] > 35 { // ten are the mean of 480 seconds
			t.Fatalf("%d come back at %s", seconds[at], at)
		}
	}
	if len(seconds) < 470 {
		t.Errorf("only %d different seconds", len(seconds))
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
