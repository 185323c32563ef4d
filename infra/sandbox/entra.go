package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// entraRoutes serves what login.microsoftonline.com and login.botframework.com serve.
func (c *Cloud) entraRoutes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /{tenant}/oauth2/v2.0/token", c.wireFormed("to-entra", c.issueToken))
	m.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		c.entraMetadata(w, r, 2)
	})
	m.HandleFunc("GET /{tenant}/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		c.entraMetadata(w, r, 1)
	})
	keys := func(w http.ResponseWriter, r *http.Request) {
		if c.dir.tenant(r.PathValue("tenant")) == nil && !isCommon(r.PathValue("tenant")) {
			c.entraError(w, http.StatusBadRequest, "invalid_tenant", 90002, "Tenant not found.")
			return
		}
		writeJSON(w, http.StatusOK, map[string][]jwk{"keys": {c.keys.entra.jwk()}})
	}
	m.HandleFunc("GET /{tenant}/discovery/v2.0/keys", keys)
	m.HandleFunc("GET /{tenant}/discovery/keys", keys)
	m.HandleFunc("GET /common/discovery/instance", func(w http.ResponseWriter, _ *http.Request) {
		host := c.host
		writeJSON(w, http.StatusOK, map[string]any{
			"tenant_discovery_endpoint": c.v2Issuer(TenantContoso) + "/.well-known/openid-configuration",
			"api-version":               "1.1",
			"metadata": []map[string]any{{
				"preferred_network": host, "preferred_cache": host, "aliases": []string{host},
			}},
		})
	})

	m.HandleFunc("GET /botframework/v1/.well-known/openidconfiguration", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{
			"issuer":                                BotIssuer,
			"authorization_endpoint":                "https://invalid.botframework.com",
			"jwks_uri":                              c.TLSURL() + "/botframework/v1/.well-known/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
			"token_endpoint_auth_methods_supported": []string{"private_key_jwt"},
		})
	})
	m.HandleFunc("GET /botframework/v1/.well-known/keys", func(w http.ResponseWriter, _ *http.Request) {
		k := c.keys.bot.jwk()
		k.Alg, k.Endorsements = "RS256", []string{"msteams"}
		writeJSON(w, http.StatusOK, map[string][]jwk{"keys": {k}})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := c.faults.read()
		if f.Entra == EntraDown {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Date", c.Now().Add(time.Duration(f.ClockSkew)).Format(http.TimeFormat))
		m.ServeHTTP(w, r)
	})
}

func isCommon(tenant string) bool { return tenant == "common" || tenant == "organizations" }

func (c *Cloud) entraMetadata(w http.ResponseWriter, r *http.Request, version int) {
	name := r.PathValue("tenant")
	id := name
	switch t := c.dir.tenant(name); {
	case t != nil:
		id = t.id
	case isCommon(name):
		id = "{tenantid}"
	default:
		c.entraError(w, http.StatusBadRequest, "invalid_tenant", 90002, fmt.Sprintf("Tenant '%s' not found.", name))
		return
	}
	issuer := c.v2Issuer(id)
	if version == 1 {
		issuer = c.v1Issuer(id)
	}
	base := c.TLSURL() + "/" + name
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"response_types_supported":              []string{"code", "id_token"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
		"tenant_region_scope":                   "EU",
	})
}

// issueToken answers the client credentials grant. The error numbers are Entra's AADSTS codes, which is what clients log.
func (c *Cloud) issueToken(w http.ResponseWriter, r *http.Request, form url.Values) {
	refuse := func(status int, code string, number int, text string) {
		c.entraError(w, status, code, number, text)
	}
	t := c.dir.tenant(r.PathValue("tenant"))
	if t == nil {
		refuse(http.StatusBadRequest, "invalid_request", 90002, fmt.Sprintf("Tenant '%s' not found. Check to make sure you have the correct tenant ID.", r.PathValue("tenant")))
		return
	}
	switch c.faults.read().Entra {
	case EntraSecretWrong:
		refuse(http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.")
		return
	case EntraSecretExpired:
		refuse(http.StatusUnauthorized, "invalid_client", 7000222, "The provided client secret keys for app are expired.")
		return
	case EntraAppUnknown:
		refuse(http.StatusBadRequest, "unauthorized_client", 700016, fmt.Sprintf("Application with identifier '%s' was not found in the directory '%s'.", AppID, t.name))
		return
	case EntraTenantUnknown:
		refuse(http.StatusBadRequest, "invalid_request", 90002, "Tenant not found. Check to make sure you have the correct tenant ID.")
		return
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		id, secret = user, pass
	}
	scope := form.Get("scope")
	switch {
	case form.Get("grant_type") != "client_credentials":
		refuse(http.StatusBadRequest, "unsupported_grant_type", 70003, fmt.Sprintf("The app requested an unsupported grant type '%s'.", form.Get("grant_type")))
		return
	case id != AppID, !t.allowed: // the third tenant never consented to the app
		refuse(http.StatusBadRequest, "unauthorized_client", 700016, fmt.Sprintf("Application with identifier '%s' was not found in the directory '%s'.", id, t.name))
		return
	case form.Get("client_assertion") != "":
		refuse(http.StatusUnauthorized, "invalid_client", 700027, "The sandbox verifies no client assertions: use the client secret.")
		return
	case secret == "":
		refuse(http.StatusUnauthorized, "invalid_client", 7000216, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.")
		return
	case secret != AppSecret:
		refuse(http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.")
		return
	}
	audience, ok := "", false
	for s := range strings.FieldsSeq(scope) { // clients may add openid, profile, offline_access
		switch s {
		case botScope:
			audience, ok = botAudience, true
		case graphScope:
			audience, ok = graphAudience, true
		}
	}
	if !ok {
		refuse(http.StatusBadRequest, "invalid_scope", 1002012, fmt.Sprintf("The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.", scope))
		return
	}
	token, err := c.MintAppToken(AppToken{Tenant: t.id, Audience: audience})
	if err != nil {
		refuse(http.StatusInternalServerError, "server_error", 90000, "The sandbox could not sign a token.")
		return
	}
	claims, err := c.parseAppToken(token, audience)
	if err != nil {
		refuse(http.StatusInternalServerError, "server_error", 90000, "The sandbox made a bad token.")
		return
	}
	claims.mercy = c.machineNow().Add(tokenLife)
	c.tokens.put(token, audience, claims)
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, map[string]any{
		"token_type": "Bearer", "expires_in": int(tokenLife.Seconds()) - 1, "ext_expires_in": int(tokenLife.Seconds()) - 1,
		"access_token": token,
	})
}

func (c *Cloud) entraError(w http.ResponseWriter, status int, code string, number int, text string) {
	trace, correlation := uuid.NewString(), uuid.NewString()
	now := c.Now().Format("2006-01-02 15:04:05Z")
	writeJSON(w, status, map[string]any{
		"error":             code,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", number, text, trace, correlation, now),
		"error_codes":       []int{number}, "timestamp": now, "trace_id": trace, "correlation_id": correlation,
	})
}
