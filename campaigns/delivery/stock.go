package delivery

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// claimMost is the most that one claim takes.
	claimMost = 512
	// aheadMost is the most that is taken on beside what is on the wire, however fast the senders are.
	aheadMost = 1024
	// ahead is for how long the senders' stock should last: long enough to hide the claim of the next
	// deliveries, short enough that a stop, or another worker, finds little of it.
	ahead = 100 * time.Millisecond
	// worthwhile is how much work a claim should bring when there is plenty.
	worthwhile = 20 * time.Millisecond
	// freshness is how old a mark in the ledger may be when its message is put on the wire. Older ones are given
	// back: their campaign may have been stopped, and after a longer pause of the process their lease may be
	// another's. It is what makes a stop take effect within a second.
	freshness = 500 * time.Millisecond
)

// job is an attempt that is marked in the ledger and waits for a sender.
type job struct {
	lease   Lease
	attempt Attempt
	claimed time.Time // before the claim, on the machine's own clock
	marked  time.Time // when the ledger had answered
	counted time.Time // when it leaves, as far as the queue's rate knows
}

// stock is what was claimed and is not recorded yet. It holds no more than is on the wire and what the senders
// put there in a moment, by the speed that was seen: when Teams or the ledger is slow, next to nothing. So it also
// bounds what a crash can leave in doubt.
type stock struct {
	jobs     chan job
	parallel int

	taken    atomic.Int64  // claimed, and not recorded yet
	finished atomic.Int64  // recorded
	changed  chan struct{} // some more were

	// Of the claimer alone.
	speed float64 // attempts per second
	seen  int64   // of finished
	at    time.Time
}

func newStock(parallel int) *stock {
	return &stock{jobs: make(chan job, aheadMost+parallel), parallel: parallel, changed: make(chan struct{}, 1)}
}

// wanted waits until it is worth a claim and says how many more may be taken; 0 when ctx ended.
func (s *stock) wanted(ctx context.Context) int {
	for {
		s.measure()
		most := s.parallel + min(int(s.speed*ahead.Seconds()), aheadMost)
		// A fast worker claims many at once; a slow one whenever a sender is free.
		worth := max(1, min(most/4, int(s.speed*worthwhile.Seconds())))
		if n := most - int(s.taken.Load()); n >= worth {
			return min(n, claimMost)
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return 0
		}
	}
}

// measure keeps the speed of the last moments.
func (s *stock) measure() {
	now := time.Now()
	took := now.Sub(s.at)
	if took < ahead {
		return
	}
	n := s.finished.Load()
	s.speed = (s.speed + float64(n-s.seen)/took.Seconds()) / 2
	s.seen, s.at = n, now
}

// take counts deliveries that were claimed; each comes back by done or drop.
func (s *stock) take(n int) { s.taken.Add(int64(n)) }

// drop: deliveries that were claimed do not become jobs.
func (s *stock) drop(n int) { s.leave(n) }

// done: the outcomes of n deliveries are recorded.
func (s *stock) done(n int) {
	s.finished.Add(int64(n))
	s.leave(n)
}

func (s *stock) leave(n int) {
	s.taken.Add(int64(-n))
	select {
	case s.changed <- struct{}{}:
	default: // it is known already
	}
}
