package connector_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"herald/bot/connector"
)

// The table of platform.md §2, row by row, and what it leaves open.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	code := func(c string) string { return `{"error":{"code":"` + c + `","message":"why"}}` }
	type row struct {
		name      string
		status    int
		after     string // Retry-After
		body      string
		kind      connector.Kind
		reason    string
		code      string
		wait      time.Duration
		ambiguous bool
	}
	const gone, perm, retry = connector.ConversationGone, connector.Permanent, connector.RetryAt
	rows := []row{
		{name: "bad argument", status: 400, body: code("Bad Argument"), kind: perm, reason: connector.BadRequest, code: "Bad Argument"},
		{name: "bad syntax", status: 400, body: code("BadSyntax"), kind: perm, reason: connector.BadRequest, code: "BadSyntax"},
		{name: "not registered", status: 401, body: code("BotNotRegistered"), kind: perm, reason: connector.BotUnauthorized, code: "BotNotRegistered"},
		{name: "authorization error", status: 401, body: code("AuthorizationError"), kind: perm, reason: connector.BotUnauthorized, code: "AuthorizationError"},
		{name: "disabled", status: 403, body: code("BotDisabledByAdmin"), kind: perm, reason: connector.DisabledByAdmin, code: "BotDisabledByAdmin"},
		{name: "not in roster", status: 403, body: code("BotNotInConversationRoster"), kind: perm, reason: connector.NotInstalled, code: "BotNotInConversationRoster"},
		{name: "blocked", status: 403, body: code("ConversationBlockedByUser"), kind: perm, reason: connector.BlockedByUser, code: "ConversationBlockedByUser"},
		{name: "not installed", status: 403, body: code("ForbiddenOperationException"), kind: perm, reason: connector.NotInstalled, code: "ForbiddenOperationException"},
		{name: "writes blocked", status: 403, body: code("MessageWritesBlocked"), kind: perm, reason: connector.BlockedByUser, code: "MessageWritesBlocked"},
		{name: "writes blocked, 209 with subCode", status: 403, body: `{"errorCode":209,"message":"{\n \"subCode\": \"MessageWritesBlocked\",\n \"details\": \"Thread is not writable\",\n \"errorCode\": null\n}"}`, kind: perm, reason: connector.BlockedByUser, code: "MessageWritesBlocked"},
		{name: "209 without subCode", status: 403, body: `{"errorCode":209,"message":"no"}`, kind: perm, reason: connector.BlockedByUser, code: "MessageWritesBlocked"},
		{name: "209 with another subCode", status: 403, body: `{"errorCode":209,"message":"{\"subCode\":\"BotNotInConversationRoster\"}"}`, kind: perm, reason: connector.NotInstalled, code: "BotNotInConversationRoster"},
		{name: "sub-code inside the first envelope", status: 403, body: `{"error":{"code":"Forbidden","message":"{\"subCode\":\"ConversationBlockedByUser\"}"}}`, kind: perm, reason: connector.BlockedByUser, code: "ConversationBlockedByUser"},
		{name: "code in other case", status: 403, body: code("botdisabledbyadmin"), kind: perm, reason: connector.DisabledByAdmin, code: "botdisabledbyadmin"},
		{name: "wrong host, no other cloud", status: 403, body: code("InvalidBotApiHost"), kind: perm, reason: connector.ServiceError, code: "InvalidBotApiHost"},
		{name: "not enough permissions", status: 403, body: code("NotEnoughPermissions"), kind: perm, reason: connector.BotUnauthorized, code: "NotEnoughPermissions"},
		{name: "unknown 403", status: 403, body: code("SomethingNew"), kind: perm, reason: connector.BotUnauthorized, code: "SomethingNew"},
		{name: "403 without a body", status: 403, kind: perm, reason: connector.BotUnauthorized},
		{name: "no conversation", status: 404, body: code("ConversationNotFound"), kind: gone, reason: connector.ConversationLost, code: "ConversationNotFound"},
		{name: "404 without a body", status: 404, kind: gone, reason: connector.ConversationLost},
		{name: "no activity", status: 404, body: code("ActivityNotFoundInConversation"), kind: perm, reason: connector.ActivityGone, code: "ActivityNotFoundInConversation"},
		{name: "precondition", status: 412, after: "3", body: code("PreconditionFailed"), kind: retry, reason: connector.Throttled, code: "PreconditionFailed", wait: 3 * time.Second},
		{name: "too big", status: 413, body: code("MessageSizeTooBig"), kind: perm, reason: connector.TooLarge, code: "MessageSizeTooBig"},
		{name: "throttled", status: 429, after: "17", body: code("Throttled"), kind: retry, reason: connector.Throttled, code: "Throttled", wait: 17 * time.Second},
		{name: "throttled without a time", status: 429, kind: retry, reason: connector.Throttled},
		{name: "throttled for ever", status: 429, after: "999999999999999999999", kind: retry, reason: connector.Throttled, wait: connector.MaxRetryAfter},
		{name: "throttled, half a second", status: 429, after: "0.5", kind: retry, reason: connector.Throttled, wait: time.Second / 2},
		{name: "throttled until a date", status: 429, after: now.Add(90 * time.Second).Format(http.TimeFormat), kind: retry, reason: connector.Throttled, wait: 90 * time.Second},
		{name: "throttled until a far date", status: 429, after: now.Add(9 * time.Hour).Format(http.TimeFormat), kind: retry, reason: connector.Throttled, wait: connector.MaxRetryAfter},
		{name: "throttled until yesterday", status: 429, after: now.Add(-24 * time.Hour).Format(http.TimeFormat), kind: retry, reason: connector.Throttled},
		{name: "throttled, negative", status: 429, after: "-5", kind: retry, reason: connector.Throttled},
		{name: "throttled, nonsense", status: 429, after: "soon", kind: retry, reason: connector.Throttled},
		{name: "throttled, NaN", status: 429, after: "NaN", kind: retry, reason: connector.Throttled},
		{name: "service error", status: 500, body: code("ServiceError"), kind: perm, reason: connector.ServiceError, code: "ServiceError"},
		{name: "bad gateway", status: 502, body: "<html>", kind: retry, reason: connector.ServiceError, ambiguous: true},
		{name: "unavailable", status: 503, after: "5", kind: retry, reason: connector.ServiceError, wait: 5 * time.Second},
		{name: "gateway timeout", status: 504, kind: retry, reason: connector.ServiceError, ambiguous: true},
		{name: "status not listed, client", status: 418, kind: perm, reason: connector.BadRequest},
		{name: "status not listed, server", status: 507, kind: perm, reason: connector.ServiceError},
		{name: "redirect", status: 302, kind: perm, reason: connector.ServiceError},
		{name: "code is a number", status: 400, body: `{"error":{"code":42,"message":"x"}}`, kind: perm, reason: connector.BadRequest, code: "42"},
		{name: "error is a string", status: 400, body: `{"error":"no"}`, kind: perm, reason: connector.BadRequest},
		{name: "endless body", status: 400, body: strings.Repeat("x", 2<<20), kind: perm, reason: connector.BadRequest},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			f := newTeams(t, func(w http.ResponseWriter, _ *http.Request) {
				if r.after != "" {
					w.Header().Set("Retry-After", r.after)
				}
				if r.status == 302 {
					w.Header().Set("Location", "/elsewhere")
				}
				reply(r.status, r.body)(w, nil)
			})
			o := f.client(t, nil).Send(t.Context(), f.target(), []byte(`{}`), connector.Options{})
			if o.Kind != r.kind || o.Reason != r.reason || o.Code != r.code || o.RetryAfter != r.wait || o.Ambiguous != r.ambiguous || o.Status != r.status {
				t.Errorf("got %+v", o)
			}
			tries := 1
			if r.status == 401 {
				tries = 2
			}
			if n := len(f.asked()); n != tries {
				t.Errorf("%d requests, want %d", n, tries)
			}
			if len(o.Detail) > 310 || strings.ContainsAny(o.Detail, "\r\n") {
				t.Errorf("detail %q", o.Detail)
			}
		})
	}
}

