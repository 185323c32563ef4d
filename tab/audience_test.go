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

		{name: "count everybody", request: request{method: "POST", path: "/audience/count", body: `{"all":true}`}, status: 200, contains: []string{`"total":5,"installed":2,"notInstalled":3,"unknown":0,"unknownEmails":[]`, "Carl Cho", "Dora Diaz"}, lacks: []string{"Secret"}},
		{name: "count addresses", request: request{method: "POST", path: "/audience/count", body: `{"emails":["ann@contoso.example","bob@contoso.example","nobody@contoso.example","ANN@contoso.example"]}`}, status: 200,
			contains: []string{`"total":3,"installed":1,"notInstalled":1,"unknown":1,"unknownEmails":["nobody@contoso.example"],"notInstalledPeople":[{"displayName":"Bob Berg","email":"bob@contoso.example"}]`}},
		{name: "count nobody", request: request{method: "POST", path: "/audience/count", body: `{}`}, status: 200, contains: []string{`"total":0`}},
		{name: "count an address that is none", request: request{method: "POST", path: "/audience/count", body: `{"emails":["x"]}`}, status: 422, code: "invalid_address", fields: []string{"/audience/emails/0 invalid_address"}},
		{name: "count too many addresses", request: request{method: "POST", path: "/audience/count", body: `{"emails":["` + strings.Repeat(`a@b.example","`, 20_000) + `a@b.example"]}`}, status: 422, code: "too_many_addresses"},
		{name: "count an unknown list", request: request{method: "POST", path: "/audience/count", body: `{"excludeListIds":["x"]}`}, status: 422, code: "unknown_list"},
		{name: "count an array", request: request{method: "POST", path: "/audience/count", body: `["ann@contoso.example"]`}, status: 400, code: "invalid_json"},
		{name: "count 10 MB", request: request{method: "POST", path: "/audience/count", body: strings.Repeat(" ", 10<<20)}, status: 413, code: "body_too_large"},

		{name: "me", request: request{method: "GET", path: "/me"}, status: 200, contains: []string{`"id":"ann"`, `"tenantId":"` + contoso + `"`, `"roles":["Author"]`, `"locale":"fr-FR"`, `"can":{"read":true,"write":true,"send":true}`}},
		{name: "me without a role", request: request{as: "stranger", method: "GET", path: "/me"}, status: 200, contains: []string{`"roles":[]`, `"locale":null`, `"can":{"read":false,"write":false,"send":false}`}},
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
		res, body := w.do(t, request{as: "author", method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"ann@contoso.example"}`})
		openAPI().check(t, "POST", "/campaigns/x/try", res, body)
		if res.StatusCode != 422 || !strings.Contains(string(body), `"code":"not_installed"`) || strings.Contains(string(body), "secret") || len(w.bot.all()) != want {
			t.Errorf("%d %s, calls %q", res.StatusCode, body, w.bot.all())
		}
	}
}

func TestTryWhileTeamsIsBusy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bot.outcome = &campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.Throttled, RetryAfter: 3e9}
	res, body := w.do(t, request{as: "author", method: "POST", path: "/campaigns/{draft}/try", body: `{"email":"ann@contoso.example"}`})
	openAPI().check(t, "POST", "/campaigns/x/try", res, body)
	if res.StatusCode != 503 || res.Header.Get("Retry-After") != "3" {
		t.Errorf("%d, Retry-After %q: %s", res.StatusCode, res.Header.Get("Retry-After"), body)
	}
}
