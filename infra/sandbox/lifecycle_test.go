package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/infra/sandbox"
)

func kinds(events []received) string {
	var out []string
	for _, e := range events {
		out = append(out, e.activity["type"].(string))
	}
	return strings.Join(out, " ")
}

func TestInstallTellsTheBotInBothOrders(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	v := c.botVerifier()
	for index, want := range []string{"installationUpdate conversationUpdate", "conversationUpdate installationUpdate"} {
		p, conversation := c.install(index)
		events := c.bot.take()
		if got := kinds(events); got != want {
			t.Errorf("person %d: %s, want %s", index, got, want)
		}
		for _, e := range events {
			token, err := v.Verify(context.Background(), e.token)
			if err != nil {
				t.Fatalf("the bot cannot verify the token: %v", err)
			}
			var claims struct {
				ServiceURL string `json:"serviceurl"`
			}
			if err := token.Claims(&claims); err != nil || claims.ServiceURL != c.ServiceURL() || claims.ServiceURL != e.activity["serviceUrl"] {
				t.Errorf("serviceurl %q", claims.ServiceURL)
			}
			for path, want := range map[string]any{
				"channelId": "msteams", "from.id": p.ChannelID(), "from.aadObjectId": p.ID, "recipient.id": "28:" + sandbox.AppID,
				"conversation.id": conversation, "conversation.conversationType": "personal", "conversation.tenantId": p.TenantID,
				"channelData.tenant.id": p.TenantID, "locale": p.Locale,
			} {
				if got := at(e.activity, strings.Split(path, ".")...); got != want {
					t.Errorf("%s is %v, want %v", path, got, want)
				}
			}
			raw, _ := json.Marshal(e.activity)
			var typed schema.Activity
			if err := json.Unmarshal(raw, &typed); err != nil || typed.Timestamp.IsZero() || typed.LocalTimestamp.IsZero() {
				t.Errorf("msbotbuilder-go's Activity cannot read it: %v %+v", err, typed)
			}
			switch e.activity["type"] {
			case "installationUpdate":
				if e.activity["action"] != "add" {
					t.Errorf("action %v", e.activity["action"])
				}
			case "conversationUpdate":
				added := e.activity["membersAdded"].([]any)
				if at(added[0], "id") != at(e.activity, "recipient", "id") {
					t.Errorf("membersAdded %v", added)
				}
			}
		}
	}
}

func TestSecondInstallIsSilentUnlessAgain(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, _ := c.install(0)
	c.bot.take()
	c.api(200, "POST", "/api/users/"+p.ID+"/install", nil)
	if got := c.bot.take(); len(got) != 0 {
		t.Errorf("a second install sent %s", kinds(got))
	}
	c.api(200, "POST", "/api/users/"+p.ID+"/install", map[string]any{"again": true})
	if got := c.bot.take(); len(got) != 2 {
		t.Errorf("install again sent %s", kinds(got))
	}
	r := c.api(200, "POST", "/api/users/"+p.UPN+"/uninstall", nil).json(t)
	if r["installed"] != false {
		t.Errorf("installed %v", r["installed"])
	}
	got := c.bot.take()
	if kinds(got) != "installationUpdate" || got[0].activity["action"] != "remove" {
		t.Errorf("uninstall sent %s", kinds(got))
	}
}

func TestInstallMany(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Users: 60})
	c.install(7)
	c.bot.take()
	r := c.api(200, "POST", "/api/install", map[string]any{"count": 20}).json(t)
	if r["installed"] != 20.0 {
		t.Fatalf("installed %v", r)
	}
	if got := len(c.bot.take()); got != 38 {
		t.Errorf("%d events, want 38: nineteen new people", got)
	}
	page := c.api(200, "GET", "/api/users?installed=true&limit=100", nil).json(t)
	last := page["items"].([]any)[19]
	if page["total"] != 20.0 || at(last, "index") != 19.0 {
		t.Errorf("not the lowest indexes: total %v, last %v", page["total"], at(last, "index"))
	}
	c.bot.answers(func(a map[string]any) (int, string) {
		if at(a, "from", "aadObjectId") == c.person(30).ID {
			return 500, "out of order"
		}
		return 200, ""
	})
	failed := c.api(502, "POST", "/api/install", map[string]any{"all": true}).json(t)
	if failed["installed"] != 60.0 || failed["failed"] != 1.0 || at(failed, "error", "code") != "bot_failed" {
		t.Errorf("%v", failed)
	}
	c.bot.answers(nil)
	c.bot.take()
	c.api(200, "POST", "/api/install", map[string]any{"all": true})
	if got := c.bot.take(); len(got) != 2 || at(got[0].activity, "from", "aadObjectId") != c.person(30).ID {
		t.Errorf("%d events, want the two that the bot missed", len(got))
	}
	if r := c.api(200, "POST", "/api/install", map[string]any{"count": 3}).json(t); r["installed"] != 60.0 {
		t.Errorf("a smaller count uninstalled somebody: %v", r)
	}
}

