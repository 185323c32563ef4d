package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"

	"herald/bot/auth"
	"herald/infra/jwks"
	"herald/infra/jwks/jwkstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	appID      = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
	contoso    = "11111111-1111-4111-8111-111111111111"
	stranger   = "33333333-3333-4333-8333-333333333333"
	serviceURL = "https://smba.trafficmanager.net/emea/"
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

type claims = map[string]any

// good returns the claims of a token that is right in every respect, changed by with.
func good(with claims) claims {
	return jwkstest.With(claims{
		"iss":        auth.Public.Issuer,
		"aud":        appID,
		"serviceurl": serviceURL,
		"nbf":        now.Add(-time.Minute).Unix(),
		"exp":        now.Add(time.Hour).Unix(),
	}, with)
}

func setup(t *testing.T) (*jwkstest.Issuer, *auth.Verifier) {
	t.Helper()
	iss := jwkstest.New(t)
	return iss, auth.New(auth.Config{
		AppID:              appID,
		Issuer:             auth.Public.Issuer,
		MetadataURL:        iss.URL() + "/v1/.well-known/openidconfiguration",
		AllowedTenants:     []string{strings.ToUpper(contoso), " ", ""},
		RequireEndorsement: auth.Teams,
		Clock:              func() time.Time { return now },
		HTTPClient:         iss.Client(),
	})
}

