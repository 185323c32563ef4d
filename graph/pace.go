package graph

import (
	"sync"
	"time"
)

// pace keeps each tenant's calls within one of Graph's limits: at most limit in any span of time, on Herald's clock. Beside the
// sandbox, whose limits are on its own, both are moved together. It is safe for concurrent use.
type pace struct {
	limit int
	span  time.Duration
	now   func() time.Time

	mu    sync.Mutex
	lanes map[string]*lane
}

// lane is one tenant's.
type lane struct {
	taken []time.Time // the last limit calls, as a ring
	next  int         // where the oldest of them is
	until time.Time   // Graph asked for a pause
}

func newPace(limit int, span time.Duration, now func() time.Time) *pace {
	return &pace{limit: limit, span: span, now: now, lanes: map[string]*lane{}}
}

// take takes a place, or says how long to wait for one.
func (p *pace) take(tenant string) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, now := p.lane(tenant), p.now()
	if wait := l.until.Sub(now); wait > 0 {
		return wait
	}
	if len(l.taken) < p.limit {
		l.taken = append(l.taken, now)
		return 0
	}
	if wait := l.taken[l.next].Add(p.span).Sub(now); wait > 0 {
		return wait
	}
	l.taken[l.next] = now
	l.next = (l.next + 1) % p.limit
	return 0
}

// hold lets nobody through for so long.
func (p *pace) hold(tenant string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lane(tenant)
	if until := p.now().Add(d); until.After(l.until) {
		l.until = until
	}
}

func (p *pace) lane(tenant string) *lane {
	l := p.lanes[tenant]
	if l == nil {
		l = &lane{}
		p.lanes[tenant] = l
	}
	return l
}
