package sandbox_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"herald/infra/sandbox"
)

func TestPeopleAreAsTheContractSays(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	page := c.api(200, "GET", "/api/users", nil).json(t)
	items := page["items"].([]any)
	if len(items) != 25 || page["total"] != 25.0 || page["next"] != nil {
		t.Fatalf("%d items, total %v, next %v", len(items), page["total"], page["next"])
	}
	seen := map[any]bool{}
	for i, v := range items {
		roles := v.(map[string]any)["roles"].([]any)
		want := []string{"Author", "Publisher", "Analyst", "Admin"}
		switch {
		case i < 4 && (len(roles) != 1 || roles[0] != want[i]), i >= 4 && len(roles) != 0:
			t.Errorf("person %d has roles %v", i, roles)
		}
		upn, mail := at(v, "upn").(string), at(v, "mail").(string)
		if !strings.HasSuffix(upn, "@contoso.example") || (upn != mail) != (i%7 == 5) {
			t.Errorf("person %d: upn %s, mail %s", i, upn, mail)
		}
		if locale := at(v, "locale"); (locale == "fr-FR") != (i%3 == 1) {
			t.Errorf("person %d: locale %v", i, locale)
		}
		if at(v, "installed") != false || seen[upn] || seen[at(v, "id")] {
			t.Errorf("person %d: %v", i, v)
		}
		seen[upn], seen[at(v, "id")] = true, true
		for _, ref := range []string{at(v, "id").(string), upn, mail, strings.ToUpper(upn), at(v, "channelId").(string)} {
			if got := c.api(200, "GET", "/api/users/"+url.PathEscape(ref), nil).json(t)["id"]; got != at(v, "id") {
				t.Errorf("%s finds %v", ref, got)
			}
		}
	}
	if got := c.api(200, "GET", "/api/users?tenant=fabrikam.example", nil).json(t); got["total"] != 5.0 || at(got["items"].([]any)[0], "roles").([]any)[0] != "Author" {
		t.Errorf("Fabrikam: %v", got)
	}
	if got := c.api(200, "GET", "/api/users?tenant="+sandbox.TenantStranger, nil).json(t); got["total"] != 1.0 {
		t.Errorf("Stranger: %v", got)
	}
	if got := c.api(200, "GET", "/api/users?role=Admin", nil).json(t); got["total"] != 1.0 {
		t.Errorf("Admins: %v", got)
	}
}

func TestAMillionPeople(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Users: 1_000_000})
	get := func(query string) (ids []string, next any, total float64) {
		page := c.api(200, "GET", "/api/users?"+query, nil).json(t)
		for _, v := range page["items"].([]any) {
			ids = append(ids, at(v, "id").(string))
		}
		return ids, page["next"], page["total"].(float64)
	}
	first, next, total := get("limit=500")
	if len(first) != 500 || next != "500" || total != 1e6 {
		t.Fatalf("%d, %v, %v", len(first), next, total)
	}
	if last, next, _ := get("limit=500&cursor=999800"); len(last) != 200 || next != nil {
		t.Errorf("the end: %d, %v", len(last), next)
	}
	p := c.person(987_654)
	for _, q := range []string{p.UPN, p.Mail, p.ID, p.UPN[:len(p.UPN)-3], strings.ToUpper(p.UPN)} {
		if ids, _, _ := get("q=" + url.QueryEscape(q)); len(ids) == 0 || ids[0] != p.ID {
			t.Errorf("%q finds %v", q, ids)
		}
	}
	// A name is found with and without its marks, and pages do not overlap.
	q := url.QueryEscape(strings.ToLower(p.DisplayName))
	a, next, total := get("limit=50&q=" + q)
	if len(a) != 50 || total != 122 && total != 123 || next == nil {
		t.Fatalf("%q: %d of %v, next %v", p.DisplayName, len(a), total, next)
	}
	b, _, _ := get(fmt.Sprintf("limit=50&q=%s&cursor=%v", q, next))
	if len(b) != 50 || b[0] == a[49] {
		t.Errorf("second page %d", len(b))
	}
	if _, _, total := get("q=nobody+is+called+this"); total != 0 {
		t.Errorf("%v", total)
	}
	if _, _, total := get("q=contoso"); total != 1e6 {
		t.Errorf("by domain: %v", total)
	}
}

// Every address leads back to its person, all through a million.
func TestEveryAddressLeadsBack(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Users: 1_000_000})
	upns := map[string]bool{}
	for i := 0; i < 1_000_000; i += 37 {
		p := c.person(i)
		if upns[p.UPN] {
			t.Fatalf("%s twice", p.UPN)
		}
		upns[p.UPN] = true
		refs := []string{p.ID, p.UPN, p.Mail, p.ChannelID()}
		for _, a := range p.ProxyAddresses {
			_, address, _ := strings.Cut(a, ":")
			refs = append(refs, address)
		}
		for _, ref := range refs {
			if got, err := c.Person(ref); err != nil || got.Index != i {
				t.Fatalf("%s leads to %d (%v), not %d", ref, got.Index, err, i)
			}
		}
	}
}

