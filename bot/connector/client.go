// Package connector is the outbound half of the bot: a client of the Bot
// Connector's REST API (platform.md §1) that reports what became of every call
// as an Outcome (platform.md §2).
//
// It never retries a send by itself: whether, when and how often is decided by
// whoever keeps the ledger. The exceptions are two repetitions that no ledger
// could decide better and that cannot double a message, because Teams refused
// the first: a fresh token after 401, and the GCC host after InvalidBotApiHost.
//
// It imports campaigns/message/wire and nothing else of ours. Start reading at
// Client and Outcome; what decides an outcome is in classify.go, where a token
// may go is in hosts.go.
package connector

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// DefaultTimeout bounds one call, with its token and its repetition. A lease on
// a delivery must be longer than this.
const DefaultTimeout = 30 * time.Second

// Config says how to reach the Bot Connector.
type Config struct {
	Credential azcore.TokenCredential
	Scope      string // e.g. "https://api.botframework.com/.default"

	// Cloud gives the hosts that may receive the bot's token; the zero value
	// allows none. AllowedHosts adds to them: "host", "host:port" or "*.suffix".
	Cloud        Cloud
	AllowedHosts []string

	// PlaygroundLoopback allows plain http service URLs on loopback addresses.
	// Such calls carry no token.
	PlaygroundLoopback bool

	Transport http.RoundTripper // trust roots; nil: the system's
	Timeout   time.Duration     // of one call; zero: DefaultTimeout
	Clock     func() time.Time  // nil: time.Now
	Logger    *slog.Logger      // nil: no logging
}

// Client calls the Bot Connector. Safe for concurrent use.
type Client struct {
	cloud   Cloud
	hosts   hostList
	timeout time.Duration
	clock   func() time.Time
	log     *slog.Logger

	transport http.RoundTripper
	tokens    *tokens
}

// New returns a Client. It fails on an impossible configuration: no credential,
// no scope, or a host pattern that does not say what it means.
func New(cfg Config) (*Client, error) {
	if cfg.Credential == nil || cfg.Scope == "" {
		return nil, errors.New("bot connector: credential and scope are needed")
	}
	hosts, err := newHostList(slices.Concat(cfg.Cloud.Hosts, cfg.AllowedHosts), cfg.PlaygroundLoopback)
	if err != nil {
		return nil, err
	}
	c := &Client{cloud: cfg.Cloud, hosts: hosts, timeout: cfg.Timeout, clock: cfg.Clock, log: cfg.Logger}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if cfg.Transport == nil {
		cfg.Transport = defaultTransport()
	}
	c.transport = cfg.Transport
	c.tokens = &tokens{credential: cfg.Credential, scope: cfg.Scope, clock: c.clock, turn: make(chan struct{}, 1)}
	return c, nil
}

// Close gives idle connections back. The client stays usable.
func (c *Client) Close() { (&http.Client{Transport: c.transport}).CloseIdleConnections() }

// defaultTransport keeps enough connections to one host for a tenant at full
// rate; Go's default of two would open and close one for almost every message.
func defaultTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // somebody replaced it; theirs is what they want
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 64
	return t
}