// A token that is refused is replaced once, past the credential's own cache.
func TestRefusedTokenIsReplaced(t *testing.T) {
	t.Parallel()
	f := newTeams(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			reply(401, "")(w, r)
			return
		}
		reply(200, `{"id":"1"}`)(w, r)
	})
	c := f.client(t, nil)
	for range 3 {
		if o := c.Send(t.Context(), f.target(), []byte(`{"n":1}`), connector.Options{CorrelationID: "x"}); !o.OK() {
			t.Fatalf("%+v", o)
		}
	}
	asked := f.asked()
	if len(asked) != 4 || asked[1].body != `{"n":1}` || asked[1].header.Get("X-Ms-Correlation-Id") != "x" {
		t.Errorf("asked %+v", asked)
	}
	if n := f.tokens.count(); n != 2 {
		t.Errorf("%d tokens were issued, want 2", n)
	}
}

// When a token dies under full load, every call that carried it gets 401 at once.
// One of them fetches the next token; the others find it.
func TestManyRefusedTokensFetchOne(t *testing.T) {
	t.Parallel()
	const calls = 40
	var carried atomic.Int32
	all := make(chan struct{})
	f := newTeams(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token-1" {
			reply(200, `{}`)(w, r)
			return
		}
		if carried.Add(1) == calls {
			close(all)
		}
		<-all
		reply(401, "")(w, r)
	})
	c := f.client(t, nil)
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() {
			if o := c.Send(t.Context(), f.target(), []byte(`{}`), connector.Options{}); !o.OK() {
				t.Errorf("%s", o)
			}
		})
	}
	wg.Wait()
	if n := f.tokens.count(); n != 2 {
		t.Errorf("%d tokens were issued, want 2", n)
	}
}

