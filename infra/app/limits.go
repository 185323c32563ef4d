package app

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What one peer may do at the edges. Generous: behind one address may stand a whole company, and after a campaign all of it
// follows a link. It is there so that one machine cannot keep Herald busy, and so that nobody guesses tokens.
const (
	peerRate, peerBurst       = 1000, 10_000 // requests per second of one address to the page, images, links
	refusedRate, refusedBurst = 20, 2000     // requests per second of one address whose token is not accepted
	personRate, personBurst   = 200, 4000    // requests per second of one signed-in person

	maxBuckets = 100_000 // about 10 MB
)

// limiter is a token bucket for each key: rate per second on average, burst at once. It is safe for concurrent use.
type limiter struct {
	rate, burst float64
	now         func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
	swept   time.Time
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(rate, burst float64) *limiter {
	return &limiter{rate: rate, burst: burst, now: time.Now, buckets: map[string]bucket{}}
}

// take uses one token of the key, or says how long to wait for the next.
func (l *limiter) take(key string) (wait time.Duration) { return l.spend(key, 1) }

// look says how long the key must wait, and uses nothing.
func (l *limiter) look(key string) (wait time.Duration) { return l.spend(key, 0) }

func (l *limiter) spend(key string, n float64) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b, ok := l.buckets[key]
	if !ok {
		b = bucket{l.burst, now}
	}
	b.left, b.at = math.Min(l.burst, b.left+now.Sub(b.at).Seconds()*l.rate), now
	if b.left < 1 {
		l.buckets[key] = b
		return time.Duration((1 - b.left) / l.rate * float64(time.Second))
	}
	if n > 0 {
		l.sweep(now)
		b.left -= n
		l.buckets[key] = b
	}
	return 0
}

// sweep forgets the keys whose buckets are full again: a new one is the same. When that leaves too many, a flood of
// addresses is on its way, and everybody begins anew rather than memory growing.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute && len(l.buckets) < maxBuckets {
		return
	}
	l.swept = now
	for key, b := range l.buckets {
		if b.left+now.Sub(b.at).Seconds()*l.rate >= l.burst {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= maxBuckets {
		clear(l.buckets)
	}
}

// tooMany answers 429. The body is for programs that show it; the header is what matters.
func tooMany(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "Too many requests. Try again after the time in Retry-After.", http.StatusTooManyRequests)
}

// carriers is address space that no request from the internet has (RFC 6598): the ingress of Azure Container Apps is there, and that of other clouds.
var carriers = netip.MustParsePrefix("100.64.0.0/10")

// peerOf is the address that a request comes from. A proxy's word is taken for it only when the connection itself comes from
// this machine or a private network, where proxies are; from the internet anybody may write what they like. An IPv6 peer is its /64.
func peerOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	peer, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if peer = peer.Unmap(); peer.IsLoopback() || peer.IsPrivate() || carriers.Contains(peer) {
		// The last is what our own proxy wrote; those before it came with the request.
		all := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		last := strings.TrimSpace(all[strings.LastIndex(all, ",")+1:])
		if at, err := netip.ParseAddrPort(last); err == nil {
			last = at.Addr().String()
		}
		if said, err := netip.ParseAddr(last); err == nil {
			peer = said.Unmap()
		}
	}
	if peer.Is6() {
		if prefix, err := peer.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return peer.String()
}

// limited counts every request of a peer.
func limited(l *limiter, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := l.take(peerOf(r)); wait > 0 {
			tooMany(w, wait)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guarded counts only the requests of a peer whose token was not accepted, and lets every other one through: what Teams or a
// signed-in person sends is never held up by somebody else behind the same address. Once the peer has used up what it may, a request
// that carries no token at all is not even read.
func guarded(l *limiter, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := peerOf(r)
		if r.Header.Get("Authorization") == "" {
			if wait := l.look(peer); wait > 0 {
				tooMany(w, wait)
				return
			}
		}
		next.ServeHTTP(&guard{ResponseWriter: w, refused: func() time.Duration { return l.take(peer) }}, r)
	})
}

// guard turns a refusal into 429 when there were too many of them.
type guard struct {
	http.ResponseWriter
	refused func() time.Duration
	decided bool
	dropped bool // the answer has been given, and the handler's is not wanted any more
}

func (g *guard) WriteHeader(status int) {
	if !g.decided {
		g.decided = true
		if status == http.StatusUnauthorized {
			if wait := g.refused(); wait > 0 {
				g.dropped = true
				g.Header().Del("Content-Length")
				tooMany(g.ResponseWriter, wait)
			}
		}
	}
	if !g.dropped {
		g.ResponseWriter.WriteHeader(status)
	}
}

func (g *guard) Write(p []byte) (int, error) {
	g.decided = true
	if g.dropped {
		return len(p), nil
	}
	return g.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (g *guard) Unwrap() http.ResponseWriter { return g.ResponseWriter }
