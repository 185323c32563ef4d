// Package bell wakes those who wait. It imports nothing.
package bell

import "sync"

// Bell wakes everybody who took a channel before it rang. Its zero value works.
type Bell struct {
	mu sync.Mutex
	ch chan struct{}
}

// Next is closed when the bell next rings.
func (b *Bell) Next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

// Ring wakes everybody who waits.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
