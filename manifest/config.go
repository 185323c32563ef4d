package manifest

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Config is what differs between one company's Herald and another's.
type Config struct {
	// AppID is the application (client) id of the Entra registration.
	AppID string
	// BotID is the bot's id; empty: AppID, which is what one registration for
	// both gives.
	BotID string
	// ManifestID identifies the app in Teams and must stay the same over all
	// versions; empty: AppID.
	ManifestID string
	// Version is MAJOR.MINOR.PATCH. Teams takes a package as an update only
	// when its version grows.
	Version string
	// PublicURL is where Teams and people reach Herald, without a path:
	// https://herald.example.com.
	PublicURL string
	// Domains are further hosts that the tab opens pages of; the host of
	// PublicURL is always among the valid domains.
	Domains []string

	// Name is shown under the icon; at most 30 characters. Empty: Herald.
	Name string
	// Developer is who runs or offers this app; at most 32 characters. Empty: Herald.
	Developer string
	// AccentColor goes with the icon: #RRGGBB. Empty: Herald's own.
	AccentColor string

	// Environment tells several Heralds of one company apart, such as "dev" beside the one that everybody uses: lower case
	// letters, digits and hyphens, at most 16. It changes the app's id in Teams, always to the same other one, and ends the
	// name: "Herald (dev)". Empty: the one that everybody uses.
	Environment string

	// ColorIcon and OutlineIcon are PNG files: 192×192 pixels in colour without transparency, and 32×32 in white on
	// transparent. nil: Herald's own. With a colour icon of your own Teams makes the small one from it.
	ColorIcon, OutlineIcon []byte

	// Local lets PublicURL be a loopback address over http, for packages that
	// only the sandbox or the Agents Playground reads. Teams itself needs https
	// and a name in DNS.
	Local bool
}

// defaultAccent is the lower end of the colour icon's background.
const defaultAccent = "#0B4A63"

// Problem is one rule that a Config breaks.
type Problem struct {
	Field   string // of Config
	Message string // one English sentence: what is wrong and what would be right
}

// InvalidError lists everything that is wrong with a Config.
type InvalidError struct{ Problems []Problem }

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Field + ": " + p.Message
	}
	return "app package: " + strings.Join(lines, "; ")
}

func (c Config) withDefaults() Config {
	or := func(value, fallback string) string {
		if value = strings.TrimSpace(value); value == "" {
			return fallback
		}
		return value
	}
	c.AppID = strings.ToLower(or(c.AppID, ""))
	c.BotID = strings.ToLower(or(c.BotID, c.AppID))
	c.ManifestID = strings.ToLower(or(c.ManifestID, c.AppID))
	c.Version = or(c.Version, "")
	c.PublicURL = or(c.PublicURL, "")
	c.Name = or(c.Name, "Herald")
	c.Developer = or(c.Developer, "Herald")
	c.AccentColor = or(c.AccentColor, defaultAccent)
	if c.Environment = strings.TrimSpace(c.Environment); c.Environment != "" {
		c.Name += " (" + c.Environment + ")"
		if base, err := uuid.Parse(c.ManifestID); err == nil && guidForm.MatchString(c.ManifestID) {
			c.ManifestID = uuid.NewSHA1(base, []byte("herald:"+c.Environment)).String()
		}
	}
	return c
}

var (
	guidForm        = regexp.MustCompile(`^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`)
	versionForm     = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}$`)
	colourForm      = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
	environmentForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,14}[a-z0-9])?$`)
	// A host name of at least two labels, perhaps with a wildcard in front, as
	// validDomains takes it.
	domainForm = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// check finds everything that is wrong with c, which has its defaults.
