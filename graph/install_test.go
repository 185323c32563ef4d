package graph_test

import (
	"sync"
	"testing"
	"time"

	"herald/campaigns"
	"herald/graph"
	"herald/infra/sandbox"
)

func (w world) apps() *graph.Apps {
	return &graph.Apps{Directory: w.Directory, ManifestID: sandbox.AppID}
}

func TestSandboxInstall(t *testing.T) {
	w := inSandbox(t, 10, "")
	apps := w.apps()
	catalog, err := apps.CatalogID(t.Context(), sandbox.TenantContoso)
	if err != nil || catalog != sandbox.CatalogID {
		t.Fatalf("catalogue id %q, error %v", catalog, err)
	}
	p := w.at(t, sandbox.TenantContoso, 3)
	for i, want := range []bool{false, true} {
		already, err := apps.InstallApp(t.Context(), sandbox.TenantContoso, catalog, p.ID)
		if err != nil || already != want {
			t.Errorf("try %d: already %v, error %v", i+1, already, err)
		}
	}
	if s, err := w.cloud.Status(p.ID); err != nil || !s.Installed {
		t.Errorf("status %+v, error %v", s, err)
	}
	if err := apps.MayInstall(t.Context(), sandbox.TenantContoso, p.ID); err != nil {
		t.Error(err)
	}
	if err := w.cloud.Refuse(w.at(t, sandbox.TenantContoso, 5).ID,
		sandbox.Refusal{Status: 403, Code: "Forbidden", Operation: "install", Times: 1},
		sandbox.Refusal{Status: 400, Code: "BadRequest", Operation: "install", Times: 1},
		sandbox.Refusal{Status: 502, Code: "BadGateway", Operation: "install", Times: 1}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []campaigns.Code{campaigns.CodeForbidden, campaigns.CodeInvalid, campaigns.CodeUnavailable, ""} {
		if _, err := apps.InstallApp(t.Context(), sandbox.TenantContoso, catalog, w.at(t, sandbox.TenantContoso, 5).ID); campaigns.CodeOf(err) != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := apps.InstallApp(t.Context(), sandbox.TenantContoso, catalog, "11111111-2222-4333-8444-555555555555"); campaigns.CodeOf(err) != campaigns.CodeNotFound {
		t.Errorf("nobody: %v", err)
	}
}

// The chat of somebody who has the app is told by two requests, and nobody else's.
func TestSandboxChat(t *testing.T) {
	w := inSandbox(t, 10, "")
	apps, ctx := w.apps(), t.Context()
	p := w.at(t, sandbox.TenantContoso, 3)
	if _, err := apps.AppOf(ctx, sandbox.TenantContoso, sandbox.CatalogID, p.ID); campaigns.CodeOf(err) != campaigns.CodeNotFound {
		t.Errorf("without the app: %v", err)
	}
	if _, err := apps.InstallApp(ctx, sandbox.TenantContoso, sandbox.CatalogID, p.ID); err != nil {
		t.Fatal(err)
	}
	installation, err := apps.AppOf(ctx, sandbox.TenantContoso, sandbox.CatalogID, p.ID)
	if err != nil || installation == "" {
		t.Fatalf("installation %q, error %v", installation, err)
	}
	// A quote in an id asks for that id, and widens nothing.
	for _, catalog := range []string{"dddddddd-dddd-4ddd-8ddd-dddddddddddd", "x' or teamsApp/id eq '" + sandbox.CatalogID} {
		if id, err := apps.AppOf(ctx, sandbox.TenantContoso, catalog, p.ID); campaigns.CodeOf(err) != campaigns.CodeNotFound {
			t.Errorf("another app %s: %q, error %v", catalog, id, err)
		}
	}
	chat, err := apps.ChatOf(ctx, sandbox.TenantContoso, p.ID, installation)
	if want := "19:" + p.ID + "_" + sandbox.AppID + "@unq.gbl.spaces"; err != nil || chat != want {
		t.Errorf("chat %q, error %v, want %q", chat, err, want)
	}
	if _, err := apps.ChatOf(ctx, sandbox.TenantContoso, w.at(t, sandbox.TenantContoso, 4).ID, installation); campaigns.CodeOf(err) != campaigns.CodeNotFound {
		t.Errorf("somebody else's: %v", err)
	}
	if err := w.cloud.Refuse(p.ID, sandbox.Refusal{Status: 404, Code: "NotFound", Operation: "chat", Times: 1}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []campaigns.Code{campaigns.CodeNotFound, ""} {
		if _, err := apps.ChatOf(ctx, sandbox.TenantContoso, p.ID, installation); campaigns.CodeOf(err) != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	w.grant(t, "TeamsAppInstallation.ReadWriteSelfForUser.All", false)
	if _, err := apps.AppOf(ctx, sandbox.TenantContoso, sandbox.CatalogID, p.ID); campaigns.CodeOf(err) != campaigns.CodeForbidden {
		t.Errorf("without the permission: %v", err)
	}
	if _, err := apps.ChatOf(ctx, sandbox.TenantContoso, p.ID, installation); campaigns.CodeOf(err) != campaigns.CodeForbidden {
		t.Errorf("without the permission: %v", err)
	}
}

// What is missing is told apart, so that an administrator knows what to do.
func TestSandboxInstallObstacles(t *testing.T) {
	w := inSandbox(t, 5, "")
	apps, nobody := w.apps(), "00000000-0000-4000-8000-000000000000"
	if err := apps.MayInstall(t.Context(), sandbox.TenantContoso, nobody); err != nil {
		t.Errorf("the permission is there, and said is %v", err)
	}
	w.grant(t, "AppCatalog.Read.All", false)
	if _, err := apps.CatalogID(t.Context(), sandbox.TenantContoso); campaigns.CodeOf(err) != campaigns.CodeForbidden || campaigns.ReasonOf(err) != "graph_forbidden" {
		t.Errorf("error %v", err)
	}
	w.grant(t, "AppCatalog.Read.All", true)
	w.grant(t, "TeamsAppInstallation.ReadWriteSelfForUser.All", false)
	if err := apps.MayInstall(t.Context(), sandbox.TenantContoso, nobody); campaigns.CodeOf(err) != campaigns.CodeForbidden {
		t.Errorf("error %v", err)
	}
	if _, err := apps.InstallApp(t.Context(), sandbox.TenantContoso, sandbox.CatalogID, w.at(t, sandbox.TenantContoso, 0).ID); campaigns.CodeOf(err) != campaigns.CodeForbidden {
		t.Errorf("error %v", err)
	}
	if err := w.cloud.SetFaults(sandbox.Faults{AppUnpublished: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := apps.CatalogID(t.Context(), sandbox.TenantContoso); campaigns.CodeOf(err) != campaigns.CodeNotFound {
		t.Errorf("error %v", err)
	}
}

// Above thirty in a second Graph refuses, and says how long to wait.
func TestSandboxInstallThrottled(t *testing.T) {
	at := time.Now() // all within one moment
	w := inSandbox(t, 60, "", func(o *sandbox.Options) { o.Clock = func() time.Time { return at } })
	apps := w.apps()
	var mu sync.Mutex
	codes, longest := map[campaigns.Code]int{}, time.Duration(0)
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			_, err := apps.InstallApp(t.Context(), sandbox.TenantContoso, sandbox.CatalogID, w.at(t, sandbox.TenantContoso, i).ID)
			mu.Lock()
			defer mu.Unlock()
			codes[campaigns.CodeOf(err)]++
			if e, ok := err.(*campaigns.Error); ok {
				longest = max(longest, e.RetryAfter)
			}
		})
	}
	all.Wait()
	stats := w.cloud.Stats()
	if codes[""] != 30 || codes[campaigns.CodeThrottled] != 30 || longest != time.Second {
		t.Errorf("%v, Retry-After %v", codes, longest)
	}
	if stats.Installs["201"] != 30 || stats.Installs["429"] != 30 || stats.PeakInstalls != 60 {
		t.Errorf("the sandbox counted %v, %d in a second", stats.Installs, stats.PeakInstalls)
	}
}