// A bot that is not registered must not ask Entra for a token per recipient.
func TestUnregisteredBotDoesNotHammerEntra(t *testing.T) {
	t.Parallel()
	f := newTeams(t, reply(401, ""))
	var clock atomic.Int64
	c := f.client(t, func(cfg *connector.Config) {
		cfg.Clock = func() time.Time { return now.Add(time.Duration(clock.Load())) }
	})
	send := func() {
		if o := c.Send(t.Context(), f.target(), []byte(`{}`), connector.Options{}); o.Reason != connector.BotUnauthorized || o.Kind != connector.Permanent {
			t.Fatalf("%+v", o)
		}
	}
	for range 20 {
		send()
	}
	if n := f.tokens.count(); n != 2 {
		t.Errorf("%d tokens were issued, want 2", n)
	}
	clock.Add(int64(26 * time.Hour))
	send()
	if n := f.tokens.count(); n != 3 {
		t.Errorf("%d tokens after a day, want 3", n)
	}
}

func TestNoToken(t *testing.T) {
	t.Parallel()
	refusal := func(status int, after string) error {
		body := `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret.\r\nTrace"}`
		return &azidentity.AuthenticationFailedError{RawResponse: &http.Response{
			StatusCode: status, Header: http.Header{"Retry-After": {after}}, Body: io.NopCloser(strings.NewReader(body)),
		}}
	}
	for name, tt := range map[string]struct {
		err    error
		kind   connector.Kind
		reason string
		wait   time.Duration
	}{
		"wrong secret":     {refusal(401, ""), connector.Permanent, connector.BotUnauthorized, 0},
		"unknown app":      {refusal(400, ""), connector.Permanent, connector.BotUnauthorized, 0},
		"Entra throttles":  {refusal(429, "7"), connector.RetryAt, connector.Unreachable, 7 * time.Second},
		"Entra is down":    {refusal(503, ""), connector.RetryAt, connector.Unreachable, 0},
		"Entra unreached":  {&azidentity.AuthenticationFailedError{}, connector.RetryAt, connector.Unreachable, 0},
		"some other error": {errors.New("oops"), connector.RetryAt, connector.Unreachable, 0},
	} {
		f := newTeams(t, reply(200, `{}`))
		f.tokens.err = tt.err
		o := f.client(t, nil).Send(t.Context(), f.target(), []byte(`{}`), connector.Options{})
		if o.Kind != tt.kind || o.Reason != tt.reason || o.RetryAfter != tt.wait || o.Ambiguous {
			t.Errorf("%s: %+v", name, o)
		}
		if len(f.asked()) != 0 {
			t.Errorf("%s: sent without a token", name)
		}
		if tt.kind == connector.Permanent && !strings.Contains(o.Detail, "AADSTS7000215: Invalid client secret. Trace") {
			t.Errorf("%s: detail %q", name, o.Detail)
		}
	}
}