func TestBotOutOfReachIsReported(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	if err := c.SetBot("http://127.0.0.1:1/api/messages", ""); err != nil {
		t.Fatal(err)
	}
	r := c.api(502, "POST", "/api/users/"+c.person(0).ID+"/install", nil)
	if r.errorCode(t) != "bot_failed" {
		t.Errorf("%s", r.raw)
	}
	if s, _ := c.Status(c.person(0).ID); !s.Installed {
		t.Error("the app is not installed, though Teams installs it whatever the bot says")
	}
}

func TestSendReplyUpdateDeleteShowInTheChat(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	created := c.connector("POST", "", map[string]any{
		"isGroup": false, "bot": map[string]any{"id": "28:" + sandbox.AppID}, "members": []any{map[string]any{"id": p.ID}},
		"tenantId": p.TenantID, "channelData": map[string]any{"tenant": map[string]any{"id": p.TenantID}},
	})
	if created.status != http.StatusCreated || created.json(t)["id"] != conversation {
		t.Fatalf("create: %d %s", created.status, created.raw)
	}
	first := c.send(conversation, "one")
	second := c.connector("POST", "/"+conversation+"/activities/"+first, message("two"))
	if second.status != 200 || !(second.json(t)["id"].(string) > first) {
		t.Fatalf("reply: %d %s after %s", second.status, second.raw, first)
	}
	if r := c.connector("PUT", "/"+conversation+"/activities/"+first, message("one, mended")); r.status != 200 || r.json(t)["id"] != first {
		t.Fatalf("update: %d %s", r.status, r.raw)
	}
	if r := c.connector("DELETE", "/"+conversation+"/activities/"+second.json(t)["id"].(string), nil); r.status != 200 {
		t.Fatalf("delete: %d %s", r.status, r.raw)
	}
	var items []sandbox.ChatItem
	if err := json.Unmarshal(c.api(200, "GET", "/api/users/"+p.ID+"/chat", nil).raw, &items); err != nil {
		t.Fatal(err)
	}
	if len(items) != 2 || items[0].ID != first || items[0].From != "bot" || !items[0].Edited || textOf(t, items[0]) != "one, mended" {
		t.Errorf("first %+v", items)
	}
	if !items[1].Deleted || strings.Contains(string(items[1].Activity), "two") {
		t.Errorf("what was deleted still shows: %+v", items[1])
	}
	for _, method := range []string{"PUT", "DELETE"} {
		if r := c.connector(method, "/"+conversation+"/activities/"+items[1].ID, message("x")); r.status != 404 || r.errorCode(t) != "ActivityNotFoundInConversation" {
			t.Errorf("%s of a deleted message: %d %s", method, r.status, r.raw)
		}
	}
}

func TestCreateWithActivity(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(3)
	r := c.connector("POST", "", map[string]any{
		"members": []any{map[string]any{"id": p.ChannelID()}}, "tenantId": p.TenantID, "activity": message("hello"),
	})
	if r.status != 201 || r.json(t)["id"] != conversation || r.json(t)["activityId"] != c.chat(p.ID)[0].ID {
		t.Errorf("%d %s", r.status, r.raw)
	}
}

