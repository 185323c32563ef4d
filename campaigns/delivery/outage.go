package delivery

import (
	"sync"
	"time"
)

const (
	// outageAfter is how many attempts in a row must not get through before a tenant is paused. One flaky chat does
	// not make an outage, and of a hundred with one failure in twenty, five in a row are one in three million.
	outageAfter = 5
	// outageFirst is the first pause; each further one is twice as long, up to outageMost.
	outageFirst = time.Second
	outageMost  = 30 * time.Second
)

// outages notices when nothing gets through to a tenant any more, so that an outage costs a few
// attempts and not one of every recipient's.
type outages struct {
	mu      sync.Mutex
	tenants map[string]*outage
}

type outage struct {
	failures int // in a row
	pause    time.Duration
	began    time.Time // when the last pause was decided on
	standing time.Time // when the queue knew of it
}

// stands: from now on the queue gives out nothing of the tenant's.
func (o *outages) stands(tenantID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.tenants[tenantID]; t != nil {
		t.standing = time.Now()
	}
}

// since is the moment before which a claim did not know of the tenant's pause; zero when something got through after it.
func (o *outages) since(tenantID string) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.tenants[tenantID]; t != nil {
		return t.standing
	}
	return time.Time{}
}

// note hears of an attempt that began at began and says for how long the tenant is to be paused, usually 0.
// through is false when it is to be tried again.
func (o *outages) note(tenantID string, through bool, began time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.tenants[tenantID]
	if through {
		if t != nil {
			delete(o.tenants, tenantID)
		}
		return 0
	}
	if t == nil {
		t = &outage{}
		o.tenants[tenantID] = t
	}
	if began.Before(t.began) {
		return 0 // it was on the wire already when the pause began
	}
	if t.failures++; t.failures < outageAfter {
		return 0
	}
	t.failures, t.began = 0, time.Now()
	t.pause = min(max(2*t.pause, outageFirst), outageMost)
	return t.pause
}
