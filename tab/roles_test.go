package tab_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"herald/campaigns"
)

// Who may do an operation. "own" is for who made the campaign, Publishers and Admins; the others are for everybody with one of the roles.
var holders = map[string][]string{
	"all":     {"stranger", "analyst", "author", "other", "publisher", "admin"},
	"read":    {"analyst", "author", "other", "publisher", "admin"},
	"write":   {"author", "other", "publisher", "admin"},
	"own":     {"author", "publisher", "admin"},
	"approve": {"publisher", "admin"},
	"admin":   {"admin"},
}

// who is the role table: one row for each operation, and what it leaves in the audit log when it succeeds.
var who = map[string]struct {
	may    string
	action campaigns.Action
}{
	"GET /me":                               {"all", ""},
	"GET /campaigns":                        {"read", ""},
	"GET /authors":                          {"read", ""},
	"POST /campaigns":                       {"write", campaigns.CampaignCreated},
	"GET /campaigns/{id}":                   {"read", ""},
	"PUT /campaigns/{id}":                   {"own", campaigns.CampaignChanged},
	"DELETE /campaigns/{id}":                {"own", campaigns.CampaignDeleted},
	"POST /campaigns/{id}/clone":            {"write", campaigns.CampaignCloned},
	"POST /campaigns/{id}/try":              {"own", campaigns.CampaignTried},
	"POST /campaigns/{id}/send":             {"own", campaigns.CampaignSent},
	"POST /campaigns/{id}/unschedule":       {"own", campaigns.CampaignUnscheduled},
	"POST /campaigns/{id}/stop":             {"own", campaigns.CampaignStopped},
	"POST /campaigns/{id}/approve":          {"approve", campaigns.ApprovalGiven},
	"POST /campaigns/{id}/reject":           {"approve", campaigns.ApprovalRefused},
	"POST /campaigns/{id}/withdraw":         {"own", campaigns.ApprovalWithdrawn},
	"POST /campaigns/{id}/preview":          {"read", ""},
	"POST /campaigns/{id}/remind":           {"own", campaigns.CampaignCreated},
	"GET /campaigns/{id}/report":            {"read", ""},
	"GET /campaigns/{id}/links":             {"read", ""},
	"GET /campaigns/{id}/timeline":          {"read", ""},
	"GET /campaigns/{id}/hours":             {"read", ""},
	"GET /campaigns/{id}/recipients":        {"read", ""},
	"GET /campaigns/{id}/recipients.csv":    {"read", campaigns.RecipientsExported},
	"GET /campaigns/{id}/recipients.xlsx":   {"read", campaigns.RecipientsExported},
	"POST /campaigns/{id}/list":             {"write", campaigns.ListCreated},
	"POST /preview":                         {"read", ""},
	"GET /recipients/verify":                {"write", ""},
	"GET /people":                           {"write", ""},
	"POST /audience/count":                  {"write", ""},
	"POST /timing/preview":                  {"write", ""},
	"GET /timing/defaults":                  {"write", ""},
	"POST /images":                          {"write", campaigns.ImageAdded},
	"GET /events":                           {"read", ""},
	"GET /lists":                            {"write", ""},
	"POST /lists":                           {"write", campaigns.ListCreated},
	"GET /lists/sample.csv":                 {"write", ""},
	"GET /lists/sample.xlsx":                {"write", ""},
	"GET /lists/{id}":                       {"write", ""},
	"PUT /lists/{id}":                       {"write", campaigns.ListChanged},
	"DELETE /lists/{id}":                    {"write", campaigns.ListDeleted},
	"GET /lists/{id}/members":               {"write", ""},
	"POST /lists/{id}/members":              {"write", campaigns.ListChanged},
	"POST /lists/{id}/members/bulk":         {"write", campaigns.ListImported},
	"PUT /lists/{id}/members/{memberId}":    {"write", campaigns.ListChanged},
	"DELETE /lists/{id}/members/{memberId}": {"write", campaigns.ListChanged},
	"GET /lists/{id}/members.csv":           {"write", campaigns.ListExported},
	"GET /lists/{id}/members.xlsx":          {"write", campaigns.ListExported},
	"POST /lists/{id}/import":               {"write", campaigns.ListImported},
	"GET /surveys":                          {"read", ""},
	"POST /surveys":                         {"write", campaigns.SurveyCreated},
	"POST /surveys/preview":                 {"read", ""},
	"GET /surveys/{id}":                     {"read", ""},
	"PUT /surveys/{id}":                     {"write", campaigns.SurveyChanged},
	"DELETE /surveys/{id}":                  {"write", campaigns.SurveyDeleted},
	"POST /surveys/{id}/clone":              {"write", campaigns.SurveyCreated},
	"POST /surveys/{id}/close":              {"write", campaigns.SurveyClosedByHand},
	"POST /surveys/{id}/reopen":             {"write", campaigns.SurveyReopened},
	"GET /surveys/{id}/campaigns":           {"read", ""},
	"GET /surveys/{id}/results":             {"read", ""},
	"GET /surveys/{id}/results.csv":         {"read", campaigns.ResultsExported},
	"GET /surveys/{id}/results.xlsx":        {"read", campaigns.ResultsExported},
	"GET /surveys/{id}/texts":               {"read", ""},
	"GET /admin/audit":                      {"admin", ""},
	"GET /admin/audit.csv":                  {"admin", campaigns.AuditExported},
	"GET /admin/audit/actors":               {"admin", ""},
	"GET /admin/health":                     {"admin", ""},
	"GET /admin/package":                    {"admin", ""},
	"GET /admin/installable":                {"admin", ""},
	"GET /admin/installations":              {"admin", ""},
	"POST /admin/installations":             {"admin", campaigns.InstallationStarted},
	"POST /admin/installations/preview":     {"admin", ""},
	"GET /admin/installations/{id}":         {"admin", ""},
	"POST /admin/installations/{id}/stop":   {"admin", campaigns.InstallationEnded},
	"GET /admin/installations/{id}/people":  {"admin", ""},
	"GET /admin/privacy":                    {"admin", ""},
	"GET /admin/people":                     {"admin", ""},
	"GET /admin/people/{personId}":          {"admin", ""},
	"GET /admin/people/{personId}/export":   {"admin", campaigns.PersonExported},
	"DELETE /admin/people/{personId}":       {"admin", campaigns.PersonForgotten},
}

