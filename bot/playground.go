package bot

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"herald/bot/activity"
)

// Playground lets a local Bot Framework client in that sends no token, such as the
// Microsoft 365 Agents Playground: from loopback, to loopback, and nothing else.
type Playground struct {
	Enabled bool
	Tenants []string // what an activity without one of these is counted to: the first
}

// admits says whether a request may do without a token.
func (p Playground) admits(r *http.Request) bool {
	return p.Enabled && isLoopbackPeer(r.RemoteAddr) && isLoopbackHost(hostOf(r.Host)) && !isForwarded(r.Header)
}

// adopt makes an activity of a local client one of Herald's: it knows no tenant, and
// its clock orders nothing.
func (p Playground) adopt(in *activity.Inbound) {
	in.Timestamp = time.Time{}
	if len(p.Tenants) > 0 && !slices.Contains(p.Tenants, in.Tenant()) {
		in.SetTenant(p.Tenants[0])
	}
}

func isLoopbackPeer(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// isLoopbackHost also guards against a web page whose name was made to resolve to this
// machine: its requests come from here, but carry its name.
func isLoopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func hostOf(hostport string) string {
	u := url.URL{Host: hostport}
	return u.Hostname()
}

// isForwarded says whether a proxy brought the request. A proxy on this machine makes
// the whole world look local; even an empty header gives it away.
func isForwarded(h http.Header) bool {
	for name := range h {
		switch {
		case strings.HasPrefix(name, "X-Forwarded-"), strings.HasPrefix(name, "X-Original-"):
			return true
		case slices.Contains([]string{"Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip"}, name):
			return true
		}
	}
	return false
}

func isLoopbackURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.User == nil && (u.Scheme == "http" || u.Scheme == "https") && isLoopbackHost(u.Hostname())
}
