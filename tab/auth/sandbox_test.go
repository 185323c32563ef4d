package auth_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"herald/infra/jwks"
	"herald/infra/jwks/jwkstest"
	"herald/infra/sandbox"
	"herald/infra/sandbox/sandboxtest"
	"herald/tab/auth"
)

// The sandbox's tokens are made by other hands than this package's tests.
func TestSandboxTokens(t *testing.T) {
	t.Parallel()
	box, transport := sandboxtest.Start(t, sandbox.Options{})
	env := box.Environment()
	v := auth.New(auth.Config{
		AppID: env.AppID, AuthorityHost: env.AuthorityHost, V1Issuer: env.AuthorityHost + "sts/{tid}/",
		// The sandbox's version 1 tokens name the address at which Herald listens by default.
		Audiences:      []string{"api://127.0.0.1:3978/botid-" + env.AppID},
		AllowedTenants: env.AllowedTenants, Clock: box.Now, HTTPClient: &http.Client{Transport: transport},
	})
	author, err := box.PersonAt(env.TenantID, 0)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := box.PersonAt(sandbox.TenantStranger, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		token sandbox.TabToken
		want  auth.Reason
	}{
		{"version 2", sandbox.TabToken{User: author.UPN}, ""},
		{"version 1", sandbox.TabToken{User: author.UPN, Version: 1}, ""},
		{"stranger", sandbox.TabToken{User: stranger.UPN}, jwks.TenantNotAllowed},
		{"foreign key", sandbox.TabToken{User: author.UPN, Key: sandbox.KeyForeign}, jwks.UnknownKey},
		{"Bot Framework's key", sandbox.TabToken{User: author.UPN, Key: sandbox.KeyBot}, jwks.UnknownKey},
		{"other audience", sandbox.TabToken{User: author.UPN, Audience: "other"}, jwks.WrongAudience},
		{"other issuer", sandbox.TabToken{User: author.UPN, Issuer: "https://evil.example/"}, jwks.WrongIssuer},
		{"other scope", sandbox.TabToken{User: author.UPN, Scope: "User.Read"}, jwks.MissingScope},
		{"expired", sandbox.TabToken{User: author.UPN, NotBefore: box.Now().Add(-2 * time.Hour), ExpiresAt: box.Now().Add(-time.Hour)}, jwks.Expired},
		{"alg none", sandbox.TabToken{User: author.UPN, Algorithm: "none"}, jwks.WrongAlgorithm},
		{"HMAC", sandbox.TabToken{User: author.UPN, Algorithm: "HS256"}, jwks.WrongAlgorithm},
	} {
		token, err := box.MintTabToken(tt.token)
		if err != nil {
			t.Fatal(err)
		}
		id, err := v.Verify(t.Context(), "Bearer "+token)
		if jwkstest.Reason(err) != tt.want || tt.want == "" && err != nil {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if tt.want == "" && (id.ObjectID != author.ID || id.TenantID != env.TenantID || id.UPN != author.UPN || id.Name != author.DisplayName || !slices.Equal(id.Roles, author.Roles)) {
			t.Errorf("%s: %+v", tt.name, id)
		}
	}
}
