package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"herald/infra/sandbox"
)

func TestConnectorRefusals(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	_, here := c.install(0)
	blocked, there := c.install(1)
	gone, away := c.install(2)
	moved, old := c.install(3)
	for path, id := range map[string]string{"block": blocked.ID, "uninstall": gone.ID, "move": moved.ID} {
		c.api(200, "POST", "/api/users/"+id+"/"+path, nil)
	}
	create := func(member, tenant string) map[string]any {
		return map[string]any{"members": []any{map[string]any{"id": member}}, "tenantId": tenant}
	}
	card := map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "application/vnd.microsoft.card.adaptive", "content": map[string]any{"type": "AdaptiveCard", "body": strings.Repeat("é", 60_000)},
	}}}
	picture := map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "image/png", "contentUrl": "data:image/png;base64," + strings.Repeat("A", 200_000),
	}}}
	sessions := create(c.person(0).ID, sandbox.TenantContoso)
	sessions["channelData"] = map[string]any{"supportsSessions": true}
	for _, tc := range []struct {
		name, method, path string
		body               any
		status             int
		code               string
	}{
		{"not installed", "POST", "", create(c.person(9).ID, sandbox.TenantContoso), 403, "ForbiddenOperationException"},
		{"uninstalled", "POST", "", create(gone.ID, sandbox.TenantContoso), 403, "ForbiddenOperationException"},
		{"by address", "POST", "", create(c.person(0).UPN, sandbox.TenantContoso), 400, "Bad Argument"},
		{"other tenant's member", "POST", "", create(c.person(0).ID, sandbox.TenantFabrikam), 400, "Bad Argument"},
		{"no tenant", "POST", "", create(c.person(0).ID, ""), 400, "Bad Argument"},
		{"unknown tenant", "POST", "", create(c.person(0).ID, "x"), 403, "ForbiddenOperationException"},
		{"sessions", "POST", "", sessions, 400, "Bad Argument"},
		{"two members", "POST", "", map[string]any{"members": []any{1, 2}, "tenantId": "x"}, 400, "Bad Argument"},
		{"send after uninstall", "POST", "/" + away + "/activities", message("x"), 403, "BotNotInConversationRoster"},
		{"send to no conversation", "POST", "/a:1nothing/activities", message("x"), 404, "ConversationNotFound"},
		{"send to a moved conversation", "POST", "/" + old + "/activities", message("x"), 404, "ConversationNotFound"},
		{"members of no conversation", "GET", "/a:1nothing/members", nil, 404, "ConversationNotFound"},
		{"reply to nothing", "POST", "/" + here + "/activities/17", message("x"), 404, "ActivityNotFoundInConversation"},
		{"update nothing", "PUT", "/" + here + "/activities/17", message("x"), 404, "ActivityNotFoundInConversation"},
		{"delete nothing", "DELETE", "/" + here + "/activities/17", nil, 404, "ActivityNotFoundInConversation"},
		{"over 100 KB in UTF-16", "POST", "/" + here + "/activities", card, 413, "MessageSizeTooBig"},
		{"far over", "POST", "/" + here + "/activities", message(strings.Repeat("x", 2<<20)), 413, "MessageSizeTooBig"},
		{"images in the message do not count", "POST", "/" + here + "/activities", picture, 200, ""},
		{"not JSON", "POST", "/" + here + "/activities", "{", 400, "Bad Argument"},
		{"empty message", "POST", "/" + here + "/activities", message(""), 400, "Bad Argument"},
		{"odd type", "POST", "/" + here + "/activities", map[string]any{"type": "invoke"}, 400, "Bad Argument"},
		{"typing", "POST", "/" + here + "/activities", map[string]any{"type": "typing"}, 200, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := c.connector(tc.method, tc.path, tc.body)
			if r.status != tc.status || r.errorCode(t) != tc.code {
				t.Errorf("%d %.300s, want %d %s", r.status, r.raw, tc.status, tc.code)
			}
		})
	}
	t.Run("blocked", func(t *testing.T) {
		body := c.connector("POST", "/"+there+"/activities", message("x"))
		var inner struct {
			SubCode string `json:"subCode"`
		}
		text, _ := body.json(t)["message"].(string)
		if err := json.Unmarshal([]byte(text), &inner); err != nil {
			t.Fatal(err)
		}
		if body.status != 403 || body.json(t)["errorCode"] != 209.0 || inner.SubCode != "MessageWritesBlocked" {
			t.Errorf("%d %s", body.status, body.raw)
		}
		c.api(200, "POST", "/api/users/"+blocked.ID+"/unblock", nil)
		c.send(there, "again")
	})
	t.Run("moved", func(t *testing.T) {
		r := c.connector("POST", "", create(moved.ID, sandbox.TenantContoso))
		fresh := r.json(t)["id"].(string)
		if fresh == old {
			t.Fatal("the conversation did not move")
		}
		c.send(fresh, "found again")
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	off := false
	for _, tc := range []struct {
		name       string
		faults     sandbox.Faults
		status     int
		code       string
		retryAfter string
	}{
		{"throttle", sandbox.Faults{Throttle: 1, RetryAfter: 2}, 429, "Throttled", "2"},
		{"throttle without a header", sandbox.Faults{Throttle: 1}, 429, "Throttled", ""},
		{"500", sandbox.Faults{Error500: 1}, 500, "ServiceError", ""},
		{"503", sandbox.Faults{Error503: 1}, 503, "ServiceUnavailable", ""},
		{"latency", sandbox.Faults{Latency: sandbox.Duration(time.Millisecond), ConversationLimits: &off}, 200, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, sandbox.Options{})
			p, conversation := c.install(0)
			c.api(200, "PUT", "/api/faults", tc.faults)
			r := c.connector("POST", "/"+conversation+"/activities", message("x"))
			if r.status != tc.status || r.errorCode(t) != tc.code || r.header.Get("Retry-After") != tc.retryAfter {
				t.Errorf("%d %s, Retry-After %q", r.status, r.raw, r.header.Get("Retry-After"))
			}
			want := 0
			if tc.status == 200 {
				want = 1
			}
			if got := len(c.chat(p.ID)); got != want {
				t.Errorf("%d messages, want %d", got, want)
			}
		})
	}
	t.Run("502 is a gateway's page", func(t *testing.T) {
		t.Parallel()
		c := start(t, sandbox.Options{Faults: sandbox.Faults{Error502: 1}})
		_, conversation := c.install(0)
		r := c.connector("POST", "/"+conversation+"/activities", message("x"))
		if r.status != 502 || !strings.Contains(string(r.raw), "<html>") {
			t.Errorf("%d %s", r.status, r.raw)
		}
	})
}

