package schedule

import (
	"math/rand/v2"
	"time"
)

const (
	// BackoffBase is the widest wait after the first failed attempt.
	BackoffBase = 2 * time.Second
	// BackoffCap is the widest wait after any failed attempt.
	BackoffCap = 5 * time.Minute
	// MaxRetryAfter bounds what a service may ask for: a Retry-After of a day
	// is a mistake or an attack, and would keep a campaign open for ever.
	MaxRetryAfter = time.Hour
)

// Random gives numbers in [0, 1). *rand.Rand of math/rand/v2 is one.
type Random interface{ Float64() float64 }

// Policy bounds the attempts of one delivery.
type Policy struct {
	MaxAttempts int           // attempts in all, the first included; 0: as DefaultPolicy
	MaxAge      time.Duration // from the first attempt to the last; 0: as DefaultPolicy
	Random      Random        // spreads the waits; nil: every wait is as wide as it can be
}

// DefaultPolicy tries twelve times within six hours. The eleven waits between them are never shorter than
// 10 minutes together: an outage of that length fails nobody.
var DefaultPolicy = Policy{MaxAttempts: 12, MaxAge: 6 * time.Hour}

// Backoff is the wait after failed attempt number attempt (1 is the first):
// exponential with equal jitter, anything from half of min(BackoffCap, BackoffBase
// × 2^(attempt-1)) to all of it. Jitter, because many deliveries fail at the same
// moment (the service was away) and must not all come back at the same moment; half, because
// with full jitter a few of many would use up their attempts in a fraction of the time.
func Backoff(attempt int, rnd Random) time.Duration {
	widest := BackoffCap
	if attempt < 1 {
		attempt = 1
	}
	// 2 s × 2^8 is past the cap already; the guard keeps the shift from overflowing.
	if attempt <= 8 {
		widest = min(BackoffCap, BackoffBase<<(attempt-1))
	}
	if rnd == nil {
		return widest
	}
	return widest/2 + time.Duration(rnd.Float64()*float64(widest/2))
}

// NextAttempt is DefaultPolicy's, with the waits spread at random.
func NextAttempt(now, first time.Time, attempt int, retryAfter time.Duration) (next time.Time, giveUp bool) {
	p := DefaultPolicy
	p.Random = shared{}
	return p.NextAttempt(now, first, attempt, retryAfter)
}

// shared is the process's random source, safe for concurrent use.
type shared struct{}

func (shared) Float64() float64 { return rand.Float64() }

// NextAttempt says when a delivery whose attempt number attempt (1 is the
// first) failed at now is tried again, or that it is given up.
//
// first is when attempt 1 was made; the zero time means now. retryAfter is what
// the service asked for (0: nothing); it is a lower bound, cut at MaxRetryAfter,
// with up to BackoffBase of jitter on top, so that all who were throttled
// together do not return together. Giving up returns the zero time.
func (p Policy) NextAttempt(now, first time.Time, attempt int, retryAfter time.Duration) (next time.Time, giveUp bool) {
	if p.MaxAttempts <= 0 {
		p.MaxAttempts = DefaultPolicy.MaxAttempts
	}
	if p.MaxAge <= 0 {
		p.MaxAge = DefaultPolicy.MaxAge
	}
	if attempt >= p.MaxAttempts {
		return time.Time{}, true
	}
	wait := Backoff(attempt, p.Random)
	if retryAfter > 0 {
		jitter := BackoffBase
		if p.Random != nil {
			jitter = time.Duration(p.Random.Float64() * float64(BackoffBase))
		}
		wait = min(retryAfter, MaxRetryAfter) + jitter
	}
	next = now.UTC().Add(wait)
	if first.IsZero() || first.After(now) { // a clock may be behind another one's
		first = now
	}
	if next.After(first.Add(p.MaxAge)) {
		return time.Time{}, true
	}
	return next, false
}
