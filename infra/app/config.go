package app

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"herald/bot/auth"
	"herald/campaigns/track"
)

// Mode says which Microsoft cloud Herald talks to.
type Mode string

const (
	ModeSandbox    Mode = "sandbox"    // a simulated one
	ModeCloud      Mode = "cloud"      // the real one
	ModePlayground Mode = "playground" // like sandbox, and local clients without a token may be the bot's Teams
)

// Config is what an operator sets by environment variables. ReadConfig checks it.
type Config struct {
	Mode         Mode
	Addr         string // where Herald listens
	SandboxAddr  string
	SandboxURL   string // use the sandbox that runs there
	SandboxUsers int
	PublicURL    string // without a slash at the end; empty: from Addr
	DataDir      string
	DatabaseURL  string
	RedisURL     string
	Role         Role
	Rate         int // sends per second per tenant; 0: unlimited, which Teams answers with 429
	// ApprovalAbove is the largest audience that goes out without a second person's approval; 0: any.
	ApprovalAbove int
	LinkKey       string // signs tracked links; empty: one that the database keeps
	MetricsAddr   string // a listener for /metrics alone; empty: on Addr, for this machine
	// RetentionDays is how long the people of a campaign are kept after it ended; 0: for ever.
	RetentionDays int
	LogFormat     string
	LogLevel      string

	// cloud mode
	Cloud          auth.Cloud
	AppID          string
	TenantID       string   // the bot's own
	AllowedTenants []string // the customers'
	Credential     CredentialConfig
}

// Role says which part of the work a process does.
type Role string

const (
	RoleAll    Role = "all"
	RoleWeb    Role = "web"    // listens: bot endpoint, tab, API
	RoleWorker Role = "worker" // plans and sends
)

// CredentialConfig is how Herald proves to Entra that it is the app; one of them.
type CredentialConfig struct {
	Secret              string
	CertificateFile     string // PEM or PKCS#12 with key
	CertificatePassword string
	ManagedIdentity     string // client id of a user-assigned one, or "system"
	FederatedIdentity   string // client id of the managed identity whose token Entra trusts for the app
	FederatedTokenFile  string // a token that Entra trusts for the app, e.g. from Kubernetes
}

// SandboxMaxUsers is the largest sandbox tenant.
const SandboxMaxUsers = 1_000_000

// configError is one line for the operator: which variable, what is wrong, what to do.
type configError struct{ variable, problem, remedy string }

func (e *configError) Error() string { return e.variable + " " + e.problem + ": " + e.remedy }

// ReadConfig reads the environment. The first wrong value is the error; it never shows a secret.
func ReadConfig(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	c := Config{
		Mode:          Mode(r.oneOf("HERALD_MODE", "sandbox", "sandbox", "cloud", "playground")),
		Addr:          r.addr("HERALD_ADDR", "127.0.0.1:3978"),
		SandboxAddr:   r.addr("HERALD_SANDBOX_ADDR", "127.0.0.1:3979"),
		SandboxURL:    r.url("HERALD_SANDBOX_URL", "http", "https"),
		SandboxUsers:  r.number("HERALD_SANDBOX_USERS", 25, 1, SandboxMaxUsers),
		PublicURL:     r.url("HERALD_PUBLIC_URL", "http", "https"),
		DataDir:       r.text("HERALD_DATA_DIR", "data"),
		DatabaseURL:   r.secretURL("HERALD_DATABASE_URL", "postgres", "postgresql"),
		RedisURL:      r.secretURL("HERALD_REDIS_URL", "redis", "rediss", "unix"),
		Role:          Role(r.oneOf("HERALD_ROLE", "all", "all", "web", "worker")),
		Rate:          r.number("HERALD_RATE", 50, 0, 100_000),
		ApprovalAbove: r.number("HERALD_APPROVAL_ABOVE", 0, 0, 100_000_000),
		LinkKey:       r.linkKey("HERALD_LINK_KEY"),
		MetricsAddr:   r.optionalAddr("HERALD_METRICS_ADDR", "127.0.0.1:9464"),
		RetentionDays: r.number("HERALD_RETENTION_DAYS", 0, 0, 36_500),
		LogFormat:     r.oneOf("HERALD_LOG_FORMAT", "text", "text", "json"),
		LogLevel:      r.oneOf("HERALD_LOG_LEVEL", "info", "debug", "info", "warn", "error"),
	}
	if c.Role != RoleAll && (c.DatabaseURL == "" || c.RedisURL == "") {
		r.fail("HERALD_ROLE", "is "+string(c.Role)+", but the processes share nothing", "set HERALD_DATABASE_URL and HERALD_REDIS_URL to what they all use, or HERALD_ROLE=all")
	}
	if c.Role != RoleAll && c.Mode != ModeCloud && c.SandboxURL == "" {
		r.fail("HERALD_SANDBOX_URL", "is empty, and HERALD_ROLE is "+string(c.Role), "start \"herald sandbox\" and set this to its address, so that all processes share one")
	}
	switch c.Mode {
	case ModePlayground:
		r.playground(c.Addr)
	case ModeCloud:
		r.cloud(&c)
	case ModeSandbox:
	}
	return c, r.err
}

