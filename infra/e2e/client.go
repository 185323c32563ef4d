package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

var client = &http.Client{Timeout: 2 * time.Minute} // only ends a test that hangs

// call makes one JSON request and decodes the answer into into, unless that is nil.
func call(t testing.TB, method, address string, header map[string]string, body, into any) *http.Response {
	t.Helper()
	var r io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, address, r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	if into != nil && len(raw) > 0 {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatalf("%s %s: %d %s: %v", method, address, resp.StatusCode, raw, err)
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp
}

// Sandbox drives the simulated cloud.
type Sandbox struct {
	t   testing.TB
	URL string
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
	s.do("PUT", "/api/clock", map[string]string{"advance": d.String()}, 200, nil)
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

// Duplicates is how many messages of one campaign reached a person twice.
func (s *Sandbox) Duplicates() int {
	s.t.Helper()
	var st struct {
		Duplicates int `json:"duplicates"`
	}
	s.do("GET", "/api/stats", nil, 200, &st)
	return st.Duplicates
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

// API is Herald's API in the name of one person.
type API struct {
	t     testing.TB
	h     *Herald
	upn   string
	query string
}

// As returns the API for a person; query adds to the request for the token, e.g. "&v=1".
func (h *Herald) As(t testing.TB, upn, query string) *API {
	return &API{t: t, h: h, upn: upn, query: query}
}

// Author returns the API for the sandbox's first author.
func (h *Herald) Author(t testing.TB) *API {
	t.Helper()
	for _, u := range h.Cloud.Users() {
		for _, r := range u.Roles {
			if r == "Author" {
				return h.As(t, u.UPN, "")
			}
		}
	}
	t.Fatal("the sandbox has no author")
	return nil
}

// Answer is an answer of the API.
type Answer struct {
	Status int
	Body   map[string]any
	Raw    string
}

// Code is the stable word of a problem.
func (a Answer) Code() string { s, _ := a.Body["code"].(string); return s }

// Do makes a request and returns whatever the API answers.
func (a *API) Do(method, path string, body any, header ...string) Answer {
	a.t.Helper()
	h := map[string]string{"Authorization": "Bearer " + a.h.Cloud.Token(a.upn, a.query)}
	for i := 0; i+1 < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	resp := call(a.t, method, a.h.URL+"/api/v1"+path, h, body, nil)
	raw, _ := io.ReadAll(resp.Body)
	out := Answer{Status: resp.StatusCode, Raw: string(raw)}
	_ = json.Unmarshal(raw, &out.Body) // a CSV has no body to look into
	return out
}

// OK makes a request that must be answered with want.
func (a *API) OK(want int, method, path string, body any, header ...string) map[string]any {
	a.t.Helper()
	ans := a.Do(method, path, body, header...)
	if ans.Status != want {
		a.t.Fatalf("%s %s: %d, want %d: %s", method, path, ans.Status, want, ans.Raw)
	}
	return ans.Body
}

// Upload sends a file in a form, with fields besides: name, value, … It must be answered with want.
func (a *API) Upload(want int, path, name, content string, fields ...string) map[string]any {
	a.t.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := m.WriteField(fields[i], fields[i+1]); err != nil {
			a.t.Fatal(err)
		}
	}
	f, err := m.CreateFormFile("file", name)
	if err != nil {
		a.t.Fatal(err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		a.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		a.t.Fatal(err)
	}
	req, err := http.NewRequest("POST", a.h.URL+"/api/v1"+path, &form)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.h.Cloud.Token(a.upn, a.query))
	req.Header.Set("Content-Type", m.FormDataContentType())
	resp, err := client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != want {
		a.t.Fatalf("upload to %s: %d, want %d: %v %v", path, resp.StatusCode, want, out, err)
	}
	return out
}

// Create saves a draft and returns its id.
func (a *API) Create(name, format string, content, audience any) string {
	a.t.Helper()
	c := a.OK(201, "POST", "/campaigns", map[string]any{"name": name, "format": format, "content": content, "audience": audience})
	return c["id"].(string)
}

// Await follows the campaign's events until it has one of the states.
func (a *API) Await(id string, states ...string) {
	a.t.Helper()
	req, err := http.NewRequest("GET", a.h.URL+"/api/v1/events?campaign="+id, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.h.Cloud.Token(a.upn, a.query))
	resp, err := client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	last := ""
	for s := bufio.NewScanner(resp.Body); s.Scan(); {
		data, ok := strings.CutPrefix(s.Text(), "data: ")
		if !ok {
			continue
		}
		last = data
		var p struct {
			Status string `json:"status"`
		}
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			a.t.Fatal(err)
		}
		for _, st := range states {
			if p.Status == st {
				return
			}
		}
	}
	a.t.Fatalf("the events of %s ended before %v; last: %s", id, states, last)
}
