// Package graph is Microsoft Graph as Herald uses it, and the only importer of
// its SDK: compiling that takes minutes, so nothing else should pay for it. Of
// the SDK it takes request-builder packages alone (users, …), never the root
// package, which drags in all of Graph.
//
// It imports campaigns, whose Directory, PresenceSource and ZoneSource it
// implements, and nothing else of Herald's. Start at Directory; requests go through transport.go (retries),
// and every failure becomes a *campaigns.Error in errors.go.
package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	azureauth "github.com/microsoft/kiota-authentication-azure-go"
	khttp "github.com/microsoft/kiota-http-go"
	jsonserialization "github.com/microsoft/kiota-serialization-json-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"herald/campaigns"
)

// Defaults of Config: the public cloud.
const (
	DefaultBaseURL = "https://graph.microsoft.com/v1.0"
	DefaultScope   = "https://graph.microsoft.com/.default"
	DefaultTimeout = 2 * time.Minute
)

// Config says where Graph is and how to sign in to it.
type Config struct {
	// Credential gets tokens for every tenant that Herald serves: each call
	// names its tenant, so an azidentity credential needs
	// AdditionallyAllowedTenants for those that are not its own.
	Credential azcore.TokenCredential
	BaseURL    string // with version, without a slash at the end; empty: DefaultBaseURL
	Scope      string // empty: DefaultScope
	// ValidHosts are the host names, without port, that may see a token. Empty:
	// the host of BaseURL. Links of Graph's answers are followed only to the
	// origin of BaseURL in any case.
	ValidHosts []string
	// Transport makes the connections; it carries the roots that it trusts.
	// nil: the system's, with bounded waits.
	Transport http.RoundTripper
	// Timeout bounds one call with all its retries; 0: DefaultTimeout.
	Timeout time.Duration

	Clock  func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: nothing is logged

	sleep func(context.Context, time.Duration) error // tests see the waits here
}

// Directory is campaigns.Directory on Microsoft Graph. It needs the
// application permission User.Read.All in every tenant (User.ReadBasic.All is
// refused for the lookups by address: platform.md §8); as PresenceSource and
// ZoneSource it needs Presence.Read.All and MailboxSettings.Read. It is safe
// for concurrent use.
type Directory struct {
	base       *url.URL
	scope      string
	validHosts []string
	credential azcore.TokenCredential
	client     *http.Client
	log        *slog.Logger
	now        func() time.Time
	sleep      func(context.Context, time.Duration) error
	lookups    *pace // of presence
}

var (
	_ campaigns.Directory      = (*Directory)(nil)
	_ campaigns.PresenceSource = (*Directory)(nil)
	_ campaigns.ZoneSource     = (*Directory)(nil)
)

// New makes a Directory. It does not talk to Graph; the error is about cfg.
func New(cfg Config) (*Directory, error) {
	if cfg.Credential == nil {
		return nil, errors.New("graph: Credential is missing")
	}
	if cfg.BaseURL == "" {
		cfg.BaseURL = DefaultBaseURL
	}
	base, err := url.Parse(strings.TrimRight(cfg.BaseURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("graph: BaseURL: %w", err)
	}
	if base.Scheme != "https" || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		// A token sent over http is a token given away.
		return nil, fmt.Errorf("graph: BaseURL %q is not an address of the form %s", base.Redacted(), DefaultBaseURL)
	}
	if cfg.Scope == "" {
		cfg.Scope = DefaultScope
	}
	if len(cfg.ValidHosts) == 0 {
		cfg.ValidHosts = []string{base.Hostname()}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.sleep == nil {
		cfg.sleep = sleep
	}
	retries := newTransport(cfg)
	return &Directory{
		base:       base,
		scope:      cfg.Scope,
		validHosts: cfg.ValidHosts,
		credential: cfg.Credential,
		client: &http.Client{
			// The SDK writes "%24select"; this middleware makes it "$select",
			// as Graph documents it. Its others (retry, redirect, compression,
			// tracing) are left out: transport.go retries in a way that tests
			// can control, and Graph redirects nothing that Herald asks for.
			Transport:     khttp.NewCustomTransportWithParentTransport(retries, khttp.NewParametersNameDecodingHandler()),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       cfg.Timeout,
		},
		log:     cfg.Logger,
		now:     cfg.Clock,
		sleep:   cfg.sleep,
		lookups: newPace(presenceCalls, presenceSpan, cfg.Clock),
	}, nil
}

// tenantCredential asks for one tenant's tokens. The credential below caches
// them by tenant.
type tenantCredential struct {
	azcore.TokenCredential
	tenant string
}

func (c tenantCredential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	options.TenantID = c.tenant
	return c.TokenCredential.GetToken(ctx, options)
}

// users returns the SDK's builder of requests for one tenant's people.
func (d *Directory) users(tenantID string) (*users.UsersRequestBuilder, error) {
	adapter, err := d.adapter(tenantID)
	if err != nil {
		return nil, err
	}
	return users.NewUsersRequestBuilderInternal(map[string]string{"baseurl": adapter.GetBaseUrl()}, adapter), nil
}

// adapter returns what the SDK sends one tenant's requests with. It is cheap:
// the connections are shared, and the tokens are cached further down.
func (d *Directory) adapter(tenantID string) (*core.GraphRequestAdapterBase, error) {
	if tenantID == "" {
		return nil, errors.New("graph: no tenant")
	}
	auth, err := azureauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(
		tenantCredential{d.credential, tenantID}, []string{d.scope}, d.validHosts)
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	// Factories of our own, because the SDK's defaults are registered globally
	// by the root package that we do not import.
	adapter, err := core.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		auth, core.GraphClientOptions{}, jsonserialization.NewJsonParseNodeFactory(),
		jsonserialization.NewJsonSerializationWriterFactory(), d.client)
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	adapter.SetBaseUrl(d.base.String())
	return adapter, nil
}
