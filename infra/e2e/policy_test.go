package e2e

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// teamsHosts are domains of Microsoft's that Teams, Outlook and Microsoft 365 show tabs in.
var teamsHosts = regexp.MustCompile(`(^|\.)(cloud\.microsoft|teams\.microsoft\.(com|us)|microsoft365\.com|office(365)?\.com)$`)

// Only Teams, and beside a sandbox its page, may frame the tab; the tab runs no script but its own, and tells
// other sites nothing about where one was.
func TestPageIsForTeamsAlone(t *testing.T) {
	t.Parallel()
	h := Start(t, nil)
	for _, path := range []string{"/tab/", "/tab/campaigns/x/report"} {
		header := call(t, "GET", h.URL+path, nil, nil, nil).Header
		directives := map[string]string{}
		for _, d := range strings.Split(header.Get("Content-Security-Policy"), ";") {
			name, sources, _ := strings.Cut(strings.TrimSpace(d), " ")
			directives[name] = sources
		}
		frames := strings.Fields(directives["frame-ancestors"])
		if len(frames) < 5 {
			t.Errorf("%s: Teams may not frame it: %v", path, frames)
		}
		for _, f := range frames {
			u, err := url.Parse(strings.Replace(f, "*.", "", 1))
			if err != nil || f != h.Cloud.URL && (u.Scheme != "https" || !teamsHosts.MatchString(u.Hostname())) {
				t.Errorf("%s: %s may frame it", path, f)
			}
		}
		if script := directives["script-src"]; script != "'self'" {
			t.Errorf("%s: scripts may come from %q", path, script)
		}
		if header.Get("Referrer-Policy") != "no-referrer" || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, header)
		}
	}
}
