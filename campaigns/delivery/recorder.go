package delivery

import (
	"context"
	"log/slog"
	"time"
)

const (
	// recordMost is the most that one ledger write takes; whatever came while the one before was
	// written goes together.
	recordMost = 1000
	// recordEvery bounds how long an outcome waits for others to be written with it.
	recordEvery = 10 * time.Millisecond
	// writeRetry is the pause before a ledger write is tried again.
	writeRetry = 200 * time.Millisecond
)

// finished is an attempt that has an outcome, which the ledger does not know yet.
type finished struct {
	lease  Lease
	result Result
}

// recorder writes outcomes: SQL first, then the acknowledgement in Redis, so that a crash
// in between leaves a delivery to be refused by SQL, never a lost one.
type recorder struct {
	queue    Queue
	ledger   Ledger
	feeder   *feeder
	held     *held
	stock    *stock
	results  chan finished
	lease    time.Duration
	now      func() time.Time
	log      *slog.Logger
	observer Observer
}

// run collects results and writes them in batches until results is closed.
func (r *recorder) run(ctx context.Context) {
	stop := ctx.Done()
	ctx = context.WithoutCancel(ctx)
	var batch []finished
	flush := time.NewTimer(time.Hour)
	flush.Stop()
	for {
		select {
		case f, ok := <-r.results:
			if !ok {
				r.write(ctx, stop, batch)
				return
			}
			if batch = append(batch, f); len(batch) == 1 {
				flush.Reset(recordEvery)
			}
			if len(batch) < recordMost {
				continue
			}
		case <-flush.C:
		}
		r.write(ctx, stop, batch)
		batch = batch[:0]
	}
}

// write puts one batch into the ledger, then tells the queue. The ledger is tried again as
// long as the process works, with the leases renewed: what is known to be sent is never
// forgotten. Once stop is closed it has half a lease; after that the leases run out,
// and the deliveries stand in SQL as attempts that may have arrived.
func (r *recorder) write(ctx context.Context, stop <-chan struct{}, batch []finished) {
	if len(batch) == 0 {
		return
	}
	defer func() {
		r.held.release(batch)
		r.stock.done(len(batch))
	}()
	results := make([]Result, len(batch))
	for i, f := range batch {
		results[i] = f.result
	}
	var accepted []Result
	var err error
	for last := r.lease / 2; ; {
		began := time.Now()
		if accepted, err = r.ledger.Record(ctx, results); err == nil {
			r.observer.Recorded(len(results), time.Since(began))
			break
		}
		if last <= 0 {
			break
		}
		r.log.WarnContext(ctx, "outcomes not recorded; trying again", "count", len(results), "err", err)
		select {
		case <-stop:
			last -= writeRetry
		default:
		}
		time.Sleep(writeRetry)
	}
	if err != nil {
		r.log.ErrorContext(ctx, "outcomes lost to the ledger; these messages may be repeated", "count", len(results), "err", err)
		return
	}
	r.tell(ctx, batch, accepted)
}

// tell ends the leases of a batch that the ledger knows. What is to be tried again soon waits in
// Redis, the rest in SQL until the feeder finds it.
func (r *recorder) tell(ctx context.Context, batch []finished, accepted []Result) {
	soon := r.now().Add(horizon)
	next := map[Ref]time.Time{}
	for _, res := range accepted {
		if !res.Status.Final() && !res.PutOff && !res.NextAt.After(soon) {
			next[res.Ref] = res.NextAt
		}
	}
	var done []Lease
	var again []Again
	touched := map[Key]bool{}
	for _, f := range batch {
		touched[f.lease.Key] = true
		if at, ok := next[f.result.Ref]; ok {
			again = append(again, Again{Lease: f.lease, At: at})
			continue
		}
		done = append(done, f.lease)
	}
	if err := r.queue.Reschedule(ctx, again); err != nil {
		r.log.WarnContext(ctx, "not rescheduled; the reconciler does it", "err", err)
	}
	if err := r.queue.Ack(ctx, done); err != nil {
		r.log.WarnContext(ctx, "not acknowledged; SQL refuses them when they come again", "err", err)
	}
	for k := range touched {
		r.feeder.more(k)
	}
}
