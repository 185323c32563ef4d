package jwks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"herald/infra/jwks"
	"herald/infra/jwks/jwkstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that stands until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func setup(t *testing.T) (*jwkstest.Issuer, *clock, *jwks.Set) {
	t.Helper()
	iss, clk := jwkstest.New(t), newClock()
	return iss, clk, jwks.New(jwks.Config{MetadataURL: iss.URL() + "/configuration", Client: iss.Client(), Clock: clk.Now})
}

func fail(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "down", http.StatusInternalServerError)
}

func wantKey(t *testing.T, s *jwks.Set, id string, want error) {
	t.Helper()
	key, err := s.Key(t.Context(), id)
	if !errors.Is(err, want) || want == nil && err != nil {
		t.Fatalf("Key(%q) = %v, want %v", id, err, want)
	}
	if want == nil && (key.ID != id || key.Public == nil) {
		t.Fatalf("Key(%q) = %+v", id, key)
	}
}

func wantHits(t *testing.T, iss *jwkstest.Issuer, want int) {
	t.Helper()
	if got := iss.Hits(); got != want {
		t.Fatalf("keys were fetched %d times, want %d", got, want)
	}
}

func TestKeyIsFetchedOnceAndKept(t *testing.T) {
	t.Parallel()
	iss, clk, s := setup(t)
	wantHits(t, iss, 0)
	for range 5 {
		wantKey(t, s, "one", nil)
	}
	clk.Advance(jwks.RefreshEvery - time.Second)
	wantKey(t, s, "one", nil)
	wantHits(t, iss, 1)

	clk.Advance(time.Second)
	wantKey(t, s, "one", nil)
	wantHits(t, iss, 2)
}

func TestRotatedKeyIsFound(t *testing.T) {
	t.Parallel()
	iss, clk, s := setup(t)
	wantKey(t, s, "one", nil)
	iss.Publish(t, "one", "two")
	clk.Advance(jwks.UnknownWait)
	wantKey(t, s, "two", nil)
	wantKey(t, s, "one", nil)
	wantHits(t, iss, 2)

	// A key that the issuer withdraws dies with the next fetch.
	iss.Publish(t, "two")
	clk.Advance(jwks.RefreshEvery)
	wantKey(t, s, "one", jwks.ErrUnknownKey)
}

func TestForgedKeyIDsDoNotHammerTheIssuer(t *testing.T) {
	t.Parallel()
	iss, clk, s := setup(t)
	wantKey(t, s, "one", nil)
	for i := range 1000 {
		wantKey(t, s, fmt.Sprintf("forged-%d", i), jwks.ErrUnknownKey)
		clk.Advance(jwks.UnknownWait / 100)
	}
	if got := iss.Hits(); got > 1+10 {
		t.Errorf("1000 forged ids over %s led to %d fetches", 10*jwks.UnknownWait, got)
	}
	wantKey(t, s, "one", nil)
}

func TestOldKeysWorkWhileTheIssuerIsDown(t *testing.T) {
	t.Parallel()
	iss, clk, s := setup(t)
	wantKey(t, s, "one", nil)
	iss.FailWith(fail)

	clk.Advance(jwks.RefreshEvery)
	for range 10 {
		wantKey(t, s, "one", nil)
	}
	wantKey(t, s, "other", jwks.ErrUnknownKey) // while keys are usable, an unknown one is unknown

	clk.Advance(jwks.KeepFor - jwks.RefreshEvery - time.Second)
	wantKey(t, s, "one", nil)
	clk.Advance(time.Second)
	wantKey(t, s, "one", jwks.ErrUnavailable)

	iss.FailWith(nil)
	clk.Advance(jwks.EmptyWait)
	wantKey(t, s, "one", nil)
}

