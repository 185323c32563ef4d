package sandbox_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"herald/infra/sandbox"
)

// verifier is go-oidc as Herald would use it: issuer metadata over TLS, keys from there.
func (c *cloud) verifier(metadata, issuer, audience string) *oidc.IDTokenVerifier {
	c.t.Helper()
	ctx := oidc.ClientContext(context.Background(), c.client)
	doc := c.do(http.MethodGet, metadata, "", nil).json(c.t)
	if doc["issuer"] != issuer {
		c.t.Fatalf("issuer %v, want %v", doc["issuer"], issuer)
	}
	keys := oidc.NewRemoteKeySet(ctx, doc["jwks_uri"].(string))
	return oidc.NewVerifier(issuer, keys, &oidc.Config{ClientID: audience, Now: c.Now})
}

func (c *cloud) botVerifier() *oidc.IDTokenVerifier {
	return c.verifier(c.Environment().BotMetadataURL, sandbox.BotIssuer, sandbox.AppID)
}

func TestBotTokensVerifyOnlyWhenTheyShould(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	v := c.botVerifier()
	past := c.Now().Add(-time.Hour)
	for _, tc := range []struct {
		name string
		in   sandbox.BotToken
		ok   bool
	}{
		{"good", sandbox.BotToken{}, true},
		{"foreign key", sandbox.BotToken{Key: sandbox.KeyForeign}, false},
		{"Entra's key", sandbox.BotToken{Key: sandbox.KeyEntra}, false},
		{"other issuer", sandbox.BotToken{Issuer: "https://sts.windows.net/"}, false},
		{"other audience", sandbox.BotToken{Audience: "somebody-else"}, false},
		{"expired", sandbox.BotToken{ExpiresAt: past}, false},
		{"not yet valid", sandbox.BotToken{NotBefore: c.Now().Add(time.Hour)}, false},
		{"alg none", sandbox.BotToken{Algorithm: "none"}, false},
		{"HMAC with the public key", sandbox.BotToken{Algorithm: "HS256"}, false},
		{"other service URL is a claim, not a signature", sandbox.BotToken{ServiceURL: "https://evil.example/"}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			token, err := c.MintBotToken(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.Verify(context.Background(), token); (err == nil) != tc.ok {
				t.Errorf("verify: %v, want ok %v", err, tc.ok)
			}
		})
	}
}

func TestBotMetadataEndorsesTeams(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	doc := c.do(http.MethodGet, c.TLSURL()+"/botframework/v1/.well-known/keys", "", nil).json(t)
	keys := doc["keys"].([]any)
	if got := at(keys[0], "endorsements").([]any)[0]; got != "msteams" {
		t.Errorf("endorsements %v", got)
	}
}