func (c Config) check() (site, error) {
	var problems []Problem
	problem := func(field, format string, args ...any) {
		problems = append(problems, Problem{field, fmt.Sprintf(format, args...)})
	}

	for _, id := range []struct{ field, value string }{
		{"AppID", c.AppID}, {"BotID", c.BotID}, {"ManifestID", c.ManifestID},
	} {
		switch {
		case id.value == "" && id.field == "AppID":
			problem(id.field, "is missing: give the application (client) id of the Entra app registration.")
		case id.value == c.AppID && id.field != "AppID":
			// Its default; what is wrong with it is said once, at AppID.
		case !guidForm.MatchString(id.value):
			problem(id.field, "%q is not a GUID such as 6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b.", id.value)
		case strings.Trim(id.value, "0-") == "":
			problem(id.field, "is the empty GUID; give the id of the real registration.")
		}
	}
	switch {
	case c.Version == "":
		problem("Version", "is missing: give MAJOR.MINOR.PATCH, for example 1.0.0.")
	case !versionForm.MatchString(c.Version):
		problem("Version", "%q is not MAJOR.MINOR.PATCH in plain numbers, for example 1.4.0.", c.Version)
	}
	if n := utf8.RuneCountInString(c.Name); n > 30 {
		problem("Name", "has %d characters; Teams takes at most 30.", n)
	}
	if n := utf8.RuneCountInString(c.Developer); n > 32 {
		problem("Developer", "has %d characters; Teams takes at most 32.", n)
	}
	if !colourForm.MatchString(c.AccentColor) {
		problem("AccentColor", "%q is not a colour of the form #RRGGBB.", c.AccentColor)
	}
	if c.Environment != "" && !environmentForm.MatchString(c.Environment) {
		problem("Environment", "%q is not a short name such as dev: use at most 16 lower case letters, digits and hyphens.", c.Environment)
	}
	for _, icon := range []struct {
		field string
		raw   []byte
		check func([]byte) string
	}{{"ColorIcon", c.ColorIcon, checkColor}, {"OutlineIcon", c.OutlineIcon, checkOutline}} {
		if icon.raw == nil {
			continue
		}
		if why := icon.check(icon.raw); why != "" {
			problem(icon.field, "%s", why)
		}
	}
	if len(c.Domains) > 99 {
		problem("Domains", "has %d entries; Teams takes at most 100 with Herald's own.", len(c.Domains))
	}
	for _, domain := range c.Domains {
		if !domainForm.MatchString(strings.ToLower(domain)) {
			problem("Domains", "%q is not a host name such as www.example.com or *.example.com.", domain)
		}
	}

	at, why := parseSite(c.PublicURL, c.Local)
	if why != "" {
		problem("PublicURL", "%s", why)
	}
	if len(problems) > 0 {
		return site{}, &InvalidError{problems}
	}
	return at, nil
}

// site is the checked public address.
type site struct {
	scheme string
	host   string // lower case, with the port when it is not the scheme's own
}

func (s site) url(path string) string { return s.scheme + "://" + s.host + path }

// domains puts the site's own host first and drops what is there twice.
func (s site) domains(more []string) []string {
	domains := []string{s.host}
	for _, domain := range more {
		if domain = strings.ToLower(domain); !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
	}
	return domains
}

// parseSite returns the address, or one sentence on why it cannot be used.
func parseSite(address string, local bool) (site, string) {
	const form = "the form is https://herald.example.com"
	if address == "" {
		return site{}, "is missing: Teams must reach Herald from outside; " + form + "."
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Opaque != "" || u.Hostname() == "" {
		return site{}, fmt.Sprintf("%q is not an address; %s.", address, form)
	}
	if u.User != nil {
		return site{}, "must not hold a user name or password."
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return site{}, fmt.Sprintf("%q must not have a query or a fragment; %s.", address, form)
	}
	if u.Path != "" && u.Path != "/" {
		return site{}, fmt.Sprintf("has the path %q; Herald needs a host of its own, %s.", u.Path, form)
	}
	host := strings.ToLower(u.Hostname())
	loopback := host == "localhost"
	if ip, err := netip.ParseAddr(host); err == nil {
		loopback = ip.IsLoopback()
		if !loopback || !local {
			return site{}, fmt.Sprintf("%q is an IP address; Teams needs a host name with a certificate, %s.", address, form)
		}
	} else if !domainForm.MatchString(host) && (!loopback || !local) || strings.HasPrefix(host, "*") {
		return site{}, fmt.Sprintf("%q is not a full host name that Teams can reach (international names in their xn-- form); %s.", host, form)
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && local && loopback:
	default:
		return site{}, fmt.Sprintf("%q does not begin with https://, and Teams opens nothing else; %s.", address, form)
	}
	if port := u.Port(); port != "" && !(u.Scheme == "https" && port == "443") && !(u.Scheme == "http" && port == "80") {
		host = net.JoinHostPort(host, port)
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return site{u.Scheme, host}, ""
}