func TestTextWithAttachmentIsSplitAndTellsNoID(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	both := message("words")
	both["attachments"] = []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": map[string]any{"type": "AdaptiveCard"}}}
	r := c.connector("POST", "/"+conversation+"/activities", both)
	if r.status != 200 || r.json(t)["id"] != nil {
		t.Errorf("%d %s, want no id", r.status, r.raw)
	}
	items := c.chat(p.ID)
	if len(items) != 2 || textOf(t, items[0]) != "words" || textOf(t, items[1]) != "" || !strings.Contains(string(items[1].Activity), "AdaptiveCard") {
		t.Errorf("chat %+v", items)
	}
	if got := c.Stats().Accepted; got != 1 {
		t.Errorf("accepted %d, want 1", got)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(5)
	for _, ref := range []string{p.ID, p.UPN, p.ChannelID()} {
		m := c.connector("GET", "/"+conversation+"/members/"+ref, nil).json(t)
		for field, want := range map[string]string{
			"id": p.ChannelID(), "aadObjectId": p.ID, "givenName": p.GivenName, "surname": p.Surname,
			"email": p.Mail, "userPrincipalName": p.UPN, "tenantId": p.TenantID, "name": p.DisplayName,
		} {
			if m[field] != want {
				t.Errorf("by %s: %s is %v, want %v", ref, field, m[field], want)
			}
		}
	}
	if r := c.connector("GET", "/"+conversation+"/members/"+c.person(6).ID, nil); r.status != 404 {
		t.Errorf("a stranger: %d", r.status)
	}
	paged := c.connector("GET", "/"+conversation+"/pagedmembers?pageSize=50", nil).json(t)
	if members := paged["members"].([]any); len(members) != 1 || at(members[0], "id") != p.ChannelID() {
		t.Errorf("%v", paged)
	}
}

func TestWritingReadingReacting(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	a, b := c.send(conversation, "one"), c.send(conversation, "two")
	c.bot.take()
	base := "/api/users/" + p.ID

	c.api(200, "POST", base+"/messages", map[string]any{"text": "hi"})
	c.api(200, "POST", base+"/read", map[string]any{"activityId": b})
	c.api(200, "POST", base+"/react", map[string]any{"activityId": a, "type": "heart"})
	c.api(200, "POST", base+"/react", map[string]any{"activityId": a, "type": "heart"})
	c.api(200, "POST", base+"/react", map[string]any{"activityId": a, "type": "heart", "remove": true})
	events := c.bot.take()
	if got := kinds(events); got != "message event messageReaction messageReaction" {
		t.Fatalf("events: %s", got)
	}
	if events[0].activity["text"] != "hi" {
		t.Errorf("message %v", events[0].activity)
	}
	if e := events[1].activity; e["name"] != "application/vnd.microsoft.readReceipt" || at(e, "value", "lastReadMessageId") != b {
		t.Errorf("read receipt %v", e)
	}
	if e := events[2].activity; e["replyToId"] != a || at(e["reactionsAdded"].([]any)[0], "type") != "heart" {
		t.Errorf("reaction %v", e)
	}
	if e := events[3].activity; e["reactionsRemoved"] == nil {
		t.Errorf("reaction taken back %v", e)
	}
	items := c.chat(p.ID)
	if len(items) != 3 || items[2].From != "user" || items[0].ReadAt == nil || items[1].ReadAt == nil {
		t.Errorf("chat %+v", items)
	}
	for path, body := range map[string]any{
		"/read": map[string]any{"activityId": "1"}, "/react": map[string]any{"activityId": "1", "type": "like"},
	} {
		if r := c.api(404, "POST", base+path, body); r.errorCode(t) != "activity_not_found" {
			t.Errorf("%s: %s", path, r.raw)
		}
	}
}

func TestWhoHasNotTheAppCannotWrite(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p := c.person(2)
	for _, step := range []struct{ do, code string }{{"", "not_installed"}, {"install", ""}, {"block", "blocked"}, {"unblock", ""}, {"uninstall", "not_installed"}} {
		if step.do != "" {
			c.api(200, "POST", "/api/users/"+p.ID+"/"+step.do, nil)
		}
		want := 200
		if step.code != "" {
			want = 409
		}
		if r := c.api(want, "POST", "/api/users/"+p.ID+"/messages", map[string]any{"text": "x"}); r.errorCode(t) != step.code {
			t.Errorf("after %s: %s", step.do, r.raw)
		}
	}
}

func TestRemovedPersonIsGone(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(4)
	c.bot.take()
	c.api(200, "DELETE", "/api/users/"+p.ID, nil)
	if got := kinds(c.bot.take()); got != "conversationUpdate" {
		t.Errorf("the bot heard %q", got)
	}
	c.api(404, "GET", "/api/users/"+p.ID, nil)
	if r := c.graphGet("/users/" + p.ID); r.status != 404 {
		t.Errorf("Graph: %d", r.status)
	}
	if r := c.connector("POST", "/"+conversation+"/activities", message("x")); r.status != 404 {
		t.Errorf("Connector: %d", r.status)
	}
	if total := c.api(200, "GET", "/api/users", nil).json(t)["total"]; total != 24.0 {
		t.Errorf("total %v", total)
	}
	added := c.api(200, "POST", "/api/users", nil).json(t)
	if fmt.Sprint(added["index"]) != "25" {
		t.Errorf("added %v", added)
	}
}