func TestFailedRefreshIsNotRepeatedForEveryCaller(t *testing.T) {
	t.Parallel()
	iss, clk, s := setup(t)
	wantKey(t, s, "one", nil)
	var tries int
	var mu sync.Mutex
	iss.FailWith(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		tries++
		mu.Unlock()
		fail(w, r)
	})
	clk.Advance(jwks.RefreshEvery)
	for range 100 {
		wantKey(t, s, "one", nil)
	}
	clk.Advance(jwks.StaleWait)
	wantKey(t, s, "one", nil)
	mu.Lock()
	defer mu.Unlock()
	if tries != 2 {
		t.Errorf("the issuer was asked %d times, want 2", tries)
	}
}

func TestNoKeysAtAll(t *testing.T) {
	t.Parallel()
	iss, clk, s := setup(t)
	iss.FailWith(fail)
	wantKey(t, s, "one", jwks.ErrUnavailable)
	iss.FailWith(nil)
	wantKey(t, s, "one", jwks.ErrUnavailable) // too soon to ask again
	clk.Advance(jwks.EmptyWait)
	wantKey(t, s, "one", nil)
}

func TestClockSetBack(t *testing.T) {
	t.Parallel()
	iss, clk, s := setup(t)
	clk.Advance(100 * time.Hour)
	wantKey(t, s, "one", nil)
	clk.Advance(-100 * time.Hour)
	wantKey(t, s, "one", nil)
	wantHits(t, iss, 2)
	wantKey(t, s, "one", nil)
	wantHits(t, iss, 2)
}

// However many callers arrive at once, one fetch runs, and all get its result.
func TestConcurrentCallersShareOneFetch(t *testing.T) {
	t.Parallel()
	iss, _, s := setup(t)
	const callers = 50
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	iss.FailWith(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(entered) })
		<-release
		iss.FailWith(nil)
		iss.ServeHTTP(w, r)
	})
	errs := make(chan error, callers)
	for range callers {
		go func() {
			_, err := s.Key(context.Background(), "one")
			errs <- err
		}()
	}
	<-entered
	// A caller that gives up while another fetches gets its own context's error.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Key(ctx, "one"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled caller got %v", err)
	}
	close(release)
	for range callers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	wantHits(t, iss, 1)
}

// While one caller renews stale keys, the others work with the old ones.
func TestRefreshDoesNotBlockKnownKeys(t *testing.T) {
	t.Parallel()
	iss, clk, s := setup(t)
	wantKey(t, s, "one", nil)
	clk.Advance(jwks.RefreshEvery)
	entered, release := make(chan struct{}), make(chan struct{})
	iss.FailWith(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		fail(w, r)
	})
	leader := make(chan error)
	go func() {
		_, err := s.Key(context.Background(), "one")
		leader <- err
	}()
	<-entered
	wantKey(t, s, "one", nil) // would hang here
	close(release)
	if err := <-leader; err != nil {
		t.Errorf("leader: %v", err)
	}
}

// The caller that fetches for all must not take its cancellation out on them.
func TestLeaderCancelled(t *testing.T) {
	t.Parallel()
	_, _, s := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Key(ctx, "one"); err != nil {
		t.Errorf("leader: %v", err)
	}
}

// An issuer that never answers holds nobody longer than the fetch's timeout.
func TestSilentIssuer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := jwks.New(jwks.Config{KeysURL: "https://issuer.example/keys", Client: &http.Client{Transport: silent{}}})
		start := time.Now()
		if _, err := s.Key(t.Context(), "one"); !errors.Is(err, jwks.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// While the issuer is silent, whoever is first to renew keys that still work is not held so long that Teams, or a person, gives up.
func TestSilentIssuerOfKnownKeys(t *testing.T) {
	iss := jwkstest.New(t)
	answer := httptest.NewRecorder()
	iss.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/keys", nil))
	synctest.Test(t, func(t *testing.T) {
		issuer := &falling{answer: answer.Body.String()}
		s := jwks.New(jwks.Config{KeysURL: "https://issuer.example/keys", Client: &http.Client{Transport: issuer}})
		wantKey(t, s, "one", nil)
		time.Sleep(jwks.RefreshEvery)
		start := time.Now()
		wantKey(t, s, "one", nil)
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("a known key took %s", took)
		}
		if start = time.Now(); issuer.asked != 2 {
			t.Errorf("the issuer was asked %d times", issuer.asked)
		}
		wantKey(t, s, "one", nil)
		if took := time.Since(start); took != 0 {
			t.Errorf("once more it took %s", took)
		}
	})
}

