package tab_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/schedule"
)

// week is a window of five days that begins on Monday, as a request.
const week = `{"firstDay":"2026-11-30","days":5,"hours":{"mon":[{"from":"09:00","to":"12:00"},{"from":"13:00","to":"17:00"}],"tue":[{"from":"09:00","to":"17:00"}],"wed":[{"from":"09:00","to":"17:00"}]},"timeZone":"Europe/Paris","presence":"present"}`

const timedID = "00000000-0000-7000-8000-000000000099" // {timed}, when a test adds it

// addTimed adds a campaign of Ann's.
func (w *world) addTimed(t testing.TB) {
	t.Helper()
	c := campaigns.Campaign{TenantID: contoso, ID: timedID, Name: "Campaign timed", Format: message.Message, Content: message.Content{Text: "Hello"}, Audience: campaigns.Audience{All: true},
		Status: campaigns.Draft, Version: 1, CreatedAt: start, UpdatedAt: start, CreatedBy: campaigns.Author{ID: "ann", DisplayName: "Ann Ahlberg"}}
	if err := errors.Join(w.db.CreateCampaign(t.Context(), &c), w.timed(t.Context(), c.Key())); err != nil {
		t.Fatal(err)
	}
}

// timed is a campaign whose window is open: Ann was absent and is looked for again, Élodie's moment is to come, Bob does not have the app.
func (w *world) timed(ctx context.Context, k campaigns.Key) error {
	var win campaigns.Window
	if err := json.Unmarshal([]byte(strings.Replace(week, "2026-11-30", "2026-11-27", 1)), &win); err != nil {
		return err
	}
	win.Unknown = campaigns.SendUnknown
	win.Hours[time.Friday] = []schedule.Span{{From: 9 * 60, To: 17 * 60}}
	at := start.Add(-time.Minute)
	if _, err := w.db.ScheduleWithin(ctx, k, 0, win, at, at); err != nil {
		return err
	}
	_, plan, err := w.db.Begin(ctx, k, at)
	if err != nil {
		return err
	}
	page := []delivery.Planned{
		{Recipient: "ann", PersonID: "ann", Email: "ann@contoso.example", DisplayName: "Ann Ahlberg", Status: campaigns.DeliveryPending},
		{Recipient: "elodie", PersonID: "elodie", Email: "elodie@contoso.example", DisplayName: "Élodie Durand", Status: campaigns.DeliveryPending},
		{Recipient: "carl", PersonID: "carl", Email: "carl@contoso.example", DisplayName: "Carl Cho", Status: campaigns.DeliveryPending},
		{Recipient: "bob", PersonID: "bob", Email: "bob@contoso.example", DisplayName: "Bob Berg", Status: campaigns.DeliverySkipped, Reason: campaigns.NotInstalled},
	}
	if err := w.db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, page, at); err != nil {
		return err
	}
	placed := []delivery.Placed{{Seq: 1, At: start}, {Seq: 2, At: start.Add(4 * time.Hour)}, {Seq: 3}}
	if err := w.db.PlacePage(ctx, k, delivery.Plan{Cursor: delivery.Placing + "0"}, delivery.Plan{Cursor: delivery.Placing + "3", Done: true}, placed, at); err != nil {
		return err
	}
	near, err := w.db.Near(ctx, k, start, 10)
	if err != nil {
		return err
	}
	next := start.Add(10 * time.Minute)
	_, err = w.db.Settle(ctx, k, []delivery.Verdict{{Waiting: near[0], Found: campaigns.FoundAbsent, Reason: campaigns.Absent, Next: next, To: schedule.Rung{Round: 1, Step: 1, First: start}}}, 0, start)
	return err
}

