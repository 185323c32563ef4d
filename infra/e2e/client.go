package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
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

// Do makes a request and returns whatever the API answers. Herald hears a moment late that the cloud's clock
// was moved forward, and takes its tokens from then on.
func (a *API) Do(method, path string, body any, header ...string) Answer {
	a.t.Helper()
	for try := 0; ; try++ {
		out := a.once(method, path, body, header...)
		if out.Code() != "not_yet_valid" || try == 500 {
			return out
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-a.t.Context().Done():
			return out
		}
	}
}

func (a *API) once(method, path string, body any, header ...string) Answer {
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

// Progress is one event of a campaign's progress.
type Progress struct {
	Status string         `json:"status"`
	Counts map[string]int `json:"counts"`
}

// Done is how many recipients have a final state.
func (p Progress) Done() int {
	return p.Counts["sent"] + p.Counts["failed"] + p.Counts["skipped"] + p.Counts["cancelled"] + p.Counts["unscheduled"]
}

// settled says that nothing changes any more.
func (p Progress) settled() bool {
	return p.Status == "completed" || p.Status == "failed" || p.Status == "stopped" && p.Done() == p.Counts["total"]
}

// followTimeout only ends a test that hangs.
const followTimeout = 6 * time.Minute

// Follow shows the campaign's progress to see, as it comes, until see says that it is
// enough. A stream that breaks off, because a store or Herald is away, is asked for again.
func (a *API) Follow(id string, see func(Progress) (enough bool)) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), followTimeout)
	defer cancel()
	var last Progress
	for ctx.Err() == nil && !last.settled() {
		if a.stream(ctx, id, func(p Progress) bool { last = p; return see(p) }) {
			return
		}
		select { // nobody says when a process or a store is back
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	a.t.Fatalf("campaign %s came no further than %+v", id, last)
}

// stream reads one stream of events to its end.
func (a *API) stream(ctx context.Context, id string, see func(Progress) bool) (enough bool) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", a.h.URL+"/api/v1/events?campaign="+id, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.h.Cloud.Token(a.upn, a.query))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	for s := bufio.NewScanner(resp.Body); s.Scan(); {
		data, ok := strings.CutPrefix(s.Text(), "data: ")
		if !ok {
			continue
		}
		var p Progress
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			a.t.Fatal(err)
		}
		if see(p) {
			return true
		}
	}
	return false
}

// Await follows the campaign until it has one of the states.
func (a *API) Await(id string, states ...string) {
	a.t.Helper()
	a.Follow(id, func(p Progress) bool { return slices.Contains(states, p.Status) })
}
