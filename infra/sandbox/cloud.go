package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"herald/infra/sandbox/web"
)

// Options configure a [Cloud]. The zero value is a cloud of 25 people that keeps nothing and calls no bot.
type Options struct {
	Users    int    // people in the first tenant, 1 to MaxUsers; default 25
	StateDir string // where state survives a restart; empty: in memory only
	BotURL   string // the bot endpoint, for example http://127.0.0.1:3978/api/messages; empty: events are not delivered
	TabURL   string // the tab; default /tab/ at the bot's host
	Host     string // the host name or address that URLs carry; default the listener's, or 127.0.0.1 when that is unspecified
	Seed     uint64 // of the faults' dice; default 1
	// ChatLimit is how many messages each chat keeps, newest first to stay; default 200. It bounds memory under load.
	ChatLimit int
	Faults    Faults            // at the start
	Page      fs.FS             // the page at /; default the embedded one
	Logger    *slog.Logger      // default: discard
	Transport http.RoundTripper // to the bot; default a keep-alive transport of its own
	Clock     func() time.Time  // the machine's clock; default time.Now
	// OnSend, when set, sees every send before the faults do and may answer it with a refusal. It must be safe for
	// concurrent use.
	OnSend func(Send) *Refusal
}

// Cloud is a running, or not yet running, sandbox. Its methods are safe for concurrent use.
type Cloud struct {
	options     Options
	log         *slog.Logger
	clock       *clock
	dir         *directory
	keys        *keyring
	tokens      tokenCache
	permissions *permissions
	faults      *faultBox
	limits      *tenantLimits
	installs    *tenantLimits          // of Graph's installedApps
	lookups     *tenantLimits          // of Graph's presence
	everybody   atomic.Pointer[string] // the presence of all for whom none was set since
	stats       *stats
	wire        *wireLog
	events      *hub
	bot         *botClient
	journal     *journal
	residents   residents
	installing  sync.Mutex // one bulk install at a time, so that counts come out right

	host     string // host:port, once started
	server   *servers
	stop     context.CancelFunc
	lifetime context.Context
}

// New builds a cloud and reads its state. Nothing listens yet: see [Cloud.Start]. Close it even if it was never started.
func New(o Options) (*Cloud, error) {
	o.Users, o.Seed, o.ChatLimit = or(o.Users, 25), or(o.Seed, 1), or(o.ChatLimit, 200)
	if o.Users < 1 || o.Users > MaxUsers {
		return nil, fmt.Errorf("sandbox: %d users, want 1 to %d", o.Users, MaxUsers)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Page == nil {
		o.Page, _ = web.Page()
	}
	if o.StateDir != "" {
		if err := os.MkdirAll(o.StateDir, 0o700); err != nil {
			return nil, fmt.Errorf("sandbox: state folder: %w", err)
		}
	}
	keys, err := openKeyring(o.StateDir)
	if err != nil {
		return nil, fmt.Errorf("sandbox: keys: %w", err)
	}
	if err := o.Faults.check(); err != nil {
		return nil, fmt.Errorf("sandbox: faults: %w", err)
	}
	lifetime, stop := context.WithCancel(context.Background())
	c := &Cloud{
		options: o, log: o.Logger, clock: newClock(o.Clock), dir: newDirectory(o.Users), keys: keys,
		permissions: newPermissions(), faults: newFaultBox(o.Faults, o.Seed), limits: &tenantLimits{}, installs: &tenantLimits{}, lookups: &tenantLimits{}, stats: newStats(),
		wire: &wireLog{}, events: newHub(), bot: newBotClient(o.BotURL, o.TabURL, o.Transport),
		lifetime: lifetime, stop: stop,
	}
	if c.journal, err = openJournal(o.StateDir, c); err != nil {
		stop()
		return nil, fmt.Errorf("sandbox: journal: %w", err)
	}
	return c, nil
}

// Start listens on addr (host:port, port 0 for any) and serves until [Cloud.Close]. It returns once connections are accepted.
func (c *Cloud) Start(addr string) error {
	if c.server != nil {
		return errors.New("sandbox: started twice")
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		_ = listener.Close()
		return fmt.Errorf("sandbox: %w", err)
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	host = or(c.options.Host, host)
	c.host = net.JoinHostPort(host, port)
	certificate, err := c.keys.leaf(host)
	if err != nil {
		_ = listener.Close()
		return fmt.Errorf("sandbox: certificate: %w", err)
	}
	c.server = serve(c.lifetime, listener, certificate, c.handler(), c.log)
	c.log.Info("the sandbox listens", "page", c.URL(), "cloud", c.TLSURL(), "users", c.options.Users)
	return nil
}

// Close stops listening, ends open requests, and writes what is not yet on disk. It may be called twice.
func (c *Cloud) Close() error {
	c.stop()
	if c.server != nil {
		c.server.close()
	}
	c.bot.close()
	return c.journal.close()
}

// Now is the sandbox's time, UTC.
func (c *Cloud) Now() time.Time { return c.clock.Now() }

func (c *Cloud) machineNow() time.Time { return c.clock.base() }

// Advance moves the sandbox's clock forward.
func (c *Cloud) Advance(d time.Duration) error {
	if !c.clock.advance(d) {
		return fmt.Errorf("sandbox: the clock only goes forward, not by %v", d)
	}
	_, offset, _ := c.clock.read()
	c.journal.append(record{Op: opClock, Offset: offset})
	c.events.publish(topicState, "clock", map[string]any{"offsetNs": offset})
	return nil
}

// URL is the address of the page and the control API, without a trailing slash.
func (c *Cloud) URL() string { return "http://" + c.host }

// TLSURL is the address of Entra, Connector and Graph, without a trailing slash.
func (c *Cloud) TLSURL() string { return "https://" + c.host }

// ServiceURL is what activities and tokens name as serviceUrl.
func (c *Cloud) ServiceURL() string { return c.TLSURL() + "/teams/" }

// Bot answers where the bot and the tab are.
func (c *Cloud) Bot() (botURL, tabURL string) { return c.bot.address(), c.bot.tab() }

// SetBot tells where the bot listens, and the tab if that is not at /tab/ of the same host.
func (c *Cloud) SetBot(botURL, tabURL string) error { return c.bot.set(botURL, tabURL) }