// reader keeps the first error, so that the whole configuration reads as a list.
type reader struct {
	getenv func(string) string
	err    error
}

func (r *reader) fail(variable, problem, remedy string) {
	if r.err == nil {
		r.err = &configError{variable, problem, remedy}
	}
}

func (r *reader) text(name, fallback string) string {
	if v := strings.TrimSpace(r.getenv(name)); v != "" {
		return v
	}
	return fallback
}

func (r *reader) oneOf(name, fallback string, allowed ...string) string {
	v := r.text(name, fallback)
	if !slices.Contains(allowed, v) {
		r.fail(name, fmt.Sprintf("is %q", v), "use "+strings.Join(allowed, ", "))
	}
	return v
}

func (r *reader) number(name string, fallback, least, most int) int {
	v := r.text(name, strconv.Itoa(fallback))
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		r.fail(name, fmt.Sprintf("is %q", v), fmt.Sprintf("use a whole number from %d to %d", least, most))
	}
	return n
}

func (r *reader) addr(name, fallback string) string {
	v := r.text(name, fallback)
	host, port, err := net.SplitHostPort(v)
	n, perr := strconv.Atoi(port)
	if err != nil || perr != nil || n < 0 || n > 65535 || strings.ContainsAny(host, "/ ") {
		r.fail(name, fmt.Sprintf("is %q", v), "write host and port, such as "+fallback)
	}
	return v
}

// optionalAddr is addr for a listener that need not be.
func (r *reader) optionalAddr(name, example string) string {
	if r.text(name, "") == "" {
		return ""
	}
	return r.addr(name, example)
}

// maxSecret is more than any secret has, and less than a file that was named by mistake.
const maxSecret = 16 << 10

// secret reads a variable that holds a secret, or the file that its _FILE names, as container platforms mount secrets.
// The value is never repeated in an error.
func (r *reader) secret(name string) string {
	v, file := r.getenv(name), r.text(name+"_FILE", "")
	if file == "" {
		return strings.TrimSpace(v)
	}
	if strings.TrimSpace(v) != "" {
		r.fail(name+"_FILE", "is set, and so is "+name, "set one of them")
		return ""
	}
	in, err := os.Open(file)
	if err != nil {
		r.fail(name+"_FILE", "names a file that cannot be read", "give the path of a file that holds only the secret, and let Herald read it")
		return ""
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, maxSecret+1))
	switch v = strings.TrimSpace(string(raw)); {
	case err != nil:
		r.fail(name+"_FILE", "names a file that cannot be read", "give the path of a file that holds only the secret, and let Herald read it")
	case len(raw) > maxSecret:
		r.fail(name+"_FILE", "names a file of more than 16 KB", "give the path of a file that holds only the secret")
	case v == "":
		r.fail(name+"_FILE", "names an empty file", "give the path of a file that holds only the secret")
	default:
		return v
	}
	return ""
}

func (r *reader) url(name string, schemes ...string) string {
	return r.address(name, r.text(name, ""), schemes...)
}

// secretURL is url for addresses that hold a password.
func (r *reader) secretURL(name string, schemes ...string) string {
	return r.address(name, r.secret(name), schemes...)
}

