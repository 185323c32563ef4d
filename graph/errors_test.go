package graph

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"herald/campaigns"
)

func TestErrors(t *testing.T) {
	status := func(status int, code string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			refuse(w, status, code, "because")
		}
	}
	raw := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, test := range []struct {
		name     string
		graph    http.HandlerFunc
		code     campaigns.Code
		reason   string
		says     string // in the message for people
		after    time.Duration
		requests int
	}{
		{"forbidden", status(403, "Authorization_RequestDenied"), campaigns.CodeForbidden, "graph_forbidden", "User.Read.All", 0, 1},
		{"request id for support", status(403, "Authorization_RequestDenied"), campaigns.CodeForbidden, "graph_forbidden", "(Graph request req-1)", 0, 1},
		{"token refused", status(401, "InvalidAuthenticationToken"), campaigns.CodeForbidden, "graph_unauthorized", "User.Read.All", 0, 1},
		{"claims challenge without quotes", status(401, "InvalidAuthenticationToken", "WWW-Authenticate", "Bearer realm=x, claims=eyJ9"), campaigns.CodeForbidden, "graph_unauthorized", "token", 0, 1},
		{"claims challenge", status(401, "InvalidAuthenticationToken", "WWW-Authenticate", `Bearer realm="", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="`), campaigns.CodeForbidden, "graph_unauthorized", "token", 0, 2},
		{"throttled for long", status(429, "TooManyRequests", "Retry-After", "120"), campaigns.CodeThrottled, "graph_throttled", "slow down", 2 * time.Minute, 1},
		{"throttled until a date", status(429, "TooManyRequests", "Retry-After", now.Add(time.Minute).Format(http.TimeFormat)), campaigns.CodeThrottled, "graph_throttled", "slow down", time.Minute, 1},
		{"throttled again and again", status(429, "TooManyRequests", "Retry-After", "2"), campaigns.CodeThrottled, "graph_throttled", "slow down", 2 * time.Second, 4},
		{"throttled, it does not say how long", status(429, "TooManyRequests"), campaigns.CodeThrottled, "graph_throttled", "slow down", defaultRetryAfter, 4},
		{"throttled, nonsense", status(429, "TooManyRequests", "Retry-After", "-3"), campaigns.CodeThrottled, "graph_throttled", "slow down", defaultRetryAfter, 4},
		{"away for a while", status(503, "ServiceUnavailable", "Retry-After", "60"), campaigns.CodeThrottled, "graph_throttled", "later", time.Minute, 1},
		{"away", status(503, "ServiceUnavailable"), campaigns.CodeUnavailable, "graph_failed", "failed", 0, 4},
		{"bad gateway's page", raw(502, "text/html", "<h1>Bad gateway</h1>"), campaigns.CodeUnavailable, "graph_failed", "failed", 0, 4},
		{"gateway timeout without a body", raw(504, "", ""), campaigns.CodeUnavailable, "graph_failed", "failed", 0, 4},
		{"failed", status(500, "InternalServerError"), campaigns.CodeUnavailable, "graph_failed", "failed", 0, 1},
		{"error without a message", raw(500, "application/json", `{"error":{"code":"x"}}`), campaigns.CodeUnavailable, "graph_failed", "failed", 0, 1},
		{"error of null", raw(500, "application/json", `{"error":null}`), campaigns.CodeUnavailable, "graph_failed", "failed", 0, 1},
		{"error that is no object", raw(403, "application/json", `["no"]`), campaigns.CodeForbidden, "graph_forbidden", "User.Read.All", 0, 1},
		{"a page where JSON should be", raw(200, "text/html", "<h1>Sign in to the hotel's network</h1>"), campaigns.CodeUnavailable, "graph_unreachable", "cannot be reached", 0, 1},
		{"broken JSON", raw(200, "application/json", `{"value":[{"id":`), campaigns.CodeUnavailable, "", "", 0, 1},
		{"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, campaigns.CodeUnavailable, "graph_unreachable", "", 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			rig := setup(t, test.graph)
			_, _, pages, _, err := walk(t, rig.Directory, "")
			var failure *campaigns.Error
			if !errors.As(err, &failure) {
				t.Fatalf("error %v", err)
			}
			if failure.Code != test.code || test.reason != "" && failure.Reason != test.reason ||
				!strings.Contains(failure.Message, test.says) || failure.RetryAfter != test.after {
				t.Errorf("%+v", failure)
			}
			if pages != 0 || rig.count() != test.requests {
				t.Errorf("%d pages, %d requests, want %d", pages, rig.count(), test.requests)
			}
			if strings.Contains(err.Error(), "token-of") {
				t.Errorf("tells the token: %v", err)
			}
		})
	}
}