// subject is what an operation is tried on: campaigns are Ann's, who is "author".
func subject(op string) string {
	switch {
	case strings.Contains(op, "/installations"):
		return "{installation}"
	case op == "GET /events":
		return "{completed}"
	case strings.HasSuffix(op, "/unschedule"):
		return "{scheduled}"
	case strings.HasSuffix(op, "/stop"):
		return "{sending}"
	case strings.HasSuffix(op, "/hours"):
		return "{timed}"
	case strings.Contains(op, "/lists"):
		return "{list}"
	case strings.Contains(op, "/surveys"):
		return "{survey}"
	}
	return "{draft}"
}

// The role table: every operation × every role × own and somebody else's campaign. What is refused changes nothing and
// says why; what is done stands in the audit log once, with the change.
func TestRoleTable(t *testing.T) {
	t.Parallel()
	if ops := openAPI().operations(); len(ops)-1 != len(who) { // without the document itself
		for _, op := range ops {
			if _, ok := who[op]; !ok && op != "GET /openapi.json" {
				t.Errorf("no row for %s", op)
			}
		}
	}
	for _, role := range holders["all"] {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.addTimed(t)
			before := w.state(t)
			each := func(t *testing.T, allowed bool) {
				for _, op := range slices.Sorted(maps.Keys(who)) {
					if may := slices.Contains(holders[who[op].may], role); may != allowed {
						continue
					}
					q, ok := valid[op]
					if !ok {
						t.Fatalf("no request for %s", op)
					}
					var path string
					q.method, path, _ = strings.Cut(op, " ")
					if q.path == "" {
						q.path = path
					}
					q.path, q.as = strings.ReplaceAll(q.path, "{id}", subject(op)), role
					if strings.HasPrefix(op, "DELETE") && allowed {
						continue // last
					}
					w.judge(t, op, role, q, allowed)
				}
			}
			each(t, false)
			if after := w.state(t); after != before {
				t.Errorf("something refused has changed:\n%s\n---\n%s", before, after)
			}
			each(t, true)
			for _, op := range []string{"DELETE /lists/{id}/members/{memberId}", "DELETE /lists/{id}", "DELETE /surveys/{id}", "DELETE /campaigns/{id}", "DELETE /admin/people/{personId}"} {
				if slices.Contains(holders[who[op].may], role) {
					_, path, _ := strings.Cut(op, " ")
					id := subject(op)
					if id == "{draft}" {
						id = "{empty}"
					}
					w.judge(t, op, role, request{as: role, method: "DELETE", path: strings.NewReplacer("{id}", id, "{memberId}", "1", "{personId}", "ann").Replace(path)}, true)
				}
			}
		})
	}
}

