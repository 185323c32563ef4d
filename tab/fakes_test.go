package tab_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"herald/campaigns"
	"herald/tab/auth"
)

// verifier knows people by word.
type verifier struct{}

func (verifier) Verify(_ context.Context, header string) (auth.Identity, error) {
	id := auth.Identity{TenantID: contoso, ObjectID: "ann", Name: "Ann Ahlberg", UPN: "ann@contoso.example", Until: start.Add(time.Hour)}
	switch header {
	case "Bearer author":
		id.Roles = []string{"Author"}
	case "Bearer ending":
		id.Roles, id.Until = []string{"Author"}, start.Add(-time.Millisecond)
	case "Bearer other":
		id.ObjectID, id.Name, id.UPN, id.Roles = "otto", "Otto Other", "otto@contoso.example", []string{"Author"}
	case "Bearer publisher":
		id.ObjectID, id.Name, id.UPN, id.Roles = "paula", "Paula Publisher", "paula@contoso.example", []string{"Publisher"}
	case "Bearer admin":
		id.Roles = []string{"Admin"}
	case "Bearer stranger":
		id.ObjectID, id.Name, id.UPN = "sam", "Sam Stranger", "sam@contoso.example"
	case "Bearer analyst":
		id.Roles = []string{"Analyst", "Somebody"}
	case "Bearer fabrikam":
		id = auth.Identity{TenantID: fabrikam, ObjectID: "fay", Name: "Fay Secret", UPN: "fay@fabrikam.example", Roles: []string{"Author"}}
	case "Bearer otherorg":
		return auth.Identity{}, &auth.Error{Reason: "tenant_not_allowed"}
	case "Bearer nokeys":
		return auth.Identity{}, &auth.Error{Reason: "keys_unavailable"}
	case "":
		return auth.Identity{}, &auth.Error{Reason: "no_token"}
	default:
		return auth.Identity{}, &auth.Error{Reason: "bad_signature"}
	}
	return id, nil
}

// queue writes down what it is asked.
type queue struct {
	mu    sync.Mutex
	calls []string
}

func (q *queue) note(format string, args ...any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls = append(q.calls, fmt.Sprintf(format, args...))
}

func (q *queue) all() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.calls)
}

func (q *queue) ScheduleStart(_ context.Context, _ campaigns.Key, at time.Time) error {
	q.note("start %s", at.UTC().Format(time.RFC3339))
	return nil
}

func (q *queue) Unschedule(context.Context, campaigns.Key) error { q.note("unschedule"); return nil }
func (q *queue) Drop(context.Context, campaigns.Key) error       { q.note("drop"); return nil }

// bot takes every message, unless outcome says something else.
type bot struct {
	queue
	bodies  []string
	outcome *campaigns.Outcome
}

func (b *bot) Send(_ context.Context, ref campaigns.Reference, body []byte, _ string) campaigns.Outcome {
	b.note("send to %s", ref.PersonID)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bodies = append(b.bodies, string(body))
	if b.outcome != nil {
		return *b.outcome
	}
	return campaigns.Outcome{Kind: campaigns.OutcomeSent, ActivityID: "1"}
}

// directory finds people by mail or UPN.
type directory struct{ people []campaigns.Person }

func (d *directory) FindByEmail(_ context.Context, tenantID, email string) (campaigns.Person, error) {
	switch {
	case strings.HasPrefix(email, "slow@"):
		return campaigns.Person{}, &campaigns.Error{Code: campaigns.CodeThrottled, Reason: "graph_throttled", Message: "Slow down.", RetryAfter: 1500 * time.Millisecond}
	case strings.HasPrefix(email, "away@"):
		return campaigns.Person{}, &campaigns.Error{Code: campaigns.CodeUnavailable, Reason: "graph_failed", Message: "Graph failed."}
	case strings.HasPrefix(email, "hidden@"):
		return campaigns.Person{}, &campaigns.Error{Code: campaigns.CodeForbidden, Reason: "graph_forbidden", Message: "Permission."}
	case strings.HasPrefix(email, "defect@"):
		return campaigns.Person{}, fmt.Errorf("secret cause in line 7")
	}
	for _, p := range d.people {
		if p.TenantID == tenantID && (strings.EqualFold(p.Mail, email) || strings.EqualFold(p.UPN, email)) {
			return p, nil
		}
	}
	return campaigns.Person{}, campaigns.Errorf(campaigns.CodeNotFound, "user_not_found", "Nobody.")
}

func (d *directory) SearchPeople(_ context.Context, tenantID, query string, limit int) ([]campaigns.Person, error) {
	if strings.HasPrefix(query, "hidden") {
		return nil, &campaigns.Error{Code: campaigns.CodeForbidden, Reason: "graph_forbidden", Message: "Permission."}
	}
	var out []campaigns.Person
	for _, p := range d.people {
		if p.TenantID == tenantID && strings.Contains(strings.ToLower(p.DisplayName), strings.ToLower(query)) && len(out) < limit {
			out = append(out, p)
		}
	}
	return out, nil
}

func (d *directory) EachPage(_ context.Context, tenantID, _ string, fn func(campaigns.DirectoryPage) error) (string, error) {
	var page campaigns.DirectoryPage
	for _, p := range d.people {
		if p.TenantID == tenantID {
			page.People = append(page.People, p)
		}
	}
	return "token", fn(page)
}
