package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// localClient is a Bot Framework client on this machine that sends no token, as the
// Microsoft 365 Agents Playground does.
type localClient struct {
	t    *testing.T
	bot  string
	got  chan map[string]any // what the bot sent
	self *httptest.Server
}

func newLocalClient(t *testing.T, bot string) *localClient {
	c := &localClient{t: t, bot: bot, got: make(chan map[string]any, 100)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/conversations/{id}/activities", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a token was sent to a local client")
		}
		raw, _ := io.ReadAll(r.Body)
		var a map[string]any
		if err := json.Unmarshal(raw, &a); err != nil {
			t.Errorf("activity: %v", err)
		}
		c.got <- a
		_, _ = w.Write([]byte(`{"id":"1700000000001"}`))
	})
	mux.HandleFunc("GET /v3/conversations/{id}/members/{member}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"id":"user-1","name":"Lee Local","givenName":"Lee","surname":"Local","email":"lee@local.example","userPrincipalName":"lee@local.example"}`))
	})
	c.self = httptest.NewServer(mux)
	t.Cleanup(c.self.Close)
	return c
}

func (c *localClient) post(change func(map[string]any)) int {
	c.t.Helper()
	a := map[string]any{
		"type": "message", "id": "1", "channelId": "msteams", "serviceUrl": c.self.URL,
		"from": map[string]any{"id": "user-1", "name": "Lee Local", "aadObjectId": "99999999-9999-4999-8999-999999999999"}, "recipient": map[string]any{"id": "bot-1", "name": "Herald"},
		"conversation": map[string]any{"id": "chat-1", "conversationType": "personal", "tenantId": "00000000-0000-0000-0000-000000000001"},
	}
	change(a)
	return call(c.t, "POST", c.bot, nil, a, nil).StatusCode
}

func (c *localClient) install() int {
	return c.post(func(a map[string]any) { a["type"], a["action"] = "installationUpdate", "add" })
}

func TestPlayground(t *testing.T) {
	h := Start(t, map[string]string{"HERALD_MODE": "playground"})
	local := newLocalClient(t, h.URL+"/api/messages")
	if status := local.install(); status != 200 {
		t.Fatalf("install: %d", status)
	}
	if welcome := <-local.got; !strings.Contains(toJSON(t, welcome), "Welcome to Herald") {
		t.Errorf("welcome: %v", welcome)
	}

	api := h.Author(t)
	card := map[string]any{"card": map[string]any{"type": "AdaptiveCard", "version": "1.5", "body": []any{
		map[string]any{"type": "TextBlock", "text": "Lunch, [FIRSTNAME]?"}, map[string]any{"type": "Input.Text", "id": "dish"},
	}, "actions": []any{map[string]any{"type": "Action.Submit", "title": "Order"}}}}
	id := api.Create("Lunch", "card", card, map[string]any{"emails": []string{"lee@local.example"}})
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	if got := <-local.got; !strings.Contains(toJSON(t, got), "Lunch, Lee?") {
		t.Errorf("proactive message: %v", got)
	}
	api.Await(id, "completed")

	status := local.post(func(a map[string]any) {
		a["replyToId"], a["value"] = "1700000000001", map[string]any{"dish": "Soup"}
	})
	if status != 200 {
		t.Fatalf("submit: %d", status)
	}
	if thanks := <-local.got; !strings.Contains(toJSON(t, thanks), "Thank you") {
		t.Errorf("answer to a submit: %v", thanks)
	}
	if e := api.OK(200, "GET", "/campaigns/"+id+"/report", nil)["engagement"].(map[string]any); e["answered"] != 1.0 {
		t.Errorf("engagement: %v", e)
	}

	// Local means local: no service URL elsewhere, no proxy in front.
	if status := local.post(func(a map[string]any) { a["serviceUrl"] = "https://smba.trafficmanager.net/teams/" }); status != 403 {
		t.Errorf("a service URL elsewhere: %d", status)
	}
	if resp := call(t, "POST", h.URL+"/api/messages", map[string]string{"X-Forwarded-For": "203.0.113.7"}, map[string]any{"type": "message"}, nil); resp.StatusCode != 401 {
		t.Errorf("through a proxy: %d", resp.StatusCode)
	}
}

func TestPlaygroundListensOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:3978"} {
		out, code := spawn(t, map[string]string{"HERALD_MODE": "playground", "HERALD_ADDR": addr, "HERALD_DATA_DIR": t.TempDir()}).Wait()
		if code == 0 || !strings.Contains(out, "HERALD_ADDR") || strings.Count(strings.TrimSpace(out), "\n") > 0 {
			t.Errorf("%s: exit %d, said %q", addr, code, out)
		}
	}
}

// Outside playground mode nobody gets in without a token.
func TestSandboxModeTakesNoTokenlessTraffic(t *testing.T) {
	h := Start(t, nil)
	local := newLocalClient(t, h.URL+"/api/messages")
	if status := local.install(); status != 401 {
		t.Errorf("install without a token: %d", status)
	}
}

func TestWrongSettingsStopTheStart(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"HERALD_MODE":          {"HERALD_MODE": "clowd"},
		"HERALD_RATE":          {"HERALD_RATE": "fast"},
		"HERALD_SANDBOX_USERS": {"HERALD_SANDBOX_USERS": "2000000"},
		"HERALD_DATABASE_URL":  {"HERALD_DATABASE_URL": "mysql://root:hunter2@x/y"},
		"HERALD_ROLE":          {"HERALD_ROLE": "worker"},
		"HERALD_APP_ID":        {"HERALD_MODE": "cloud"},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := spawn(t, env).Wait()
			if code != 1 || !strings.Contains(out, name) || strings.Count(strings.TrimSpace(out), "\n") > 0 || strings.Contains(out, "hunter2") {
				t.Errorf("exit %d, said %q", code, out)
			}
		})
	}
}

func toJSON(t *testing.T, v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
