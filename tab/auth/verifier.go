// Package auth verifies the Entra tokens that the page inside Teams sends with
// every request (platform.md §7), and says who sent it.
//
// It imports infra/jwks for keys and tokens, and nothing else of ours. Start
// reading at Verify.
package auth

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"herald/infra/jwks"
)

const (
	// PublicAuthority is Entra's host in Microsoft's public cloud.
	PublicAuthority = "https://login.microsoftonline.com/"
	// PublicV1Issuer is how Entra calls itself in version 1 tokens.
	PublicV1Issuer = "https://sts.windows.net/{tid}/"
	// Scope is the permission that the page asks for. A token without it was
	// issued for something else, or to an app without a person.
	Scope = "access_as_user"
)

// Error is why a token was refused; its HTTPStatus is what the edge answers.
type Error = jwks.Error

// Reason is the stable word in an Error.
type Reason = jwks.Reason

// Config says whose tokens count.
type Config struct {
	AppID string // audience of version 2 tokens, and one of version 1's

	AuthorityHost string // Entra, with or without a trailing slash; empty: PublicAuthority
	V1Issuer      string // template with {tid}; empty: PublicV1Issuer

	// Audiences are the app id URIs that version 1 tokens may name instead of
	// the app id: api://{host}/botid-{appId}, api://botid-{appId}.
	Audiences []string

	AllowedTenants []string // the customers' tenant ids; empty allows nobody

	Clock      func() time.Time // nil: time.Now
	HTTPClient *http.Client     // trust roots for the authority; nil: the system's
	Logger     *slog.Logger     // nil: no logging
}

// Identity is a person of an allowed tenant. (TenantID, ObjectID) is the key;
// the rest is for show and may be empty.
type Identity struct {
	TenantID string // lower case
	ObjectID string // lower case
	Name     string
	UPN      string
	Roles    []string  // app roles; nil when none is assigned
	Until    time.Time // when the token is accepted for the last time
}

// Verifier verifies the tab's tokens. Safe for concurrent use.
type Verifier struct {
	cfg       Config
	authority string               // with a trailing slash
	keys      map[string]*jwks.Set // by tenant, which makes it the allow-list
}

// New returns a Verifier. It fetches nothing yet.
func New(cfg Config) *Verifier {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.AuthorityHost == "" {
		cfg.AuthorityHost = PublicAuthority
	}
	if cfg.V1Issuer == "" {
		cfg.V1Issuer = PublicV1Issuer
	}
	v := &Verifier{
		cfg:       cfg,
		authority: strings.TrimSuffix(cfg.AuthorityHost, "/") + "/",
		keys:      make(map[string]*jwks.Set, len(cfg.AllowedTenants)),
	}
	for _, tid := range cfg.AllowedTenants {
		if tid = strings.ToLower(strings.TrimSpace(tid)); tid == "" {
			continue
		}
		v.keys[tid] = jwks.New(jwks.Config{
			// Version 1 tokens are signed with the same keys.
			KeysURL: v.authority + tid + "/discovery/v2.0/keys",
			Client:  cfg.HTTPClient,
			Clock:   cfg.Clock,
			Logger:  cfg.Logger,
		})
	}
	return v
}

// claims of an Entra access token for a person, versions 1 and 2.
type claims struct {
	jwt.Claims
	Version  string   `json:"ver"`
	TenantID string   `json:"tid"`
	ObjectID string   `json:"oid"`
	Scopes   string   `json:"scp"` // separated by spaces
	Name     string   `json:"name"`
	Roles    []string `json:"roles"`

	PreferredUsername string `json:"preferred_username"` // version 2
	UPN               string `json:"upn"`                // version 1
	UniqueName        string `json:"unique_name"`        // version 1, when there is no upn
}

// Verify returns who sent the token in the Authorization header.
//
// Errors are *Error with one of the reasons no_token, malformed, wrong_algorithm,
// wrong_issuer, wrong_audience, tenant_not_allowed, unknown_key, bad_signature,
// expired, not_yet_valid, missing_scope, keys_unavailable; or ctx's error.
func (v *Verifier) Verify(ctx context.Context, authorization string) (Identity, error) {
	token, err := jwks.Parse(authorization)
	if err != nil {
		return Identity{}, err
	}
	// The tenant decides whose keys to ask for, so issuer and tenant are looked at
	// before the signature: strangers cost nothing. The proof follows.
	var c claims
	if err := token.Unverified(&c); err != nil {
		return Identity{}, err
	}
	keys, err := v.checkIssue(c)
	if err != nil {
		return Identity{}, err
	}
	c = claims{}
	if _, err := token.Verify(ctx, keys, &c); err != nil {
		return Identity{}, err
	}
	if _, err := v.checkIssue(c); err != nil {
		return Identity{}, err
	}
	if err := jwks.CheckTime(c.Claims, v.cfg.Clock()); err != nil {
		return Identity{}, err
	}
	if !slices.Contains(strings.Fields(c.Scopes), Scope) {
		return Identity{}, jwks.Refuse(jwks.MissingScope, "scopes are %q", c.Scopes)
	}
	if c.ObjectID == "" {
		return Identity{}, jwks.Refuse(jwks.Malformed, "token names no person")
	}
	return c.identity(), nil
}

// checkIssue checks who issued the token for whom, and returns the keys of the
// tenant that did.
func (v *Verifier) checkIssue(c claims) (*jwks.Set, error) {
	tid := strings.ToLower(c.TenantID)
	if tid == "" {
		return nil, jwks.Refuse(jwks.Malformed, "token names no tenant")
	}
	// Issuer and audience have one form per version; a token that mixes them was
	// not made by Entra (platform.md §7, Entra access-token-claims-reference).
	var issuer string
	var audiences []string
	switch c.Version {
	case "2.0":
		issuer = v.authority + tid + "/v2.0"
		audiences = []string{v.cfg.AppID}
	case "1.0":
		issuer = strings.ReplaceAll(v.cfg.V1Issuer, "{tid}", tid)
		audiences = append([]string{v.cfg.AppID}, v.cfg.Audiences...)
	default:
		return nil, jwks.Refuse(jwks.WrongIssuer, "token version is %q", c.Version)
	}
	if !strings.EqualFold(c.Issuer, issuer) {
		return nil, jwks.Refuse(jwks.WrongIssuer, "issuer is %q", c.Issuer)
	}
	if len(c.Audience) != 1 || c.Audience[0] == "" || !slices.ContainsFunc(audiences, func(a string) bool { return strings.EqualFold(a, c.Audience[0]) }) {
		return nil, jwks.Refuse(jwks.WrongAudience, "audience is %q", c.Audience)
	}
	keys, ok := v.keys[tid]
	if !ok {
		return nil, jwks.Refuse(jwks.TenantNotAllowed, "tenant %q", c.TenantID)
	}
	return keys, nil
}

func (c claims) identity() Identity {
	upn := c.PreferredUsername
	if c.Version == "1.0" {
		upn = c.UPN
		if upn == "" {
			upn = c.UniqueName
		}
	}
	return Identity{
		TenantID: strings.ToLower(c.TenantID),
		ObjectID: strings.ToLower(c.ObjectID),
		Name:     c.Name,
		UPN:      upn,
		Roles:    c.Roles,
		Until:    c.Expiry.Time().Add(jwks.Leeway), // CheckTime has seen it
	}
}
