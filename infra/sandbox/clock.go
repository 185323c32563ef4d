package sandbox

import (
	"context"
	"sync"
	"time"
)

// clock is the machine's clock plus an offset that only grows, so that a test can wait six days in no time.
type clock struct {
	base func() time.Time

	mu      sync.Mutex
	offset  time.Duration
	changed chan struct{} // closed and replaced whenever the offset changes
}

func newClock(base func() time.Time) *clock {
	if base == nil {
		base = time.Now
	}
	return &clock{base: base, changed: make(chan struct{})}
}

// Now answers the sandbox's time in UTC.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.offset).UTC()
}

func (c *clock) read() (now time.Time, offset time.Duration, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.offset).UTC(), c.offset, c.changed
}

// set moves the clock. Going back would break the rising activity ids, so it is refused: ok is false.
func (c *clock) set(offset time.Duration) (ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if offset < c.offset {
		return false
	}
	if offset != c.offset {
		c.offset = offset
		close(c.changed)
		c.changed = make(chan struct{})
	}
	return true
}

func (c *clock) advance(d time.Duration) bool {
	c.mu.Lock()
	target := c.offset + d
	c.mu.Unlock()
	return d >= 0 && c.set(target)
}

// wait returns when the offset differs from known, when the wait is over, or when ctx ends.
func (c *clock) wait(ctx context.Context, known, wait time.Duration) (time.Time, time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		now, offset, changed := c.read()
		if offset != known || wait <= 0 {
			return now, offset
		}
		select {
		case <-changed:
		case <-timer.C:
			wait = 0
		case <-ctx.Done():
			wait = 0
		}
	}
}
