package jwks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"herald/infra/jwks"
	"herald/infra/jwks/jwkstest"
)

func TestParse(t *testing.T) {
	t.Parallel()
	good := jwkstest.Sign(t, "one", "one", jwt.Claims{Issuer: "x"})
	tests := []struct {
		name, header string
		want         jwks.Reason
	}{
		{"good", good, ""},
		{"scheme in lower case", "b" + good[1:], ""},
		{"spaces around", "  " + good + " ", ""},
		{"nothing", "", jwks.NoToken},
		{"scheme only", "Bearer", jwks.NoToken},
		{"scheme and space", "Bearer ", jwks.NoToken},
		{"Basic", "Basic YTpi", jwks.NoToken},
		{"no scheme", strings.TrimPrefix(good, "Bearer "), jwks.NoToken},
		{"no JWT", "Bearer abc", jwks.Malformed},
		{"two tokens", good + " " + good, jwks.Malformed},
		{"huge", "Bearer " + strings.Repeat("a", 20<<10), jwks.Malformed},
		{"JSON serialization", `Bearer {"payload":"e30","protected":"e30","signature":""}`, jwks.Malformed},
		{"no key id", jwkstest.SignWith(t, jose.RS256, "", jwkstest.KeyPair(t, "one"), jwt.Claims{}), jwks.Malformed},
		{"none", "Bearer eyJhbGciOiJub25lIiwia2lkIjoib25lIn0.e30.", jwks.WrongAlgorithm},
		{"HMAC", jwkstest.SignWith(t, jose.HS256, "one", []byte(strings.Repeat("k", 32)), jwt.Claims{}), jwks.WrongAlgorithm},
		{"RS512", jwkstest.SignWith(t, jose.RS512, "one", jwkstest.KeyPair(t, "one"), jwt.Claims{}), jwks.WrongAlgorithm},
		{"PS256", jwkstest.SignWith(t, jose.PS256, "one", jwkstest.KeyPair(t, "one"), jwt.Claims{}), jwks.WrongAlgorithm},
	}
	for _, tt := range tests {
		if _, err := jwks.Parse(tt.header); jwkstest.Reason(err) != tt.want || tt.want == "" && err != nil {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestCheckTime(t *testing.T) {
	t.Parallel()
	now := newClock().Now()
	at := func(d time.Duration) *jwt.NumericDate { return jwt.NewNumericDate(now.Add(d)) }
	tests := []struct {
		name     string
		nbf, exp *jwt.NumericDate
		want     jwks.Reason
	}{
		{"valid", at(-time.Minute), at(time.Hour), ""},
		{"no nbf", nil, at(time.Hour), ""},
		{"no exp", at(0), nil, jwks.Malformed},
		{"expired within the leeway", nil, at(-jwks.Leeway), ""},
		{"expired", nil, at(-jwks.Leeway - time.Second), jwks.Expired},
		{"early within the leeway", at(jwks.Leeway), at(time.Hour), ""},
		{"early", at(jwks.Leeway + time.Second), at(time.Hour), jwks.NotYetValid},
	}
	for _, tt := range tests {
		if err := jwks.CheckTime(jwt.Claims{NotBefore: tt.nbf, Expiry: tt.exp}, now); jwkstest.Reason(err) != tt.want || tt.want == "" && err != nil {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestHTTPStatus(t *testing.T) {
	t.Parallel()
	for r, want := range map[jwks.Reason]int{jwks.NoToken: 401, jwks.BadSignature: 401, jwks.TenantNotAllowed: 403, jwks.MissingScope: 403, jwks.KeysUnavailable: 503} {
		if got := (&jwks.Error{Reason: r}).HTTPStatus(); got != want {
			t.Errorf("%s: %d, want %d", r, got, want)
		}
	}
}
