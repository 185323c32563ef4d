package tab_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
	"herald/tab"
)

// administration answers what it is told to, and says whom it was asked for.
type administration struct{}

func (*administration) Health(_ context.Context, tenant string) tab.HealthReport {
	return tab.HealthReport{State: "warning", At: start, Findings: []tab.HealthFinding{
		{Check: "database", Code: "database.ok", State: "ok", Params: map[string]string{"kind": "SQLite"}, What: "Database", Cause: "Fine."},
		{Check: "directory", Code: "directory.denied", State: "warning", Params: map[string]string{"tenant": tenant}, What: "Directory", Cause: "No.", Remedy: "Do."},
	}}
}

func (*administration) Package(w io.Writer, o tab.PackageOptions) error {
	if o.Version == "1" {
		return campaigns.Errorf(campaigns.CodeInvalid, "package_invalid", "Version: wrong.")
	}
	_, err := fmt.Fprint(w, "PK ", o)
	return err
}

// limit makes the people wait that it is told of.
type limit struct {
	mu   sync.Mutex
	slow string
}

func (l *limit) set(person string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow = person
}

func (l *limit) wait(person string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if person == l.slow {
		return 1500 * time.Millisecond
	}
	return 0
}

// opened writes down where the page was.
type opened struct {
	mu    sync.Mutex
	hosts map[string]bool
}

func (o *opened) note(_ context.Context, tenant, host string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.hosts == nil {
		o.hosts = map[string]bool{}
	}
	o.hosts[tenant+" "+host] = true
}

func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := request{as: "admin", method: "GET", path: "/admin/health"}
	res, body := w.ask(t, q)
	var report tab.HealthReport
	if err := json.Unmarshal(body, &report); err != nil || res.StatusCode != 200 {
		t.Fatalf("%d %s %v", res.StatusCode, body, err)
	}
	if report.State != "warning" || len(report.Findings) != 2 || report.Findings[1].Params["tenant"] != contoso {
		t.Errorf("%+v", report)
	}
	w.opened.mu.Lock()
	defer w.opened.mu.Unlock()
	if host := strings.TrimSuffix(strings.TrimPrefix(w.url, "http://"), "/api/v1"); !w.opened.hosts[contoso+" "+host] {
		t.Errorf("the page was at %v", w.opened.hosts)
	}
}

func TestAdministrationIsForAdmins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for as, code := range map[string]string{"author": "no_admin", "analyst": "no_admin", "publisher": "no_admin", "stranger": "no_role"} {
		for _, path := range []string{"/admin/health", "/admin/package"} {
			q := request{as: as, method: "GET", path: path}
			res, body := w.ask(t, q)
			if res.StatusCode != http.StatusForbidden || !strings.Contains(string(body), `"code":"`+code+`"`) {
				t.Errorf("%s %s: %d %s", as, path, res.StatusCode, body)
			}
		}
	}
}

func TestPackageDownload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"/admin/package", 200, "PK {   }"},
		{"/admin/package?version=1.2.3&name=News&accent=%23112233&env=dev", 200, "PK {1.2.3 News #112233 dev}"},
		{"/admin/package?version=1", 422, "package_invalid"},
	} {
		q := request{as: "admin", method: "GET", path: c.path}
		res, body := w.ask(t, q)
		if res.StatusCode != c.status || !strings.Contains(string(body), c.want) {
			t.Errorf("%s: %d %s", c.path, res.StatusCode, body)
		}
		if attachment := res.Header.Get("Content-Disposition"); c.status == 200 && attachment != `attachment; filename="herald.zip"` {
			t.Errorf("%s: %q", c.path, attachment)
		}
	}
}

func TestAPersonWhoAsksTooOftenWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.limit.set(contoso + "/ann")
	q := request{as: "admin", method: "GET", path: "/admin/health"}
	res, body := w.ask(t, q)
	if res.StatusCode != http.StatusTooManyRequests || !strings.Contains(string(body), `"code":"rate_limited"`) || res.Header.Get("Retry-After") != "2" {
		t.Errorf("%d %s, Retry-After %q", res.StatusCode, body, res.Header.Get("Retry-After"))
	}
	if res, _ := w.do(t, request{as: "fabrikam", method: "GET", path: "/campaigns"}); res.StatusCode != 200 {
		t.Errorf("somebody else: %d", res.StatusCode)
	}
}
