package check

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// The pieces of the app registration fit each other, and the program.
func TestEntra(t *testing.T) {
	var app struct {
		IdentifierURIs []string `json:"identifierUris"`
		API            struct {
			Version int                                `json:"requestedAccessTokenVersion"`
			Scopes  []struct{ ID, Value, Type string } `json:"oauth2PermissionScopes"`
		} `json:"api"`
		Roles []struct {
			ID, Value string
			Members   []string `json:"allowedMemberTypes"`
			Enabled   bool     `json:"isEnabled"`
		} `json:"appRoles"`
	}
	var clients struct {
		API struct {
			Apps []struct {
				AppID  string   `json:"appId"`
				Scopes []string `json:"delegatedPermissionIds"`
			} `json:"preAuthorizedApplications"`
		} `json:"api"`
	}
	decode := func(file string, into any) {
		if err := json.Unmarshal(read(t, "../entra/"+file), into); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	decode("app.json", &app)
	decode("teams-clients.json", &clients)
	if app.API.Version != 2 || len(app.API.Scopes) != 1 || app.API.Scopes[0].Value != "access_as_user" || app.IdentifierURIs[0] != "api://YOUR-HOST/botid-APP-ID" {
		t.Errorf("%+v", app)
	}
	guid := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for _, r := range app.Roles {
		if !guid.MatchString(r.ID) || seen[r.ID] || !r.Enabled || len(r.Members) != 1 || r.Members[0] != "User" {
			t.Errorf("role %+v", r)
		}
		seen[r.ID] = true
	}
	// Each role that the core knows can be given, and no other.
	roles := regexp.MustCompile(`(?m)^\s*Role\w+\s+(?:Role\s+)?=\s+"(\w+)"`).FindAllStringSubmatch(string(read(t, top+"/campaigns/actor.go")), -1)
	if len(roles) < 2 {
		t.Fatal("campaigns/actor.go names no roles")
	}
	given := map[string]bool{}
	for _, r := range app.Roles {
		given[r.Value] = true
	}
	for _, r := range roles {
		if !given[r[1]] {
			t.Errorf("nobody can be given the role %s", r[1])
		}
	}
	for _, c := range clients.API.Apps {
		if len(c.Scopes) != 1 || c.Scopes[0] != app.API.Scopes[0].ID {
			t.Errorf("client %s is let in with %v", c.AppID, c.Scopes)
		}
	}
	if len(clients.API.Apps) != 2 {
		t.Errorf("%d clients of Teams", len(clients.API.Apps))
	}
	for _, file := range []string{"federated-identity.json", "federated-kubernetes.json"} {
		var f struct {
			Issuer, Subject string
			Audiences       []string
		}
		decode(file, &f)
		if f.Subject == "" || !strings.HasPrefix(f.Audiences[0], "api://AzureADTokenExchange") {
			t.Errorf("%s: %+v", file, f)
		}
	}
}