func TestTabTokensOfBothVersions(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p := c.person(0)
	issuer := c.TLSURL() + "/" + sandbox.TenantContoso + "/v2.0"
	v2 := c.verifier(issuer+"/.well-known/openid-configuration", issuer, sandbox.AppID)
	v1Issuer := c.TLSURL() + "/sts/" + sandbox.TenantContoso + "/"

	r := c.api(200, "GET", "/api/token?user="+url.QueryEscape(p.UPN), nil).json(t)
	token, err := v2.Verify(context.Background(), r["token"].(string))
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	for claim, want := range map[string]any{
		"tid": sandbox.TenantContoso, "oid": p.ID, "ver": "2.0", "scp": "access_as_user", "preferred_username": p.UPN, "name": p.DisplayName,
	} {
		if claims[claim] != want {
			t.Errorf("%s is %v, want %v", claim, claims[claim], want)
		}
	}
	if roles := claims["roles"].([]any); len(roles) != 1 || roles[0] != "Author" {
		t.Errorf("roles %v", roles)
	}

	r = c.api(200, "GET", "/api/token?v=1&roles=Admin,Analyst&user="+p.ID, nil).json(t)
	verifier := oidc.NewVerifier(v1Issuer, oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), c.client), c.TLSURL()+"/"+sandbox.TenantContoso+"/discovery/v2.0/keys"),
		&oidc.Config{SkipClientIDCheck: true, Now: c.Now})
	token, err = verifier.Verify(context.Background(), r["token"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if aud := token.Audience[0]; !strings.HasPrefix(aud, "api://127.0.0.1:") || !strings.HasSuffix(aud, "/botid-"+sandbox.AppID) {
		t.Errorf("audience %q", aud)
	}
	clear(claims)
	if err := token.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if claims["ver"] != "1.0" || claims["upn"] != p.UPN || len(claims["roles"].([]any)) != 2 {
		t.Errorf("v1 claims %v", claims)
	}

	none := c.api(200, "GET", "/api/token?roles=&user="+p.ID, nil).json(t)
	if token, err = v2.Verify(context.Background(), none["token"].(string)); err != nil {
		t.Fatal(err)
	}
	clear(claims)
	if err := token.Claims(&claims); err != nil || claims["roles"] != nil {
		t.Errorf("roles %v (%v), want none", claims["roles"], err)
	}
}

func TestTokenEndpointRefusals(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	good := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {sandbox.AppID}, "client_secret": {sandbox.AppSecret},
		"scope": {"https://graph.microsoft.com/.default"},
	}
	for _, tc := range []struct {
		name, tenant string
		change       func(url.Values)
		status       int
		code, aadsts string
	}{
		{"good", sandbox.TenantFabrikam, func(url.Values) {}, 200, "", ""},
		{"by domain", "contoso.example", func(url.Values) {}, 200, "", ""},
		{"wrong secret", sandbox.TenantContoso, func(v url.Values) { v.Set("client_secret", "x") }, 401, "invalid_client", "AADSTS7000215"},
		{"no secret", sandbox.TenantContoso, func(v url.Values) { v.Del("client_secret") }, 401, "invalid_client", "AADSTS7000216"},
		{"assertion", sandbox.TenantContoso, func(v url.Values) { v.Set("client_assertion", "x") }, 401, "invalid_client", "AADSTS700027"},
		{"other app", sandbox.TenantContoso, func(v url.Values) { v.Set("client_id", "x") }, 400, "unauthorized_client", "AADSTS700016"},
		{"tenant without consent", sandbox.TenantStranger, func(url.Values) {}, 400, "unauthorized_client", "AADSTS700016"},
		{"unknown tenant", "nowhere", func(url.Values) {}, 400, "invalid_request", "AADSTS90002"},
		{"other grant", sandbox.TenantContoso, func(v url.Values) { v.Set("grant_type", "password") }, 400, "unsupported_grant_type", "AADSTS70003"},
		{"other scope", sandbox.TenantContoso, func(v url.Values) { v.Set("scope", "User.Read") }, 400, "invalid_scope", "AADSTS1002012"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			form := url.Values{}
			for k := range good {
				form.Set(k, good.Get(k))
			}
			tc.change(form)
			status, body := c.requestToken(tc.tenant, form)
			if status != tc.status {
				t.Fatalf("status %d, want %d: %v", status, tc.status, body)
			}
			if tc.status == 200 {
				return
			}
			if text, _ := body["error_description"].(string); body["error"] != tc.code || !strings.HasPrefix(text, tc.aadsts+":") {
				t.Errorf("%v, want %s %s", body, tc.code, tc.aadsts)
			}
		})
	}
}