func TestWrongHostMovesToGCC(t *testing.T) {
	t.Parallel()
	wrongHost := reply(403, `{"error":{"code":"InvalidBotApiHost","message":"use GCC"}}`)
	f := newTeams(t, wrongHost)
	for name, tt := range map[string]struct {
		gcc   http.HandlerFunc
		kind  connector.Kind
		moved bool
	}{
		"accepted there":   {reply(200, `{"id":"9"}`), connector.Sent, true},
		"throttled there":  {reply(429, ``), connector.RetryAt, true},
		"wrong host again": {wrongHost, connector.Permanent, false},
	} {
		gcc := newTeams(t, tt.gcc)
		c := f.client(t, func(cfg *connector.Config) {
			cfg.Cloud = connector.Cloud{Hosts: []string{gcc.host()}, GCCServiceURL: gcc.url()}
		})
		o := c.Send(t.Context(), f.target(), []byte(`{"n":2}`), connector.Options{})
		if o.Kind != tt.kind || (o.ServiceURL == gcc.url()) != tt.moved {
			t.Errorf("%s: %+v", name, o)
		}
		if asked := gcc.asked(); len(asked) != 1 || asked[0].body != `{"n":2}` {
			t.Errorf("%s: GCC was asked %+v", name, asked)
		}
		if tt.kind == connector.Sent {
			created, o := c.CreateConversation(t.Context(), f.url(), connector.CreateParams{})
			if !o.OK() || created.ServiceURL != gcc.url() {
				t.Errorf("created %+v, %+v", created, o)
			}
		}
	}
}

func TestNetworkErrors(t *testing.T) {
	t.Parallel()
	t.Run("refused connection", func(t *testing.T) {
		t.Parallel()
		f := newTeams(t, reply(200, ``))
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		closed := l.Addr().String()
		_ = l.Close()
		c := f.client(t, func(cfg *connector.Config) { cfg.AllowedHosts = []string{closed} })
		o := c.Send(t.Context(), connector.Target{ServiceURL: "https://" + closed, ConversationID: "a:1"}, []byte(`{}`), connector.Options{})
		if o.Kind != connector.RetryAt || o.Reason != connector.Unreachable || o.Ambiguous || strings.Contains(o.Detail, "a:1") {
			t.Errorf("%+v", o)
		}
	})
	t.Run("untrusted certificate", func(t *testing.T) {
		t.Parallel()
		f := newTeams(t, reply(200, ``))
		c := f.client(t, func(cfg *connector.Config) { cfg.Transport = &http.Transport{} })
		o := c.Send(t.Context(), f.target(), []byte(`{}`), connector.Options{})
		if o.Kind != connector.RetryAt || o.Ambiguous || len(f.asked()) != 0 {
			t.Errorf("%+v", o)
		}
	})
	t.Run("dropped after the request", func(t *testing.T) {
		t.Parallel()
		f := newTeams(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		c := f.client(t, nil)
		o := c.Send(t.Context(), f.target(), []byte(`{}`), connector.Options{})
		if o.Kind != connector.RetryAt || o.Reason != connector.Unreachable || !o.Ambiguous || len(f.asked()) != 1 {
			t.Errorf("%+v after %d requests", o, len(f.asked()))
		}
		if o := c.Update(t.Context(), f.target(), "1", []byte(`{}`), connector.Options{}); o.Kind != connector.RetryAt || o.Ambiguous {
			t.Errorf("update: %+v", o)
		}
	})
	t.Run("cancelled in flight", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		f := newTeams(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // returning would answer 200
		})
		o := f.client(t, nil).Send(ctx, f.target(), []byte(`{}`), connector.Options{})
		if o.Kind != connector.RetryAt || !o.Ambiguous {
			t.Errorf("%+v", o)
		}
	})
	t.Run("cancelled before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		f := newTeams(t, reply(200, ``))
		o := f.client(t, nil).Send(ctx, f.target(), []byte(`{}`), connector.Options{})
		if o.Kind != connector.RetryAt || o.Ambiguous || len(f.asked()) != 0 {
			t.Errorf("%+v", o)
		}
	})
}

