package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"herald/bot/auth"
	"herald/bot/connector"
	"herald/graph"
	"herald/infra/sandbox"
	tabauth "herald/tab/auth"
)

// environment is a Microsoft cloud: its addresses, whom it trusts, and who we are in
// it. The sandbox is one like any other; nothing beyond this file knows the difference.
type environment struct {
	appID          string
	tenantID       string
	allowedTenants []string
	credential     azcore.TokenCredential
	renew          func() (azcore.TokenCredential, error) // the same once more, with nothing in its cache
	secret         string                                 // of credential, when it is one
	transport      http.RoundTripper                      // trust roots; nil: the system's

	botIssuer      string
	botMetadataURL string
	botScope       string
	connectorCloud connector.Cloud
	serviceHosts   []string
	serviceURL     string

	authorityHost string
	v1Issuer      string
	graphURL      string
	graphScope    string

	teamsURL string   // where deep links lead, without a slash at the end
	tabHosts []string // origins besides Teams' own that may frame the tab
	clockURL string   // a clock that can be moved; empty: the machine's
}

func (e *environment) client() *http.Client {
	return &http.Client{Transport: e.transport, Timeout: 30 * time.Second}
}

// graphHosts are Graph's addresses in the clouds
// (microsoft-graph-docs, concepts/deployments).
var graphHosts = map[string]string{
	auth.Public.Name: "https://graph.microsoft.com", auth.GCC.Name: "https://graph.microsoft.com",
	auth.GCCHigh.Name: "https://graph.microsoft.us", auth.DoD.Name: "https://dod-graph.microsoft.us",
	auth.China.Name: "https://microsoftgraph.chinacloudapi.cn",
}

var connectorClouds = map[string]connector.Cloud{
	auth.Public.Name: connector.Public, auth.GCC.Name: connector.GCC, auth.GCCHigh.Name: connector.GCCHigh,
	auth.DoD.Name: connector.DoD, auth.China.Name: connector.China,
}

// teamsURLs are Teams' addresses where they are not the public cloud's (validDomains.json of TeamsJS).
var teamsURLs = map[string]string{auth.GCCHigh.Name: "https://gov.teams.microsoft.us", auth.DoD.Name: "https://dod.teams.microsoft.us"}

// publicTeams is Teams' address in the public cloud.
const publicTeams = "https://teams.microsoft.com"

// exchangeScopes are for whom the token of a managed identity is that an app of another cloud than the public one trusts
// (entra-docs, workload-identities, workload-identity-federation-config-app-trust-managed-identity).
var exchangeScopes = map[string]string{
	auth.GCCHigh.Name: "api://AzureADTokenExchangeUSGov/.default", auth.DoD.Name: "api://AzureADTokenExchangeUSGov/.default",
	auth.China.Name: "api://AzureADTokenExchangeChina/.default",
}

// exchangeScope is the one of a cloud.
func exchangeScope(cloud string) string {
	return cmp.Or(exchangeScopes[cloud], "api://AzureADTokenExchange/.default")
}

// realCloud is the environment of cloud mode.
func realCloud(c Config) (*environment, error) {
	host := graphHosts[c.Cloud.Name]
	conn := connectorClouds[c.Cloud.Name]
	e := &environment{
		appID: c.AppID, tenantID: c.TenantID, allowedTenants: c.AllowedTenants,
		botIssuer: c.Cloud.Issuer, botMetadataURL: c.Cloud.MetadataURL, botScope: c.Cloud.Scope,
		connectorCloud: conn, serviceURL: conn.ServiceURL,
		authorityHost: c.Cloud.AuthorityHost, v1Issuer: tabauth.PublicV1Issuer,
		graphURL: host + "/v1.0", graphScope: host + "/.default", teamsURL: cmp.Or(teamsURLs[c.Cloud.Name], publicTeams),
	}
	var err error
	e.secret = c.Credential.Secret
	e.renew = func() (azcore.TokenCredential, error) {
		return credential(c, azcore.ClientOptions{Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: c.Cloud.AuthorityHost}})
	}
	e.credential, err = e.renew()
	if err != nil {
		return nil, fmt.Errorf("credential: %w", err)
	}
	return e, nil
}