func TestRetries(t *testing.T) {
	// Each case fails in its own way at first, and answers then.
	for _, test := range []struct {
		name  string
		first []http.HandlerFunc
		waits []time.Duration // exact where Graph named them, 0 where it did not
	}{
		{"as long as asked", []http.HandlerFunc{throttle("2"), throttle("7")}, []time.Duration{2 * time.Second, 7 * time.Second}},
		{"at once when asked so", []http.HandlerFunc{throttle("0")}, []time.Duration{-1}},
		{"until a date", []http.HandlerFunc{throttle(now.Add(5 * time.Second).Format(http.TimeFormat))}, []time.Duration{5 * time.Second}},
		{"a date that is over", []http.HandlerFunc{throttle(now.Add(-time.Hour).Format(http.TimeFormat))}, []time.Duration{-1}},
		{"backing off", []http.HandlerFunc{plain(502), plain(503), plain(504)}, []time.Duration{0, 0, 0}},
		{"a lost connection", []http.HandlerFunc{func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}, []time.Duration{0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := 0
			rig := setup(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				if calls <= len(test.first) {
					test.first[calls-1](w, r)
					return
				}
				write(w, http.StatusOK, user("ada", nil))
			})
			found, err := rig.FindByEmail(t.Context(), contoso, "ada@contoso.example")
			if err != nil || found.ID != "ada" {
				t.Fatalf("found %+v, error %v", found, err)
			}
			if len(rig.waits) != len(test.waits) {
				t.Fatalf("waits %v, want %v", rig.waits, test.waits)
			}
			for i, want := range test.waits {
				low, high := want, want
				switch want {
				case 0:
					low = 500 * time.Millisecond << i
					high = low + low/2
				case -1:
					low, high = 0, 0
				}
				if got := rig.waits[i]; got < low || got > high {
					t.Errorf("wait %d: %v, want %v to %v", i, got, low, high)
				}
			}
		})
	}
}

func throttle(after string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", after)
		refuse(w, http.StatusTooManyRequests, "TooManyRequests", "Too many requests.")
	}
}

func plain(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// A request that changes something is sent once, whatever comes back.
func TestChangesAreNotRepeated(t *testing.T) {
	rig := setup(t, plain(503))
	response, err := rig.client.Post(rig.server.URL, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if rig.count() != 1 || response.StatusCode != 503 {
		t.Errorf("%d requests, HTTP %d", rig.count(), response.StatusCode)
	}
}

func TestCancelledWhileWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rig := setup(t, throttle("5"), func(cfg *Config) {
		cfg.sleep = func(ctx context.Context, d time.Duration) error { cancel(); return sleep(ctx, d) }
	})
	_, err := rig.FindByEmail(ctx, contoso, "ada@contoso.example")
	if !errors.Is(err, context.Canceled) || campaigns.CodeOf(err) != "" || rig.count() != 1 {
		t.Errorf("error %v, %d requests", err, rig.count())
	}
}

// Who cannot wait as long as Graph asks is told at once that it is throttled.
func TestNoTimeToWait(t *testing.T) {
	rig := setup(t, throttle("8"))
	ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
	defer cancel()
	_, err := rig.FindByEmail(ctx, contoso, "ada@contoso.example")
	var failure *campaigns.Error
	if !errors.As(err, &failure) || failure.Code != campaigns.CodeThrottled || failure.RetryAfter != 8*time.Second || len(rig.waits) != 0 {
		t.Errorf("error %v, waits %v", err, rig.waits)
	}
}

// Logs and causes say what happened, but not to whom.
func TestNoAddressInLogs(t *testing.T) {
	for name, graph := range map[string]http.HandlerFunc{
		"refused": func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusForbidden, "Denied", "You may not read ada@contoso.example.")
		},
		"lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"away": plain(503),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			rig := setup(t, graph, func(cfg *Config) {
				cfg.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			_, err := rig.FindByEmail(t.Context(), contoso, "ada@contoso.example")
			if err == nil || log.Len() == 0 {
				t.Fatalf("error %v, log %q", err, &log)
			}
			for _, private := range []string{"ada@", "ada%40", "token-of-"} {
				if strings.Contains(err.Error()+log.String(), private) {
					t.Errorf("%s in error %v and log %s", private, err, &log)
				}
			}
			if !strings.Contains(log.String(), contoso) {
				t.Errorf("no tenant in log %s", &log)
			}
		})
	}
}

