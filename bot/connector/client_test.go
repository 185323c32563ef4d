package connector_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"go.uber.org/goleak"

	"herald/bot/connector"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const scope = "https://api.botframework.com/.default"

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// teams is a Bot Connector that answers what a test tells it to, and remembers
// what it was asked.
type teams struct {
	server *httptest.Server
	tokens *tokens

	mu       sync.Mutex
	requests []request
	answer   http.HandlerFunc
}

type request struct {
	method, path, query, body string
	header                    http.Header
}

func newTeams(t *testing.T, answer http.HandlerFunc) *teams {
	t.Helper()
	f := &teams{answer: answer, tokens: &tokens{}}
	f.server = httptest.NewTLSServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func (f *teams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.requests = append(f.requests, request{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body), r.Header})
	answer := f.answer
	f.mu.Unlock()
	answer(w, r)
}

func (f *teams) url() string  { return f.server.URL + "/teams/" }
func (f *teams) host() string { return strings.TrimPrefix(f.server.URL, "https://") }

func (f *teams) asked() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]request(nil), f.requests...)
}

func (f *teams) target() connector.Target {
	return connector.Target{ServiceURL: f.url(), ConversationID: "a:1"}
}

func (f *teams) client(t *testing.T, change func(*connector.Config)) *connector.Client {
	t.Helper()
	cfg := connector.Config{
		Credential:   f.tokens,
		Scope:        scope,
		AllowedHosts: []string{f.host()},
		Transport:    f.server.Client().Transport,
		Clock:        func() time.Time { return now },
	}
	if change != nil {
		change(&cfg)
	}
	c, err := connector.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// tokens is a credential with a cache of its own, as azidentity's are: it gives
// the same token again unless claims ask for a fresh one.
type tokens struct {
	mu      sync.Mutex
	err     error
	issued  int
	current string
	opts    []policy.TokenRequestOptions
}

func (c *tokens) GetToken(_ context.Context, opts policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opts = append(c.opts, opts)
	if c.err != nil {
		return azcore.AccessToken{}, c.err
	}
	if c.current == "" || opts.Claims != "" {
		c.issued++
		c.current = fmt.Sprintf("token-%d", c.issued)
	}
	return azcore.AccessToken{Token: c.current, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func (c *tokens) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.issued
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	body := []byte(`{"type":"message","text":"Hi"}`)
	opt := connector.Options{CorrelationID: "campaign/1:person"}
	tests := []struct {
		name                    string
		call                    func(*connector.Client, connector.Target) connector.Outcome
		method, path, sent, cid string
	}{
		{"send", func(c *connector.Client, t connector.Target) connector.Outcome {
			return c.Send(context.Background(), t, body, opt)
		}, "POST", "/teams/v3/conversations/a:1/activities", string(body), opt.CorrelationID},
		{"reply", func(c *connector.Client, t connector.Target) connector.Outcome {
			return c.Reply(context.Background(), t, "17", body, connector.Options{})
		}, "POST", "/teams/v3/conversations/a:1/activities/17", string(body), ""},
		{"update", func(c *connector.Client, t connector.Target) connector.Outcome {
			return c.Update(context.Background(), t, "17", body, opt)
		}, "PUT", "/teams/v3/conversations/a:1/activities/17", string(body), opt.CorrelationID},
		{"delete", func(c *connector.Client, t connector.Target) connector.Outcome {
			return c.Delete(context.Background(), t, "17", connector.Options{})
		}, "DELETE", "/teams/v3/conversations/a:1/activities/17", "", ""},
		{"odd ids stay in their segment", func(c *connector.Client, t connector.Target) connector.Outcome {
			t.ConversationID = "19:x@thread.tacv2;messageid=1/../é?#"
			return c.Send(context.Background(), t, body, connector.Options{})
		}, "POST", "/teams/v3/conversations/19:x@thread.tacv2%3Bmessageid=1%2F..%2F%C3%A9%3F%23/activities", string(body), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newTeams(t, reply(200, `{"id":"1700000000001"}`))
			o := tt.call(f.client(t, nil), f.target())
			if !o.OK() || o.Reason != "" || tt.method != "DELETE" && o.ActivityID != "1700000000001" {
				t.Errorf("outcome %+v", o)
			}
			r := f.asked()[0]
			if r.method != tt.method || r.path != tt.path || r.body != tt.sent {
				t.Errorf("asked %s %s %q", r.method, r.path, r.body)
			}
			if got := r.header.Get("Authorization"); got != "Bearer token-1" {
				t.Errorf("authorization %q", got)
			}
			if got, sent := r.header["X-Ms-Correlation-Id"], tt.cid != ""; (len(got) == 1) != sent || sent && got[0] != tt.cid {
				t.Errorf("correlation %q", got)
			}
			if tt.sent != "" && !strings.HasPrefix(r.header.Get("Content-Type"), "application/json") {
				t.Errorf("content type %q", r.header.Get("Content-Type"))
			}
		})
	}
}

// Teams splits a message with text and card in two and names neither: it is sent
// all the same. So is one whose answer breaks off.
func TestSentWithoutID(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"no body":  reply(201, ""),
		"no id":    reply(200, `{}`),
		"no JSON":  reply(200, `<html>`),
		"endless":  reply(200, strings.Repeat(" ", 3<<20)),
		"accepted": reply(202, ""),
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id":`)
		},
	} {
		f := newTeams(t, answer)
		if o := f.client(t, nil).Send(t.Context(), f.target(), []byte(`{}`), connector.Options{}); !o.OK() || o.ActivityID != "" {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestCreateConversation(t *testing.T) {
	t.Parallel()
	params := connector.CreateParams{BotID: "28:app", MemberID: "c0ffee", TenantID: "tenant"}
	tests := []struct {
		name    string
		answer  http.HandlerFunc
		want    connector.Kind
		reason  string
		created connector.ConversationCreated
	}{
		{"created", reply(201, `{"id":"a:new"}`), connector.Sent, "", connector.ConversationCreated{ID: "a:new", ServiceURL: "SAME"}},
		{"found", reply(200, `{"id":"a:old","activityId":"7"}`), connector.Sent, "", connector.ConversationCreated{ID: "a:old", ActivityID: "7", ServiceURL: "SAME"}},
		{"foreign service URL is not believed", reply(201, `{"id":"a:new","serviceUrl":"https://evil.example/"}`), connector.Sent, "", connector.ConversationCreated{ID: "a:new", ServiceURL: "SAME"}},
		{"not installed", reply(403, `{"error":{"code":"ForbiddenOperationException","message":"no"}}`), connector.Permanent, connector.NotInstalled, connector.ConversationCreated{}},
		{"no such person", reply(404, `{"error":{"code":"NotFound"}}`), connector.Permanent, connector.UserNotFound, connector.ConversationCreated{}},
		{"gateway", reply(502, ``), connector.RetryAt, connector.ServiceError, connector.ConversationCreated{}},
		{"no id", reply(201, `{}`), connector.RetryAt, connector.ServiceError, connector.ConversationCreated{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newTeams(t, tt.answer)
			got, o := f.client(t, nil).CreateConversation(t.Context(), f.url(), params)
			if tt.created.ServiceURL == "SAME" {
				tt.created.ServiceURL = f.url()
			}
			if o.Kind != tt.want || o.Reason != tt.reason || o.Ambiguous || got != tt.created {
				t.Errorf("%+v, %+v", got, o)
			}
			r := f.asked()[0]
			var sent, want any
			_ = json.Unmarshal([]byte(r.body), &sent)
			_ = json.Unmarshal([]byte(`{"isGroup":false,"bot":{"id":"28:app"},"members":[{"id":"c0ffee"}],"tenantId":"tenant","channelData":{"tenant":{"id":"tenant"}}}`), &want)
			if r.method != "POST" || r.path != "/teams/v3/conversations" || fmt.Sprint(sent) != fmt.Sprint(want) {
				t.Errorf("asked %s %s %s", r.method, r.path, r.body)
			}
		})
	}
}

func TestMember(t *testing.T) {
	t.Parallel()
	f := newTeams(t, reply(200, `{"id":"29:z","name":"Zoë","objectId":"c0ffee","givenName":"Zoë","surname":"Müller","email":"zoe@x.example","userPrincipalName":"z@x.example","tenantId":"t","userRole":"user"}`))
	m, err := f.client(t, nil).Member(t.Context(), f.target(), "z@x.example")
	if err != nil {
		t.Fatal(err)
	}
	want := connector.Member{GivenName: "Zoë", Surname: "Müller", Email: "zoe@x.example", UserPrincipalName: "z@x.example", TenantID: "t", UserRole: "user"}
	want.ID, want.Name, want.AadObjectID = "29:z", "Zoë", "c0ffee"
	if m != want {
		t.Errorf("%+v", m)
	}
	if p := f.asked()[0].path; p != "/teams/v3/conversations/a:1/members/z@x.example" {
		t.Errorf("asked %s", p)
	}
}

func TestMemberErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		reason string
	}{
		"no member":       {reply(404, `{"error":{"code":"MemberNotFoundInConversation"}}`), connector.UserNotFound},
		"no conversation": {reply(404, `{"error":{"code":"ConversationNotFound"}}`), connector.ConversationLost},
		"throttled":       {reply(429, ``), connector.Throttled},
		"no JSON":         {reply(200, `<html>`), connector.ServiceError},
		"endless":         {reply(200, `{"name":"`+strings.Repeat("x", 2<<20)+`"}`), connector.ServiceError},
	} {
		f := newTeams(t, tt.answer)
		_, err := f.client(t, nil).Member(t.Context(), f.target(), "29:z")
		var e *connector.Error
		if !errors.As(err, &e) || e.Reason() != tt.reason || e.Outcome.Ambiguous || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPagedMembers(t *testing.T) {
	t.Parallel()
	f := newTeams(t, reply(200, `{"members":[{"id":"29:a","aadObjectId":"x"},{"id":"29:b"}],"continuationToken":"next&"}`))
	c := f.client(t, nil)
	for _, tt := range []struct {
		size  int
		token string
		query string
	}{{1, "", "pageSize=50"}, {200, "next&", "continuationToken=next%26&pageSize=200"}, {9999, "", "pageSize=500"}} {
		page, err := c.PagedMembers(t.Context(), f.target(), tt.size, tt.token)
		if err != nil || len(page.Members) != 2 || page.Members[0].AadObjectID != "x" || page.ContinuationToken != "next&" {
			t.Errorf("%+v, %v", page, err)
		}
		asked := f.asked()
		if q := asked[len(asked)-1].query; q != tt.query {
			t.Errorf("query %q, want %q", q, tt.query)
		}
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	f := newTeams(t, reply(200, `{}`))
	c := f.client(t, nil)
	send := func(target connector.Target, body string, cid string) connector.Outcome {
		return c.Send(t.Context(), target, []byte(body), connector.Options{CorrelationID: cid})
	}
	at := func(id string) connector.Target { return connector.Target{ServiceURL: f.url(), ConversationID: id} }
	image := `"data:image/png;base64,` + strings.Repeat("A", 100<<10) + `"`
	for name, tt := range map[string]struct {
		got    connector.Outcome
		reason string
	}{
		"too large":               {send(at("a:1"), `"`+strings.Repeat("x", 41<<10)+`"`, ""), connector.TooLarge},
		"too large, wide":         {send(at("a:1"), `"`+strings.Repeat("é", 41<<10)+`"`, ""), connector.TooLarge},
		"far too many images":     {send(at("a:1"), `[`+strings.Repeat(image+`,`, 60)+`0]`, ""), connector.TooLarge},
		"empty":                   {send(at("a:1"), ``, ""), connector.BadRequest},
		"no conversation":         {send(at(""), `{}`, ""), connector.BadRequest},
		"conversation climbs":     {send(at(".."), `{}`, ""), connector.BadRequest},
		"long id":                 {send(at(strings.Repeat("x", 2000)), `{}`, ""), connector.BadRequest},
		"header injection":        {send(at("a:1"), `{}`, "a\r\nX: y"), connector.BadRequest},
		"long correlation":        {send(at("a:1"), `{}`, strings.Repeat("a", 200)), connector.BadRequest},
		"foreign host":            {send(connector.Target{ServiceURL: "https://evil.example/", ConversationID: "a:1"}, `{}`, ""), connector.Unreachable},
		"activity id that climbs": {c.Delete(t.Context(), at("a:1"), "..", connector.Options{}), connector.BadRequest},
	} {
		if tt.got.Kind != connector.Permanent || tt.got.Reason != tt.reason || tt.got.Status != 0 {
			t.Errorf("%s: %+v", name, tt.got)
		}
	}
	if n := len(f.asked()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if o := send(at("a:1"), image, ""); !o.OK() { // images do not count
		t.Errorf("image: %+v", o)
	}
}

func TestImpossibleConfigurations(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]connector.Config{
		"no credential": {Scope: scope},
		"no scope":      {Credential: &tokens{}},
		"wide pattern":  {Credential: &tokens{}, Scope: scope, AllowedHosts: []string{"*.com"}},
		"star":          {Credential: &tokens{}, Scope: scope, AllowedHosts: []string{"*"}},
		"URL":           {Credential: &tokens{}, Scope: scope, AllowedHosts: []string{"https://x.example/"}},
		"empty":         {Credential: &tokens{}, Scope: scope, AllowedHosts: []string{""}},
	} {
		if _, err := connector.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, cloud := range []connector.Cloud{connector.Public, connector.GCC, connector.GCCHigh, connector.DoD, connector.China} {
		c, err := connector.New(connector.Config{Credential: &tokens{}, Scope: scope, Cloud: cloud})
		if err != nil {
			t.Fatal(err)
		}
		if cloud.ServiceURL != "" && !c.Allowed(cloud.ServiceURL) || cloud.GCCServiceURL != "" && !c.Allowed(cloud.GCCServiceURL) {
			t.Errorf("%s does not allow its own service URLs", cloud.ServiceURL)
		}
	}
}
