// Package delivery sends campaigns: from a due campaign to one outcome per recipient.
// A planner writes the recipients into the ledger (SQL), a feeder keeps
// a window of due ones in the queue (Redis), workers claim, send and record.
//
// It stands on campaigns and its leaves and declares what it needs of SQL (Ledger) and
// Redis (Queue). Start reading at Engine, then planner, worker, feeder.
package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"herald/campaigns"
)

// MinLease is the shortest lease that leaves time to renew it.
const MinLease = time.Second

const (
	// idleWait bounds one wait for something to do; the queue wakes sooner.
	idleWait = 5 * time.Second
	// faultPause is the pause after Redis or SQL failed.
	faultPause = 500 * time.Millisecond
	// handBackTimeout bounds what is said to Redis about work that could not be begun, also after the stop.
	handBackTimeout = 2 * time.Second
)

// Config is what an Engine stands on. Every field is required but Observe.
type Config struct {
	Queue     Queue
	Ledger    Ledger
	Messenger campaigns.Messenger
	Roster    *campaigns.Roster
	Settings  campaigns.Settings
	// Lease must equal the queue's; it is longer than the messenger's slowest attempt.
	Lease time.Duration
	// Parallel is how many sends may be on the wire at once, 1–1000.
	Parallel int
	Now      func() time.Time
	Log      *slog.Logger
	// Observe is told of each attempt's result and its time on the wire.
	Observe func(Result, time.Duration)
}

// Engine plans and sends until it is told to stop. Any number of engines, in any
// number of processes, share the work.
type Engine struct {
	cfg     Config
	feeder  *feeder
	planner *planner
	worker  *worker
}

// New makes an engine; Run starts it.
func New(cfg Config) (*Engine, error) {
	if cfg.Parallel < 1 || cfg.Parallel > 1000 {
		return nil, fmt.Errorf("delivery: Parallel is %d; it must be 1–1000", cfg.Parallel)
	}
	if cfg.Lease < MinLease {
		return nil, fmt.Errorf("delivery: Lease is %s; it must be at least %s", cfg.Lease, MinLease)
	}
	if cfg.Observe == nil {
		cfg.Observe = func(Result, time.Duration) {}
	}
	f := &feeder{queue: cfg.Queue, ledger: cfg.Ledger, lease: cfg.Lease, now: cfg.Now, log: cfg.Log}
	return &Engine{
		cfg:     cfg,
		feeder:  f,
		planner: &planner{queue: cfg.Queue, ledger: cfg.Ledger, roster: cfg.Roster, feeder: f, lease: cfg.Lease, now: cfg.Now, log: cfg.Log},
		worker: &worker{
			queue: cfg.Queue, ledger: cfg.Ledger, messenger: cfg.Messenger, feeder: f, settings: cfg.Settings,
			lease: cfg.Lease, now: cfg.Now, log: cfg.Log, observe: cfg.Observe,
			slots: make(chan struct{}, cfg.Parallel), results: make(chan finished, cfg.Parallel),
			templates: map[Key]*template{}, held: map[Ref]Lease{},
		},
	}, nil
}

// Run works until ctx ends, then finishes what is on the wire, records it and returns.
func (e *Engine) Run(ctx context.Context) {
	var loops, recorder, renewer sync.WaitGroup
	recording, recorded := context.WithCancel(context.WithoutCancel(ctx))
	renewer.Go(func() { e.worker.renew(recording) })
	recorder.Go(func() { e.worker.record(ctx) })
	loops.Go(func() { e.feeder.run(ctx) })
	loops.Go(func() { e.plans(ctx) })
	loops.Go(func() { e.sends(ctx) })
	loops.Wait()
	e.worker.sends.Wait()
	close(e.worker.results)
	recorder.Wait()
	recorded()
	renewer.Wait()
}

// plans claims starts, one at a time per process.
func (e *Engine) plans(ctx context.Context) {
	for ctx.Err() == nil {
		l, ok, err := e.cfg.Queue.ClaimStart(ctx)
		if err == nil && ok {
			if err = e.planner.run(ctx, l); err == nil {
				continue
			}
			e.cfg.Log.WarnContext(ctx, "planning interrupted; the reconciler has it continued", "tenant", l.TenantID, "campaign", l.CampaignID, "err", err)
			e.handBack(ctx, l)
			continue
		}
		e.rest(ctx, err, e.cfg.Queue.WaitStart)
	}
}

// handBack gives up a start that is not finished, so that nobody waits for its lease to run out.
func (e *Engine) handBack(ctx context.Context, l StartLease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handBackTimeout)
	defer cancel()
	if err := e.cfg.Queue.AckStart(ctx, l); err != nil {
		e.cfg.Log.WarnContext(ctx, "start not handed back; its lease runs out", "campaign", l.CampaignID, "err", err)
	}
}

// sends claims deliveries whenever a slot is free.
func (e *Engine) sends(ctx context.Context) {
	for ctx.Err() == nil {
		free := cap(e.worker.slots) - len(e.worker.slots)
		if free == 0 {
			select { // a slot was freed as soon as one can be taken
			case e.worker.slots <- struct{}{}:
				<-e.worker.slots
			case <-ctx.Done():
				return
			}
			continue
		}
		leases, err := e.cfg.Queue.Claim(ctx, min(claimBatch, free))
		if err == nil && len(leases) > 0 {
			if err = e.worker.claimed(ctx, leases); err == nil {
				continue
			}
		}
		e.rest(ctx, err, e.cfg.Queue.WaitDelivery)
	}
}

// rest waits until there may be something to do, or a moment after a fault.
func (e *Engine) rest(ctx context.Context, err error, wait func(context.Context, time.Duration) error) {
	if err == nil {
		err = wait(ctx, idleWait)
	}
	if err == nil || ctx.Err() != nil {
		return
	}
	e.cfg.Log.WarnContext(ctx, "the queue or the ledger does not answer; trying again", "err", err)
	select {
	case <-ctx.Done():
	case <-time.After(faultPause):
	}
}
