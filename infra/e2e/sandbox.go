package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Sandbox drives the simulated cloud.
type Sandbox struct {
	*Process // its own; nil when it runs inside Herald's

	t   testing.TB
	URL string
	env map[string]string // of Process
}

// StartSandbox runs the simulated cloud in a process of its own, which knows no bot yet.
func StartSandbox(t testing.TB, env map[string]string) *Sandbox {
	t.Helper()
	s := &Sandbox{t: t, env: map[string]string{"HERALD_SANDBOX_ADDR": "127.0.0.1:0", "HERALD_DATA_DIR": t.TempDir()}}
	for k, v := range env {
		s.env[k] = v
	}
	s.Again()
	s.SetBot("")
	return s
}

// Again starts the cloud anew, with what it remembers, at the address that it had.
func (s *Sandbox) Again() {
	s.t.Helper()
	s.Process = start(s.t, "the sandbox listens", s.env, "sandbox")
	s.URL = s.Process.URL
	s.env["HERALD_SANDBOX_ADDR"] = strings.TrimPrefix(s.URL, "http://")
}

// SetBot tells the cloud at which address Herald listens; empty: it is told of nothing that happens.
func (s *Sandbox) SetBot(address string) {
	s.t.Helper()
	bot := map[string]string{"url": "", "tabUrl": ""}
	if address != "" {
		bot = map[string]string{"url": address + "/api/messages", "tabUrl": address + "/tab/"}
	}
	s.do("PUT", "/api/bot", bot, 200, nil)
}

func (s *Sandbox) do(method, path string, body any, want int, into any) {
	s.t.Helper()
	resp := call(s.t, method, s.URL+path, nil, body, into)
	if resp.StatusCode != want {
		raw, _ := io.ReadAll(resp.Body)
		s.t.Fatalf("sandbox %s %s: %d %s", method, path, resp.StatusCode, raw)
	}
}

// User is a person of the sandbox.
type User struct {
	ID          string   `json:"id"`
	UPN         string   `json:"upn"`
	Mail        string   `json:"mail"`
	DisplayName string   `json:"displayName"`
	GivenName   string   `json:"givenName"`
	Surname     string   `json:"surname"`
	Installed   bool     `json:"installed"`
	Roles       []string `json:"roles"`
}

// Users returns the first 200 people.
func (s *Sandbox) Users() []User {
	s.t.Helper()
	var page struct {
		Items []User `json:"items"`
	}
	s.do("GET", "/api/users?limit=200", nil, 200, &page)
	return page.Items
}

// Install gives the app to the first n people.
func (s *Sandbox) Install(n int) {
	s.t.Helper()
	s.do("POST", "/api/install", map[string]int{"count": n}, 200, nil)
}

// Post does something to one person: install, uninstall, block, submit, …
func (s *Sandbox) Post(user, what string, body any) {
	s.t.Helper()
	s.do("POST", "/api/users/"+user+"/"+what, body, 200, nil)
}

// Advance moves the cloud's clock, which Herald follows.
func (s *Sandbox) Advance(d time.Duration) {
	s.t.Helper()
	if err := s.advance(d); err != nil {
		s.t.Fatal(err)
	}
}

// advance is Advance for goroutines that may not end the test.
func (s *Sandbox) advance(d time.Duration) error {
	req, err := http.NewRequest("PUT", s.URL+"/api/clock", strings.NewReader(`{"advance":"`+d.String()+`"}`))
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("sandbox clock: %d %s", resp.StatusCode, raw)
	}
	return nil
}

// Now is the cloud's clock.
func (s *Sandbox) Now() time.Time {
	s.t.Helper()
	var c struct {
		Now time.Time `json:"now"`
	}
	s.do("GET", "/api/clock", nil, 200, &c)
	return c.Now
}

// ChatItem is one line of a chat.
type ChatItem struct {
	ID       string          `json:"id"`
	From     string          `json:"from"`
	Activity json.RawMessage `json:"activity"`
}

// Chat is what a person sees.
func (s *Sandbox) Chat(user string) []ChatItem {
	s.t.Helper()
	var raw json.RawMessage
	s.do("GET", "/api/users/"+user+"/chat", nil, 200, &raw)
	var items []ChatItem
	if json.Unmarshal(raw, &items) != nil {
		var page struct {
			Items []ChatItem `json:"items"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			s.t.Fatal(err)
		}
		items = page.Items
	}
	return items
}

// Saw returns the bot's messages that hold a text.
func (s *Sandbox) Saw(user, text string) []ChatItem {
	s.t.Helper()
	var out []ChatItem
	for _, it := range s.Chat(user) {
		if it.From == "bot" && strings.Contains(string(it.Activity), text) {
			out = append(out, it)
		}
	}
	return out
}

// Faults replaces all faults of the cloud; see GET /api/faults for their names.
func (s *Sandbox) Faults(f map[string]any) {
	s.t.Helper()
	s.do("PUT", "/api/faults", f, 200, nil)
}

// Stats are what the cloud counted since it was started.
type Stats struct {
	Sends      map[string]int `json:"sends"` // by status, or "dropped"
	Accepted   int            `json:"accepted"`
	Duplicates int            `json:"duplicates"`
}

// Stats counts what the bot sent.
func (s *Sandbox) Stats() (st Stats) {
	s.t.Helper()
	s.do("GET", "/api/stats", nil, 200, &st)
	return st
}

// Duplicates is how many messages of one campaign reached a person twice.
func (s *Sandbox) Duplicates() int {
	s.t.Helper()
	return s.Stats().Duplicates
}

// Received tells when each copy of a campaign's message reached whom, oldest first.
func (s *Sandbox) Received(campaign string) map[string][]time.Time {
	s.t.Helper()
	var list struct {
		Items []struct {
			User string      `json:"user"`
			At   []time.Time `json:"at"`
		} `json:"items"`
	}
	s.do("GET", "/api/received?correlation="+url.QueryEscape(campaign+":"), nil, 200, &list)
	out := make(map[string][]time.Time, len(list.Items))
	for _, it := range list.Items {
		out[it.User] = append(out[it.User], it.At...)
	}
	return out
}

// Token is what Teams would give the tab for a person.
func (s *Sandbox) Token(upn, query string) string {
	s.t.Helper()
	var tok struct {
		Token string `json:"token"`
	}
	s.do("GET", "/api/token?user="+url.QueryEscape(upn)+query, nil, 200, &tok)
	return tok.Token
}
