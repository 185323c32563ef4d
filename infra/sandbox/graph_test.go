package sandbox_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azcloud "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"herald/infra/sandbox"
)

func values(t *testing.T, r reply) []any {
	t.Helper()
	if r.status != 200 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	return r.json(t)["value"].([]any)
}

func TestGraphFindsByEveryAddress(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Users: 20_000})
	other := c.person(5)   // mail differs from UPN
	alias := c.person(11)  // has a proxy address
	quoted := c.person(64) // stands for any; a name with an apostrophe is looked for below
	for i := range 200 {
		if p := c.person(i); strings.Contains(p.UPN, "'") {
			quoted = p
			break
		}
	}
	if !strings.Contains(quoted.UPN, "'") || other.Mail == other.UPN || len(alias.ProxyAddresses) < 2 {
		t.Fatalf("the people are not as the test wants them: %v %v %v", quoted, other, alias)
	}
	for _, path := range []string{"/users/" + other.ID, "/users/" + other.UPN, "/users/" + url.PathEscape(quoted.UPN)} {
		if r := c.graphGet(path); r.status != 200 {
			t.Errorf("%s: %d %s", path, r.status, r.raw)
		}
	}
	if r := c.graphGet("/users/" + other.Mail); r.status != 404 || r.errorCode(t) != "Request_ResourceNotFound" || at(r.json(t), "error", "innerError", "request-id") != r.header.Get("request-id") {
		t.Errorf("a mail is no key: %d %s", r.status, r.raw)
	}
	_, proxy, _ := strings.Cut(alias.ProxyAddresses[len(alias.ProxyAddresses)-1], ":")
	escape := func(s string) string { return strings.ReplaceAll(s, "'", "''") }
	for _, tc := range []struct {
		filter string
		want   []string
	}{
		{"mail eq '" + other.Mail + "'", []string{other.ID}},
		{"mail eq '" + strings.ToUpper(other.Mail) + "'", []string{other.ID}},
		{"mail eq '" + other.UPN + "'", nil},
		{"mail eq '" + escape(quoted.Mail) + "'", []string{quoted.ID}},
		{"userPrincipalName eq '" + other.UPN + "'", []string{other.ID}},
		{"id eq '" + other.ID + "'", []string{other.ID}},
		{"proxyAddresses/any(p:p eq 'smtp:" + proxy + "')", []string{alias.ID}},
		{"proxyAddresses/any(p:p eq 'SMTP:" + proxy + "')", nil},
		{"proxyAddresses/any(x:x eq 'SMTP:" + other.Mail + "')", []string{other.ID}},
		{"mail eq '" + other.Mail + "' or proxyAddresses/any(p:p eq 'smtp:" + proxy + "')", []string{other.ID, alias.ID}},
		{"userPrincipalName in ('" + other.UPN + "', '" + escape(quoted.UPN) + "')", []string{other.ID, quoted.ID}},
		{"mail eq 'nobody@contoso.example'", nil},
	} {
		got := values(t, c.graphGet("/users?$select=id&$filter="+url.QueryEscape(tc.filter)))
		var ids []string
		for _, v := range got {
			ids = append(ids, at(v, "id").(string))
		}
		if fmt.Sprint(ids) != fmt.Sprint(tc.want) {
			t.Errorf("%s: %v, want %v", tc.filter, ids, tc.want)
		}
	}
	for _, filter := range []string{"displayName eq 'x'", "mail eq x", "mail eq 'x", "mail eq 'x' and id eq 'y'", "proxyAddresses eq 'x'", "mail eq 'a''", "mail"} {
		if r := c.graphGet("/users?$filter=" + url.QueryEscape(filter)); r.status != 400 {
			t.Errorf("%s: %d", filter, r.status)
		}
	}
	r := c.graphGet("/users/" + other.ID + "?$select=id,mail,accountEnabled,userType,preferredLanguage").json(t)
	if len(r) != 6 || r["accountEnabled"] != true || r["userType"] != "Member" || r["preferredLanguage"] != other.Locale {
		t.Errorf("%v", r)
	}
	if r := c.graphGet("/users/" + other.ID + "?$select=shoeSize"); r.status != 400 {
		t.Errorf("an unknown property: %d", r.status)
	}
}

func TestGraphKeepsTenantsApart(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	_, body := c.requestToken(sandbox.TenantFabrikam, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {sandbox.AppID}, "client_secret": {sandbox.AppSecret}, "scope": {"https://graph.microsoft.com/.default"},
	})
	c.graph = body["access_token"].(string)
	if got := values(t, c.graphGet("/users")); len(got) != 5 {
		t.Errorf("%d people in Fabrikam", len(got))
	}
	for _, ref := range []string{c.person(0).ID, c.person(0).UPN} {
		if r := c.graphGet("/users/" + ref); r.status != 404 {
			t.Errorf("Fabrikam sees Contoso's %s: %d", ref, r.status)
		}
	}
}

