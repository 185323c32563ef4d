package sandbox_test

import (
	"net/url"
	"testing"
	"time"

	"herald/infra/sandbox"
)

// Graph tells who has the app which chat that is, and the Connector takes its name for it, also when the chat has a new one at Teams.
func TestGraphTellsTheChatOfAnInstalledApp(t *testing.T) {
	t.Parallel()
	at0 := time.Now() // all within one moment of Graph's limit
	c := start(t, sandbox.Options{Clock: func() time.Time { return at0 }})
	p, conversation := c.install(0)
	apps := "/users/" + p.ID + "/teamwork/installedApps"
	filtered := func(filter string) string { return apps + "?$expand=teamsApp&$filter=" + url.QueryEscape(filter) }
	found := values(t, c.graphGet(filtered("teamsApp/id eq '"+sandbox.CatalogID+"'")))
	if len(found) != 1 || at(found[0], "teamsApp", "id") != sandbox.CatalogID || at(found[0], "teamsApp", "externalId") != sandbox.AppID {
		t.Fatalf("%v", found)
	}
	id, _ := at(found[0], "id").(string)
	chat := c.graphGet(apps + "/" + url.PathEscape(id) + "/chat")
	name, _ := at(chat.json(t), "id").(string)
	if chat.status != 200 || name == "" || name == conversation || at(chat.json(t), "chatType") != "oneOnOne" {
		t.Fatalf("%d %s", chat.status, chat.raw)
	}
	c.send(name, "by Graph's name")
	if err := c.MoveConversation(p.ID); err != nil {
		t.Fatal(err)
	}
	c.send(name, "and after a move")
	if n := len(c.chat(p.ID)); n != 2 {
		t.Errorf("%d messages", n)
	}
	if r := c.connector("POST", "/19:nobody_"+sandbox.AppID+"@unq.gbl.spaces/activities", message("x")); r.status != 404 || r.errorCode(t) != "ConversationNotFound" {
		t.Errorf("nobody's chat: %d %s", r.status, r.raw)
	}
	if got := values(t, c.graphGet(filtered("teamsApp/id eq 'other'"))); len(got) != 0 {
		t.Errorf("another app's: %v", got)
	}
	for path, status := range map[string]int{
		filtered("teamsApp/displayName eq 'Herald'"): 400,
		filtered("teamsApp/id eq 'x"):                400,
		apps + "?$expand=teamsAppDefinition":         400,
		apps + "/other/chat":                         404,
		"/users/" + c.person(1).ID + "/teamwork/installedApps/" + url.PathEscape(id) + "/chat": 404,
		"/users/00000000-0000-4000-8000-000000000000/teamwork/installedApps/x/chat":            404,
	} {
		if r := c.graphGet(path); r.status != status {
			t.Errorf("%s: %d, want %d: %s", path, r.status, status, r.raw)
		}
	}
	if r := c.do("GET", c.Environment().GraphURL+apps+"/x/chat", "", nil); r.status != 401 {
		t.Errorf("without a token: %d", r.status)
	}
	throttled := 0
	for range 31 { // besides those above
		if r := c.graphGet(apps + "/" + url.PathEscape(id) + "/chat"); r.status == 429 && r.header.Get("Retry-After") == "1" {
			throttled++
		}
	}
	if throttled < 1 || throttled > 20 {
		t.Errorf("%d of 31 were throttled", throttled)
	}
	c.api(200, "PUT", "/api/permissions", map[string]bool{"TeamsAppInstallation.ReadWriteSelfForUser.All": false})
	if r := c.graphGet(apps + "/" + url.PathEscape(id) + "/chat"); r.status != 403 {
		t.Errorf("without the permission: %d %s", r.status, r.raw)
	}
}