func TestUnknownPeopleAndBadRequests(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p := c.person(0)
	for _, tc := range []struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		{"GET", "/api/users/nobody@contoso.example", nil, 404, "user_not_found"},
		{"GET", "/api/users/" + strings.Replace(p.ID, p.ID[:2], "ff", 1), nil, 404, "user_not_found"},
		{"POST", "/api/users/x/install", nil, 404, "user_not_found"},
		{"POST", "/api/users/x/uninstall", nil, 404, "user_not_found"},
		{"POST", "/api/users/x/block", nil, 404, "user_not_found"},
		{"GET", "/api/users/x/chat", nil, 404, "user_not_found"},
		{"POST", "/api/users/x/messages", map[string]any{"text": "x"}, 404, "user_not_found"},
		{"POST", "/api/users/x/submit", map[string]any{}, 404, "user_not_found"},
		{"POST", "/api/users/x/read", map[string]any{}, 404, "user_not_found"},
		{"PUT", "/api/users/x/presence", map[string]any{"availability": "Busy"}, 404, "user_not_found"},
		{"DELETE", "/api/users/x", nil, 404, "user_not_found"},
		{"GET", "/api/chats/events?user=x", nil, 404, "user_not_found"},
		{"GET", "/api/chats/events?user=" + p.ID + "&user=x", nil, 404, "user_not_found"},
		{"GET", "/api/chats/events?user=" + strings.Repeat(p.ID+"&user=", 50) + p.ID, nil, 400, "bad_request"},
		{"GET", "/api/token?user=x", nil, 404, "user_not_found"},
		{"GET", "/api/token", nil, 400, "bad_request"},
		{"GET", "/api/token?v=3&user=" + p.ID, nil, 400, "bad_request"},
		{"GET", "/api/users?tenant=x", nil, 404, "tenant_not_found"},
		{"POST", "/api/install", map[string]any{"all": true, "tenant": "x"}, 404, "tenant_not_found"},
		{"GET", "/api/users?limit=0", nil, 400, "bad_request"},
		{"GET", "/api/users?limit=501", nil, 400, "bad_request"},
		{"GET", "/api/users?cursor=-1", nil, 400, "bad_request"},
		{"GET", "/api/users?installed=perhaps", nil, 400, "bad_request"},
		{"POST", "/api/install", nil, 400, "bad_request"},
		{"POST", "/api/install", map[string]any{"count": -1}, 400, "bad_request"},
		{"POST", "/api/install", map[string]any{"count": 1, "all": true}, 400, "bad_request"},
		{"POST", "/api/install", map[string]any{"everybody": true}, 400, "bad_request"},
		{"POST", "/api/install", "{", 400, "bad_request"},
		{"POST", "/api/install", "{} {}", 400, "bad_request"},
		{"POST", "/api/install", `{"all":` + strings.Repeat(" ", 1<<20) + `true}`, 413, "too_large"},
		{"PUT", "/api/users/" + p.ID + "/presence", map[string]any{"availability": "Asleep"}, 400, "bad_presence"},
		{"PUT", "/api/faults", map[string]any{"throttle": 2}, 400, "bad_request"},
		{"PUT", "/api/faults", map[string]any{"throttle": 0.6, "drop": 0.6}, 400, "bad_request"},
		{"PUT", "/api/faults", map[string]any{"latency": 20}, 400, "bad_request"},
		{"PUT", "/api/faults", map[string]any{"latency": "soon"}, 400, "bad_request"},
		{"PUT", "/api/faults", map[string]any{"retryAfter": -1}, 400, "bad_request"},
		{"PUT", "/api/permissions", map[string]any{"Everything": true}, 400, "bad_permission"},
		{"PUT", "/api/bot", map[string]any{"url": "ftp://x"}, 400, "bad_url"},
		{"PUT", "/api/clock", map[string]any{"advance": "-1h"}, 409, "clock_backwards"},
		{"PUT", "/api/clock", map[string]any{}, 400, "bad_request"},
		{"GET", "/api/clock?wait=x", nil, 400, "bad_request"},
		{"GET", "/api/wire?after=x", nil, 400, "bad_request"},
		{"GET", "/api/wire?limit=0", nil, 400, "bad_request"},
		{"GET", "/api/nothing", nil, 404, "not_found"},
		{"PATCH", "/api/users", nil, 404, "not_found"},
	} {
		r := c.do(tc.method, c.URL()+tc.path, "", tc.body)
		if r.status != tc.status || r.errorCode(t) != tc.code {
			t.Errorf("%s %s: %d %.200s, want %d %s", tc.method, tc.path, r.status, r.raw, tc.status, tc.code)
		}
	}
}
