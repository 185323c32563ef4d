package connector

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Cloud is what differs between Microsoft's clouds for outbound calls.
type Cloud struct {
	// ServiceURL is where to create conversations for tenants from which no
	// activity has come yet; empty in China, where only the inbound value is
	// known (platform.md §1).
	ServiceURL string
	// Hosts may receive the bot's token.
	Hosts []string
	// GCCServiceURL is where Teams sends a public-cloud bot that answers
	// InvalidBotApiHost (platform.md §2); empty in other clouds.
	GCCServiceURL string
}

// The clouds there are; the addresses are those of platform.md §1. The public
// service URL's host is exact: names under trafficmanager.net are for sale.
var (
	Public = Cloud{
		ServiceURL:    "https://smba.trafficmanager.net/teams/",
		Hosts:         []string{"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"},
		GCCServiceURL: "https://smba.infra.gcc.teams.microsoft.com/teams",
	}
	GCC = Cloud{
		ServiceURL: "https://smba.infra.gcc.teams.microsoft.com/teams",
		Hosts:      []string{"smba.infra.gcc.teams.microsoft.com", "smba.trafficmanager.net"},
	}
	GCCHigh = Cloud{
		ServiceURL: "https://smba.infra.gov.teams.microsoft.us/teams",
		Hosts:      []string{"smba.infra.gov.teams.microsoft.us"},
	}
	DoD = Cloud{
		ServiceURL: "https://smba.infra.dod.teams.microsoft.us/teams",
		Hosts:      []string{"smba.infra.dod.teams.microsoft.us"},
	}
	// China's service hosts are documented nowhere; they must be configured from
	// the service URLs that arrive.
	China = Cloud{}
)

// ErrServiceURL says that a service URL is not one that Herald talks to.
var ErrServiceURL = errors.New("service URL is not allowed")

// hostList is the allow-list of service URLs.
type hostList struct {
	exact    map[string]bool // "host:port", lower case
	suffixes []string        // ".example.com:443"
	loopback bool            // plain http to loopback addresses, without a token
}

func newHostList(patterns []string, loopback bool) (hostList, error) {
	l := hostList{exact: map[string]bool{}, loopback: loopback}
	for _, p := range patterns {
		host, port := strings.ToLower(strings.TrimSpace(p)), "443"
		if h, prt, err := net.SplitHostPort(host); err == nil {
			host, port = h, prt
		}
		suffix, wildcard := strings.CutPrefix(host, "*.")
		switch {
		case !isPort(port):
			return hostList{}, fmt.Errorf("bot connector: %q is no host, host:port or *.suffix", p)
		case wildcard && (!strings.Contains(suffix, ".") || !isHostname(suffix)):
			return hostList{}, fmt.Errorf("bot connector: host pattern %q is too wide", p)
		case wildcard:
			l.suffixes = append(l.suffixes, net.JoinHostPort("."+suffix, port))
		case isHostname(host) || isAddress(host):
			l.exact[net.JoinHostPort(host, port)] = true
		default:
			return hostList{}, fmt.Errorf("bot connector: %q is no host, host:port or *.suffix", p)
		}
	}
	return l, nil
}

// check parses a service URL and says whether it may be called, and whether with
// the bot's token. It runs before every call: what was stored when the list was
// longer must not be called for ever. The error wraps ErrServiceURL.
//
// A service URL is written by whoever wrote the activity. Its token is checked
// against it (bot/auth), but a token of ours goes to where it points, so this is
// a wall of its own.
func (l hostList) check(serviceURL string) (u *url.URL, token bool, err error) {
	refuse := func(why string) (*url.URL, bool, error) {
		return nil, false, fmt.Errorf("%w: %s", ErrServiceURL, why)
	}
	if strings.ContainsFunc(serviceURL, func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7F }) {
		return refuse("it holds characters that no URL holds")
	}
	u, err = url.Parse(serviceURL)
	if err != nil {
		return refuse("it is no URL")
	}
	host := strings.ToLower(u.Hostname())
	switch {
	case u.Opaque != "" || host == "":
		return refuse("it names no host")
	case u.User != nil:
		return refuse("it holds user information")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(serviceURL, "#"):
		return refuse("it has a query or a fragment")
	case strings.Contains(u.EscapedPath(), "%") || hasDotSegment(u.Path):
		return refuse("its path is not plain")
	}
	if strings.EqualFold(u.Scheme, "http") && l.loopback && isLoopback(host) {
		return u, false, nil
	}
	if !strings.EqualFold(u.Scheme, "https") {
		return refuse("it is not https")
	}
	port := u.Port()
	if port == "" {
		if strings.HasSuffix(u.Host, ":") {
			return refuse("its port is empty")
		}
		port = "443"
	}
	if !l.allows(host, port) {
		return refuse("host " + u.Host + " is not on the list")
	}
	return u, true, nil
}

func (l hostList) allows(host, port string) bool {
	at := net.JoinHostPort(host, port)
	if l.exact[at] {
		return true
	}
	if !isHostname(host) { // *.suffix never means an address
		return false
	}
	for _, s := range l.suffixes {
		if strings.HasSuffix(at, s) && len(at) > len(s) {
			return true
		}
	}
	return false
}

// isHostname accepts what a resolver reads as a name: labels of letters, digits
// and hyphens. The last label must not be a number, or the name is an address in
// one of its many disguises (127.1, 0x7f.1).
func isHostname(s string) bool {
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	return len(s) <= 253 && (last[0] < '0' || last[0] > '9')
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func isAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() && a.Zone() == ""
}

func hasDotSegment(path string) bool {
	for _, s := range strings.Split(path, "/") {
		if s == "." || s == ".." {
			return true
		}
	}
	return false
}
