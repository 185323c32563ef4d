package conversation

import (
	"sync"
	"time"

	"herald/campaigns"
)

const (
	// profileTimeout bounds the look-up of a new person's name; Teams waits for our answer meanwhile.
	profileTimeout = 4 * time.Second
	// A look-up that failed is repeated no sooner, one that found no address much later.
	retryLookup  = time.Minute
	repeatLookup = 24 * time.Hour
	maxLookups   = 10_000
)

// lookups remembers for whom Teams need not be asked again yet. Forgetting costs a
// call, so that the memory of one process, and not for ever, is enough.
type lookups struct {
	mu    sync.Mutex
	until map[[2]string]time.Time
}

// due says whether to ask now, and counts that as a failed try until done says else.
func (l *lookups) due(p campaigns.Person, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.until[key(p)]) {
		return false
	}
	if l.until == nil || len(l.until) >= maxLookups {
		l.until = map[[2]string]time.Time{}
	}
	l.until[key(p)] = now.Add(retryLookup)
	return true
}

func (l *lookups) done(p campaigns.Person, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until[key(p)] = now.Add(repeatLookup)
}

func key(p campaigns.Person) [2]string { return [2]string{p.TenantID, p.ID} }
