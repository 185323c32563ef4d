// Package jwks keeps the public keys with which other parties sign their tokens,
// and verifies tokens with them.
//
// It exists so that bot/auth (Bot Framework tokens) and tab/auth (Entra tokens),
// which must not import each other, share one careful implementation of the part
// that both need: when to fetch keys, when not to, and what a token must look
// like before anybody reads a claim. It imports nothing of ours. Start reading
// at Set.Key (keys) and Parse (tokens).
//
// go-oidc's RemoteKeySet would do for Entra, but it hides the endorsements of a
// key, fetches for every unknown key id (a forger could make us hammer Microsoft)
// and has no clock.
package jwks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	// RefreshEvery is the age at which keys are fetched again. Microsoft asks for
	// 24 h at most (platform.md §3); half of that leaves room for a bad day.
	RefreshEvery = 12 * time.Hour
	// KeepFor is how long keys keep working when fetching fails: long enough to
	// sleep through an outage, short enough that a withdrawn key dies.
	KeepFor = 72 * time.Hour
	// UnknownWait is the shortest time between two fetches for the sake of key
	// ids that we do not know. Anybody can invent key ids; nobody can make us
	// fetch more often than this.
	UnknownWait = 10 * time.Second
	// StaleWait is the time between two tries to renew keys that still work.
	StaleWait = time.Minute
	// EmptyWait is the time between two tries while there is no key at all.
	EmptyWait = time.Second

	fetchTimeout = 10 * time.Second
	// renewTimeout bounds a fetch by a caller whose key still works: there is something to be done with it.
	renewTimeout = 2 * time.Second
)

// ErrUnknownKey says that the issuer publishes no key of that id, or that it is
// too soon to ask again.
var ErrUnknownKey = errors.New("jwks: unknown key id")

// ErrUnavailable says that there are no keys, because they could not be fetched.
// The cause is wrapped beside it.
var ErrUnavailable = errors.New("jwks: keys cannot be fetched")

// Config says where keys come from. Exactly one of MetadataURL and KeysURL is set.
type Config struct {
	MetadataURL string           // an OpenID Connect discovery document whose jwks_uri leads to the keys
	KeysURL     string           // the keys themselves
	Client      *http.Client     // trust roots and proxy; nil: http.DefaultClient
	Clock       func() time.Time // nil: time.Now
	Logger      *slog.Logger     // nil: no logging
}

// Set is the published keys of one issuer. It fetches them when first asked,
// starts no goroutine, and is safe for concurrent use.
type Set struct {
	source source
	clock  func() time.Time
	log    *slog.Logger

	mu      sync.Mutex
	keys    map[string]Key // replaced as a whole, never changed
	fetched time.Time      // of keys; zero: never
	tried   time.Time      // start of the last fetch; zero: never
	lastErr error          // of the last fetch; nil: it succeeded
	flight  chan struct{}  // closed when the running fetch ends; nil: none runs
}

// New returns an empty set; nothing is fetched yet.
func New(c Config) *Set {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Set{source: newSource(c), clock: c.Clock, log: c.Logger}
}

// Key returns the key with this id. It fetches keys when there are none, when
// they are older than RefreshEvery, and when the id is unknown (keys rotate) and
// UnknownWait has passed. However many callers need a fetch, one runs at a time;
// callers whose key is known do not wait for it.
//
// Errors: ErrUnknownKey, ErrUnavailable (both for errors.Is), or ctx's error when
// it ends while another caller fetches.
func (s *Set) Key(ctx context.Context, id string) (Key, error) {
	for fetchedOnce := false; ; fetchedOnce = true {
		s.mu.Lock()
		now := s.clock()
		usable := !s.fetched.IsZero() && between(s.fetched, now) < KeepFor
		key, found := s.keys[id]
		found = found && usable
		stale := !usable || between(s.fetched, now) >= RefreshEvery

		switch {
		case found && !stale:
			s.mu.Unlock()
			return key, nil

		case s.flight != nil && !found && !fetchedOnce:
			flight := s.flight
			s.mu.Unlock()
			select {
			case <-flight:
			case <-ctx.Done():
				return Key{}, ctx.Err()
			}

		case s.flight == nil && !fetchedOnce && s.mayFetch(now, found, usable):
			flight := make(chan struct{})
			s.flight, s.tried = flight, now
			s.mu.Unlock()
			patience := fetchTimeout
			if found {
				patience = renewTimeout
			}
			s.refresh(ctx, flight, patience)

		default: // no fetch, not now: what we have must do
			err := s.lastErr
			s.mu.Unlock()
			switch {
			case found:
				return key, nil
			case usable:
				return Key{}, ErrUnknownKey
			default:
				return Key{}, errors.Join(ErrUnavailable, err)
			}
		}
	}
}

// mayFetch says whether enough time has passed since the last fetch. s.mu is held.
func (s *Set) mayFetch(now time.Time, found, usable bool) bool {
	if s.tried.IsZero() {
		return true
	}
	wait := UnknownWait
	switch {
	case !usable:
		wait = EmptyWait
	case found: // stale, or we would not be here
		wait = StaleWait
		if s.lastErr == nil {
			wait = 0 // the last try succeeded and has simply grown old
		}
	}
	return between(s.tried, now) >= wait
}

// refresh fetches, stores the result and lets the waiting callers go on. The
// caller that happens to lead does so for all of them: its own cancellation must
// not fail the others, so only patience ends the fetch.
func (s *Set) refresh(ctx context.Context, flight chan struct{}, patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()

	var keys map[string]Key
	err := errors.New("jwks: fetch did not end") // stays only when fetch panics
	defer func() {
		s.mu.Lock()
		s.lastErr = err
		if err == nil {
			s.keys, s.fetched = keys, s.clock()
		}
		s.flight = nil
		s.mu.Unlock()
		close(flight)
	}()

	if keys, err = s.source.fetch(ctx); err != nil {
		s.log.WarnContext(ctx, "signing keys could not be fetched", "source", s.source.String(), "error", err)
		return
	}
	s.log.DebugContext(ctx, "signing keys fetched", "source", s.source.String(), "keys", len(keys))
}

// between is the time from a to b. A clock that was set back counts as far
// ahead: then keys are fetched again rather than trusted for ever.
func between(a, b time.Time) time.Duration {
	if d := b.Sub(a); d >= 0 {
		return d
	}
	return RefreshEvery
}