func TestVerify(t *testing.T) {
	t.Parallel()
	_, v := setup(t)
	sign := func(with claims) string { return jwkstest.Sign(t, "one", "one", good(with)) }
	from := func(change func(*auth.ActivityClaims)) auth.ActivityClaims {
		a := auth.ActivityClaims{ServiceURL: serviceURL, ChannelID: auth.Teams, TenantID: contoso}
		if change != nil {
			change(&a)
		}
		return a
	}
	teams := from(nil)
	valid := sign(nil)
	flipped := valid[:len(valid)-8] + "AAAAAAAA"

	tests := []struct {
		name   string
		header string
		a      auth.ActivityClaims
		want   auth.Reason
	}{
		{"good", valid, teams, ""},
		{"good without nbf", sign(claims{"nbf": nil}), teams, ""},
		{"good with audience as a list", sign(claims{"aud": []string{appID}}), teams, ""},
		{"good with claim as documented", sign(claims{"serviceurl": nil, "serviceUrl": serviceURL}), teams, ""},
		{"good but for a slash", sign(claims{"serviceurl": strings.TrimSuffix(serviceURL, "/")}), teams, ""},
		{"good but for case", sign(claims{"serviceurl": strings.ToUpper(serviceURL)}), teams, ""},
		{"good, tenant in upper case", valid, from(func(a *auth.ActivityClaims) { a.TenantID = strings.ToUpper(contoso) }), ""},

		{"no token", "", teams, jwks.NoToken},
		{"not a bearer token", "Basic YTpi", teams, jwks.NoToken},
		{"no JWT", "Bearer x.y", teams, jwks.Malformed},
		{"alg none", jwkstest.Unsigned(t, good(nil)), teams, jwks.WrongAlgorithm},
		{"HMAC with the public key as secret", jwkstest.HMAC(t, good(nil)), teams, jwks.WrongAlgorithm},
		{"RS512", jwkstest.SignWith(t, jose.RS512, "one", jwkstest.KeyPair(t, "one"), good(nil)), teams, jwks.WrongAlgorithm},

		{"other issuer", sign(claims{"iss": "https://api.botframework.us"}), teams, jwks.WrongIssuer},
		{"no issuer", sign(claims{"iss": nil}), teams, jwks.WrongIssuer},
		{"issuer with slash", sign(claims{"iss": auth.Public.Issuer + "/"}), teams, jwks.WrongIssuer},
		{"Entra v2", sign(claims{"iss": "https://login.microsoftonline.com/" + contoso + "/v2.0"}), teams, jwks.WrongIssuer},
		{"Entra v1", sign(claims{"iss": "https://sts.windows.net/" + contoso + "/"}), teams, jwks.WrongIssuer},

		{"other audience", sign(claims{"aud": "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"}), teams, jwks.WrongAudience},
		{"app id URI as audience", sign(claims{"aud": "api://" + appID}), teams, jwks.WrongAudience},
		{"two audiences", sign(claims{"aud": []string{appID, "other"}}), teams, jwks.WrongAudience},
		{"no audience", sign(claims{"aud": nil}), teams, jwks.WrongAudience},

		{"key that nobody publishes", jwkstest.Sign(t, "other", "other", good(nil)), teams, jwks.UnknownKey},
		{"other key under a published id", jwkstest.Sign(t, "one", "other", good(nil)), teams, jwks.BadSignature},
		{"signature tampered with", flipped, teams, jwks.BadSignature},
		{"claims tampered with", tampered(t, valid, good(claims{"exp": now.Add(99 * time.Hour).Unix()})), teams, jwks.BadSignature},

		{"expired", sign(claims{"exp": now.Add(-jwks.Leeway - time.Second).Unix()}), teams, jwks.Expired},
		{"expired within the leeway", sign(claims{"exp": now.Add(-jwks.Leeway + time.Second).Unix()}), teams, ""},
		{"not yet valid", sign(claims{"nbf": now.Add(jwks.Leeway + time.Second).Unix()}), teams, jwks.NotYetValid},
		{"not yet valid within the leeway", sign(claims{"nbf": now.Add(jwks.Leeway - time.Second).Unix()}), teams, ""},
		{"valid for ever", sign(claims{"exp": nil}), teams, jwks.Malformed},
		{"expiry of another type", sign(claims{"exp": "tomorrow"}), teams, jwks.Malformed},

		{"other service URL", valid, from(func(a *auth.ActivityClaims) { a.ServiceURL = "https://evil.example/" }), jwks.ServiceURLMismatch},
		{"service URL with more path", valid, from(func(a *auth.ActivityClaims) { a.ServiceURL += "x" }), jwks.ServiceURLMismatch},
		{"no service URL in the activity", valid, from(func(a *auth.ActivityClaims) { a.ServiceURL = "" }), jwks.ServiceURLMismatch},
		{"no service URL in the token", sign(claims{"serviceurl": nil}), teams, jwks.ServiceURLMismatch},
		{"no service URL at all", sign(claims{"serviceurl": nil}), from(func(a *auth.ActivityClaims) { a.ServiceURL = "" }), jwks.ServiceURLMismatch},

		{"other tenant", valid, from(func(a *auth.ActivityClaims) { a.TenantID = stranger }), jwks.TenantNotAllowed},
		{"no tenant", valid, from(func(a *auth.ActivityClaims) { a.TenantID = "" }), jwks.TenantNotAllowed},
		{"blank tenant", valid, from(func(a *auth.ActivityClaims) { a.TenantID = " " }), jwks.TenantNotAllowed},

		{"other channel", valid, from(func(a *auth.ActivityClaims) { a.ChannelID = "webchat" }), jwks.NotEndorsed},
		{"no channel", valid, from(func(a *auth.ActivityClaims) { a.ChannelID = "" }), jwks.NotEndorsed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := v.Verify(t.Context(), tt.header, tt.a)
			if jwkstest.Reason(err) != tt.want || tt.want == "" && err != nil {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// tampered puts other claims under the signature of token.
func tampered(t *testing.T, token string, c claims) string {
	t.Helper()
	parts := strings.Split(token, ".")
	parts[1] = strings.Split(jwkstest.Sign(t, "one", "one", c), ".")[1]
	return strings.Join(parts, ".")
}

func TestEndorsement(t *testing.T) {
	t.Parallel()
	a := auth.ActivityClaims{ServiceURL: serviceURL, ChannelID: auth.Teams, TenantID: contoso}
	for name, endorsements := range map[string][]string{"none": nil, "others": {"webchat", "skype"}} {
		iss, v := setup(t)
		iss.Endorse(endorsements...)
		if err := v.Verify(t.Context(), jwkstest.Sign(t, "one", "one", good(nil)), a); jwkstest.Reason(err) != jwks.NotEndorsed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Nobody is allowed by an empty list, and nobody's token is for an empty app.
func TestEmptyConfigurationAllowsNobody(t *testing.T) {
	t.Parallel()
	iss := jwkstest.New(t)
	base := auth.Config{AppID: appID, Issuer: auth.Public.Issuer, MetadataURL: iss.URL() + "/configuration", HTTPClient: iss.Client(), Clock: func() time.Time { return now }}
	a := auth.ActivityClaims{ServiceURL: serviceURL, ChannelID: auth.Teams}

	if err := auth.New(base).Verify(t.Context(), jwkstest.Sign(t, "one", "one", good(nil)), a); jwkstest.Reason(err) != jwks.TenantNotAllowed {
		t.Errorf("no tenants: %v", err)
	}
	noApp := base
	noApp.AppID = ""
	if err := auth.New(noApp).Verify(t.Context(), jwkstest.Sign(t, "one", "one", good(claims{"aud": ""})), a); jwkstest.Reason(err) != jwks.WrongAudience {
		t.Errorf("no app: %v", err)
	}
	noIssuer := base
	noIssuer.Issuer = ""
	if err := auth.New(noIssuer).Verify(t.Context(), jwkstest.Sign(t, "one", "one", good(claims{"iss": ""})), a); jwkstest.Reason(err) != jwks.WrongIssuer {
		t.Errorf("no issuer: %v", err)
	}
}

func TestKeysUnavailable(t *testing.T) {
	t.Parallel()
	iss, v := setup(t)
	iss.FailWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	err := v.Verify(t.Context(), jwkstest.Sign(t, "one", "one", good(nil)), auth.ActivityClaims{ServiceURL: serviceURL, ChannelID: auth.Teams, TenantID: contoso})
	var e *auth.Error
	if !errors.As(err, &e) || e.Reason != jwks.KeysUnavailable || e.HTTPStatus() != http.StatusServiceUnavailable {
		t.Errorf("got %v", err)
	}
}

// Foreign tokens must not cost a request to anybody's metadata.
func TestForeignTokensFetchNothing(t *testing.T) {
	t.Parallel()
	iss, v := setup(t)
	a := auth.ActivityClaims{ServiceURL: serviceURL, ChannelID: auth.Teams, TenantID: contoso}
	for _, with := range []claims{{"iss": "https://evil.example"}, {"aud": "someone"}} {
		_ = v.Verify(t.Context(), jwkstest.Sign(t, "one", "one", good(with)), a)
	}
	if n := iss.Hits(); n != 0 {
		t.Errorf("keys were fetched %d times", n)
	}
}

func TestConcurrentVerify(t *testing.T) {
	t.Parallel()
	iss, v := setup(t)
	header := jwkstest.Sign(t, "one", "one", good(nil))
	forged := jwkstest.Sign(t, "forged", "other", good(nil))
	a := auth.ActivityClaims{ServiceURL: serviceURL, ChannelID: auth.Teams, TenantID: contoso}
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if err := v.Verify(context.Background(), header, a); err != nil {
				t.Error(err)
			}
			if err := v.Verify(context.Background(), forged, a); jwkstest.Reason(err) != jwks.UnknownKey {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := iss.Hits(); n != 1 {
		t.Errorf("keys were fetched %d times, want 1", n)
	}
}

func TestClouds(t *testing.T) {
	t.Parallel()
	for name, issuer := range map[string]string{
		"public": "https://api.botframework.com", "GCC": "https://api.botframework.com",
		"gcchigh": "https://api.botframework.us", "dod": "https://api.botframework.us", "china": "https://api.botframework.azure.cn",
	} {
		c, err := auth.CloudNamed(name)
		if err != nil || c.Issuer != issuer || c.Scope != issuer+"/.default" || !strings.EqualFold(c.Name, name) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	if _, err := auth.CloudNamed("mars"); err == nil || !strings.Contains(err.Error(), "gcchigh") {
		t.Errorf("got %v", err)
	}
}
