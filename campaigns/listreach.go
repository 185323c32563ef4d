package campaigns

import (
	"context"
	"sync"
	"time"
)

const (
	// countedAtOnce is how many members are counted while somebody waits; 100,000 take the better part of a second.
	countedAtOnce = 5_000
	// reachLife is how long a count of more is good enough.
	reachLife = 30 * time.Second
)

// listReaches are the counts of large lists.
type listReaches struct {
	mu       sync.Mutex
	known    map[ListKey]*listReach
	counting sync.WaitGroup
}

type listReach struct {
	installed int
	at        time.Time // zero: not counted yet
	of        time.Time // the list's last change when it was counted
	counting  bool
}

// countReach fills in how many members of each list have the app. Of a large list it is the last count, nil when there is none
// of the list as it is now; when that is old, or none, the list is counted beside for whoever asks next.
func (r *Roster) countReach(ctx context.Context, tenantID string, lists ...*List) error {
	var small []*List
	for _, l := range lists {
		if l.Members <= countedAtOnce {
			small = append(small, l)
		} else {
			l.Installed = r.lastReach(ctx, l)
		}
	}
	counts, err := r.Store.CountInstalled(ctx, tenantID, small...)
	for _, l := range small {
		n := counts[l.ID]
		l.Installed = &n
	}
	return err
}

func (r *Roster) lastReach(ctx context.Context, l *List) *int {
	r.reaches.mu.Lock()
	defer r.reaches.mu.Unlock()
	if r.reaches.known == nil {
		r.reaches.known = map[ListKey]*listReach{}
	}
	e := r.reaches.known[l.Key()]
	if e == nil {
		e = &listReach{}
		r.reaches.known[l.Key()] = e
	}
	same := !e.at.IsZero() && e.of.Equal(l.UpdatedAt)
	if !e.counting && (!same || r.Now().Sub(e.at) > reachLife) {
		e.counting = true
		counted := *l
		r.reaches.counting.Go(func() { r.count(context.WithoutCancel(ctx), counted, e) })
	}
	if !same {
		return nil
	}
	n := e.installed
	return &n
}

func (r *Roster) count(ctx context.Context, l List, e *listReach) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	counts, err := r.Store.CountInstalled(ctx, l.TenantID, &l)
	r.reaches.mu.Lock()
	defer r.reaches.mu.Unlock()
	e.counting = false
	if err != nil {
		r.Log.WarnContext(ctx, "a list's people with the app were not counted", "tenant", l.TenantID, "list", l.ID, "err", err)
		return
	}
	e.installed, e.at, e.of = counts[l.ID], r.Now(), l.UpdatedAt
}