func TestGraphPages(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Users: 2500})
	seen := map[any]bool{}
	pages := 0
	for next := c.Environment().GraphURL + "/users?$top=999&$select=id&$count=true"; next != ""; pages++ {
		r := c.do("GET", next, c.graph, nil, "ConsistencyLevel", "eventual")
		for _, v := range values(t, r) {
			seen[at(v, "id")] = true
		}
		if n := r.json(t)["@odata.count"]; n != 2500.0 {
			t.Errorf("count %v", n)
		}
		next, _ = r.json(t)["@odata.nextLink"].(string)
	}
	if pages != 3 || len(seen) != 2500 {
		t.Errorf("%d people on %d pages", len(seen), pages)
	}
	for _, bad := range []string{"/users?$top=1000", "/users?$top=0", "/users?$skiptoken=%25%25"} {
		if r := c.graphGet(bad); r.status != 400 {
			t.Errorf("%s: %d", bad, r.status)
		}
	}
}

func TestGraphDelta(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Users: 250})
	follow := func(link string) (people, removed int, delta string) {
		for link != "" {
			r := c.do("GET", link, c.graph, nil, "Prefer", "odata.maxpagesize=100")
			for _, v := range values(t, r) {
				if at(v, "@removed") != nil {
					removed++
				} else {
					people++
				}
				if at(v, "id") == nil {
					t.Errorf("no id: %v", v)
				}
			}
			doc := r.json(t)
			link, _ = doc["@odata.nextLink"].(string)
			delta, _ = doc["@odata.deltaLink"].(string)
		}
		return people, removed, delta
	}
	// The Graph SDK calls the function with brackets.
	if people, _, _ := follow(c.Environment().GraphURL + "/users/delta()?%24select=mail"); people != 250 {
		t.Errorf("delta() tells %d people", people)
	}
	people, removed, delta := follow(c.Environment().GraphURL + "/users/delta?$select=mail")
	if people != 250 || removed != 0 || delta == "" {
		t.Fatalf("%d people, %d removed, link %q", people, removed, delta)
	}
	if people, removed, _ := follow(delta); people+removed != 0 {
		t.Errorf("nothing changed, yet %d and %d", people, removed)
	}
	c.api(200, "DELETE", "/api/users/"+c.person(3).ID, nil)
	c.api(200, "POST", "/api/users", nil)
	people, removed, after := follow(delta)
	if people != 1 || removed != 1 {
		t.Errorf("%d people, %d removed, want one each", people, removed)
	}
	if people, removed, _ := follow(after); people+removed != 0 {
		t.Errorf("told twice: %d and %d", people, removed)
	}
	if err := c.Advance(8 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if r := c.do("GET", after, c.graph, nil); r.status != 410 || r.errorCode(t) != "syncStateNotFound" {
		t.Errorf("an old token: %d %s", r.status, r.raw)
	}
}

func TestGraphBatch(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	one := func(id, path string, depends ...string) map[string]any {
		return map[string]any{"id": id, "method": "GET", "url": path, "dependsOn": depends}
	}
	batch := func(requests ...map[string]any) reply {
		return c.do("POST", c.Environment().GraphURL+"/$batch", c.graph, map[string]any{"requests": requests})
	}
	r := batch(one("1", "/users/"+c.person(0).ID), one("2", "/users/nobody"), one("3", "users?$top=1", "2"),
		map[string]any{"id": "4", "method": "POST", "url": "/communications/getPresencesByUserId", "body": map[string]any{"ids": []string{c.person(1).ID}}})
	var got []string
	for _, v := range r.json(t)["responses"].([]any) {
		got = append(got, fmt.Sprintf("%v:%v", at(v, "id"), at(v, "status")))
	}
	if fmt.Sprint(got) != "[1:200 2:404 3:424 4:200]" {
		t.Errorf("%v", got)
	}
	many := make([]map[string]any, 21)
	for i := range many {
		many[i] = one(fmt.Sprint(i), "/users?$top=1")
	}
	for name, r := range map[string]reply{"21 requests": batch(many...), "none": batch(), "one id twice": batch(one("1", "/users"), one("1", "/users"))} {
		if r.status != 400 {
			t.Errorf("%s: %d", name, r.status)
		}
	}
}

func TestGraphPermissionsThrottlingPresence(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p := c.person(0)
	c.api(200, "PUT", "/api/permissions", map[string]bool{"User.Read.All": false})
	if r := c.graphGet("/users/" + p.ID); r.status != 403 || r.errorCode(t) != "Authorization_RequestDenied" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	c.api(200, "PUT", "/api/permissions", map[string]bool{"User.Read.All": true})
	c.api(200, "PUT", "/api/faults", map[string]any{"graphThrottle": 1, "retryAfter": 3})
	if r := c.graphGet("/users/" + p.ID); r.status != 429 || r.header.Get("Retry-After") != "3" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	c.api(200, "PUT", "/api/faults", map[string]any{})
	c.api(200, "PUT", "/api/users/"+p.ID+"/presence", map[string]any{"availability": "DoNotDisturb"})
	ask := func(ids []string) reply {
		return c.do("POST", c.Environment().GraphURL+"/communications/getPresencesByUserId", c.graph, map[string]any{"ids": ids})
	}
	if got := values(t, ask([]string{p.ID, "00000000-0000-4000-8000-000000000000"})); len(got) != 1 || at(got[0], "availability") != "DoNotDisturb" {
		t.Errorf("%v", got)
	}
	if r := ask(make([]string, 651)); r.status != 400 {
		t.Errorf("651 ids: %d", r.status)
	}
	if r := c.graphGet("/groups"); r.status != 400 {
		t.Errorf("what is not modelled: %d", r.status)
	}
}