func TestTiming(t *testing.T) {
	window := func(change ...string) string { return strings.NewReplacer(change...).Replace(week) }
	send := func(change ...string) request {
		return request{method: "POST", path: "/campaigns/{draft}/send", body: `{"window":` + window(change...) + `}`}
	}
	save := func(timing string) request {
		return request{method: "POST", path: "/campaigns", body: `{"name":"N","timing":` + timing + `}`}
	}
	preview := func(body string) request { return request{method: "POST", path: "/timing/preview", body: body} }
	play(t, []scenario{
		{name: "send within a window", request: send(), status: 202, contains: []string{`"status":"scheduled"`, `"sendAt":"2026-11-30T08:00:00Z"`, `"endsAt":"2026-12-02T16:00:00Z"`, `"timing":{"window":{"firstDay":"2026-11-30"`, `"presence":"present","presenceUnknown":"send"`, `"holidays":[]`, `"perHour":0`}, calls: []string{"start 2026-11-30T08:00:00Z"}},
		{name: "send within a window that is open", request: send("2026-11-30", "2026-11-27", `"tue"`, `"fri"`), status: 202, contains: []string{`"sendAt":"2026-11-27T10:00:00Z"`}},
		{name: "send in everybody's own time zone", request: send(`"presence"`, `"ownTimeZone":true,"presence"`), status: 202, contains: []string{`"sendAt":"2026-11-29T19:00:00Z"`, `"endsAt":"2026-12-03T05:00:00Z"`}},
		{name: "send within a window and at a moment", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"at":"2026-11-28T09:30:00Z","window":` + week + `}`}, status: 422, code: "ambiguous_timing"},
		{name: "send within no window", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"window":null}`}, status: 202, contains: []string{`"timing":{"at":null}`, `"endsAt":null`}},
		{name: "send in a window with a misspelled field", request: send(`"days"`, `"dayz"`), status: 400, code: "unknown_field"},
		{name: "send in a window without hours", request: send(`"mon"`, `"sat"`, `"tue"`, `"sun"`, `,"wed":[{"from":"09:00","to":"17:00"}]`, ``), status: 422, code: "window_no_hours", fields: []string{"/timing/window/hours window_no_hours"}},
		{name: "send in a window without any hours", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"window":{"firstDay":"2026-11-30","days":1,"hours":{},"timeZone":"UTC"}}`}, status: 422, code: "window_no_hours"},
		{name: "send in a window of the past", request: send("2026-11-30", "2026-11-26"), status: 422, code: "window_first_day_past", fields: []string{"/timing/window/firstDay window_first_day_past"}},
		{name: "send in a window seven days ahead", request: send("2026-11-30", "2026-12-04"), status: 422, code: "window_first_day_cap", fields: []string{"/timing/window/firstDay window_first_day_cap"}},
		{name: "send in a window that ends before it begins", request: send(`"from":"13:00","to":"17:00"`, `"from":"13:00","to":"13:00"`), status: 422, code: "window_hours_empty", fields: []string{"/timing/window/hours/mon/1/to window_hours_empty"}},
		{name: "send for no day", request: send(`"days":5`, `"days":0`), status: 422, code: "window_days", fields: []string{"/timing/window/days window_days"}},
		{name: "send for 400 days", request: send(`"days":5`, `"days":400`), status: 422, code: "window_days"},
		{name: "send in a time zone that is none", request: send("Europe/Paris", "Europe/Atlantis"), status: 422, code: "unknown_time_zone", fields: []string{"/timing/window/timeZone unknown_time_zone"}},
		{name: "send by a rule that is none", request: send(`"presence":"present"`, `"presence":"asleep"`), status: 422, code: "unknown_presence", fields: []string{"/timing/window/presence unknown_presence"}},
		{name: "send too slowly", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"window":` + window(`"days":5`, `"days":1,"perHour":1`, `"from":"13:00","to":"17:00"`, `"from":"12:30","to":"12:45"`, `"from":"09:00","to":"12:00"`, `"from":"12:00","to":"12:15"`) + `}`}, status: 422, code: "window_too_small", fields: []string{"/timing/window/perHour window_too_small"}, contains: []string{"2 days", "a send speed of 2 an hour"}},
		{name: "send an empty text within a window", request: request{method: "POST", path: "/campaigns/{empty}/send", body: `{"window":` + week + `}`}, status: 422, code: "incomplete"},

		{name: "save a window", request: save(`{"window":` + week + `}`), status: 201, contains: []string{`"timing":{"window":{"firstDay":"2026-11-30"`, `"endsAt":null`}, lacks: []string{"window_"}},
		{name: "save a window without a first day", request: save(`{"window":` + window("2026-11-30", "") + `}`), status: 201, contains: []string{`"firstDay":""`, `"/timing/window/firstDay"`, "window_first_day"}},
		{name: "save a window and a moment", request: save(`{"at":"2026-11-28T09:30:00Z","window":` + week + `}`), status: 422, code: "ambiguous_timing", fields: []string{"/timing ambiguous_timing"}},
		{name: "save a day that is none", request: save(`{"window":` + window("2026-11-30", "2026-02-30") + `}`), status: 422, code: "invalid_window", fields: []string{"/timing/window/firstDay invalid_window"}},
		{name: "save a time that is none", request: save(`{"window":` + window(`"to":"12:00"`, `"to":"noon"`) + `}`), status: 422, code: "invalid_window"},
		{name: "save a weekday that is none", request: save(`{"window":` + window(`"mon"`, `"monday"`) + `}`), status: 422, code: "invalid_window"},
		{name: "save 31 days", request: save(`{"window":` + window(`"days":5`, `"days":31`) + `}`), status: 422, code: "window_days"},

		{name: "preview a window", request: preview(`{"window":` + week + `,"audience":{"all":true}}`), status: 200, contains: []string{`"opensAt":"2026-11-30T08:00:00Z"`, `"closesAt":"2026-12-02T16:00:00Z"`, `"openMinutes":1380`, `"people":2`, `"capacity":null`, `{"day":"2026-11-30","hour":9,"minutes":60,"people":0.08`, `"zones":[]`, `"problems":[]`}},
		{name: "preview a window in everybody's own time zone", request: preview(`{"window":` + window(`"presence"`, `"ownTimeZone":true,"presence"`) + `,"audience":{"all":true}}`), status: 200, contains: []string{`"zones":[{"timeZone":"Europe/Paris","people":2}]`}},
		{name: "preview what will not do", request: preview(`{"window":` + window(`"days":5`, `"days":0`) + `}`), status: 200, contains: []string{`"hours":[]`, `"opensAt":null`, `"code":"window_days"`, `"people":0`}},
		{name: "preview a slow window", request: preview(`{"window":` + window(`"presence"`, `"perHour":1,"presence"`) + `,"audience":{"all":true}}`), status: 200, contains: []string{`"capacity":23`, `"problems":[]`}},
		{name: "preview no window", request: preview(`{}`), status: 422, code: "window_missing"},
		{name: "preview a window for a list that is none", request: preview(`{"window":` + week + `,"audience":{"listIds":["nothing"]}}`), status: 422, code: "unknown_list"},
		{name: "preview a time that is none", request: preview(`{"window":` + window("09:00", "9") + `}`), status: 422, code: "invalid_window", fields: []string{"/timing/window/hours/mon/from invalid_window"}},
		{name: "defaults", request: request{method: "GET", path: "/timing/defaults"}, status: 200, contains: []string{`"timeZone":""`, `"fri":[{"from":"09:00","to":"17:00"}]`, `"Europe/Paris"`, `"presence":{"available":false,"reason":"no_presence_source"}`}, lacks: []string{`"sat"`}},

		{name: "hours", request: request{method: "GET", path: "/campaigns/{timed}/hours"}, status: 200, contains: []string{`"timeZone":"Europe/Paris"`, `"now":"2026-11-27T10:00:00Z"`, `{"at":"2026-11-27T10:00:00Z","planned":0,"waiting":1,"sent":0,"failed":0}`, `{"at":"2026-11-27T14:00:00Z","planned":1,"waiting":0,"sent":0,"failed":0}`, `"unscheduled":1`, `"replanned":null`, `"nextAt":"2026-11-27T10:10:00Z"`}},
		{name: "hours of a draft", request: request{method: "GET", path: "/campaigns/{draft}/hours"}, status: 409, code: "not_timed"},
		{name: "hours without a window", request: request{method: "GET", path: "/campaigns/{sending}/hours"}, status: 409, code: "not_timed"},
		{name: "hours of an unknown one", request: request{method: "GET", path: "/campaigns/nothing/hours"}, status: 404, code: "not_found"},
		{name: "recipients with their looks", request: request{method: "GET", path: "/campaigns/{timed}/recipients"}, status: 200, contains: []string{`"status":"rescheduled","reason":"absent"`, `"nextAttemptAt":"2026-11-27T10:10:00Z"`, `"checks":[{"at":"2026-11-27T10:00:00Z","found":"absent"}]`, `"checks":[]`, `"status":"unscheduled","reason":"window_over"`}},
		{name: "recipients who are unscheduled", request: request{method: "GET", path: "/campaigns/{timed}/recipients?status=unscheduled"}, status: 200, contains: []string{"Carl Cho"}, lacks: []string{"Ann Ahlberg"}},
		{name: "recipients without a window", request: request{method: "GET", path: "/campaigns/{sending}/recipients"}, status: 200, lacks: []string{`"checks"`}},
		{name: "export with looks and moments", request: request{method: "GET", path: "/campaigns/{timed}/recipients.csv"}, status: 200, contains: []string{"clicks,clicked_at,checks,next_at,snoozed_until", "ann@contoso.example,Ann Ahlberg,rescheduled,absent,0,false,,,,,0,,1,2026-11-27T10:10:00Z", "carl@contoso.example,Carl Cho,unscheduled,window_over,0,false,,,,,0,,0,"}},
		{name: "report of a timed one", request: request{method: "GET", path: "/campaigns/{timed}/report"}, status: 200, contains: []string{`"unscheduled":1`, `{"reason":"window_over","count":1}`, `"endsAt":"2026-12-01T16:00:00Z"`}},
		{name: "take a timed one back", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"window":` + week + `}`}, status: 202,
			after: func(t *testing.T, w *world, _ []byte) {
				_, body := w.do(t, request{as: "author", method: "POST", path: "/campaigns/{draft}/unschedule"})
				if !strings.Contains(string(body), `"timing":{"window":{"firstDay":"2026-11-30"`) {
					t.Errorf("%s", body)
				}
			}},
		{name: "copy a timed one", request: request{method: "POST", path: "/campaigns/{timed}/clone", body: `{"name":"Copy"}`}, status: 201, contains: []string{`"timing":{"window":{"firstDay":"2026-11-27"`}},
		{name: "stop a timed one", request: request{method: "POST", path: "/campaigns/{timed}/stop"}, status: 202, contains: []string{`"cancelled":2`, `"unscheduled":1`}},
	})
}
