package sandbox

import (
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// Issuers and audiences, as in the real cloud where they are constant.
const (
	BotIssuer     = "https://api.botframework.com"
	botAudience   = "https://api.botframework.com"
	graphAudience = "https://graph.microsoft.com"
	botScope      = botAudience + "/.default"
	graphScope    = graphAudience + "/.default"

	tokenLife = time.Hour
)

// Key names who signs a minted token.
type Key int

// The keys a token can be signed with. KeyDefault is the one its kind of token should have.
const (
	KeyDefault Key = iota
	KeyBot         // the Bot Framework's
	KeyEntra       // the Entra tenants'
	KeyForeign     // published nowhere
)

// BotToken describes a token that the Bot Framework would send to the bot. The zero value is a good one; each field spoils
// or changes one thing.
type BotToken struct {
	Key          Key
	Algorithm    string // RS256 (default), none, or HS256 keyed with the public key, the classic confusion
	KeyID        string // overrides the header kid
	Issuer       string
	Audience     string
	ServiceURL   string
	NoServiceURL bool
	NotBefore    time.Time      // default now
	ExpiresAt    time.Time      // default an hour after NotBefore
	Claims       map[string]any // laid over the rest
}

// TabToken describes what Teams gives the tab for a person.
type TabToken struct {
	User      string   // object id, UPN or mail; required
	Roles     []string // nil: the person's own; empty: none
	Version   int      // 2 (default) or 1
	Key       Key
	Algorithm string
	KeyID     string
	Issuer    string
	Audience  string
	Scope     string // default access_as_user
	NotBefore time.Time
	ExpiresAt time.Time
	Claims    map[string]any
}

// AppToken describes an access token for the Connector or Graph, as the token endpoint would give to the bot.
type AppToken struct {
	Tenant    string // id; default Contoso
	Audience  string // default the Bot Connector's
	AppID     string
	Key       Key
	NotBefore time.Time
	ExpiresAt time.Time
	Claims    map[string]any
}

// MintBotToken signs a token for the bot endpoint.
func (c *Cloud) MintBotToken(t BotToken) (string, error) {
	from, to := c.span(t.NotBefore, t.ExpiresAt)
	claims := jwt.MapClaims{
		"iss": or(t.Issuer, BotIssuer), "aud": or(t.Audience, AppID),
		"nbf": from.Unix(), "exp": to.Unix(),
	}
	if !t.NoServiceURL {
		claims["serviceurl"] = or(t.ServiceURL, c.ServiceURL())
	}
	maps.Copy(claims, t.Claims)
	return c.sign(or(t.Key, KeyBot), t.Algorithm, t.KeyID, claims)
}

// MintTabToken signs a token for the tab's API. Unknown people are an error.
func (c *Cloud) MintTabToken(t TabToken) (string, error) {
	p, ok := c.dir.find(t.User)
	if !ok {
		return "", fmt.Errorf("sandbox: nobody is called %q", t.User)
	}
	roles := t.Roles
	if roles == nil {
		roles = p.Roles
	}
	from, to := c.span(t.NotBefore, t.ExpiresAt)
	h := p.key.scramble(0x737562)
	claims := jwt.MapClaims{
		"iat": from.Unix(), "nbf": from.Unix(), "exp": to.Unix(),
		"tid": p.TenantID, "oid": p.ID, "sub": fmt.Sprintf("%016x", h), "uti": uuid.NewString(),
		"name": p.DisplayName, "scp": or(t.Scope, "access_as_user"),
	}
	// Entra's access token reference: v2 tokens carry the client id as audience and azp, v1 tokens the App ID URI and appid.
	if t.Version == 1 {
		claims["ver"], claims["appid"] = "1.0", teamsClientID
		claims["iss"], claims["aud"] = or(t.Issuer, c.v1Issuer(p.TenantID)), or(t.Audience, c.appIDURI())
		claims["upn"], claims["unique_name"] = p.UPN, p.UPN
		claims["given_name"], claims["family_name"] = p.GivenName, p.Surname
	} else {
		claims["ver"], claims["azp"] = "2.0", teamsClientID
		claims["iss"], claims["aud"] = or(t.Issuer, c.v2Issuer(p.TenantID)), or(t.Audience, AppID)
		claims["preferred_username"] = p.UPN
	}
	if len(roles) > 0 {
		claims["roles"] = roles
	}
	maps.Copy(claims, t.Claims)
	return c.sign(or(t.Key, KeyEntra), t.Algorithm, t.KeyID, claims)
}

// teamsClientID is the Teams web client, which asks for the tab's token.
const teamsClientID = "5e3ce6c0-2b1f-4285-8d4b-75ee78787346"

// MintAppToken signs an access token for the Connector or Graph. Unlike one from the token endpoint it expires strictly by
// the sandbox's clock.
func (c *Cloud) MintAppToken(t AppToken) (string, error) {
	tid := or(t.Tenant, TenantContoso)
	from, to := c.span(t.NotBefore, t.ExpiresAt)
	app := or(t.AppID, AppID)
	claims := jwt.MapClaims{
		"aud": or(t.Audience, botAudience), "iss": c.v1Issuer(tid), "iat": from.Unix(), "nbf": from.Unix(), "exp": to.Unix(),
		"appid": app, "appidacr": "1", "idtyp": "app", "tid": tid, "ver": "1.0", "uti": uuid.NewString(),
		"oid": "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb", "sub": "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
	}
	if t.Audience == graphAudience {
		claims["roles"] = c.permissions.granted()
	}
	maps.Copy(claims, t.Claims)
	return c.sign(or(t.Key, KeyEntra), "", "", claims)
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (c *Cloud) span(from, to time.Time) (time.Time, time.Time) {
	if from.IsZero() {
		from = c.Now()
		if !to.IsZero() && to.Before(from) {
			from = to.Add(-tokenLife) // an expired token was valid once
		}
	}
	if to.IsZero() {
		to = from.Add(tokenLife)
	}
	return from, to
}

func (c *Cloud) sign(key Key, algorithm, keyID string, claims jwt.MapClaims) (string, error) {
	k, err := c.signingKey(key)
	if err != nil {
		return "", err
	}
	var method jwt.SigningMethod
	var with any
	switch algorithm {
	case "", "RS256":
		method, with = jwt.SigningMethodRS256, k.private
	case "none":
		method, with = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType
	case "HS256":
		public, err := x509.MarshalPKIXPublicKey(k.private.Public())
		if err != nil {
			return "", err
		}
		method, with = jwt.SigningMethodHS256, public
	default:
		return "", fmt.Errorf("sandbox: unknown algorithm %q", algorithm)
	}
	t := jwt.NewWithClaims(method, claims)
	t.Header["kid"], t.Header["x5t"] = or(keyID, k.id), or(keyID, k.id)
	return t.SignedString(with)
}

func (c *Cloud) signingKey(key Key) (*signingKey, error) {
	switch key {
	case KeyBot:
		return c.keys.bot, nil
	case KeyEntra:
		return c.keys.entra, nil
	case KeyForeign:
		return foreignKey()
	}
	return nil, fmt.Errorf("sandbox: no key %d", key)
}

func (c *Cloud) v2Issuer(tid string) string { return c.TLSURL() + "/" + tid + "/v2.0" }

// v1Issuer stands for https://sts.windows.net/{tid}/.
func (c *Cloud) v1Issuer(tid string) string { return c.TLSURL() + "/sts/" + tid + "/" }

// appIDURI is the v1 audience, api://{host of Herald}/botid-{app id}.
func (c *Cloud) appIDURI() string {
	host := "127.0.0.1:3978"
	if u, err := url.Parse(c.bot.address()); err == nil && u.Host != "" {
		host = u.Host
	}
	return "api://" + host + "/botid-" + AppID
}

// appClaims is what Connector and Graph need of a verified access token.
type appClaims struct {
	tenant  string
	expires time.Time
	mercy   time.Time // good until then on the machine's clock, whatever the sandbox's clock says; zero: no mercy
}

// tokenCache remembers verified tokens by their hash, so that a send costs no RSA operation, and when the token endpoint
// issued them.
type tokenCache struct {
	mu    sync.Mutex
	known map[[32]byte]appClaims
}

const tokenCacheSize = 4096

func (tc *tokenCache) put(token, audience string, claims appClaims) {
	tc.mu.Lock()
	defer tc.mu.Unlock()
	if tc.known == nil || len(tc.known) >= tokenCacheSize {
		tc.known = map[[32]byte]appClaims{}
	}
	tc.known[tokenKey(token, audience)] = claims
}

func (tc *tokenCache) get(token, audience string) (appClaims, bool) {
	tc.mu.Lock()
	defer tc.mu.Unlock()
	claims, ok := tc.known[tokenKey(token, audience)]
	return claims, ok
}

func tokenKey(token, audience string) [32]byte { return sha256.Sum256([]byte(audience + " " + token)) }

var (
	errNoToken      = errors.New("no bearer token")
	errTokenExpired = errors.New("the token has expired")
)

// verifyAppToken checks an access token for audience.
func (c *Cloud) verifyAppToken(header, audience string) (appClaims, error) {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return appClaims{}, errNoToken
	}
	claims, ok := c.tokens.get(token, audience)
	if !ok {
		var err error
		if claims, err = c.parseAppToken(token, audience); err != nil {
			return appClaims{}, err
		}
		c.tokens.put(token, audience, claims)
	}
	if c.Now().After(claims.expires) {
		if claims.mercy.IsZero() || c.machineNow().After(claims.mercy) || c.faults.read().StrictExpiry {
			return appClaims{}, errTokenExpired
		}
	}
	return claims, nil
}

func (c *Cloud) parseAppToken(token, audience string) (appClaims, error) {
	var claims jwt.MapClaims
	_, err := jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(audience), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(c.Now), jwt.WithLeeway(5*time.Minute),
	).ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != c.keys.entra.id {
			return nil, errors.New("the key is not known")
		}
		return &c.keys.entra.private.PublicKey, nil
	})
	if err != nil {
		return appClaims{}, err
	}
	if claims["appid"] != AppID {
		return appClaims{}, errors.New("the token is another application's")
	}
	tid, _ := claims["tid"].(string)
	if issuer, _ := claims.GetIssuer(); c.dir.tenant(tid) == nil || issuer != c.v1Issuer(tid) {
		return appClaims{}, errors.New("the issuer is not known")
	}
	expires, err := claims.GetExpirationTime()
	if err != nil {
		return appClaims{}, err
	}
	return appClaims{tenant: tid, expires: expires.Time}, nil
}
