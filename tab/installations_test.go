package tab_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"herald/campaigns"
)

// apps is the app in Teams: it may be installed, unless an error says otherwise.
type apps struct{ catalog, install error }

func (a *apps) CatalogID(context.Context, string) (string, error) { return "catalog", a.catalog }
func (a *apps) MayInstall(context.Context, string, string) error  { return a.install }
func (a *apps) InstallApp(context.Context, string, string, string) (bool, error) {
	return false, a.install
}
func (a *apps) AppOf(context.Context, string, string, string) (string, error)  { return "", a.install }
func (a *apps) ChatOf(context.Context, string, string, string) (string, error) { return "", a.install }

// installations: one runs, for Bob and Dora; another organisation has one too.
func (w *world) installations(ctx context.Context) error {
	create := func(tenant, name string) error {
		w.ids["{"+name+"}"] = "inst-" + name
		return w.db.CreateInstallation(ctx, &campaigns.Installation{TenantID: tenant, ID: "inst-" + name, Audience: campaigns.Audience{All: true}, CreatedBy: campaigns.Author{ID: "adam", DisplayName: "Adam Admin"}, CreatedAt: start}, campaigns.AudienceQuery{Typed: []string{"bob", "dora"}})
	}
	return errors.Join(create(contoso, "installation"), create(fabrikam, "foreigninstallation"))
}

func TestInstallations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	see := func(method, path, body string, status int, has ...string) string {
		t.Helper()
		return w.see(t, request{as: "admin", method: method, path: path, body: body}, status, has...)
	}
	see("GET", "/admin/installable", "", 200, `{"obstacles":[]}`)
	w.apps = apps{campaigns.Errorf(campaigns.CodeNotFound, "app_not_published", "no"), campaigns.Errorf(campaigns.CodeForbidden, "graph_forbidden", "no")}
	see("GET", "/admin/installable", "", 200, `{"obstacles":["app_not_published","install_permission"]}`)
	w.apps = apps{campaigns.Errorf(campaigns.CodeForbidden, "graph_forbidden", "no"), nil}
	see("GET", "/admin/installable", "", 200, `{"obstacles":["catalog_permission"]}`)
	w.apps = apps{campaigns.Errorf(campaigns.CodeForbidden, "graph_sign_in", "no"), campaigns.Errorf(campaigns.CodeForbidden, "graph_sign_in", "no")}
	see("GET", "/admin/installable", "", 200, `{"obstacles":["graph_sign_in"]}`)
	w.apps = apps{campaigns.Errorf(campaigns.CodeUnavailable, "graph_failed", "no"), nil}
	see("GET", "/admin/installable", "", 503, `"code":"graph_failed"`)

	see("GET", "/admin/installations", "", 200, `"id":"inst-installation"`, `"state":"running"`, `"next":null`)
	if body := see("GET", "/admin/installations?limit=1", "", 200); strings.Contains(body, "foreign") {
		t.Errorf("another organisation's: %s", body)
	}
	see("POST", "/admin/installations/preview", `{"all":true}`, 200, `"installed":2,"blocked":1,"missing":2,"removed":0,"unknown":0`)
	see("POST", "/admin/installations/preview", `{"emails":["x"]}`, 422, `"code":"invalid_address"`)
	see("POST", "/admin/installations/preview", `{}`, 422, `"code":"audience_empty"`)
	see("POST", "/admin/installations", `{"audience":{"all":true}}`, 409, `"code":"installation_running"`)
	see("POST", "/admin/installations", `{"audience":{"all":true},"removedTo":true}`, 400, `"code":"unknown_field"`)
	see("GET", "/admin/installations/inst-installation", "", 200, `"total":2,"pending":2,"installed":0,"already":0,"failed":0,"waiting":0,"unreached":0,"named":true`, `"all":true`)
	see("GET", "/admin/installations/inst-installation/people?limit=1", "", 200, `"id":"bob","displayName":"Bob Berg","email":"bob@contoso.example","state":"pending","reason":null,"reachable":false`, `"next":"bob"`)
	see("GET", "/admin/installations/inst-installation/people?cursor=bob&state=pending", "", 200, `"id":"dora"`, `"next":null`)
	see("GET", "/admin/installations/inst-installation/people?state=failed", "", 200, `"items":[]`)
	see("GET", "/admin/installations/inst-installation/people?state=unreached", "", 200, `"items":[]`)
	see("GET", "/admin/installations/inst-installation/people?state=x", "", 422, `"code":"unknown_state"`)
	see("POST", "/admin/installations/inst-installation/stop", "", 200, `"state":"stopped"`)
	see("POST", "/admin/installations/inst-installation/stop", "", 409, `"code":"installation_over"`)
	see("POST", "/admin/installations", `{"audience":{"emails":["ann@contoso.example"]}}`, 422, `"code":"nobody"`)
	see("POST", "/admin/installations", `{"audience":{"emails":["bob@contoso.example"]}}`, 201, `"total":1`, `"typed":1`)
	see("GET", "/admin/audit?action=installation.started,installation.stopped", "", 200, `"action":"installation.started"`, `"action":"installation.stopped"`, `"people":1`)
}