// falling answers once.
type falling struct {
	answer string
	asked  int
}

func (f *falling) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.asked++; f.asked > 1 {
		return silent{}.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(f.answer)), Request: r}, nil
}

type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestBadSources(t *testing.T) {
	t.Parallel()
	answer := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
	}
	tests := []struct {
		name string
		h    http.HandlerFunc
		url  string
		want string
	}{
		{name: "500", h: fail, want: "500"},
		{name: "no JSON", h: answer("<html>"), want: "invalid character"},
		{name: "empty set", h: answer(`{"keys":[]}`), want: "no usable key"},
		{name: "no set", h: answer(`{}`), want: "no usable key"},
		{name: "EC and encryption keys only", h: answer(`{"keys":[{"kid":"a","kty":"EC"},{"kid":"b","kty":"RSA","use":"enc"},{"kid":"c","kty":"RSA","alg":"RS512"},{"kty":"RSA"}]}`), want: "no usable key"},
		{name: "short modulus", h: answer(`{"keys":[{"kid":"a","kty":"RSA","n":"AQAB","e":"AQAB"}]}`), want: "no usable key"},
		{name: "broken modulus", h: answer(`{"keys":[{"kid":"a","kty":"RSA","n":"*","e":"AQAB"}]}`), want: "no usable key"},
		{name: "huge", h: answer(`{"keys":["` + strings.Repeat("x", 2<<20)), want: "larger than"},
		{name: "redirect to http", h: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/keys", http.StatusFound)
		}, want: "leaves https"},
		{name: "endless redirects", h: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/keys", http.StatusFound)
		}, want: "too many redirects"},
		{name: "plain http", url: "http://127.0.0.1:1/keys", want: "https"},
		{name: "user information", url: "https://a:b@127.0.0.1/keys", want: "https"},
		{name: "no URL", url: "://", want: "address of keys"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			iss := jwkstest.New(t)
			iss.FailWith(tt.h)
			if tt.url == "" {
				tt.url = iss.URL() + "/keys"
			}
			_, err := jwks.New(jwks.Config{KeysURL: tt.url, Client: iss.Client()}).Key(t.Context(), "a")
			if !errors.Is(err, jwks.ErrUnavailable) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want ErrUnavailable with %q", err, tt.want)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	t.Run("another algorithm", func(t *testing.T) {
		t.Parallel()
		iss, _, s := setup(t)
		iss.Algorithms("ES256")
		wantKey(t, s, "one", jwks.ErrUnavailable)
	})
	t.Run("no jwks_uri", func(t *testing.T) {
		t.Parallel()
		iss, _, s := setup(t)
		iss.FailWith(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) })
		wantKey(t, s, "one", jwks.ErrUnavailable)
	})
	t.Run("endorsements", func(t *testing.T) {
		t.Parallel()
		iss, _, s := setup(t)
		iss.Endorse("webchat", "msteams")
		key, err := s.Key(t.Context(), "one")
		if err != nil || !key.Endorses("msteams") || key.Endorses("skype") {
			t.Errorf("%v, %+v", err, key)
		}
	})
	t.Run("untrusted certificate", func(t *testing.T) {
		t.Parallel()
		iss := jwkstest.New(t)
		client := &http.Client{Transport: &http.Transport{}} // the system's roots
		_, err := jwks.New(jwks.Config{KeysURL: iss.URL() + "/keys", Client: client}).Key(t.Context(), "one")
		if !errors.Is(err, jwks.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	})
}
