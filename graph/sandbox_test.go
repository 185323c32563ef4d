package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"herald/campaigns"
	"herald/graph"
	"herald/infra/sandbox"
	"herald/infra/sandbox/sandboxtest"
)

// world is the sandbox and a Directory that knows of it only what its
// environment page says, with a real azidentity credential.
type world struct {
	*graph.Directory
	cloud *sandbox.Cloud
}

func inSandbox(t *testing.T, people int, secret string, edit ...func(*sandbox.Options)) world {
	t.Helper()
	options := sandbox.Options{Users: people}
	for _, e := range edit {
		e(&options)
	}
	simulated, transport := sandboxtest.Start(t, options)
	env := simulated.Environment()
	if secret == "" {
		secret = env.AppSecret
	}
	credential, err := azidentity.NewClientSecretCredential(env.TenantID, env.AppID, secret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: azcore.ClientOptions{
			Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: env.AuthorityHost},
			Transport: &http.Client{Transport: transport},
		},
		AdditionallyAllowedTenants: env.AllowedTenants,
		DisableInstanceDiscovery:   true,
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := graph.New(graph.Config{
		Credential: credential, BaseURL: env.GraphURL, Scope: env.GraphScope,
		Transport: transport, Clock: simulated.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return world{d, simulated}
}

func (w world) at(t *testing.T, tenant string, index int) sandbox.Person {
	t.Helper()
	p, err := w.cloud.PersonAt(tenant, index)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// grant switches a permission of the app on or off.
func (w world) grant(t *testing.T, permission string, granted bool) {
	t.Helper()
	body, err := json.Marshal(map[string]bool{permission: granted})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, w.cloud.URL()+"/api/permissions", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode >= 300 {
		t.Fatalf("permissions: HTTP %d", response.StatusCode)
	}
}

func asPerson(p sandbox.Person) campaigns.Person {
	return campaigns.Person{TenantID: p.TenantID, ID: p.ID, UPN: p.UPN, Mail: p.Mail, DisplayName: p.DisplayName,
		GivenName: p.GivenName, Surname: p.Surname, Locale: p.Locale}
}

func TestSandboxFind(t *testing.T) {
	w := inSandbox(t, 60, "")
	for index := range 60 {
		p := w.at(t, sandbox.TenantContoso, index)
		addresses := []string{p.UPN, p.Mail, strings.ToUpper(p.Mail)}
		for _, proxy := range p.ProxyAddresses {
			_, address, _ := strings.Cut(proxy, ":")
			addresses = append(addresses, address)
		}
		for _, address := range addresses {
			found, err := w.FindByEmail(t.Context(), sandbox.TenantContoso, address)
			if err != nil || found != asPerson(p) {
				t.Errorf("%s: found %+v, error %v, want %+v", address, found, err, asPerson(p))
			}
		}
	}
	fabrikam := w.at(t, sandbox.TenantFabrikam, 0)
	if found, err := w.FindByEmail(t.Context(), sandbox.TenantFabrikam, fabrikam.UPN); err != nil || found != asPerson(fabrikam) {
		t.Errorf("found %+v, error %v", found, err)
	}
	// Another tenant's people are nobody here.
	for _, address := range []string{fabrikam.UPN, fabrikam.Mail, "no.body@contoso.example", "o'nobody@contoso.example"} {
		if found, err := w.FindByEmail(t.Context(), sandbox.TenantContoso, address); campaigns.CodeOf(err) != campaigns.CodeNotFound {
			t.Errorf("%s: found %+v, error %v", address, found, err)
		}
	}
}

func TestSandboxWalk(t *testing.T) {
	const size = 2500
	w := inSandbox(t, size, "")
	known := map[string]campaigns.Person{}
	pages := 0
	keep := func(page campaigns.DirectoryPage) error {
		pages++
		for _, p := range page.People {
			known[p.ID] = p
		}
		for _, id := range page.Removed {
			delete(known, id)
		}
		return nil
	}
	token, err := w.EachPage(t.Context(), sandbox.TenantContoso, "", keep)
	if err != nil || len(known) != size || pages < 3 {
		t.Fatalf("%d people in %d pages, error %v", len(known), pages, err)
	}
	for _, index := range []int{0, 1, 999, size - 1} {
		want := asPerson(w.at(t, sandbox.TenantContoso, index))
		if known[want.ID] != want {
			t.Errorf("person %d is %+v, want %+v", index, known[want.ID], want)
		}
	}

	leaver := w.at(t, sandbox.TenantContoso, 7)
	if err := w.cloud.RemovePerson(t.Context(), leaver.ID); err != nil {
		t.Fatal(err)
	}
	joiner, err := w.cloud.AddPerson(sandbox.TenantContoso)
	if err != nil {
		t.Fatal(err)
	}
	pages = 0
	token, err = w.EachPage(t.Context(), sandbox.TenantContoso, token, keep)
	if err != nil || pages != 1 {
		t.Fatalf("%d pages, error %v", pages, err)
	}
	if _, still := known[leaver.ID]; still || known[joiner.ID] != asPerson(joiner) || len(known) != size {
		t.Errorf("%d people, leaver still there: %v, joiner %+v", len(known), still, known[joiner.ID])
	}
	nothing := func(page campaigns.DirectoryPage) error {
		if len(page.People)+len(page.Removed) > 0 {
			t.Errorf("changes when nothing changed: %+v", page)
		}
		return nil
	}
	token, err = w.EachPage(t.Context(), sandbox.TenantContoso, token, nothing)
	if err != nil {
		t.Fatal(err)
	}
	// Graph forgets after seven days.
	if err := w.cloud.Advance(8 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := w.EachPage(t.Context(), sandbox.TenantContoso, token, nothing); campaigns.CodeOf(err) != campaigns.CodeGone {
		t.Errorf("error %v", err)
	}
}

func TestSandboxPermission(t *testing.T) {
	w := inSandbox(t, 5, "")
	upn := w.at(t, sandbox.TenantContoso, 0).UPN
	w.grant(t, "User.Read.All", false)
	_, err := w.FindByEmail(t.Context(), sandbox.TenantContoso, upn)
	var failure *campaigns.Error
	if !errors.As(err, &failure) || failure.Code != campaigns.CodeForbidden || !strings.Contains(failure.Message, "User.Read.All") ||
		!strings.Contains(failure.Message, "Graph request ") {
		t.Errorf("error %v", err)
	}
	if _, err := w.EachPage(t.Context(), sandbox.TenantContoso, "", func(campaigns.DirectoryPage) error { return nil }); campaigns.CodeOf(err) != campaigns.CodeForbidden {
		t.Errorf("error %v", err)
	}
	w.grant(t, "User.Read.All", true)
	if _, err := w.FindByEmail(t.Context(), sandbox.TenantContoso, upn); err != nil {
		t.Error(err)
	}
}

func TestSandboxThrottle(t *testing.T) {
	w := inSandbox(t, 5, "")
	upn := w.at(t, sandbox.TenantContoso, 0).UPN
	if err := w.cloud.SetFaults(sandbox.Faults{GraphThrottle: 1, RetryAfter: 90}); err != nil {
		t.Fatal(err)
	}
	_, err := w.FindByEmail(t.Context(), sandbox.TenantContoso, upn)
	var failure *campaigns.Error
	if !errors.As(err, &failure) || failure.Code != campaigns.CodeThrottled || failure.RetryAfter.Seconds() != 90 {
		t.Errorf("error %v", err)
	}
}

func TestSandboxSignIn(t *testing.T) {
	w := inSandbox(t, 5, "not-the-secret")
	_, err := w.FindByEmail(t.Context(), sandbox.TenantContoso, w.at(t, sandbox.TenantContoso, 0).UPN)
	if campaigns.CodeOf(err) != campaigns.CodeForbidden || strings.Contains(err.Error(), "not-the-secret") {
		t.Errorf("error %v", err)
	}
	// A cancelled call is the caller's affair, also while signing in.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.FindByEmail(ctx, sandbox.TenantContoso, "a@contoso.example"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestSandboxSearch(t *testing.T) {
	w := inSandbox(t, 9000, "")
	p := w.at(t, sandbox.TenantContoso, 5) // whose mail differs from their UPN
	for _, query := range []string{p.DisplayName, strings.ToUpper(p.DisplayName), p.Surname + " " + p.GivenName, p.Mail, p.UPN} {
		found, err := w.SearchPeople(t.Context(), sandbox.TenantContoso, query, 50)
		hit := false
		for _, f := range found {
			hit = hit || f == asPerson(p)
		}
		if err != nil || !hit {
			t.Errorf("%s: found %+v, error %v", query, found, err)
		}
	}
	if found, err := w.SearchPeople(t.Context(), sandbox.TenantContoso, "a", 7); err != nil || len(found) != 7 {
		t.Errorf("found %d, error %v", len(found), err)
	}
	for _, query := range []string{`"`, `\`, `\"`, `x" OR "displayName:a`, "'", "(", w.at(t, sandbox.TenantFabrikam, 0).UPN} {
		if found, err := w.SearchPeople(t.Context(), sandbox.TenantContoso, query, 7); err != nil || len(found) != 0 {
			t.Errorf("%s: found %+v, error %v", query, found, err)
		}
	}
	w.grant(t, "User.Read.All", false)
	if _, err := w.SearchPeople(t.Context(), sandbox.TenantContoso, "a", 7); campaigns.CodeOf(err) != campaigns.CodeForbidden {
		t.Errorf("error %v", err)
	}
}