// A Connector that never answers holds nobody longer than the timeout, and what
// it was told before counts as perhaps delivered.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, wrote := range []bool{false, true} {
			c, err := connector.New(connector.Config{
				Credential: &tokens{}, Scope: scope, Cloud: connector.Public,
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					if wrote {
						httptrace.ContextClientTrace(r.Context()).WroteHeaders()
					}
					<-r.Context().Done()
					return nil, r.Context().Err()
				}),
			})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			o := c.Send(t.Context(), connector.Target{ServiceURL: connector.Public.ServiceURL, ConversationID: "a:1"}, []byte(`{}`), connector.Options{})
			if o.Kind != connector.RetryAt || o.Reason != connector.Unreachable || o.Ambiguous != wrote {
				t.Errorf("%+v", o)
			}
			if took := time.Since(start); took != connector.DefaultTimeout {
				t.Errorf("took %s", took)
			}
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := newTeams(t, reply(200, `{"id":"1"}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		f := newTeams(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.url(), status)
		})
		c := f.client(t, func(cfg *connector.Config) { cfg.AllowedHosts = append(cfg.AllowedHosts, other.host()) })
		if o := c.Send(t.Context(), f.target(), []byte(`{}`), connector.Options{}); o.Kind != connector.Permanent || o.Status != status {
			t.Errorf("%d: %+v", status, o)
		}
	}
	if n := len(other.asked()); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := newTeams(t, reply(403, `{"error":{"code":"BotDisabledByAdmin","message":"off\nline"}}`))
	c := f.client(t, func(cfg *connector.Config) {
		cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	target := f.target()
	target.ConversationID = "a:private"
	_ = c.Send(t.Context(), target, []byte(`{"text":"message text"}`), connector.Options{CorrelationID: "corr"})
	text := log.String()
	for _, secret := range []string{"token-1", "message text", "a:private"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q: %s", secret, text)
		}
	}
	for _, want := range []string{"BotDisabledByAdmin", "disabled_by_admin", "corr", "op=send"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q: %s", want, text)
		}
	}
}

// Playground: plain http on loopback, and the token stays at home.
func TestPlayground(t *testing.T) {
	t.Parallel()
	f := newTeams(t, reply(200, `{"id":"5"}`))
	var got http.Header
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		_, _ = io.WriteString(w, `{"id":"5"}`)
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	target := connector.Target{ServiceURL: "http://" + l.Addr().String() + "/_connector", ConversationID: "a:1"}

	if o := f.client(t, nil).Send(t.Context(), target, []byte(`{}`), connector.Options{}); o.Kind != connector.Permanent || got != nil {
		t.Errorf("without the playground: %+v", o)
	}
	c := f.client(t, func(cfg *connector.Config) { cfg.PlaygroundLoopback = true })
	if o := c.Send(t.Context(), target, []byte(`{}`), connector.Options{}); !o.OK() || o.ActivityID != "5" {
		t.Errorf("%+v", o)
	}
	if got.Get("Authorization") != "" || f.tokens.count() != 0 {
		t.Errorf("a token left: %v", got)
	}
}