// credential makes the one credential that was configured. It serves the bot in its own tenant
// and Graph in every allowed one.
func credential(c Config, opts azcore.ClientOptions) (azcore.TokenCredential, error) {
	k, more := c.Credential, c.AllowedTenants
	switch {
	case k.Secret != "":
		return azidentity.NewClientSecretCredential(c.TenantID, c.AppID, k.Secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: opts, AdditionallyAllowedTenants: more})
	case k.CertificateFile != "":
		raw, err := os.ReadFile(k.CertificateFile)
		if err != nil {
			return nil, err
		}
		certs, key, err := azidentity.ParseCertificates(raw, []byte(k.CertificatePassword))
		if err != nil {
			return nil, err
		}
		return azidentity.NewClientCertificateCredential(c.TenantID, c.AppID, certs, key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: opts, AdditionallyAllowedTenants: more})
	case k.FederatedTokenFile != "":
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientOptions: opts, AdditionallyAllowedTenants: more, ClientID: c.AppID, TenantID: c.TenantID, TokenFilePath: k.FederatedTokenFile})
	case k.FederatedIdentity != "":
		identity, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ClientID(k.FederatedIdentity)})
		if err != nil {
			return nil, err
		}
		assertion := func(ctx context.Context) (string, error) {
			t, err := identity.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{exchangeScope(c.Cloud.Name)}})
			return t.Token, err
		}
		return azidentity.NewClientAssertionCredential(c.TenantID, c.AppID, assertion, &azidentity.ClientAssertionCredentialOptions{ClientOptions: opts, AdditionallyAllowedTenants: more})
	default:
		o := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: opts}
		if k.ManagedIdentity != "system" {
			o.ID = azidentity.ClientID(k.ManagedIdentity)
		}
		return azidentity.NewManagedIdentityCredential(o)
	}
}

// simulatedCloud asks a sandbox how to reach and trust it.
func simulatedCloud(ctx context.Context, sandboxURL string) (*environment, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, sandboxURL+"/api/environment", nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the sandbox at %s does not answer: start it with \"herald sandbox\", or leave HERALD_SANDBOX_URL empty", sandboxURL)
	}
	defer resp.Body.Close()
	var d sandbox.Environment
	if err := json.NewDecoder(resp.Body).Decode(&d); err != nil || resp.StatusCode != http.StatusOK || d.AppID == "" {
		return nil, fmt.Errorf("what answers at %s is not Herald's sandbox: check HERALD_SANDBOX_URL", sandboxURL)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(d.CAPEM)) {
		return nil, errors.New("the sandbox names no certificate authority")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 256, 256
	e := &environment{
		appID: d.AppID, tenantID: d.TenantID, allowedTenants: d.AllowedTenants, transport: transport,
		botIssuer: d.BotIssuer, botMetadataURL: d.BotMetadataURL, botScope: d.BotScope,
		serviceHosts: d.ServiceHosts, serviceURL: d.ServiceURL,
		authorityHost: d.AuthorityHost, v1Issuer: strings.TrimRight(d.AuthorityHost, "/") + "/sts/{tid}/",
		graphURL: d.GraphURL, graphScope: d.GraphScope, teamsURL: publicTeams,
		tabHosts: []string{d.TabOrigin}, clockURL: d.ClockURL,
	}
	opts := azcore.ClientOptions{Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: d.AuthorityHost}, Transport: e.client()}
	e.secret = d.AppSecret
	e.renew = func() (azcore.TokenCredential, error) {
		return azidentity.NewClientSecretCredential(d.TenantID, d.AppID, d.AppSecret, &azidentity.ClientSecretCredentialOptions{
			ClientOptions: opts, AdditionallyAllowedTenants: d.AllowedTenants, DisableInstanceDiscovery: true,
		})
	}
	e.credential, err = e.renew()
	return e, err
}

// directory is Graph in this environment.
func (e *environment) directory(o graph.Config) (*graph.Directory, error) {
	o.Credential, o.BaseURL, o.Scope, o.Transport = e.credential, e.graphURL, e.graphScope, e.transport
	return graph.New(o)
}