func TestDropClosesTheConnectionBeforeOrAfter(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Seed: 7})
	const tries = 60
	for i := range 20 {
		c.install(i)
	}
	c.api(200, "PUT", "/api/faults", map[string]any{"drop": 1, "conversationLimits": false})
	dropped := 0
	for i := range tries {
		p := c.person(i % 20)
		s, err := c.Status(p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.try("POST", c.ServiceURL()+"v3/conversations/"+s.ConversationID+"/activities", c.token, message("x")); err != nil {
			dropped++
		}
	}
	st := c.Stats()
	if dropped != tries || st.Sends["dropped"] != tries {
		t.Errorf("%d of %d failed, %d counted", dropped, tries, st.Sends["dropped"])
	}
	// The dice are seeded, so this is exact in practice; the bounds only say "some of each".
	if st.Accepted < tries/4 || st.Accepted > tries*3/4 {
		t.Errorf("%d of %d dropped sends were accepted, want about half", st.Accepted, tries)
	}
}

func TestLimitPerSecondHoldsInEverySecond(t *testing.T) {
	t.Parallel()
	machine := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	c := start(t, sandbox.Options{Clock: func() time.Time { return machine }, Faults: sandbox.Faults{LimitPerSecond: 5}})
	for i := range 10 {
		c.install(i)
	}
	send := func(i int) reply {
		s, _ := c.Status(c.person(i).ID)
		return c.connector("POST", "/"+s.ConversationID+"/activities", message("x"))
	}
	for i := range 5 {
		if r := send(i); r.status != 200 {
			t.Fatalf("send %d: %d", i, r.status)
		}
	}
	if r := send(5); r.status != 429 || r.header.Get("Retry-After") != "1" {
		t.Fatalf("the sixth: %d, Retry-After %q", r.status, r.header.Get("Retry-After"))
	}
	if err := c.Advance(999 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if r := send(5); r.status != 429 {
		t.Fatalf("within the second: %d", r.status)
	}
	if err := c.Advance(time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if r := send(5); r.status != 200 {
		t.Fatalf("a second later: %d", r.status)
	}
	if st := c.Stats(); st.PeakPerSecond != 5 || st.Sends["200"] != 6 || st.Sends["429"] != 2 {
		t.Errorf("stats %+v", st)
	}
}

func TestConversationLimits(t *testing.T) {
	t.Parallel()
	machine := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	c := start(t, sandbox.Options{Clock: func() time.Time { return machine }})
	_, conversation := c.install(0)
	sent := func(n int, advance time.Duration) (ok int) {
		for range n {
			if r := c.connector("POST", "/"+conversation+"/activities", message("x")); r.status == 200 {
				ok++
			}
		}
		if err := c.Advance(advance); err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if got := sent(10, time.Second); got != 7 {
		t.Errorf("%d in the first second, want 7", got)
	}
	if got := sent(10, time.Second); got != 1 {
		t.Errorf("%d in the next second, want 1: 8 in two seconds", got)
	}
	total := 8
	for range 28 {
		total += sent(7, time.Second)
	}
	if total != 60 {
		t.Errorf("%d in 30 s, want 60", total)
	}
	for total < 1800 {
		got := sent(8, 2*time.Second)
		total += got
		if got == 0 {
			if err := c.Advance(15 * time.Second); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := sent(1, 40*time.Second); got != 0 {
		t.Error("more than 1800 in an hour")
	}
	if got := sent(1, time.Hour); got != 0 {
		t.Error("still within the hour")
	}
	if got := sent(1, 0); got != 1 {
		t.Error("an hour later the conversation is still closed")
	}
}

func TestScriptedRefusalsGiveEveryRow(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	c.api(200, "PUT", "/api/users/"+p.ID+"/refusals", map[string]any{"refusals": []sandbox.Refusal{
		{Status: 403, Code: "BotDisabledByAdmin", Times: 1, Operation: "send"},
		{Status: 412, Code: "PreconditionFailed", Times: 1, RetryAfter: "Fri, 27 Nov 2026 14:30:00 GMT"},
		{Status: 403, Code: "ConversationBlockedByUser", ErrorCode: 209, Times: 1},
	}})
	path := "/" + conversation + "/activities"
	if r := c.connector("POST", path, message("x")); r.status != 403 || r.errorCode(t) != "BotDisabledByAdmin" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if r := c.connector("POST", path, message("x")); r.status != 412 || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if r := c.connector("POST", path, message("x")); r.json(t)["errorCode"] != 209.0 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	c.send(conversation, "at last")
	for _, bad := range []sandbox.Refusal{{Status: 200}, {Status: 403, Operation: "dance"}, {Status: 403, Times: -1}} {
		c.api(400, "PUT", "/api/users/"+p.ID+"/refusals", map[string]any{"refusals": []sandbox.Refusal{bad}})
	}
}

func TestHookSeesAndRefusesSends(t *testing.T) {
	t.Parallel()
	seen := make(chan sandbox.Send, 1)
	c := start(t, sandbox.Options{OnSend: func(s sandbox.Send) *sandbox.Refusal {
		seen <- s
		return &sandbox.Refusal{Status: http.StatusTeapot, Code: "Tea"}
	}})
	p, conversation := c.install(0)
	r := c.connector("POST", "/"+conversation+"/activities", message("x"), "X-Ms-Correlation-Id", "k")
	if r.status != 418 {
		t.Errorf("%d", r.status)
	}
	if s := <-seen; s.User != p.ID || s.CorrelationID != "k" || s.Reply {
		t.Errorf("%+v", s)
	}
}

func TestDuplicatesAreCounted(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	_, other := c.install(1)
	key := []string{"X-Ms-Correlation-Id", "campaign-7"}
	id := c.send(conversation, "x", key...)
	c.send(other, "x", key...)   // another person
	c.send(conversation, "free") // no header
	c.send(conversation, "free") // no header
	if r := c.connector("PUT", "/"+conversation+"/activities/"+id, message("y"), key...); r.status != 200 {
		t.Fatal(r.status)
	}
	if got := c.Stats(); got.Duplicates != 0 || got.Accepted != 4 {
		t.Fatalf("%+v, want no duplicates yet", got)
	}
	c.send(conversation, "x", key...)
	c.send(conversation, "x", key...)
	got := c.api(200, "GET", "/api/stats", nil).json(t)
	detail := got["duplicateDetails"].([]any)[0]
	if got["duplicates"] != 2.0 || at(detail, "user") != p.ID || at(detail, "campaign") != "campaign-7" || at(detail, "count") != 3.0 {
		t.Errorf("%v", got)
	}
	if got := c.api(200, "DELETE", "/api/stats", nil).json(t); got["duplicates"] != 0.0 || got["accepted"] != 0.0 {
		t.Errorf("after reset %v", got)
	}
}

func TestActivityIDsRise(t *testing.T) {
	t.Parallel()
	off := false
	machine := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	c := start(t, sandbox.Options{Clock: func() time.Time { return machine }, Faults: sandbox.Faults{ConversationLimits: &off}})
	_, conversation := c.install(0)
	last := ""
	for range 20 {
		id := c.send(conversation, "x")
		if len(id) != 13 || id <= last {
			t.Fatalf("%q after %q", id, last)
		}
		last = id
	}
}

// Whom the tenant's limit turns away has not used up the conversation's.
func TestRefusedSendsTakeNoPlace(t *testing.T) {
	t.Parallel()
	machine := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	c := start(t, sandbox.Options{Clock: func() time.Time { return machine }, Faults: sandbox.Faults{LimitPerSecond: 1}})
	_, conversation := c.install(0)
	for i := range 20 {
		want := 429
		if i == 0 {
			want = 200
		}
		if r := c.connector("POST", "/"+conversation+"/activities", message("x")); r.status != want {
			t.Fatalf("send %d: %d, want %d", i, r.status, want)
		}
	}
	c.api(200, "PUT", "/api/faults", map[string]any{})
	for range 6 {
		c.send(conversation, "x")
	}
	if r := c.connector("POST", "/"+conversation+"/activities", message("x")); r.status != 429 {
		t.Errorf("the eighth within a second: %d", r.status)
	}
}

func TestDeliverAnythingToTheBot(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	c.bot.take()
	a, err := c.Activity(p.UPN, "message")
	if err != nil {
		t.Fatal(err)
	}
	a["text"] = "hello"
	c.bot.answers(func(map[string]any) (int, string) { return 403, "who are you" })
	status, _, err := c.Deliver(context.Background(), a, "")
	var failed *sandbox.BotError
	if status != 403 || !errors.As(err, &failed) || failed.Status != 403 {
		t.Errorf("%d %v", status, err)
	}
	got := c.bot.take()
	if len(got) != 1 || got[0].token != "" || at(got[0].activity, "conversation", "id") != conversation {
		t.Errorf("%v", got)
	}
}
