package auth_test

import (
	"net/http"
	"testing"
	"time"

	"herald/bot/auth"
	"herald/infra/jwks"
	"herald/infra/jwks/jwkstest"
	"herald/infra/sandbox"
	"herald/infra/sandbox/sandboxtest"
)

// The sandbox's tokens are made by other hands than this package's tests.
func TestSandboxTokens(t *testing.T) {
	t.Parallel()
	box, transport := sandboxtest.Start(t, sandbox.Options{})
	env := box.Environment()
	v := auth.New(auth.Config{
		AppID: env.AppID, Issuer: env.BotIssuer, MetadataURL: env.BotMetadataURL, AllowedTenants: env.AllowedTenants,
		RequireEndorsement: auth.Teams, Clock: box.Now, HTTPClient: &http.Client{Transport: transport},
	})
	for _, tt := range []struct {
		name  string
		token sandbox.BotToken
		want  auth.Reason
	}{
		{"good", sandbox.BotToken{}, ""},
		{"foreign key", sandbox.BotToken{Key: sandbox.KeyForeign}, jwks.UnknownKey},
		{"unknown key id", sandbox.BotToken{KeyID: "nobody"}, jwks.UnknownKey},
		{"Entra's key", sandbox.BotToken{Key: sandbox.KeyEntra}, jwks.UnknownKey},
		{"other issuer", sandbox.BotToken{Issuer: "https://sts.windows.net/" + env.TenantID + "/"}, jwks.WrongIssuer},
		{"other audience", sandbox.BotToken{Audience: "other"}, jwks.WrongAudience},
		{"expired", sandbox.BotToken{NotBefore: box.Now().Add(-2 * time.Hour), ExpiresAt: box.Now().Add(-time.Hour)}, jwks.Expired},
		{"not yet valid", sandbox.BotToken{NotBefore: box.Now().Add(time.Hour)}, jwks.NotYetValid},
		{"alg none", sandbox.BotToken{Algorithm: "none"}, jwks.WrongAlgorithm},
		{"HMAC", sandbox.BotToken{Algorithm: "HS256"}, jwks.WrongAlgorithm},
		{"other service URL", sandbox.BotToken{ServiceURL: "https://evil.example/"}, jwks.ServiceURLMismatch},
		{"no service URL", sandbox.BotToken{NoServiceURL: true}, jwks.ServiceURLMismatch},
	} {
		token, err := box.MintBotToken(tt.token)
		if err != nil {
			t.Fatal(err)
		}
		err = v.Verify(t.Context(), "Bearer "+token, auth.ActivityClaims{ServiceURL: env.ServiceURL, ChannelID: auth.Teams, TenantID: env.TenantID})
		if jwkstest.Reason(err) != tt.want || tt.want == "" && err != nil {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
