package app

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// metered is a limiter whose time stands still until the test moves it.
func metered(rate, burst float64) (*limiter, func(time.Duration)) {
	l := newLimiter(rate, burst)
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	l.now = func() time.Time { return now }
	return l, func(d time.Duration) { now = now.Add(d) }
}

func TestLimiter(t *testing.T) {
	l, pass := metered(2, 4)
	for i := range 4 {
		if wait := l.take("a"); wait != 0 {
			t.Fatalf("request %d waits %s", i, wait)
		}
	}
	if wait := l.take("a"); wait != 500*time.Millisecond {
		t.Errorf("after the burst: %s", wait)
	}
	if wait := l.take("b"); wait != 0 {
		t.Errorf("somebody else waits %s", wait)
	}
	pass(500 * time.Millisecond)
	if first, second := l.take("a"), l.take("a"); first != 0 || second == 0 {
		t.Errorf("half a second later: %s, %s", first, second)
	}
	pass(time.Hour) // a bucket holds no more than its burst
	for range 4 {
		l.take("a")
	}
	if l.look("a") == 0 {
		t.Error("an hour of rest gave more than the burst")
	}
}

func TestLimiterForgets(t *testing.T) {
	l, pass := metered(10, 10)
	for i := range maxBuckets + 10 {
		l.take(strconv.Itoa(i))
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(l.buckets))
	}
	pass(2 * time.Minute)
	l.take("one")
	if len(l.buckets) != 1 {
		t.Errorf("%d buckets, though all but one are full", len(l.buckets))
	}
}

func TestPeerOf(t *testing.T) {
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.7:1", "", "203.0.113.7"},
		{"203.0.113.7:1", "198.51.100.1", "203.0.113.7"}, // from the internet anybody may write it
		{"127.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.1.2.3:1", "1.1.1.1, 198.51.100.1:4711", "198.51.100.1"}, // the last is our proxy's
		{"10.1.2.3:1", "nonsense", "10.1.2.3"},
		{"100.100.0.17:1", "198.51.100.1", "198.51.100.1"}, // a cloud's own ingress: not one peer for everybody
		{"100.128.0.1:1", "198.51.100.1", "100.128.0.1"},
		{"10.1.2.3:1", "", "10.1.2.3"},
		{"[2001:db8:1:2:3::4]:1", "", "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.7]:1", "", "203.0.113.7"},
		{"[::1]:1", "2001:db8:1:2::9", "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:1", "", "fe80::/64"},
		{"@", "", "@"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := peerOf(r); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

// edge is a handler that accepts one token, as bot and tab do.
var edge = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer good" {
		w.Header().Set("Content-Length", "7")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte("refused"))
		return
	}
	_, _ = w.Write([]byte("welcome"))
})

func ask(h http.Handler, remote, authorization string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/api/messages", strings.NewReader("{}"))
	r.RemoteAddr = remote
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestOnlyRefusedRequestsCount(t *testing.T) {
	l, pass := metered(1, 3)
	h := guarded(l, edge)
	const peer = "203.0.113.7:1"
	for range 3 {
		if w := ask(h, peer, "Bearer bad"); w.Code != 401 || w.Body.String() != "refused" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	for _, authorization := range []string{"Bearer bad", ""} {
		w := ask(h, peer, authorization)
		if w.Code != 429 || w.Header().Get("Retry-After") != "1" || strings.Contains(w.Body.String(), "refused") || w.Header().Get("Content-Length") == "7" {
			t.Errorf("%q: %d %q %v", authorization, w.Code, w.Body, w.Header())
		}
	}
	// Teams' own traffic, from behind the same address, at any pace.
	for range 50 {
		if w := ask(h, peer, "Bearer good"); w.Code != 200 || w.Body.String() != "welcome" {
			t.Fatalf("a good token: %d %s", w.Code, w.Body)
		}
	}
	if w := ask(h, "203.0.113.8:1", "Bearer bad"); w.Code != 401 {
		t.Errorf("another peer: %d", w.Code)
	}
	pass(time.Second)
	if w := ask(h, peer, ""); w.Code != 401 {
		t.Errorf("a second later: %d", w.Code)
	}
}

func TestOpenEdgesAreLimited(t *testing.T) {
	l, _ := metered(1, 2)
	h := limited(l, edge)
	for _, want := range []int{200, 200, 429} {
		if w := ask(h, "203.0.113.7:1", "Bearer good"); w.Code != want {
			t.Errorf("%d, want %d", w.Code, want)
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, https := range []bool{true, false} {
		h := secured(https, edge)
		w := ask(h, "203.0.113.7:1", "Bearer good")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Strict-Transport-Security": map[bool]string{true: "max-age=31536000"}[https],
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("policy %q", csp)
		}
	}
	r := httptest.NewRequest("GET", "/l/"+strings.Repeat("x", maxTarget), nil)
	w := httptest.NewRecorder()
	secured(true, edge).ServeHTTP(w, r)
	if w.Code != http.StatusRequestURITooLong {
		t.Errorf("a long address: %d", w.Code)
	}
}

func TestMetricsAreForThisMachine(t *testing.T) {
	for _, c := range []struct {
		remote, header string
		want           int
	}{
		{"127.0.0.1:1", "", 200}, {"[::1]:1", "", 200}, {"203.0.113.7:1", "", 403}, {"10.0.0.1:1", "", 403},
		{"127.0.0.1:1", "X-Forwarded-For", 403}, {"127.0.0.1:1", "Forwarded", 403}, {"127.0.0.1:1", "Via", 403},
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("Authorization", "Bearer good")
		if c.header != "" {
			r.Header.Set(c.header, "x")
		}
		w := httptest.NewRecorder()
		local(edge).ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
}

// TestAStreamIsFlushed: the wrappers of the edge must not hold back what is sent piece by piece.
func TestAStreamIsFlushed(t *testing.T) {
	finish := make(chan struct{})
	stream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("one\n"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-finish
	})
	l, _ := metered(100, 100)
	s := httptest.NewServer(patient(secured(false, guarded(l, stream))))
	defer s.Close()
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 4)
	if _, err := resp.Body.Read(first); err != nil || string(first) != "one\n" {
		t.Errorf("%q %v", first, err)
	}
	close(finish)
}
