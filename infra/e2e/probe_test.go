package e2e

import (
	"strings"
	"testing"

	"herald/infra/queue/redistest"
)

// What the image's health check and an operator in a container without a shell see.
func TestProbe(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	h := Start(t, map[string]string{"HERALD_REDIS_URL": redis.URL()})
	_, port, _ := strings.Cut(strings.TrimPrefix(h.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1", "0.0.0.0", ""} {
		if out, code := spawn(t, map[string]string{"HERALD_ADDR": host + ":" + port}, "probe").Wait(); code != 0 || !strings.Contains(out, "database: ok") {
			t.Errorf("listening on %q: exit %d, said %q", host, code, out)
		}
	}
	redis.Stop()
	if out, code := spawn(t, map[string]string{"HERALD_ADDR": "127.0.0.1:" + port}, "probe").Wait(); code != 1 || !strings.Contains(out, "redis: does not answer") {
		t.Errorf("without Redis: exit %d, said %q", code, out)
	}
	h.Stop()
	if out, code := spawn(t, map[string]string{"HERALD_ADDR": "127.0.0.1:" + port}, "probe").Wait(); code != 1 || !strings.Contains(out, "HERALD_ADDR") {
		t.Errorf("with no Herald: exit %d, said %q", code, out)
	}
}