// A Graph that never answers is unavailable once the timeout is over, while
// the caller's own deadline stays the caller's.
func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	hang := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	rig := setup(t, hang, func(cfg *Config) { cfg.Timeout = 20 * time.Millisecond })
	defer close(release)
	if _, err := rig.FindByEmail(t.Context(), contoso, "ada@contoso.example"); campaigns.CodeOf(err) != campaigns.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	patient := setup(t, hang)
	if _, err := patient.FindByEmail(ctx, contoso, "ada@contoso.example"); !errors.Is(err, context.DeadlineExceeded) || campaigns.CodeOf(err) != "" {
		t.Errorf("error %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	rig := setup(t, plain(200))
	rig.server.Close()
	if _, err := rig.FindByEmail(t.Context(), contoso, "ada@contoso.example"); campaigns.CodeOf(err) != campaigns.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	if len(rig.waits) != maxRetries {
		t.Errorf("waits %v", rig.waits)
	}
}

func TestSignIn(t *testing.T) {
	refused := func(status int) error {
		request := httptest.NewRequest(http.MethodPost, "https://login.example/token", nil)
		return &azidentity.AuthenticationFailedError{RawResponse: &http.Response{
			StatusCode: status, Request: request, Body: io.NopCloser(strings.NewReader(`{"error":"invalid_client"}`))}}
	}
	for _, test := range []struct {
		name string
		err  error
		code campaigns.Code
		says string
	}{
		{"refused", refused(401), campaigns.CodeForbidden, "secret or certificate"},
		{"unknown tenant", refused(400), campaigns.CodeForbidden, "consented"},
		{"throttled", refused(429), campaigns.CodeUnavailable, "Entra does not answer"},
		{"failed", refused(500), campaigns.CodeUnavailable, "Entra does not answer"},
		{"no answer", &azidentity.AuthenticationFailedError{}, campaigns.CodeUnavailable, "Entra does not answer"},
		{"something else", errors.New("no route"), campaigns.CodeUnavailable, "cannot be reached"},
	} {
		t.Run(test.name, func(t *testing.T) {
			rig := setup(t, plain(200), func(cfg *Config) { cfg.Credential = tenantTokens{test.err} })
			_, err := rig.FindByEmail(t.Context(), contoso, "ada@contoso.example")
			var failure *campaigns.Error
			if !errors.As(err, &failure) || failure.Code != test.code || !strings.Contains(failure.Message, test.says) {
				t.Errorf("error %v", err)
			}
			if rig.count() != 0 {
				t.Errorf("%d requests without a token", rig.count())
			}
		})
	}
}

// An answer without an end fails, and does not fill the memory.
func TestEndlessAnswer(t *testing.T) {
	body := &limitedBody{ReadCloser: io.NopCloser(zeros{}), left: 1 << 20}
	if n, err := io.Copy(io.Discard, body); !errors.Is(err, errTooLarge) || n > 1<<20 {
		t.Errorf("%d bytes, error %v", n, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
