package auth_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"

	"herald/infra/jwks"
	"herald/infra/jwks/jwkstest"
	"herald/tab/auth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	appID    = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
	appURI   = "api://herald.example/botid-" + appID
	contoso  = "11111111-1111-4111-8111-111111111111"
	fabrikam = "22222222-2222-4222-8222-222222222222"
	stranger = "33333333-3333-4333-8333-333333333333"
	person   = "c0ffee00-0000-4000-8000-000000000001"
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

type claims = map[string]any

func v2(authority string, with claims) claims {
	return jwkstest.With(claims{
		"ver": "2.0", "iss": authority + "/" + contoso + "/v2.0", "aud": appID, "tid": contoso, "oid": person,
		"scp": "profile access_as_user", "name": "Zoë Müller", "preferred_username": "zoe@contoso.example", "roles": []string{"Author"},
		"nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}, with)
}

func v1(authority string, with claims) claims {
	return jwkstest.With(claims{
		"ver": "1.0", "iss": authority + "/sts/" + contoso + "/", "aud": appURI, "tid": contoso, "oid": person,
		"scp": "access_as_user", "name": "Zoë Müller", "upn": "zoe@contoso.example", "unique_name": "other@contoso.example",
		"nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}, with)
}

func setup(t *testing.T) (*jwkstest.Issuer, *auth.Verifier) {
	t.Helper()
	iss := jwkstest.New(t)
	return iss, auth.New(auth.Config{
		AppID:          appID,
		AuthorityHost:  iss.URL(),
		V1Issuer:       iss.URL() + "/sts/{tid}/",
		Audiences:      []string{appURI},
		AllowedTenants: []string{strings.ToUpper(contoso), fabrikam, ""},
		Clock:          func() time.Time { return now },
		HTTPClient:     iss.Client(),
	})
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	iss, v := setup(t)
	zoe := auth.Identity{TenantID: contoso, ObjectID: person, Name: "Zoë Müller", UPN: "zoe@contoso.example", Until: now.Add(time.Hour + jwks.Leeway)}
	author := zoe
	author.Roles = []string{"Author"}
	other := zoe
	other.UPN = "other@contoso.example"
	tests := []struct {
		name   string
		claims claims
		want   auth.Identity
	}{
		{"version 2", v2(iss.URL(), nil), author},
		{"version 2 without roles", v2(iss.URL(), claims{"roles": nil}), zoe},
		{"version 2, ids in upper case", v2(iss.URL(), claims{"oid": strings.ToUpper(person), "tid": strings.ToUpper(contoso)}), author},
		{"version 1", v1(iss.URL(), nil), zoe},
		{"version 1 without upn", v1(iss.URL(), claims{"upn": nil}), other},
		{"version 1 for the app id", v1(iss.URL(), claims{"aud": appID}), zoe},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := v.Verify(t.Context(), jwkstest.Sign(t, "one", "one", tt.claims))
			if got.Until = got.Until.UTC(); err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	iss, v := setup(t)
	url := iss.URL()
	sign := func(with claims) string { return jwkstest.Sign(t, "one", "one", v2(url, with)) }
	sign1 := func(with claims) string { return jwkstest.Sign(t, "one", "one", v1(url, with)) }
	tests := []struct {
		name   string
		header string
		want   auth.Reason
	}{
		{"no token", "", jwks.NoToken},
		{"not a bearer token", "Basic YTpi", jwks.NoToken},
		{"no JWT", "Bearer abc", jwks.Malformed},
		{"alg none", jwkstest.Unsigned(t, v2(url, nil)), jwks.WrongAlgorithm},
		{"HMAC with the public key as secret", jwkstest.HMAC(t, v2(url, nil)), jwks.WrongAlgorithm},
		{"ES-like RS384", jwkstest.SignWith(t, jose.RS384, "one", jwkstest.KeyPair(t, "one"), v2(url, nil)), jwks.WrongAlgorithm},

		{"other issuer", sign(claims{"iss": "https://evil.example/" + contoso + "/v2.0"}), jwks.WrongIssuer},
		{"issuer of another tenant", sign(claims{"iss": url + "/" + fabrikam + "/v2.0"}), jwks.WrongIssuer},
		{"version 1 issuer in version 2", sign(claims{"iss": url + "/sts/" + contoso + "/"}), jwks.WrongIssuer},
		{"version 2 issuer in version 1", sign1(claims{"iss": url + "/" + contoso + "/v2.0"}), jwks.WrongIssuer},
		{"Bot Framework's issuer", sign(claims{"iss": "https://api.botframework.com"}), jwks.WrongIssuer},
		{"version 3", sign(claims{"ver": "3.0"}), jwks.WrongIssuer},
		{"no version", sign(claims{"ver": nil}), jwks.WrongIssuer},

		{"other audience", sign(claims{"aud": "https://graph.microsoft.com"}), jwks.WrongAudience},
		{"app id URI in version 2", sign(claims{"aud": appURI}), jwks.WrongAudience},
		{"other URI in version 1", sign1(claims{"aud": "api://evil.example/botid-" + appID}), jwks.WrongAudience},
		{"no audience", sign(claims{"aud": nil}), jwks.WrongAudience},
		{"two audiences", sign(claims{"aud": []string{appID, "x"}}), jwks.WrongAudience},

		{"tenant that is no customer", sign(claims{"tid": stranger, "iss": url + "/" + stranger + "/v2.0"}), jwks.TenantNotAllowed},
		{"no tenant", sign(claims{"tid": nil}), jwks.Malformed},
		{"tenant that climbs", sign(claims{"tid": "../x", "iss": url + "/../x/v2.0"}), jwks.TenantNotAllowed},

		{"key that nobody publishes", jwkstest.Sign(t, "other", "other", v2(url, nil)), jwks.UnknownKey},
		{"other key under a published id", jwkstest.Sign(t, "one", "other", v2(url, nil)), jwks.BadSignature},

		{"expired", sign(claims{"exp": now.Add(-jwks.Leeway - time.Second).Unix()}), jwks.Expired},
		{"not yet valid", sign(claims{"nbf": now.Add(jwks.Leeway + time.Second).Unix()}), jwks.NotYetValid},
		{"valid for ever", sign(claims{"exp": nil}), jwks.Malformed},

		{"no scope", sign(claims{"scp": nil}), jwks.MissingScope},
		{"other scope", sign(claims{"scp": "User.Read access_as_user2"}), jwks.MissingScope},
		{"no person", sign(claims{"oid": nil}), jwks.Malformed},
		{"roles of another type", sign(claims{"roles": "Admin"}), jwks.Malformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, err := v.Verify(t.Context(), tt.header)
			if jwkstest.Reason(err) != tt.want {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if !reflect.DeepEqual(id, auth.Identity{}) {
				t.Errorf("refused, yet an identity: %+v", id)
			}
		})
	}
}

// A tenant signs for itself only: keys are asked of the tenant that the token names.
func TestKeysPerTenant(t *testing.T) {
	t.Parallel()
	iss, v := setup(t)
	iss.FailWith(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, fabrikam) {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"keys":[]}`))
	})
	header := jwkstest.Sign(t, "one", "one", v2(iss.URL(), claims{"tid": fabrikam, "iss": iss.URL() + "/" + fabrikam + "/v2.0"}))
	if _, err := v.Verify(t.Context(), header); jwkstest.Reason(err) != jwks.KeysUnavailable {
		t.Errorf("got %v", err)
	}
}

func TestStrangersFetchNothing(t *testing.T) {
	t.Parallel()
	iss, v := setup(t)
	for _, c := range []claims{
		v2(iss.URL(), claims{"tid": stranger, "iss": iss.URL() + "/" + stranger + "/v2.0"}),
		v2(iss.URL(), claims{"aud": "x"}),
		v2(iss.URL(), claims{"iss": "x"}),
	} {
		_, _ = v.Verify(t.Context(), jwkstest.Sign(t, "one", "one", c))
	}
	if n := iss.Hits(); n != 0 {
		t.Errorf("keys were fetched %d times", n)
	}
}

// The defaults are the public cloud's.
func TestDefaults(t *testing.T) {
	t.Parallel()
	var asked string
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked = r.URL.String()
		return nil, errors.New("no network")
	})}
	v := auth.New(auth.Config{AppID: appID, AllowedTenants: []string{contoso}, HTTPClient: client, Clock: func() time.Time { return now }})
	for _, c := range []claims{
		v2("https://login.microsoftonline.com", nil),
		v1("", claims{"iss": "https://sts.windows.net/" + contoso + "/", "aud": appID}),
	} {
		if _, err := v.Verify(t.Context(), jwkstest.Sign(t, "one", "one", c)); jwkstest.Reason(err) != jwks.KeysUnavailable {
			t.Errorf("got %v", err)
		}
	}
	if want := "https://login.microsoftonline.com/" + contoso + "/discovery/v2.0/keys"; asked != want {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
