package e2e

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var metricsListen = regexp.MustCompile(`msg=metrics address=(http://\S+)`)

// TestEdges looks at what every browser and every stranger sees of the real program.
func TestEdges(t *testing.T) {
	t.Parallel()
	herald := Start(t, map[string]string{"HERALD_METRICS_ADDR": "127.0.0.1:0", "HERALD_LOG_FORMAT": "text"})
	get := func(address string, header ...string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	for path, frames := range map[string]string{
		"/tab/": "frame-ancestors https://*.cloud.microsoft https://teams.microsoft.com", "/about/": "frame-ancestors 'none'", "/l/x": "frame-ancestors 'none'",
		"/i/x.png": "default-src 'none'", "/api/v1/me": "frame-ancestors 'none'", "/nothing": "frame-ancestors 'none'",
	} {
		resp, _ := get(herald.URL + path)
		h := resp.Header
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, frames) || !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Frame-Options") != "" || h.Get("Server") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	m := metricsListen.FindStringSubmatch(herald.log.String())
	if m == nil {
		t.Fatalf("no listener for the metrics in:\n%s", herald.log.String())
	}
	if resp, body := get(m[1]); resp.StatusCode != 200 || !strings.Contains(body, "herald_messages_total") {
		t.Errorf("metrics: %d", resp.StatusCode)
	}
	if resp, body := get(herald.URL + "/metrics"); resp.StatusCode != 404 || strings.Contains(body, "herald_messages_total") {
		t.Errorf("metrics at the other listener: %d", resp.StatusCode)
	}
	// Somebody who guesses tokens is slowed down, and nobody else behind the same proxy.
	for last, n := 0, 0; last != http.StatusTooManyRequests; n++ {
		if n > 10_000 {
			t.Fatalf("%d wrong tokens in a row, and still %d", n, last)
		}
		resp, _ := get(herald.URL+"/api/v1/me", "Authorization", "Bearer wrong", "X-Forwarded-For", "203.0.113.7")
		if last = resp.StatusCode; last == http.StatusTooManyRequests && resp.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	if resp, _ := get(herald.URL+"/api/v1/me", "Authorization", "Bearer wrong", "X-Forwarded-For", "203.0.113.8"); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("somebody else: %d", resp.StatusCode)
	}
}
