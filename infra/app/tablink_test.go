package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"herald/bot/auth"
)

// What an administrator has published in the catalogue opens by the catalogue's id and by no other.
func TestTabLinks(t *testing.T) {
	t.Parallel()
	now, asked := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC), 0
	id, err := "", errors.New("AppCatalog.Read.All is missing")
	l := &tabLinks{teams: "https://teams.example", appID: "package", now: func() time.Time { return now }, catalog: func(ctx context.Context, tenant string) (string, error) {
		if _, bounded := ctx.Deadline(); !bounded || tenant != contoso {
			t.Errorf("asked about %q, bounded: %t", tenant, bounded)
		}
		asked++
		return id, err
	}}
	for i, c := range []struct {
		after time.Duration
		id    string
		err   error
		want  string
		asked int
	}{
		{0, "", errors.New("AppCatalog.Read.All is missing"), "package", 1},
		{59 * time.Minute, "catalogue", nil, "package", 1},
		{time.Minute, "catalogue", nil, "catalogue", 2},
		{23 * time.Hour, "anew", nil, "catalogue", 2},
		{time.Hour, "", errors.New("Graph is away"), "catalogue", 3}, // what was known is a better guess than the package's
		{time.Hour, "anew", nil, "anew", 4},
		{-48 * time.Hour, "again", nil, "again", 5}, // beside a sandbox that was started anew
	} {
		now, id, err = now.Add(c.after), c.id, c.err
		if got, want := l.of(t.Context(), contoso), "https://teams.example/l/entity/"+c.want+"/campaigns"; got != want || asked != c.asked {
			t.Errorf("%d: %s after %d questions, want %s after %d", i, got, asked, want, c.asked)
		}
	}
}

// A government's cloud has a Teams of its own, and tokens of managed identities are for its own Entra.
func TestCloudsOfGovernments(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"public":  {"https://teams.microsoft.com", "api://AzureADTokenExchange/.default"},
		"gcc":     {"https://teams.microsoft.com", "api://AzureADTokenExchange/.default"},
		"gcchigh": {"https://gov.teams.microsoft.us", "api://AzureADTokenExchangeUSGov/.default"},
		"dod":     {"https://dod.teams.microsoft.us", "api://AzureADTokenExchangeUSGov/.default"},
		"china":   {"https://teams.microsoft.com", "api://AzureADTokenExchangeChina/.default"},
	} {
		cloud, err := auth.CloudNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		e, err := realCloud(Config{Cloud: cloud, AppID: "a0000000-0000-4000-8000-000000000000", TenantID: contoso, AllowedTenants: []string{contoso}, Credential: CredentialConfig{Secret: "secret"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{e.teamsURL, exchangeScope(cloud.Name)}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
