package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"go.uber.org/goleak"

	"herald/campaigns"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const contoso = "11111111-1111-4111-8111-111111111111"

// tenantTokens is a credential whose token says which tenant it is for.
type tenantTokens struct{ err error }

func (c tenantTokens) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if c.err != nil {
		return azcore.AccessToken{}, c.err
	}
	if !slices.Equal(o.Scopes, []string{DefaultScope}) {
		return azcore.AccessToken{}, fmt.Errorf("scopes %v", o.Scopes)
	}
	return azcore.AccessToken{Token: "token-of-" + o.TenantID, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// rig is a Directory before a server over TLS, with every request and every
// wait on record.
type rig struct {
	*Directory
	server *httptest.Server

	mu       sync.Mutex
	requests []*http.Request
	waits    []time.Duration
}

// now is what the rig's clock says.
var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func setup(t *testing.T, graph http.HandlerFunc, edit ...func(*Config)) *rig {
	t.Helper()
	r := &rig{}
	r.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		r.requests = append(r.requests, request)
		r.mu.Unlock()
		graph(w, request)
	}))
	t.Cleanup(r.server.Close)
	transport := r.server.Client().Transport
	t.Cleanup(transport.(*http.Transport).CloseIdleConnections)
	cfg := Config{
		Credential: tenantTokens{},
		BaseURL:    r.server.URL + "/v1.0",
		Transport:  transport,
		Clock:      func() time.Time { return now },
		sleep: func(ctx context.Context, d time.Duration) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.waits = append(r.waits, d)
			return ctx.Err()
		},
	}
	for _, e := range edit {
		e(&cfg)
	}
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Directory = d
	return r
}

// asked lists the requests, decoded: "/v1.0/users?$filter=mail eq 'x'".
func (r *rig) asked() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []string
	for _, request := range r.requests {
		line := request.URL.Path
		if filter := request.URL.Query().Get("$filter"); filter != "" {
			line += "?" + filter
		}
		list = append(list, line)
	}
	return list
}

func (r *rig) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.requests)
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal")
	w.Header().Set("request-id", "req-1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	write(w, status, map[string]any{"error": map[string]any{"code": code, "message": message,
		"innerError": map[string]any{"date": "2026-11-21T09:00:00", "request-id": "req-1"}}})
}

type object = map[string]any

func user(id string, more object) object {
	u := object{"id": id, "userPrincipalName": id + "@contoso.example", "mail": nil, "displayName": strings.ToUpper(id),
		"accountEnabled": true, "userType": "Member"}
	for key, value := range more {
		u[key] = value
	}
	return u
}

func list(users ...object) object {
	if users == nil {
		users = []object{}
	}
	return object{"@odata.context": "https://graph/v1.0/$metadata#users", "value": users}
}

// lookup serves GET /users/{upn} and GET /users?$filter from two maps.
func lookup(byUPN map[string]object, byFilter map[string][]object) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if filter := r.URL.Query().Get("$filter"); filter != "" {
			write(w, http.StatusOK, list(byFilter[filter]...))
			return
		}
		if found, ok := byUPN[strings.TrimPrefix(r.URL.Path, "/v1.0/users/")]; ok {
			write(w, http.StatusOK, found)
			return
		}
		refuse(w, http.StatusNotFound, "Request_ResourceNotFound", "Resource does not exist.")
	}
}

