package queue

import (
	"context"
	"time"
)

// Listening says whether publications are heard.
func (q *Queue) Listening() bool { return q.listening.Load() }

// Wait is WaitStart and WaitDelivery in one, for tests of what both share.
func (q *Queue) Wait(ctx context.Context, max time.Duration) error {
	return q.wait(ctx, max, delays.next)
}
