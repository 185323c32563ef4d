package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/dlclark/regexp2"
	"go.uber.org/goleak"

	"herald/infra/sandbox"
	"herald/infra/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }

// suite stops the clock that regexp2 keeps running for a while after a pattern with a time limit.
type suite struct{ *testing.M }

func (s suite) Run() int {
	code := s.M.Run()
	regexp2.StopTimeoutClock()
	return code
}

// cloud is a started sandbox with the clients a test needs. Everything goes over real HTTP and TLS.
type cloud struct {
	*sandbox.Cloud
	t      testing.TB
	client *http.Client
	bot    *bot
	token  string // for the Connector
	graph  string // for Graph
}

func start(t testing.TB, o sandbox.Options) *cloud {
	t.Helper()
	b := newBot(t)
	if o.BotURL == "" {
		o.BotURL = b.url + "/api/messages"
	}
	c, transport := sandboxtest.Start(t, o)
	transport.MaxIdleConnsPerHost = 64
	out := &cloud{Cloud: c, t: t, bot: b, client: &http.Client{Transport: transport}}
	out.token, out.graph = out.appToken("https://api.botframework.com/.default"), out.appToken("https://graph.microsoft.com/.default")
	return out
}

func (c *cloud) appToken(scope string) string {
	c.t.Helper()
	status, body := c.requestToken(sandbox.TenantContoso, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {sandbox.AppID}, "client_secret": {sandbox.AppSecret}, "scope": {scope},
	})
	token, _ := body["access_token"].(string)
	if status != 200 || token == "" {
		c.t.Fatalf("token: %d %v", status, body)
	}
	return token
}

func (c *cloud) requestToken(tenant string, form url.Values) (int, map[string]any) {
	c.t.Helper()
	resp, err := c.client.PostForm(c.TLSURL()+"/"+tenant+"/oauth2/v2.0/token", form)
	if err != nil {
		c.t.Fatal(err)
	}
	return answerOf(c.t, resp)
}

// reply is an HTTP answer read to its end.
type reply struct {
	status int
	header http.Header
	raw    []byte
}

func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	out := map[string]any{}
	if len(bytes.TrimSpace(r.raw)) > 0 {
		if err := json.Unmarshal(r.raw, &out); err != nil {
			t.Fatalf("not a JSON object: %s", r.raw)
		}
	}
	return out
}

// errorCode reads {"error":{"code"}}.
func (r reply) errorCode(t testing.TB) string {
	t.Helper()
	e, _ := r.json(t)["error"].(map[string]any)
	code, _ := e["code"].(string)
	return code
}

func (c *cloud) try(method, address, token string, body any, header ...string) (reply, error) {
	c.t.Helper()
	var in io.Reader = http.NoBody
	switch v := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(v)
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			c.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, address, in)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, raw}, err
}

func (c *cloud) do(method, address, token string, body any, header ...string) reply {
	c.t.Helper()
	r, err := c.try(method, address, token, body, header...)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// api calls the control API and wants a status.
func (c *cloud) api(want int, method, path string, body any) reply {
	c.t.Helper()
	r := c.do(method, c.URL()+path, "", body)
	if r.status != want {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, path, r.status, want, r.raw)
	}
	return r
}

// connector calls the Connector with the app's token.
func (c *cloud) connector(method, path string, body any, header ...string) reply {
	c.t.Helper()
	return c.do(method, c.ServiceURL()+"v3/conversations"+path, c.token, body, header...)
}

func (c *cloud) graphGet(path string, header ...string) reply {
	c.t.Helper()
	return c.do(http.MethodGet, c.Environment().GraphURL+path, c.graph, nil, header...)
}

func (c *cloud) person(index int) sandbox.Person {
	c.t.Helper()
	p, err := c.PersonAt(sandbox.TenantContoso, index)
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

// install gives the app to a person and answers them with their conversation id.
func (c *cloud) install(index int) (sandbox.Person, string) {
	c.t.Helper()
	p := c.person(index)
	if err := c.Install(context.Background(), p.ID, false); err != nil {
		c.t.Fatal(err)
	}
	s, err := c.Status(p.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	return p, s.ConversationID
}

// send posts a text and answers the new activity's id.
func (c *cloud) send(conversation, text string, header ...string) string {
	c.t.Helper()
	r := c.connector("POST", "/"+conversation+"/activities", message(text), header...)
	if r.status != 200 {
		c.t.Fatalf("send: %d %s", r.status, r.raw)
	}
	id, _ := r.json(c.t)["id"].(string)
	return id
}

func message(text string) map[string]any { return map[string]any{"type": "message", "text": text} }

func (c *cloud) chat(user string) []sandbox.ChatItem {
	c.t.Helper()
	items, err := c.Chat(user)
	if err != nil {
		c.t.Fatal(err)
	}
	return items
}

func textOf(t testing.TB, item sandbox.ChatItem) string {
	t.Helper()
	var a struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(item.Activity, &a); err != nil {
		t.Fatal(err)
	}
	return a.Text
}

func answerOf(t testing.TB, resp *http.Response) (int, map[string]any) {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	out := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

// bot is an endpoint that notes what it is sent and answers what the test says.
type bot struct {
	url string

	mu       sync.Mutex
	received []received
	answer   func(a map[string]any) (int, string)
}

type received struct {
	activity map[string]any
	token    string
}

func newBot(t testing.TB) *bot {
	b := &bot{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			t.Errorf("the bot got no JSON: %v", err)
		}
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		b.mu.Lock()
		b.received = append(b.received, received{a, token})
		answer := b.answer
		b.mu.Unlock()
		if answer != nil {
			status, body := answer(a)
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
		}
	}))
	b.url = server.URL
	t.Cleanup(server.Close)
	return b
}

func (b *bot) answers(f func(a map[string]any) (int, string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = f
}

// take answers what was received since the last take.
func (b *bot) take() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.received
	b.received = nil
	return out
}

// at digs into nested JSON objects.
func at(v any, path ...string) any {
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}
