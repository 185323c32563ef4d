package tab_test

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSending(t *testing.T) {
	later := func(d time.Duration) string { return `{"at":"` + start.Add(d).Format(time.RFC3339Nano) + `"}` }
	play(t, []scenario{
		{name: "send now", request: request{method: "POST", path: "/campaigns/{draft}/send"}, status: 202, contains: []string{`"status":"scheduled"`, `"sendAt":"2026-11-27T10:00:00Z"`, `"version":2`}, calls: []string{"start 2026-11-27T10:00:00Z"}},
		{name: "send now in words", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"at":null}`, header: version1}, status: 202, calls: []string{"start 2026-11-27T10:00:00Z"}},
		{name: "send later", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"at":"2026-11-28T09:30:00+01:00"}`}, status: 202, contains: []string{`"sendAt":"2026-11-28T08:30:00Z"`}, calls: []string{"start 2026-11-28T08:30:00Z"}},
		{name: "send in exactly 144 hours", request: request{method: "POST", path: "/campaigns/{draft}/send", body: later(144 * time.Hour)}, status: 202, contains: []string{`"sendAt":"2026-12-03T10:00:00Z"`}},
		{name: "send past 144 hours", request: request{method: "POST", path: "/campaigns/{draft}/send", body: later(144*time.Hour + time.Millisecond)}, status: 422, code: "send_later_cap"},
		{name: "send in the past", request: request{method: "POST", path: "/campaigns/{draft}/send", body: later(-time.Hour)}, status: 422, code: "send_in_past"},
		{name: "send at a time that is none", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"at":"tomorrow"}`}, status: 422, code: "invalid_time", fields: []string{"/at invalid_time"}},
		{name: "send at a time without zone", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"at":"2026-11-28T09:30:00"}`}, status: 422, code: "invalid_time"},
		{name: "send at a number", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"at":17}`}, status: 400, code: "invalid_json"},
		{name: "send with a misspelled time", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `{"sendAt":"2026-11-28T09:30:00Z"}`}, status: 400, code: "unknown_field"},
		{name: "send no JSON", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `now`}, status: 400, code: "invalid_json"},
		{name: "send an array", request: request{method: "POST", path: "/campaigns/{draft}/send", body: `[]`}, status: 400, code: "invalid_json"},
		{name: "send 10 MB", request: request{method: "POST", path: "/campaigns/{draft}/send", body: strings.Repeat(" ", 10<<20)}, status: 413, code: "body_too_large"},
		{name: "send without text", request: request{method: "POST", path: "/campaigns/{empty}/send"}, status: 422, code: "incomplete", fields: []string{"/content/text text_missing"}},
		{name: "send to nobody", request: request{method: "POST", path: "/campaigns/{nobody}/send"}, status: 422, code: "incomplete", fields: []string{"/audience audience_empty"}},
		{name: "send a stale version", request: request{method: "POST", path: "/campaigns/{draft}/send", header: map[string]string{"If-Match": `"3"`}}, status: 412, code: "stale_version", contains: []string{`"current":{"id"`}},
		{name: "send a version that is none", request: request{method: "POST", path: "/campaigns/{draft}/send", header: map[string]string{"If-Match": `-1`}}, status: 400, code: "invalid_version"},
		{name: "send what is scheduled", request: request{method: "POST", path: "/campaigns/{scheduled}/send"}, status: 409, code: "not_draft"},
		{name: "send what is sending", request: request{method: "POST", path: "/campaigns/{sending}/send"}, status: 409, code: "not_draft"},
		{name: "send what is completed", request: request{method: "POST", path: "/campaigns/{completed}/send"}, status: 409, code: "not_draft"},
		{name: "send an unknown one", request: request{method: "POST", path: "/campaigns/nothing/send"}, status: 404, code: "not_found"},

		{name: "take back", request: request{method: "POST", path: "/campaigns/{scheduled}/unschedule"}, status: 202, contains: []string{`"status":"draft"`, `"sendAt":null`}, calls: []string{"drop"}},
		{name: "take back a draft", request: request{method: "POST", path: "/campaigns/{draft}/unschedule"}, status: 409, code: "not_scheduled"},
		{name: "take back what is sending", request: request{method: "POST", path: "/campaigns/{sending}/unschedule"}, status: 409, code: "not_scheduled"},
		{name: "take back an unknown one", request: request{method: "POST", path: "/campaigns/nothing/unschedule"}, status: 404, code: "not_found"},

		{name: "stop what is sending", request: request{method: "POST", path: "/campaigns/{sending}/stop"}, status: 202, contains: []string{`"status":"stopped"`, `"cancelled":2`, `"pending":0`}, calls: []string{"drop"}},
		{name: "stop what is scheduled", request: request{method: "POST", path: "/campaigns/{scheduled}/stop"}, status: 202, contains: []string{`"status":"stopped"`}},
		{name: "stop a draft", request: request{method: "POST", path: "/campaigns/{draft}/stop"}, status: 409, code: "not_running"},
		{name: "stop twice", request: request{method: "POST", path: "/campaigns/{stopped}/stop"}, status: 409, code: "not_running"},
		{name: "stop what is completed", request: request{method: "POST", path: "/campaigns/{completed}/stop"}, status: 409, code: "not_running"},
		{name: "stop an unknown one", request: request{method: "POST", path: "/campaigns/nothing/stop"}, status: 404, code: "not_found"},

		{name: "try", request: request{method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"ANN@contoso.example"}`}, status: 202, contains: []string{`"displayName":"Ann Ahlberg"`, `"sent":true`}, calls: []string{"send to ann"},
			after: func(t *testing.T, w *world, _ []byte) {
				if len(w.bot.bodies) != 1 || !strings.Contains(w.bot.bodies[0], "Hello Ann") {
					t.Errorf("sent %q", w.bot.bodies)
				}
			}},
		{name: "try what was completed", request: request{method: "POST", path: "/campaigns/{completed}/try", body: `{"email":"ann@contoso.example"}`}, status: 202},
		{name: "try on nobody known", request: request{method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"nobody@contoso.example"}`}, status: 422, code: "user_not_found"},
		{name: "try on a person of another organisation", request: request{method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"fay@contoso.example"}`}, status: 422, code: "user_not_found", lacks: []string{"Secret"}},
		{name: "try without the app", request: request{method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"bob@contoso.example"}`}, status: 422, code: "not_installed"},
		{name: "try on somebody who blocked the bot", request: request{method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"carl@contoso.example"}`}, status: 422, code: "blocked_by_user"},
		{name: "try on an address that is none", request: request{method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"ann"}`}, status: 422, code: "invalid_address"},
		{name: "try on no address", request: request{method: "POST", path: "/campaigns/{draft}/try"}, status: 422, code: "invalid_address"},
		{name: "try on a list of addresses", request: request{method: "POST", path: "/campaigns/{draft}/try", body: `{"email":["ann@contoso.example"]}`}, status: 400, code: "invalid_json"},
		{name: "try an empty text", request: request{method: "POST", path: "/campaigns/{empty}/try", body: `{"email":"ann@contoso.example"}`}, status: 422, code: "incomplete"},
		{name: "try an unknown one", request: request{method: "POST", path: "/campaigns/nothing/try", body: `{"email":"ann@contoso.example"}`}, status: 404, code: "not_found"},
		{name: "try while Graph slows down", request: request{method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"slow@contoso.example"}`}, status: 429, code: "graph_throttled"},

		{name: "preview a saved one for myself", request: request{method: "POST", path: "/campaigns/{draft}/preview"}, status: 200, contains: []string{`"activity":{`, "Hello Ann", `"missing":[]`}},
		{name: "preview a saved one for Élodie", request: request{method: "POST", path: "/campaigns/{draft}/preview", body: `{"as":"elodie@contoso.example"}`}, status: 200, contains: []string{"Hello Élodie"}, calls: []string{}},
		{name: "preview a saved one for nobody known", request: request{method: "POST", path: "/campaigns/{draft}/preview", body: `{"as":"nobody@contoso.example"}`}, status: 422, code: "user_not_found"},
		{name: "preview an unknown one", request: request{method: "POST", path: "/campaigns/nothing/preview"}, status: 404, code: "not_found"},
		{name: "preview unsaved content", request: request{method: "POST", path: "/preview", body: `{"format":"idea","content":{"text":"Dear [FIRSTNAME]"}}`}, status: 200, contains: []string{"Dear Ann", "AdaptiveCard"}},
		{name: "preview unsaved content in French", request: request{method: "POST", path: "/preview", body: `{"format":"idea","content":{"text":"Dear [FIRSTNAME]"},"locale":"fr-FR","as":"dora@contoso.example"}`}, status: 200, contains: []string{"Dear Dora"}},
		{name: "preview what can wait", request: request{method: "POST", path: "/preview", body: `{"format":"idea","content":{"text":"Dear [FIRSTNAME]"},"timed":true}`}, status: 200, contains: []string{"Dear Ann", `"title":"Not now"`, `"title":"Tomorrow"`}},
		{name: "preview what is important, within a window", request: request{method: "POST", path: "/preview", body: `{"format":"important","content":{"text":"Dear [FIRSTNAME]"},"timed":true}`}, status: 200, contains: []string{"Dear Ann"}, lacks: []string{"Not now"}},
		{name: "preview what is sent at once", request: request{method: "POST", path: "/preview", body: `{"format":"idea","content":{"text":"Dear [FIRSTNAME]"}}`}, status: 200, contains: []string{"Dear Ann"}, lacks: []string{"Not now"}},
		{name: "preview an empty text", request: request{method: "POST", path: "/preview", body: `{"format":"message","content":{}}`}, status: 200, contains: []string{`"code":"text_missing"`}},
		{name: "preview an unknown variable", request: request{method: "POST", path: "/preview", body: `{"format":"message","content":{"text":"[NOBODY]"}}`}, status: 422, code: "unknown_variable"},
		{name: "preview an unknown format", request: request{method: "POST", path: "/preview", body: `{}`}, status: 422, code: "unknown_format"},
		{name: "preview an array", request: request{method: "POST", path: "/preview", body: `[]`}, status: 400, code: "invalid_json"},
		{name: "preview 10 MB", request: request{method: "POST", path: "/preview", body: strings.Repeat(" ", 10<<20)}, status: 413, code: "body_too_large"},
	})
}

// A double click sends once, however close the clicks are.
func TestTwoClicksSendOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const clicks = 8
	statuses := make(chan int, clicks)
	var wg sync.WaitGroup
	for range clicks {
		wg.Go(func() {
			res, _ := w.ask(t, request{as: "author", method: "POST", path: "/campaigns/{draft}/send"})
			statuses <- res.StatusCode
		})
	}
	wg.Wait()
	close(statuses)
	got := map[int]int{}
	for s := range statuses {
		got[s]++
	}
	if got[202] != 1 || got[409] != clicks-1 || len(w.queue.all()) != 1 {
		t.Errorf("statuses %v, queue %q", got, w.queue.all())
	}
}
