package tab_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// valid is a request for each operation of the API that only the person can make wrong.
var valid = map[string]request{
	"GET /me":                               {},
	"GET /campaigns":                        {},
	"GET /authors":                          {},
	"POST /campaigns":                       {body: ready},
	"GET /campaigns/{id}":                   {},
	"PUT /campaigns/{id}":                   {body: ready, header: version1},
	"DELETE /campaigns/{id}":                {},
	"POST /campaigns/{id}/clone":            {body: `{"name":"N"}`},
	"POST /campaigns/{id}/try":              {body: `{"email":"ann@contoso.example"}`},
	"POST /campaigns/{id}/send":             {},
	"POST /campaigns/{id}/unschedule":       {},
	"POST /campaigns/{id}/stop":             {},
	"POST /campaigns/{id}/preview":          {},
	"GET /campaigns/{id}/report":            {},
	"GET /campaigns/{id}/links":             {},
	"GET /campaigns/{id}/timeline":          {},
	"GET /campaigns/{id}/hours":             {},
	"GET /campaigns/{id}/recipients":        {},
	"GET /campaigns/{id}/recipients.csv":    {},
	"GET /campaigns/{id}/recipients.xlsx":   {},
	"POST /campaigns/{id}/list":             {body: `{"name":"Not reached"}`},
	"POST /preview":                         {body: `{"format":"message","content":{"text":"Hi"}}`},
	"GET /recipients/verify":                {path: "/recipients/verify?email=ann@contoso.example"},
	"GET /people":                           {path: "/people?q=ann"},
	"POST /audience/count":                  {body: `{"all":true}`},
	"POST /timing/preview":                  {body: `{"window":` + week + `,"audience":{"all":true}}`},
	"GET /timing/defaults":                  {},
	"POST /images":                          {body: form(red), header: formHeader},
	"GET /admin/installable":                {},
	"GET /admin/installations":              {},
	"POST /admin/installations":             {body: `{"audience":{"all":true}}`},
	"POST /admin/installations/preview":     {body: `{"all":true}`},
	"GET /admin/installations/{id}":         {},
	"POST /admin/installations/{id}/stop":   {},
	"GET /admin/installations/{id}/people":  {},
	"GET /admin/privacy":                    {},
	"GET /admin/people":                     {path: "/admin/people?q=ann"},
	"GET /admin/people/{personId}":          {path: "/admin/people/ann"},
	"GET /admin/people/{personId}/export":   {path: "/admin/people/ann/export"},
	"DELETE /admin/people/{personId}":       {path: "/admin/people/ann"},
	"GET /events":                           {path: "/events?campaign={id}"},
	"GET /lists":                            {},
	"POST /lists":                           {body: `{"name":"N"}`},
	"GET /lists/sample.csv":                 {},
	"GET /lists/sample.xlsx":                {},
	"GET /lists/{id}":                       {},
	"PUT /lists/{id}":                       {body: `{"name":"N"}`, header: version1},
	"DELETE /lists/{id}":                    {},
	"GET /lists/{id}/members":               {},
	"POST /lists/{id}/members":              {body: `{"email":"new@contoso.example"}`},
	"POST /lists/{id}/members/bulk":         {body: `{"emails":["new@contoso.example"]}`},
	"PUT /lists/{id}/members/{memberId}":    {path: "/lists/{id}/members/1", body: `{"email":"new@contoso.example"}`},
	"DELETE /lists/{id}/members/{memberId}": {path: "/lists/{id}/members/1"},
	"GET /lists/{id}/members.csv":           {},
	"GET /lists/{id}/members.xlsx":          {},
	"POST /lists/{id}/import":               {body: form(people), header: formHeader},
	"POST /campaigns/{id}/remind":           {},
	"GET /admin/health":                     {},
	"GET /admin/package":                    {},
	"GET /surveys":                          {},
	"POST /surveys":                         {body: `{"name":"N"}`},
	"POST /surveys/preview":                 {},
	"GET /surveys/{id}":                     {},
	"PUT /surveys/{id}":                     {body: `{"name":"N"}`, header: version1},
	"DELETE /surveys/{id}":                  {},
	"POST /surveys/{id}/clone":              {body: `{"name":"N"}`},
	"POST /surveys/{id}/close":              {},
	"POST /surveys/{id}/reopen":             {},
	"GET /surveys/{id}/campaigns":           {},
	"GET /surveys/{id}/results":             {},
	"GET /surveys/{id}/results.csv":         {},
	"GET /surveys/{id}/results.xlsx":        {},
	"GET /surveys/{id}/texts":               {},
	"POST /campaigns/{id}/approve":          {header: version1},
	"POST /campaigns/{id}/reject":           {header: version1},
	"POST /campaigns/{id}/withdraw":         {},
	"GET /admin/audit":                      {},
	"GET /admin/audit.csv":                  {},
	"GET /admin/audit/actors":               {},
}

// eachOperation gives every operation of the document except itself, with {id} as id.
func eachOperation(t *testing.T, id string, fn func(t *testing.T, op string, q request)) {
	t.Helper()
	for _, op := range openAPI().operations() {
		if op == "GET /openapi.json" {
			continue
		}
		q, ok := valid[op]
		if !ok {
			t.Errorf("no request for %s", op)
			continue
		}
		method, path, _ := strings.Cut(op, " ")
		q.method = method
		if q.path == "" {
			q.path = path
		}
		q.path = strings.ReplaceAll(q.path, "{id}", id)
		t.Run(op, func(t *testing.T) { fn(t, op, q) })
	}
}

