package bot_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"herald/bot"
	"herald/campaigns"
)

// localClient is a Bot Framework client on this machine, without tokens and tenants.
func localClient(t *testing.T) (url string, got *atomic.Int32) {
	t.Helper()
	got = &atomic.Int32{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/conversations/{id}/activities", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a local client got the bot's token")
		}
		got.Add(1)
		_, _ = w.Write([]byte(`{"id":"1"}`))
	})
	mux.HandleFunc("GET /v3/conversations/{id}/members/{member}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"user-1","name":"Lee Local","givenName":"Lee","email":"lee@local.example"}`))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, got
}

func localFrame(t *testing.T, serviceURL, tenant string) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"type": "installationUpdate", "action": "add", "channelId": "emulator", "serviceUrl": serviceURL, "timestamp": "2001-01-01T00:00:00Z",
		"from": map[string]any{"id": "user-1", "name": "Lee"}, "recipient": map[string]any{"id": "bot-1"},
		"conversation": map[string]any{"id": "chat-1", "tenantId": tenant},
	})
	ok(t, err)
	return body
}

func TestPlayground(t *testing.T) {
	t.Parallel()
	w := setup(t, func(w *world) {
		w.bot.Playground = bot.Playground{Enabled: true, Tenants: []string{contoso, stranger}}
	})
	here, got := localClient(t)
	for tenant, home := range map[string]string{"": contoso, "00000000-0000-0000-0000-000000000001": contoso, contoso: contoso, stranger: stranger, strings.ToUpper(stranger): stranger} {
		if a := w.post(localFrame(t, here, tenant), nil); a.status != 200 {
			t.Fatalf("tenant %q: %d %s", tenant, a.status, a.body)
		}
		ref, err := w.db.Reference(t.Context(), home, "user-1")
		if err != nil || ref.State != campaigns.Installed || ref.ServiceURL != here {
			t.Errorf("tenant %q: %+v, %v", tenant, ref, err)
		}
		// Its clock orders nothing: a fixed time in it must not freeze the reference.
		if ref.UpdatedAt.Year() < 2020 {
			t.Errorf("updated at %v", ref.UpdatedAt)
		}
	}
	if n := got.Load(); n != 2 { // one person in each of two tenants
		t.Errorf("%d welcomes, want 2", n)
	}
	known, err := w.db.FindByID(t.Context(), contoso, "user-1")
	if err != nil || known.GivenName != "Lee" {
		t.Errorf("%+v, %v", known, err)
	}

	// A token is verified also here.
	if a := w.post(localFrame(t, here, contoso), map[string]string{"Authorization": "Bearer abc"}); a.status != 401 {
		t.Errorf("a bad token: %d", a.status)
	}
}

func TestPlaygroundWalls(t *testing.T) {
	t.Parallel()
	w := setup(t, func(w *world) {
		w.bot.Playground = bot.Playground{Enabled: true, Tenants: []string{contoso}}
	})
	here, got := localClient(t)
	ask := func(change func(r *http.Request)) (int, string) {
		r := httptest.NewRequest("POST", "http://127.0.0.1:3978/api/messages", strings.NewReader(string(localFrame(t, here, contoso))))
		r.RemoteAddr = "127.0.0.1:50000"
		r.Header.Set("Content-Type", "application/json")
		change(r)
		rec := httptest.NewRecorder()
		w.bot.ServeHTTP(rec, r)
		return rec.Code, answer{body: rec.Body.String()}.code()
	}
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
		code   string
	}{
		"from another machine":       {func(r *http.Request) { r.RemoteAddr = "192.0.2.1:50000" }, 401, "no_token"},
		"from another machine, IPv6": {func(r *http.Request) { r.RemoteAddr = "[2001:db8::1]:50000" }, 401, "no_token"},
		"from nowhere":               {func(r *http.Request) { r.RemoteAddr = "@" }, 401, "no_token"},
		"X-Forwarded-For":            {header("X-Forwarded-For", "203.0.113.7"), 401, "no_token"},
		"X-Forwarded-For, empty":     {header("X-Forwarded-For", ""), 401, "no_token"},
		"X-Forwarded-Host":           {header("X-Forwarded-Host", "herald.example"), 401, "no_token"},
		"X-Forwarded-Proto":          {header("X-Forwarded-Proto", "https"), 401, "no_token"},
		"Forwarded":                  {header("Forwarded", "for=203.0.113.7"), 401, "no_token"},
		"X-Real-IP":                  {header("X-Real-IP", "203.0.113.7"), 401, "no_token"},
		"Via":                        {header("Via", "1.1 proxy"), 401, "no_token"},
		"through a tunnel's name":    {func(r *http.Request) { r.Host = "abc.devtunnels.ms" }, 401, "no_token"},
		"a name that resolves here":  {func(r *http.Request) { r.Host = "127.0.0.1.evil.example:3978" }, 401, "no_token"},
		"no name":                    {func(r *http.Request) { r.Host = "" }, 401, "no_token"},
		"a web page's form":          {header("Content-Type", "text/plain"), 415, "bad_content_type"},
		"a web page's blob":          {func(r *http.Request) { r.Header.Del("Content-Type") }, 415, "bad_content_type"},
	} {
		if status, code := ask(c.change); status != c.status || code != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, status, code, c.status, c.code)
		}
	}
	for _, serviceURL := range []string{
		"", "https://smba.trafficmanager.net/teams/", "http://192.0.2.1/", "http://127.0.0.1.evil.example/", "http://localhost.evil.example/",
		"http://user@127.0.0.1/", "http://evil.example/127.0.0.1", "ftp://127.0.0.1/", "//127.0.0.1/", "http://127.0.0.1/?x", "http://[::1%25eth0]/", "https://localhost:1/", "http://127.1/",
	} {
		status, code := ask(func(r *http.Request) {
			*r = *httptest.NewRequest("POST", "http://localhost:3978/api/messages", strings.NewReader(string(localFrame(t, serviceURL, contoso))))
			r.RemoteAddr = "[::1]:50000"
			r.Header.Set("Content-Type", "application/json")
		})
		if status != 403 || !strings.HasPrefix(code, "service_url_not") {
			t.Errorf("service URL %q: %d %s", serviceURL, status, code)
		}
	}
	if _, err := w.db.Reference(t.Context(), contoso, "user-1"); campaigns.CodeOf(err) != campaigns.CodeNotFound {
		t.Errorf("something was stored: %v", err)
	}
	if got.Load() != 0 {
		t.Error("something was sent")
	}
	for _, host := range []string{"localhost:3978", "LOCALHOST", "[::1]:3978", "127.0.0.1"} {
		if status, code := ask(func(r *http.Request) { r.Host = host }); status != 200 {
			t.Errorf("host %s: %d %s", host, status, code)
		}
	}
}

func TestNoPlaygroundWithoutTheMode(t *testing.T) {
	t.Parallel()
	w := setup(t)
	here, _ := localClient(t)
	for _, content := range []string{"application/json", "text/plain"} { // the token comes first
		if a := w.post(localFrame(t, here, contoso), map[string]string{"Content-Type": content}); a.status != 401 || a.code() != "no_token" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}