// address never repeats the value: it may hold a password.
func (r *reader) address(name, v string, schemes ...string) string {
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" && u.Scheme != "unix" {
		r.fail(name, "is not an address that can be used", "write it like "+schemes[0]+"://host:port")
		return ""
	}
	if strings.HasPrefix(u.Scheme, "http") && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil) {
		r.fail(name, "has more than a host", "write only scheme, host and port, such as https://herald.example.com")
	}
	if strings.HasPrefix(u.Scheme, "http") {
		v = strings.TrimRight(v, "/")
	}
	return v
}

// linkKey never repeats the value: whoever knows it can count clicks that nobody made.
func (r *reader) linkKey(name string) string {
	v := r.secret(name)
	if v != "" && len(v) < track.MinKey {
		r.fail(name, "is too short", "use at least 32 random characters, such as those of \"openssl rand -base64 32\", or leave it empty")
	}
	return v
}

// playground takes activities without a token, so nobody but this machine may reach it.
func (r *reader) playground(addr string) {
	host, _, _ := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		r.fail("HERALD_ADDR", fmt.Sprintf("is %q, which other machines can reach, and HERALD_MODE=playground takes messages without a token", addr), "listen on 127.0.0.1, or use another HERALD_MODE")
	}
}

func (r *reader) cloud(c *Config) {
	name := r.text("HERALD_CLOUD", auth.Public.Name)
	cloud, err := auth.CloudNamed(name)
	if err != nil {
		r.fail("HERALD_CLOUD", fmt.Sprintf("is %q", name), "use public, gcc, gcchigh, dod or china")
	}
	c.Cloud = cloud
	c.AppID = r.id("HERALD_APP_ID", "the application (client) id of the app registration in Entra")
	c.TenantID = r.id("HERALD_TENANT_ID", "the directory (tenant) id of the app registration in Entra")
	for _, t := range strings.Split(r.text("HERALD_ALLOWED_TENANTS", c.TenantID), ",") {
		id, err := uuid.Parse(strings.TrimSpace(t))
		if err != nil {
			r.fail("HERALD_ALLOWED_TENANTS", "holds something that is no tenant id", "write the tenant ids of your customers, separated by commas")
			continue
		}
		c.AllowedTenants = append(c.AllowedTenants, id.String())
	}
	if c.PublicURL == "" || !strings.HasPrefix(c.PublicURL, "https://") {
		r.fail("HERALD_PUBLIC_URL", "is empty or not https", "set the https address at which Teams reaches Herald, such as https://herald.example.com")
	}
	k := CredentialConfig{
		Secret: r.secret("HERALD_APP_SECRET"), CertificateFile: r.text("HERALD_APP_CERTIFICATE", ""), CertificatePassword: r.secret("HERALD_APP_CERTIFICATE_PASSWORD"),
		ManagedIdentity: r.text("HERALD_MANAGED_IDENTITY", ""), FederatedIdentity: r.text("HERALD_FEDERATED_IDENTITY", ""), FederatedTokenFile: r.text("HERALD_FEDERATED_TOKEN_FILE", ""),
	}
	set := 0
	for _, v := range []string{k.Secret, k.CertificateFile, k.ManagedIdentity, k.FederatedIdentity, k.FederatedTokenFile} {
		if v != "" {
			set++
		}
	}
	if set != 1 {
		r.fail("HERALD_APP_SECRET", fmt.Sprintf("and its alternatives are set %d times", set), "set exactly one of HERALD_APP_SECRET, HERALD_APP_CERTIFICATE, HERALD_MANAGED_IDENTITY, HERALD_FEDERATED_IDENTITY, HERALD_FEDERATED_TOKEN_FILE")
	}
	if k.CertificateFile != "" {
		if _, err := os.Stat(k.CertificateFile); err != nil {
			r.fail("HERALD_APP_CERTIFICATE", "names a file that cannot be read", "give the path of a PEM or PKCS#12 file with certificate and key")
		}
	}
	c.Credential = k
}

func (r *reader) id(name, what string) string {
	v := r.text(name, "")
	id, err := uuid.Parse(v)
	if err != nil {
		r.fail(name, "is empty or no id", "set it to "+what)
		return ""
	}
	return id.String()
}