func (w *world) judge(t *testing.T, op, role string, q request, allowed bool) {
	t.Helper()
	lines := w.audit(t)
	res, body := w.ask(t, q)
	written := w.audit(t)[len(lines):]
	if !allowed {
		code := "role_too_small"
		switch {
		case role == "stranger":
			code = "no_role"
		case who[op].may == "admin":
			code = "no_admin"
		case role == "other" && who[op].may == "own":
			code = "not_yours"
		}
		if res.StatusCode != http.StatusForbidden || !strings.Contains(string(body), `"code":"`+code+`"`) {
			t.Errorf("%s as %s: %d %s, want 403 %s", op, role, res.StatusCode, body, code)
		}
		if code == "not_yours" && !strings.Contains(string(body), "Ann Ahlberg") {
			t.Errorf("%s as %s does not say whose it is: %s", op, role, body)
		}
		if len(written) > 0 {
			t.Errorf("%s as %s was refused and stands in the log: %v", op, role, written)
		}
		return
	}
	var want []string
	if res.StatusCode < 300 && who[op].action != "" {
		want = []string{string(who[op].action)}
	}
	if res.StatusCode == http.StatusForbidden || res.StatusCode >= 500 {
		t.Errorf("%s as %s: %d %s", op, role, res.StatusCode, body)
	}
	if !slices.Equal(written, want) {
		t.Errorf("%s as %s: %d, log %q, want %q", op, role, res.StatusCode, written, want)
	}
}

// audit is the actions in the log, the oldest first.
func (w *world) audit(t *testing.T) (actions []string) {
	t.Helper()
	items, _, err := w.db.AuditLog(t.Context(), contoso, campaigns.AuditFilter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Backward(items) {
		actions = append(actions, string(e.Action))
	}
	return actions
}

// The log is found by words, person, action and time, is of one organisation, and leaves as a file.
func TestAuditLogIsSearched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(t, request{as: "author", method: "POST", path: "/lists", body: `{"name":"Kitchen"}`})
	w.do(t, request{as: "publisher", method: "POST", path: "/lists", body: `{"name":"=Bar"}`})
	w.do(t, request{as: "fabrikam", method: "POST", path: "/lists", body: `{"name":"Secret"}`})
	for query, want := range map[string]string{
		"": "=Bar Kitchen", "?q=KITCH": "Kitchen", "?q=paula": "=Bar", "?actor=ann": "Kitchen", "?action=list.created,list.deleted": "=Bar Kitchen", "?action=list.deleted": "",
		"?from=2026-11-27T10:00:01Z": "", "?to=2026-11-27T10:00:00Z": "", "?from=2026-11-27T10:00:00Z&to=2026-11-27T10:00:01Z": "=Bar Kitchen",
	} {
		q := request{as: "admin", method: "GET", path: "/admin/audit" + query}
		res, body := w.ask(t, q)
		var got []string
		for _, name := range []string{"=Bar", "Kitchen", "Secret"} {
			if strings.Contains(string(body), `"name":"`+name+`"`) {
				got = append(got, name)
			}
		}
		if res.StatusCode != 200 || strings.Join(got, " ") != want {
			t.Errorf("%s: %d %q, want %q", query, res.StatusCode, got, want)
		}
	}
	_, first := w.do(t, request{as: "admin", method: "GET", path: "/admin/audit?limit=1"})
	next := field(t, first, "next")
	_, second := w.do(t, request{as: "admin", method: "GET", path: "/admin/audit?limit=1&cursor=" + next})
	if !strings.Contains(string(first), "=Bar") || !strings.Contains(string(second), "Kitchen") || field(t, second, "next") != "<nil>" {
		t.Errorf("pages %s and %s", first, second)
	}
	res, file := w.do(t, request{as: "admin", method: "GET", path: "/admin/audit.csv"})
	if res.StatusCode != 200 || strings.Count(string(file), "\n") != 3 || !strings.Contains(string(file), ",'=Bar,") || strings.Contains(string(file), "Secret") {
		t.Errorf("%d %s", res.StatusCode, file)
	}
	for _, bad := range []string{"?cursor=x", "?from=x", "?limit=0"} {
		if res, body := w.do(t, request{as: "admin", method: "GET", path: "/admin/audit" + bad}); res.StatusCode != 422 {
			t.Errorf("%s: %d %s", bad, res.StatusCode, body)
		}
	}
}

func field(t *testing.T, body []byte, name string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(v[name])
}