func TestFindByEmail(t *testing.T) {
	r := lookup(
		map[string]object{
			"ada@contoso.example": user("ada", object{"mail": "ada@mail.contoso.example", "givenName": "Ada", "surname": "Lovelace",
				"displayName": "Ada Lovelace", "preferredLanguage": "fr-FR"}),
			"o'neill@contoso.example":                     user("oneill", nil),
			"guest_home.example#ext#@contoso.example":     user("guest", object{"userType": "Guest"}),
			"no-id@contoso.example":                       {"displayName": "Nobody"},
			"bound@contoso.example?$expand=memberOf&x=@y": user("never", nil),
		},
		map[string][]object{
			"mail eq 'bo@mail.contoso.example'":                         {user("bo", nil)},
			"mail eq 'o''hara+news@contoso.example'":                    {user("ohara", nil)},
			"proxyAddresses/any(p:p eq 'smtp:old.cy@contoso.example')":  {user("cy", nil)},
			"proxyAddresses/any(p:p eq 'SMTP:main.di@contoso.example')": {user("di", nil)},
			"mail eq 'shared@contoso.example'":                          {user("left", object{"accountEnabled": false}), user("visitor", object{"userType": "Guest"}), user("right", nil), user("late", nil)},
			"mail eq 'x''or''y@c.example'":                              {user("quoted", nil)},
		})
	for _, test := range []struct {
		name, email, id string
		requests        int
	}{
		{"user principal name", "ada@contoso.example", "ada", 1},
		{"white space around it", "  ada@contoso.example\n", "ada", 1},
		{"apostrophe", "o'neill@contoso.example", "oneill", 1},
		{"guest", "guest_home.example#ext#@contoso.example", "guest", 1},
		{"mail", "bo@mail.contoso.example", "bo", 2},
		{"mail that cannot be a user principal name", "o'hara+news@contoso.example", "ohara", 1},
		{"proxy address", "old.cy@contoso.example", "cy", 3},
		{"primary proxy address", "main.di@contoso.example", "di", 4},
		{"quotes stay in the text", "x'or'y@c.example", "quoted", 2},
		{"shared: enabled member first", "shared@contoso.example", "right", 2},
		{"nobody", "nobody@contoso.example", "", 4},
		{"path and query in it", "bound@contoso.example?$expand=memberOf&x=@y", "", 0},
		{"not an address", "ada", "", 0},
		{"empty", "", "", 0},
		{"two addresses", "a@b.example, c@d.example", "", 0},
		{"control character", "a\x00@b.example", "", 0},
		{"endless", strings.Repeat("a", 400) + "@b.example", "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			rig := setup(t, r)
			found, err := rig.FindByEmail(t.Context(), contoso, test.email)
			if test.id == "" {
				if campaigns.CodeOf(err) != campaigns.CodeNotFound {
					t.Errorf("error %v, want not found", err)
				}
			} else if err != nil || found.ID != test.id || found.TenantID != contoso {
				t.Errorf("found %+v, error %v", found, err)
			}
			if asked := rig.asked(); len(asked) != test.requests {
				t.Errorf("%d requests, want %d: %q", len(asked), test.requests, asked)
			}
		})
	}

	t.Run("everything about a person", func(t *testing.T) {
		found, err := setup(t, r).FindByEmail(t.Context(), contoso, "ada@contoso.example")
		want := campaigns.Person{TenantID: contoso, ID: "ada", UPN: "ada@contoso.example", Mail: "ada@mail.contoso.example",
			DisplayName: "Ada Lovelace", GivenName: "Ada", Surname: "Lovelace", Locale: "fr-FR"}
		if err != nil || found != want {
			t.Errorf("found %+v, error %v, want %+v", found, err, want)
		}
	})
	t.Run("a person without an id", func(t *testing.T) {
		if _, err := setup(t, r).FindByEmail(t.Context(), contoso, "no-id@contoso.example"); campaigns.CodeOf(err) != campaigns.CodeUnavailable {
			t.Errorf("error %v", err)
		}
	})
	t.Run("refused as a user principal name", func(t *testing.T) {
		rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("$filter") == "" {
				refuse(w, http.StatusBadRequest, "Request_BadRequest", "Invalid object identifier.")
				return
			}
			write(w, http.StatusOK, list(user("bo", nil)))
		})
		if found, err := rig.FindByEmail(t.Context(), contoso, "bo@contoso.example"); err != nil || found.ID != "bo" {
			t.Errorf("found %+v, error %v", found, err)
		}
	})
}

func TestRequestsAreWhatGraphWants(t *testing.T) {
	rig := setup(t, lookup(nil, nil))
	_, _ = rig.FindByEmail(t.Context(), contoso, "nobody@contoso.example")
	for i, request := range rig.requests {
		if got := request.Header.Get("Authorization"); got != "Bearer token-of-"+contoso {
			t.Errorf("authorization %q", got)
		}
		query, err := url.ParseQuery(request.URL.RawQuery)
		if err != nil {
			t.Fatal(err)
		}
		if got := query.Get("$select"); got != strings.Join(properties, ",") {
			t.Errorf("$select %q", got)
		}
		if strings.Contains(request.URL.RawQuery, "%24select") {
			t.Errorf("the parameter's name is encoded: %q", request.URL.RawQuery)
		}
		advanced := i >= 2
		if got := request.Header.Get("ConsistencyLevel") == "eventual" && query.Get("$count") == "true"; got != advanced {
			t.Errorf("%s: advanced %v, want %v", request.URL.RawQuery, got, advanced)
		}
	}
}

func TestTenantsApart(t *testing.T) {
	rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
		tenant := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer token-of-")
		write(w, http.StatusOK, user("in-"+tenant, nil))
	})
	var group sync.WaitGroup
	for i := range 20 {
		tenant := fmt.Sprintf("tenant-%d", i%4)
		group.Go(func() {
			found, err := rig.FindByEmail(t.Context(), tenant, "ada@contoso.example")
			if err != nil || found.ID != "in-"+tenant || found.TenantID != tenant {
				t.Errorf("%s: found %+v, error %v", tenant, found, err)
			}
		})
	}
	group.Wait()
	if _, err := rig.FindByEmail(t.Context(), "", "ada@contoso.example"); err == nil {
		t.Error("found someone in no tenant")
	}
}

func TestNew(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no credential": {},
		"http":          {Credential: tenantTokens{}, BaseURL: "http://graph.microsoft.com/v1.0"},
		"no host":       {Credential: tenantTokens{}, BaseURL: "https:///v1.0"},
		"query":         {Credential: tenantTokens{}, BaseURL: "https://graph.microsoft.com/v1.0?x=y"},
		"password":      {Credential: tenantTokens{}, BaseURL: "https://me:secret@graph.microsoft.com/v1.0"},
		"not a URL":     {Credential: tenantTokens{}, BaseURL: "https://gra ph"},
	} {
		if _, err := New(cfg); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	d, err := New(Config{Credential: tenantTokens{}})
	if err != nil || d.base.String() != DefaultBaseURL || !slices.Equal(d.validHosts, []string{"graph.microsoft.com"}) {
		t.Errorf("%+v, error %v", d, err)
	}
}