func TestConnectorAndGraphRefuseOtherTokens(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Faults: sandbox.Faults{StrictExpiry: true}})
	_, conversation := c.install(0)
	mint := func(in sandbox.AppToken) string {
		token, err := c.MintAppToken(in)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	const botAudience, graphAudience = "https://api.botframework.com", "https://graph.microsoft.com"
	for _, tc := range []struct {
		name, token string
		audience    string
		ok          bool
	}{
		{"none", "", botAudience, false},
		{"good", mint(sandbox.AppToken{}), botAudience, true},
		{"Graph's", c.graph, botAudience, false},
		{"expired", mint(sandbox.AppToken{ExpiresAt: c.Now().Add(-time.Hour)}), botAudience, false},
		{"foreign key", mint(sandbox.AppToken{Key: sandbox.KeyForeign}), botAudience, false},
		{"other app", mint(sandbox.AppToken{AppID: "x"}), botAudience, false},
		{"garbage", "a.b.c", botAudience, false},
		{"good for Graph", mint(sandbox.AppToken{Audience: graphAudience}), graphAudience, true},
		{"Connector's for Graph", c.token, graphAudience, false},
		{"none for Graph", "", graphAudience, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			address := c.ServiceURL() + "v3/conversations/" + conversation + "/members"
			if tc.audience == graphAudience {
				address = c.Environment().GraphURL + "/users?$top=1"
			}
			r := c.do("GET", address, tc.token, nil)
			want := 401
			if tc.ok {
				want = 200
			}
			if r.status != want {
				t.Errorf("%d, want %d: %s", r.status, want, r.raw)
			}
			if !tc.ok && tc.audience == graphAudience && (r.errorCode(t) != "InvalidAuthenticationToken" || r.header.Get("request-id") == "") {
				t.Errorf("not a Graph error: %s", r.raw)
			}
		})
	}
}

// A token of the token endpoint outlives a jump of the clock, unless told otherwise: an identity library counts by the
// machine's clock and would not fetch another.
func TestIssuedTokensSurviveTheClock(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	_, conversation := c.install(0)
	if err := c.Advance(26 * time.Hour); err != nil {
		t.Fatal(err)
	}
	c.send(conversation, "still here")
	if err := c.SetFaults(sandbox.Faults{StrictExpiry: true}); err != nil {
		t.Fatal(err)
	}
	if r := c.connector("POST", "/"+conversation+"/activities", message("late")); r.status != 401 {
		t.Errorf("strict: %d, want 401", r.status)
	}
	c.token = c.appToken("https://api.botframework.com/.default")
	c.send(conversation, "with a new token")
}

func TestTheCloudSpeaksOnlyTLSWhereTokensGo(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	for _, path := range []string{"/teams/v3/conversations", "/graph/v1.0/users", "/" + sandbox.TenantContoso + "/discovery/v2.0/keys", "/botframework/v1/.well-known/keys"} {
		if r := c.do("GET", c.URL()+path, c.token, nil); r.status != 403 || r.errorCode(t) != "https_required" {
			t.Errorf("%s over http: %d %s", path, r.status, r.raw)
		}
	}
	for _, base := range []string{c.URL(), c.TLSURL()} {
		if r := c.do("GET", base+"/api/environment", "", nil); r.status != 200 {
			t.Errorf("%s: %d", base, r.status)
		}
	}
}

// Only what Teams asks for the tab is kept back, and asking the person helps where a person can.
func TestSignInOfTheTab(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	user := c.person(0).UPN
	path := func(prompt string) string { return "/api/token?user=" + url.QueryEscape(user) + prompt }
	for _, tc := range []struct {
		signIn           string
		silent, prompted int
	}{
		{"", 200, 200}, {sandbox.SignInConsent, 403, 200}, {sandbox.SignInAgain, 403, 200},
		{sandbox.SignInAdmin, 403, 403}, {sandbox.SignInFailed, 403, 403}, {sandbox.SignInExpired, 200, 200},
	} {
		c.api(200, "PUT", "/api/faults", map[string]any{"signIn": tc.signIn})
		c.api(200, "GET", path(""), nil) // a test's
		c.api(tc.silent, "GET", path("&prompt=false"), nil)
		c.api(tc.prompted, "GET", path("&prompt=true"), nil)
		if tc.prompted == 200 { // from then on
			c.api(200, "GET", path("&prompt=false"), nil)
		}
	}
	expired := c.api(200, "GET", path("&prompt=false"), nil).json(t)
	if at, err := time.Parse(time.RFC3339, expired["expiresAt"].(string)); err != nil || !at.Before(c.Now()) {
		t.Errorf("%v, %v", expired, err)
	}
	c.api(400, "PUT", "/api/faults", map[string]any{"signIn": "perhaps"})
	c.api(400, "GET", path("&prompt=perhaps"), nil)
}