var requestIDs = regexp.MustCompile(`"requestId":"[^"]+"`)

// A campaign of another organisation must look exactly like one that never was.
func TestOtherOrganisationsCampaignsDoNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.state(t)
	for _, foreign := range []string{"{foreign}", "{foreignsending}", "{foreignlist}", "{foreignsurvey}", "{foreigninstallation}"} {
		eachOperation(t, foreign, func(t *testing.T, _ string, q request) {
			q.as = "admin"
			if !strings.Contains(q.path, foreign) {
				return
			}
			res, body := w.ask(t, q)
			q.path = strings.ReplaceAll(q.path, foreign, "never-was")
			other, otherBody := w.do(t, q)
			if res.StatusCode != http.StatusNotFound || other.StatusCode != http.StatusNotFound {
				t.Errorf("statuses %d and %d: %s", res.StatusCode, other.StatusCode, body)
			}
			if a, b := requestIDs.ReplaceAllString(string(body), ""), requestIDs.ReplaceAllString(string(otherBody), ""); a != b {
				t.Errorf("told apart: %s and %s", a, b)
			}
		})
	}
	if after := w.state(t); after != before {
		t.Errorf("something changed:\n%s\n---\n%s", before, after)
	}
}

// What one organisation lists, counts and finds holds nothing of another.
func TestListsAreOfOneOrganisation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, q := range []request{
		{method: "GET", path: "/campaigns"}, {method: "GET", path: "/campaigns?q=secret"},
		{method: "GET", path: "/campaigns?author=fay&sort=name"}, {method: "GET", path: "/authors"},
		{method: "GET", path: "/surveys"}, {method: "GET", path: "/surveys?q=secret"},
		{method: "GET", path: "/lists"}, {method: "GET", path: "/lists?q=secret"},
		{method: "POST", path: "/audience/count", body: `{"all":true,"excludeListIds":["` + staff + `"]}`},
		{method: "POST", path: "/audience/count", body: `{"all":true}`},
		{method: "GET", path: "/recipients/verify?email=fay@contoso.example"},
		{method: "GET", path: "/people?q=secret"},
		{method: "POST", path: "/audience/count", body: `{"emails":["fay@contoso.example"]}`},
	} {
		q.as = "author"
		if res, body := w.do(t, q); res.StatusCode != 200 || strings.Contains(strings.ToLower(string(body)), "secret") {
			t.Errorf("%s %s: %d %s", q.method, q.path, res.StatusCode, body)
		}
	}
	res, body := w.do(t, request{as: "fabrikam", method: "GET", path: "/campaigns"})
	if res.StatusCode != 200 || strings.Contains(string(body), "Campaign ") || strings.Count(string(body), "Secret of Fabrikam") != 2 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestWithoutRoleOnlyMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.state(t)
	for _, as := range []string{"stranger"} {
		for _, id := range []string{"{draft}", "{sending}", "{list}", "{survey}"} {
			eachOperation(t, id, func(t *testing.T, op string, q request) {
				q.as = as
				res, body := w.ask(t, q)
				if op == "GET /me" {
					if res.StatusCode != http.StatusOK {
						t.Errorf("%d %s", res.StatusCode, body)
					}
					return
				}
				if res.StatusCode != http.StatusForbidden || !strings.Contains(string(body), `"code":"no_role"`) || strings.Contains(string(body), "Campaign ") {
					t.Errorf("%d %s", res.StatusCode, body)
				}
			})
		}
	}
	if after := w.state(t); after != before {
		t.Error("something changed")
	}
}

func TestWithoutValidTokenNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.state(t)
	for _, c := range []struct {
		as, code string
		status   int
	}{
		{"", "no_token", 401}, {"forged", "bad_signature", 401}, {"otherorg", "tenant_not_allowed", 403}, {"nokeys", "keys_unavailable", 503},
	} {
		eachOperation(t, "{draft}", func(t *testing.T, _ string, q request) {
			q.as = c.as
			res, body := w.ask(t, q)
			if res.StatusCode != c.status || !strings.Contains(string(body), `"code":"`+c.code+`"`) {
				t.Errorf("%d %s", res.StatusCode, body)
			}
			if got := res.Header.Get("WWW-Authenticate"); (c.status == 401) != (got == "Bearer") {
				t.Errorf("WWW-Authenticate %q with %d", got, c.status)
			}
		})
	}
	if after := w.state(t); after != before {
		t.Error("something changed")
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		method, path, code string
		status             int
	}{
		{"GET", "/", "no_such_path", 404},
		{"GET", "/campaigns/x/y", "no_such_path", 404},
		{"PATCH", "/campaigns/{draft}", "method_not_allowed", 405},
		{"DELETE", "/campaigns", "method_not_allowed", 405},
		{"POST", "/me", "method_not_allowed", 405},
	} {
		res, body := w.do(t, request{as: "author", method: c.method, path: c.path})
		if res.StatusCode != c.status || res.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(string(body), `"code":"`+c.code+`"`) {
			t.Errorf("%s %s: %d %s", c.method, c.path, res.StatusCode, body)
		}
		if c.status == 405 && res.Header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow (RFC 9110 asks for it)", c.method, c.path)
		}
	}
}
