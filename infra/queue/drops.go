package queue

import (
	"sync"
	"time"

	"herald/campaigns/delivery"
)

// dropMemory is how long a Drop is remembered. What was claimed before it is long on the wire then, or given back.
const dropMemory = time.Minute

// drops remembers which campaigns were dropped lately. Its zero value works.
type drops struct {
	mu sync.Mutex
	at map[delivery.Key]time.Time
}

func (d *drops) note(k delivery.Key) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for old, at := range d.at {
		if now.Sub(at) > dropMemory {
			delete(d.at, old)
		}
	}
	if d.at == nil {
		d.at = map[delivery.Key]time.Time{}
	}
	d.at[k] = now
}

// Dropped is when this process last heard of a Drop of the campaign.
func (q *Queue) Dropped(k delivery.Key) time.Time {
	q.drops.mu.Lock()
	defer q.drops.mu.Unlock()
	return q.drops.at[k]
}
