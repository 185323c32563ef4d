// Package auth decides whether a request to the bot endpoint comes from Microsoft
// Teams: it verifies the Bot Framework's token against the activity it came with
// (platform.md §3, bot-docs rest-api connector-authentication).
//
// It imports infra/jwks for keys and tokens, and nothing else of ours. Start
// reading at Verify. The values of Microsoft's clouds are in cloud.go.
package auth

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"herald/infra/jwks"
)

// Teams is the channel id of Microsoft Teams.
const Teams = "msteams"

// Error is why a token was refused; its HTTPStatus is what the edge answers.
type Error = jwks.Error

// Reason is the stable word in an Error.
type Reason = jwks.Reason

// Config says whose tokens count.
type Config struct {
	AppID       string // the bot's app id: the only audience
	Issuer      string // e.g. Public.Issuer; no other issuer counts, Entra least of all
	MetadataURL string // e.g. Public.MetadataURL

	// AllowedTenants are the customers' tenant ids. Empty allows nobody: a bot's
	// registration does not restrict who can reach it (platform.md §3).
	AllowedTenants []string

	// RequireEndorsement is the only channel that counts, normally Teams: the
	// activity must come from it and the signing key must be endorsed for it.
	// Empty: any channel that the signing key is endorsed for.
	RequireEndorsement string

	Clock      func() time.Time // nil: time.Now
	HTTPClient *http.Client     // trust roots for the metadata host; nil: the system's
	Logger     *slog.Logger     // nil: no logging
}

// ActivityClaims are the parts of an activity that its token must vouch for.
type ActivityClaims struct {
	ServiceURL string // activity.serviceUrl
	ChannelID  string // activity.channelId
	TenantID   string // activity.channelData.tenant.id
}

// Verifier verifies inbound tokens. Safe for concurrent use.
type Verifier struct {
	cfg     Config
	tenants map[string]bool
	keys    *jwks.Set
}

// New returns a Verifier. It fetches nothing yet.
func New(cfg Config) *Verifier {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	tenants := make(map[string]bool, len(cfg.AllowedTenants))
	for _, t := range cfg.AllowedTenants {
		if t = strings.TrimSpace(t); t != "" {
			tenants[strings.ToLower(t)] = true
		}
	}
	return &Verifier{
		cfg:     cfg,
		tenants: tenants,
		keys: jwks.New(jwks.Config{
			MetadataURL: cfg.MetadataURL,
			Client:      cfg.HTTPClient,
			Clock:       cfg.Clock,
			Logger:      cfg.Logger,
		}),
	}
}

// claims of a Bot Framework token. The documentation speaks of "serviceUrl"; real
// tokens carry "serviceurl" (platform.md §3). go-jose minds the case.
type claims struct {
	jwt.Claims
	ServiceURL string `json:"serviceurl"`
	Documented string `json:"serviceUrl"`
}

func (c claims) serviceURL() string {
	if c.ServiceURL != "" {
		return c.ServiceURL
	}
	return c.Documented
}

// Verify returns nil when the Authorization header holds a Bot Framework token
// for this bot that vouches for the activity a, and a's tenant is a customer.
//
// Errors are *Error with one of the reasons no_token, malformed, wrong_algorithm,
// wrong_issuer, wrong_audience, unknown_key, bad_signature, expired,
// not_yet_valid, not_endorsed, service_url_mismatch, tenant_not_allowed,
// keys_unavailable; or ctx's error.
func (v *Verifier) Verify(ctx context.Context, authorization string, a ActivityClaims) error {
	token, err := jwks.Parse(authorization)
	if err != nil {
		return err
	}
	// Foreign tokens are refused before anybody's keys are fetched for them. This
	// also covers Entra-issued bot tokens, which Microsoft's SDK accepts for
	// agentic users: they carry no service URL, so they vouch for no activity.
	var c claims
	if err := token.Unverified(&c); err != nil {
		return err
	}
	if err := v.checkIssue(c.Claims); err != nil {
		return err
	}
	c = claims{}
	key, err := token.Verify(ctx, v.keys, &c)
	if err != nil {
		return err
	}
	// Once more, on what is now proven: the first look decided nothing.
	if err := v.checkIssue(c.Claims); err != nil {
		return err
	}
	if err := jwks.CheckTime(c.Claims, v.cfg.Clock()); err != nil {
		return err
	}
	return v.checkActivity(key, c, a)
}

func (v *Verifier) checkIssue(c jwt.Claims) error {
	if v.cfg.Issuer == "" || c.Issuer != v.cfg.Issuer {
		return jwks.Refuse(jwks.WrongIssuer, "issuer is %q", c.Issuer)
	}
	if v.cfg.AppID == "" || len(c.Audience) != 1 || !strings.EqualFold(c.Audience[0], v.cfg.AppID) {
		return jwks.Refuse(jwks.WrongAudience, "audience is %q", c.Audience)
	}
	return nil
}

func (v *Verifier) checkActivity(key jwks.Key, c claims, a ActivityClaims) error {
	if v.cfg.RequireEndorsement != "" && a.ChannelID != v.cfg.RequireEndorsement {
		return jwks.Refuse(jwks.NotEndorsed, "activity comes from channel %q", a.ChannelID)
	}
	if !key.Endorses(a.ChannelID) {
		return jwks.Refuse(jwks.NotEndorsed, "key is endorsed for %q, not for channel %q", key.Endorsements, a.ChannelID)
	}
	if claimed := sameForm(c.serviceURL()); claimed == "" || claimed != sameForm(a.ServiceURL) {
		return jwks.Refuse(jwks.ServiceURLMismatch, "token is for %q, activity for %q", c.serviceURL(), a.ServiceURL)
	}
	if !v.tenants[strings.ToLower(a.TenantID)] {
		return jwks.Refuse(jwks.TenantNotAllowed, "tenant %q", a.TenantID)
	}
	return nil
}

// sameForm brings a service URL into the form that Microsoft's SDKs compare:
// without the trailing slash, in lower case (platform.md §3).
func sameForm(serviceURL string) string {
	return strings.ToLower(strings.TrimSuffix(serviceURL, "/"))
}