// Herald takes its tokens through azidentity: the whole of MSAL must find this cloud believable.
func TestAzidentityGetsTokens(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	env := c.Environment()
	credential, err := azidentity.NewClientSecretCredential(env.TenantID, env.AppID, env.AppSecret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: azcore.ClientOptions{
			Cloud: azcloud.Configuration{ActiveDirectoryAuthorityHost: env.AuthorityHost}, Transport: c.client,
		},
		DisableInstanceDiscovery: true, AdditionallyAllowedTenants: env.AllowedTenants,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tenant := range env.AllowedTenants {
		token, err := credential.GetToken(context.Background(), policy.TokenRequestOptions{Scopes: []string{env.GraphScope}, TenantID: tenant})
		if err != nil {
			t.Fatal(err)
		}
		c.graph = token.Token
		if r := c.graphGet("/users?$top=1"); r.status != 200 {
			t.Errorf("%d %s", r.status, r.raw)
		}
	}
}

func TestGraphSearchesPeople(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{Users: 20_000})
	search := func(text, more string) reply {
		return c.do("GET", c.Environment().GraphURL+"/users?$select=id,displayName,mail,userPrincipalName&$search="+url.QueryEscape(text)+more, c.graph, nil, "ConsistencyLevel", "eventual")
	}
	names := func(r reply, property string) (out []string) {
		for _, v := range values(t, r) {
			out = append(out, at(v, property).(string))
		}
		return out
	}
	p := c.person(5) // whose mail differs from their UPN
	for _, tc := range []struct {
		search, property string
		fits             func(string) bool
	}{
		{`"displayName:zoë"`, "displayName", func(s string) bool { return strings.HasPrefix(s, "Zoë ") }},
		{`"displayName:ZOE"`, "displayName", func(s string) bool { return strings.HasPrefix(s, "Zoë ") }},
		{`"displayName:mar zo"`, "displayName", func(s string) bool { return strings.HasPrefix(s, "Zoë Mar") }},
		{`"displayName:brien"`, "displayName", func(s string) bool { return strings.HasSuffix(s, "O'Brien") }},
		{`"displayName:zoë" AND "displayName:martin"`, "displayName", func(s string) bool { return s == "Zoë Martin" }},
		{`"mail:` + p.Mail + `"`, "mail", func(s string) bool { return s == p.Mail }},
		{`"userPrincipalName:` + p.UPN[:6] + `"`, "userPrincipalName", func(s string) bool { return strings.HasPrefix(s, p.UPN[:6]) }},
		{`"displayName:nobody" OR "mail:zoe."`, "mail", func(s string) bool { return strings.HasPrefix(s, "zoe.") }},
	} {
		got := names(search(tc.search, "&$top=999"), tc.property)
		if len(got) == 0 {
			t.Errorf("%s: nobody", tc.search)
		}
		for _, name := range got {
			if !tc.fits(name) {
				t.Errorf("%s: %s", tc.search, name)
			}
		}
	}
	for _, nobody := range []string{`"displayName:oë"`, `"displayName:zoë zzz"`, `"mail:contoso"`, `"displayName:a\"b\\c"`, `"displayName:---"`} {
		if got := names(search(nobody, ""), "displayName"); len(got) != 0 {
			t.Errorf("%s: %v", nobody, got)
		}
	}
	for _, bad := range []string{`displayName:ann`, `"displayName:ann`, `"ann"`, `"shoeSize:ann"`, `"displayName:"`, `"displayName:a" or "mail:a"`, `"displayName:a" "mail:a"`, strings.Repeat(`"mail:a" OR `, 15) + `"mail:a"`} {
		if r := search(bad, ""); r.status != 400 {
			t.Errorf("%s: %d", bad, r.status)
		}
	}
	if r := c.graphGet("/users?$search=" + url.QueryEscape(`"displayName:zoë"`)); r.status != 400 || r.errorCode(t) != "Request_UnsupportedQuery" {
		t.Errorf("without ConsistencyLevel: %d %s", r.status, r.raw)
	}
	// Pages follow each other, and nobody is on two.
	seen, first := map[string]bool{}, search(`"displayName:zoë"`, "&$top=100&$count=true")
	total := int(first.json(t)["@odata.count"].(float64))
	for r := first; ; {
		for _, id := range names(r, "id") {
			if seen[id] {
				t.Fatalf("%s twice", id)
			}
			seen[id] = true
		}
		next, more := r.json(t)["@odata.nextLink"].(string)
		if !more {
			break
		}
		r = c.do("GET", next, c.graph, nil, "ConsistencyLevel", "eventual")
	}
	if len(seen) != total || total < 200 {
		t.Errorf("%d people on the pages, %d counted", len(seen), total)
	}
}
