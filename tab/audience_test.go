package tab_test

import (
	"strings"
	"testing"

	"herald/campaigns"
)

func TestAudience(t *testing.T) {
	play(t, []scenario{
		{name: "verify somebody with the app", request: request{method: "GET", path: "/recipients/verify?email=Ann@Contoso.example"}, status: 200, contains: []string{`{"found":true,"installed":true,"blocked":false,"displayName":"Ann Ahlberg"}`}},
		{name: "verify somebody without the app", request: request{method: "GET", path: "/recipients/verify?email=bob@contoso.example"}, status: 200, contains: []string{`"found":true,"installed":false,"blocked":false`}},
		{name: "verify somebody who blocked the bot", request: request{method: "GET", path: "/recipients/verify?email=carl@contoso.example"}, status: 200, contains: []string{`"found":true,"installed":false,"blocked":true`}},
		{name: "verify somebody whom only the directory knows", request: request{method: "GET", path: "/recipients/verify?email=dora@contoso.example"}, status: 200, contains: []string{`"found":true`, "Dora Diaz"}},
		{name: "verify nobody", request: request{method: "GET", path: "/recipients/verify?email=nobody@contoso.example"}, status: 200, contains: []string{`{"found":false,"installed":false,"blocked":false,"displayName":""}`}},
		{name: "verify somebody of another organisation", request: request{method: "GET", path: "/recipients/verify?email=fay@contoso.example"}, status: 200, contains: []string{`"found":false`}, lacks: []string{"Secret"}},
		{name: "verify an address that is none", request: request{method: "GET", path: "/recipients/verify?email=ann"}, status: 422, code: "invalid_address"},
		{name: "verify a name with an address", request: request{method: "GET", path: "/recipients/verify?email=Ann%20%3Cann@contoso.example%3E"}, status: 422, code: "invalid_address"},
		{name: "verify nothing", request: request{method: "GET", path: "/recipients/verify"}, status: 422, code: "invalid_address"},
		{name: "verify an address with U+0000", request: request{method: "GET", path: "/recipients/verify?email=a%00@b.example"}, status: 400, code: "invalid_text"},
		{name: "verify while Graph slows down", request: request{method: "GET", path: "/recipients/verify?email=slow@contoso.example"}, status: 429, code: "graph_throttled"},
		{name: "verify while Graph is away", request: request{method: "GET", path: "/recipients/verify?email=away@contoso.example"}, status: 503, code: "graph_failed"},
		{name: "verify without permission", request: request{method: "GET", path: "/recipients/verify?email=hidden@contoso.example"}, status: 403, code: "graph_forbidden"},
		{name: "an error that nobody classified", request: request{method: "GET", path: "/recipients/verify?email=defect@contoso.example"}, status: 500, code: "internal", lacks: []string{"secret cause"}},

		{name: "search a name", request: request{method: "GET", path: "/people?q=an"}, status: 200, contains: []string{`{"items":[{"displayName":"Ann Ahlberg","email":"ann@contoso.example","state":"installed"},{"displayName":"Élodie Durand"`, `"source":"directory"}`}},
		{name: "search somebody whom only the directory knows", request: request{method: "GET", path: "/people?q=diaz"}, status: 200, contains: []string{`{"items":[{"displayName":"Dora Diaz","email":"dora@contoso.example","state":"not_installed"}],"source":"directory"}`}},
		{name: "search somebody who blocked the bot", request: request{method: "GET", path: "/people?q=carl"}, status: 200, contains: []string{`"state":"blocked"`}},
		{name: "search an address", request: request{method: "GET", path: "/people?q=bob@"}, status: 200, contains: []string{`{"displayName":"Bob Berg","email":"bob@contoso.example","state":"not_installed"}`}},
		{name: "search one only", request: request{method: "GET", path: "/people?q=contoso&limit=1"}, status: 200, contains: []string{`{"items":[{"displayName":"Ann Ahlberg","email":"ann@contoso.example","state":"installed"}],`}},
		{name: "search without permission", request: request{method: "GET", path: "/people?q=hidden"}, status: 200, contains: []string{`{"items":[],"source":"known"}`}},
		{name: "search people of another organisation", request: request{method: "GET", path: "/people?q=fay"}, status: 200, contains: []string{`{"items":[],"source":"directory"}`}},
		{name: "search what only looks like a pattern", request: request{method: "GET", path: "/people?q=%25_%22%5C"}, status: 200, contains: []string{`"items":[]`}},
		{name: "search nothing", request: request{method: "GET", path: "/people"}, status: 422, code: "invalid_query"},
		{name: "search spaces", request: request{method: "GET", path: "/people?q=%20%20"}, status: 422, code: "invalid_query"},
		{name: "search 101 characters", request: request{method: "GET", path: "/people?q=" + strings.Repeat("%C3%A9", 101)}, status: 422, code: "invalid_query"},
		{name: "search 51 people", request: request{method: "GET", path: "/people?q=a&limit=51"}, status: 422, code: "invalid_limit"},
		{name: "search no people", request: request{method: "GET", path: "/people?q=a&limit=0"}, status: 422, code: "invalid_limit"},
		{name: "search U+0000", request: request{method: "GET", path: "/people?q=a%00"}, status: 400, code: "invalid_text"},
		{name: "search without a role", request: request{as: "stranger", method: "GET", path: "/people?q=ann"}, status: 403, code: "no_role"},

		{name: "count with one name", request: request{method: "POST", path: "/audience/count?limit=1", body: `{"all":true}`}, status: 200, contains: []string{`"notInstalled":3,"unknown":0,"excluded":0,"duplicates":0`}, lacks: []string{"Carl Cho"}},
		{name: "count with too many names", request: request{method: "POST", path: "/audience/count?limit=5001", body: `{"all":true}`}, status: 422, code: "invalid_limit"},
		{name: "count everybody", request: request{method: "POST", path: "/audience/count", body: `{"all":true}`}, status: 200, contains: []string{`"total":5,"installed":2,"notInstalled":3,"unknown":0,"excluded":0,"duplicates":0,"unknownEmails":[]`, `{"displayName":"Carl Cho","email":"carl@contoso.example","state":"blocked"}`, "Dora Diaz"}, lacks: []string{"Secret"}},
		{name: "count addresses", request: request{method: "POST", path: "/audience/count", body: `{"emails":["ann@contoso.example","bob@contoso.example","nobody@contoso.example","ANN@contoso.example"]}`}, status: 200,
			contains: []string{`"total":3,"installed":1,"notInstalled":1,"unknown":1,"excluded":0,"duplicates":0,"unknownEmails":["nobody@contoso.example"],"notInstalledPeople":[{"displayName":"Bob Berg","email":"bob@contoso.example","state":"not_installed"}]`}},
		{name: "count nobody", request: request{method: "POST", path: "/audience/count", body: `{}`}, status: 200, contains: []string{`"total":0`}},
		{name: "count an address that is none", request: request{method: "POST", path: "/audience/count", body: `{"emails":["x"]}`}, status: 422, code: "invalid_address", fields: []string{"/audience/emails/0 invalid_address"}},
		{name: "count too many addresses", request: request{method: "POST", path: "/audience/count", body: `{"emails":["` + strings.Repeat(`a@b.example","`, 20_000) + `a@b.example"]}`}, status: 422, code: "too_many_addresses"},
		{name: "count an unknown list", request: request{method: "POST", path: "/audience/count", body: `{"excludeListIds":["x"]}`}, status: 422, code: "unknown_list"},
		{name: "count an array", request: request{method: "POST", path: "/audience/count", body: `["ann@contoso.example"]`}, status: 400, code: "invalid_json"},
		{name: "count 10 MB", request: request{method: "POST", path: "/audience/count", body: strings.Repeat(" ", 10<<20)}, status: 413, code: "body_too_large"},

		{name: "me", request: request{method: "GET", path: "/me"}, status: 200, contains: []string{`"id":"ann"`, `"tenantId":"` + contoso + `"`, `"roles":["Author"]`, `"locale":"fr-FR"`, `"can":{"read":true,"write":true,"send":true,"prepare":true,"others":false,"approve":false,"admin":false}`}},
		{name: "me without a role", request: request{as: "stranger", method: "GET", path: "/me"}, status: 200, contains: []string{`"roles":[]`, `"locale":null`, `"can":{"read":false,"write":false,"send":false,"prepare":false,"others":false,"approve":false,"admin":false}`}},
	})
}

func TestRetryAfterIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res, body := w.do(t, request{as: "author", method: "GET", path: "/recipients/verify?email=slow@contoso.example"})
	if got := res.Header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q, want 2 (1.5 s rounded up): %s", got, body)
	}
}

// A try that fails teaches Herald what it says: the person is not asked again.
func TestTryLearnsThatTheAppIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref, err := w.db.Reference(t.Context(), contoso, "ann")
	if err != nil {
		t.Fatal(err)
	}
	ref.State, ref.UpdatedAt = campaigns.Uninstalled, start.Add(1)
	w.bot.outcome = &campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.NotInstalled, Detail: "403 secret detail", Reference: &ref}
	for _, want := range []int{1, 1} { // the second is refused before the bot is asked
		res, body := w.ask(t, request{as: "author", method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"ann@contoso.example"}`})
		if res.StatusCode != 422 || !strings.Contains(string(body), `"code":"not_installed"`) || strings.Contains(string(body), "secret") || len(w.bot.all()) != want {
			t.Errorf("%d %s, calls %q", res.StatusCode, body, w.bot.all())
		}
	}
}

func TestTryWhileTeamsIsBusy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bot.outcome = &campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.Throttled, RetryAfter: 3e9}
	res, body := w.ask(t, request{as: "author", method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"ann@contoso.example"}`})
	if res.StatusCode != 503 || res.Header.Get("Retry-After") != "3" {
		t.Errorf("%d, Retry-After %q: %s", res.StatusCode, res.Header.Get("Retry-After"), body)
	}
}
