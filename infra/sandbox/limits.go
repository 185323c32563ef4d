package sandbox

import (
	"sync"
	"time"
)

// window keeps the times of what was let through, oldest first, and so can hold any sliding limit exactly.
type window struct{ stamps []int64 }

// forget drops what is older than keep.
func (w *window) forget(now int64, keep time.Duration) {
	i := 0
	for i < len(w.stamps) && w.stamps[i] <= now-int64(keep) {
		i++
	}
	if i > 0 {
		w.stamps = append(w.stamps[:0], w.stamps[i:]...)
	}
}

// full says how long until one more fits under limit in any span of length per; zero when it fits now.
func (w *window) full(now int64, limit int, per time.Duration) time.Duration {
	if len(w.stamps) < limit {
		return 0
	}
	if free := w.stamps[len(w.stamps)-limit] + int64(per); free > now {
		return time.Duration(free - now)
	}
	return 0
}

// Limits per conversation for "Send to conversation" and "Create conversation" (platform.md §2, from Microsoft's
// rate-limit page, "for estimation").
var conversationLimits = []struct {
	limit int
	per   time.Duration
}{{7, time.Second}, {8, 2 * time.Second}, {60, 30 * time.Second}, {1800, time.Hour}}

// admit takes a place in the conversation's own windows, or says how long to wait. The tenant is asked in between, so that
// whom one of the two turns away uses up no place of the other.
func (r *resident) admit(now time.Time, tenant func() time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := now.UnixNano()
	r.sends.forget(at, time.Hour)
	for _, l := range conversationLimits {
		if wait := r.sends.full(at, l.limit, l.per); wait > 0 {
			return wait
		}
	}
	if wait := tenant(); wait > 0 {
		return wait
	}
	r.sends.stamps = append(r.sends.stamps, at)
	return 0
}

// tenantLimits has a sliding window for each tenant.
type tenantLimits struct {
	mu      sync.Mutex
	windows map[uint32]*window
}

// admit takes a place among limit in any span of length per, or says how long to wait; 0 or less is no limit.
func (l *tenantLimits) admit(tenant uint32, limit int, per time.Duration, now time.Time) time.Duration {
	if limit <= 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.windows == nil {
		l.windows = map[uint32]*window{}
	}
	w := l.windows[tenant]
	if w == nil {
		w = &window{}
		l.windows[tenant] = w
	}
	at := now.UnixNano()
	w.forget(at, per)
	if wait := w.full(at, limit, per); wait > 0 {
		return wait
	}
	w.stamps = append(w.stamps, at)
	return 0
}
