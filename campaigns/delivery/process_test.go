package delivery_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

var (
	errDead = errors.New("the process is dead")
	errAway = errors.New("it does not answer")
)

// process is one Herald: an engine whose every word to SQL and Redis passes by the test.
type process struct {
	*delivery.Engine
	w    *world
	stop context.CancelFunc // the signal to stop; what is on the wire is finished
	done chan struct{}      // closed when Run has returned

	mu     sync.RWMutex
	dead   bool
	calls  map[string]int // finished ones, by method
	before func(call string, n int) error
	after  func(call string, n int)
	begun  map[string]int
}

// start runs a process. before is asked before the n-th call (from 1) of a method: an error is
// the call's result; after is told of calls that were made. Both may be nil, and both may kill.
func (w *world) start(opt ...func(*process, *delivery.Config)) *process {
	w.t.Helper()
	p := &process{w: w, done: make(chan struct{}), calls: map[string]int{}, begun: map[string]int{}}
	cfg := delivery.Config{
		Queue: watchedQueue{w.queue, p}, Ledger: watchedLedger{w.db, p}, Messenger: w.teams, Roster: w.roster(),
		Lease: lease, Parallel: parallel, Now: w.now, Log: slog.New(slog.DiscardHandler),
	}
	for _, o := range opt {
		o(p, &cfg)
	}
	engine, err := delivery.New(cfg)
	w.ok(err)
	p.Engine = engine
	ctx, stop := context.WithCancel(w.ctx)
	p.stop = stop
	go func() {
		defer w.changed.Ring() // after it is closed: until looks only when something rings
		defer close(p.done)
		p.Run(ctx)
	}()
	w.t.Cleanup(func() {
		stop()
		w.teams.close()
		<-p.done
	})
	return p
}

func before(fn func(p *process, call string, n int) error) func(*process, *delivery.Config) {
	return func(p *process, _ *delivery.Config) {
		p.before = func(call string, n int) error { return fn(p, call, n) }
	}
}

// diesAt kills a process when it is about to do something for the nth time.
func diesAt(call string, nth int) func(*process, *delivery.Config) {
	return before(func(p *process, c string, n int) error {
		if c == call && n == nth {
			p.kill()
		}
		return nil
	})
}

func after(fn func(p *process, call string, n int)) func(*process, *delivery.Config) {
	return func(p *process, _ *delivery.Config) {
		p.after = func(call string, n int) { fn(p, call, n) }
	}
}

// slots sets how many messages may be on the wire at once.
func slots(n int) func(*process, *delivery.Config) {
	return func(_ *process, cfg *delivery.Config) { cfg.Parallel = n }
}

// kill ends the process like kill -9: of what it does from now on nothing reaches SQL or Redis.
func (p *process) kill() {
	p.mu.Lock()
	p.dead = true
	p.mu.Unlock()
	p.stop()
}

func (p *process) gone() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.dead
}

// end stops the process gracefully and waits for it.
func (p *process) end() {
	p.w.t.Helper()
	p.stop()
	p.w.wait("the process to end", p.done)
}

// count says how often a method has returned.
func (p *process) count(call string) int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.calls[call]
}

// planned waits until the process has planned the campaign to its end and handed the start back: it writes no more pages.
func (p *process) planned(k campaigns.Key) {
	p.w.t.Helper()
	p.w.until("the whole plan", func() bool { return p.count("AckStart") > 0 && p.w.campaign(k).Planned })
}

// idle waits until the process has looked for starts and deliveries after this moment and found nothing.
func (p *process) idle() {
	p.w.t.Helper()
	starts, claims := p.count("ClaimStart"), p.count("Claim")
	p.w.until("a look that finds nothing", func() bool {
		// The first look may have begun before this moment.
		if p.gone() || p.count("ClaimStart") >= starts+2 && p.count("Claim") >= claims+2 { // who is killed looks at nothing
			return true
		}
		p.w.queue.Poke()
		return false
	})
}

// call makes one call past the test's hooks. A dead process hears errDead and does nothing.
func call[T any](p *process, name string, fn func() (T, error)) (out T, err error) {
	p.mu.Lock()
	p.begun[name]++
	n := p.begun[name]
	p.mu.Unlock()
	if p.before != nil {
		if err := p.before(name, n); err != nil {
			return out, err
		}
	}
	if p.gone() {
		return out, errDead
	}
	v, err := fn()
	p.mu.Lock()
	p.calls[name]++
	p.mu.Unlock()
	if p.after != nil && err == nil {
		p.after(name, n)
	}
	p.w.changed.Ring()
	if p.gone() {
		return out, errDead
	}
	return v, err
}

type none = struct{}

func do(p *process, name string, fn func() error) error {
	_, err := call(p, name, func() (none, error) { return none{}, fn() })
	return err
}

type watchedLedger struct {
	delivery.Ledger
	p *process
}

func (l watchedLedger) Begin(ctx context.Context, k delivery.Key, now time.Time) (*campaigns.Campaign, delivery.Plan, error) {
	var plan delivery.Plan
	c, err := call(l.p, "Begin", func() (c *campaigns.Campaign, err error) {
		c, plan, err = l.Ledger.Begin(ctx, k, now)
		return c, err
	})
	return c, plan, err
}

func (l watchedLedger) HoldBack(ctx context.Context, k delivery.Key, ap campaigns.Approval, now time.Time) error {
	return do(l.p, "HoldBack", func() error { return l.Ledger.HoldBack(ctx, k, ap, now) })
}

func (l watchedLedger) PlanMembers(ctx context.Context, k delivery.Key, from delivery.Plan, span delivery.Span, now time.Time) (delivery.Plan, error) {
	return call(l.p, "PlanMembers", func() (delivery.Plan, error) { return l.Ledger.PlanMembers(ctx, k, from, span, now) })
}

func (l watchedLedger) WritePage(ctx context.Context, k delivery.Key, from, to delivery.Plan, page []delivery.Planned, now time.Time) error {
	return do(l.p, "WritePage", func() error { return l.Ledger.WritePage(ctx, k, from, to, page, now) })
}

func (l watchedLedger) Due(ctx context.Context, k delivery.Key, after delivery.Due, stale, until time.Time, limit int) ([]delivery.Due, error) {
	return call(l.p, "Due", func() ([]delivery.Due, error) { return l.Ledger.Due(ctx, k, after, stale, until, limit) })
}

func (l watchedLedger) BeginAttempts(ctx context.Context, refs []delivery.Ref, reclaimed map[delivery.Ref]bool, stale, begun, now time.Time) ([]delivery.Attempt, error) {
	return call(l.p, "BeginAttempts", func() ([]delivery.Attempt, error) {
		return l.Ledger.BeginAttempts(ctx, refs, reclaimed, stale, begun, now)
	})
}

// Record tells a dead process that all is well, or it would try for half a lease.
func (l watchedLedger) Record(ctx context.Context, rs []delivery.Result) ([]delivery.Result, error) {
	accepted, err := call(l.p, "Record", func() ([]delivery.Result, error) { return l.Ledger.Record(ctx, rs) })
	if errors.Is(err, errDead) {
		return nil, nil
	}
	return accepted, err
}

func (l watchedLedger) PlacePage(ctx context.Context, k delivery.Key, from, to delivery.Plan, page []delivery.Placed, now time.Time) error {
	return do(l.p, "PlacePage", func() error { return l.Ledger.PlacePage(ctx, k, from, to, page, now) })
}

func (l watchedLedger) Lease(ctx context.Context, name, holder string, now, until time.Time) (bool, error) {
	return call(l.p, "Lease", func() (bool, error) { return l.Ledger.Lease(ctx, name, holder, now, until) })
}

func (l watchedLedger) Near(ctx context.Context, k delivery.Key, until time.Time, limit int) ([]delivery.Waiting, error) {
	return call(l.p, "Near", func() ([]delivery.Waiting, error) { return l.Ledger.Near(ctx, k, until, limit) })
}

func (l watchedLedger) Settle(ctx context.Context, k delivery.Key, vs []delivery.Verdict, perHour int, now time.Time) (delivery.Settled, error) {
	return call(l.p, "Settle", func() (delivery.Settled, error) { return l.Ledger.Settle(ctx, k, vs, perHour, now) })
}

func (l watchedLedger) OpenCampaigns(ctx context.Context) ([]delivery.Open, error) {
	return call(l.p, "OpenCampaigns", func() ([]delivery.Open, error) { return l.Ledger.OpenCampaigns(ctx) })
}

func (l watchedLedger) CloseStopped(ctx context.Context, k delivery.Key, stale time.Time) error {
	return do(l.p, "CloseStopped", func() error { return l.Ledger.CloseStopped(ctx, k, stale) })
}

type watchedQueue struct {
	delivery.Queue
	p *process
}

func (q watchedQueue) ScheduleStart(ctx context.Context, k delivery.Key, at time.Time) error {
	return do(q.p, "ScheduleStart", func() error { return q.Queue.ScheduleStart(ctx, k, at) })
}

func (q watchedQueue) ClaimStart(ctx context.Context) (delivery.StartLease, bool, error) {
	var found bool
	l, err := call(q.p, "ClaimStart", func() (l delivery.StartLease, err error) {
		l, found, err = q.Queue.ClaimStart(ctx)
		return l, err
	})
	return l, found && err == nil, err
}

func (q watchedQueue) RenewStart(ctx context.Context, l delivery.StartLease) (bool, error) {
	return call(q.p, "RenewStart", func() (bool, error) { return q.Queue.RenewStart(ctx, l) })
}

func (q watchedQueue) AckStart(ctx context.Context, l delivery.StartLease) error {
	return do(q.p, "AckStart", func() error { return q.Queue.AckStart(ctx, l) })
}

func (q watchedQueue) Feed(ctx context.Context, k delivery.Key, due []delivery.Due) error {
	return do(q.p, "Feed", func() error { return q.Queue.Feed(ctx, k, due) })
}

func (q watchedQueue) Claim(ctx context.Context, max int) ([]delivery.Lease, error) {
	return call(q.p, "Claim", func() ([]delivery.Lease, error) { return q.Queue.Claim(ctx, max) })
}

func (q watchedQueue) Admit(ctx context.Context, tenantID string, personIDs []string) ([]time.Duration, error) {
	return call(q.p, "Admit", func() ([]time.Duration, error) { return q.Queue.Admit(ctx, tenantID, personIDs) })
}

func (q watchedQueue) Renew(ctx context.Context, ls []delivery.Lease) ([]delivery.Lease, error) {
	if len(ls) == 0 { // renewing nothing is no renewal
		return q.Queue.Renew(ctx, ls)
	}
	return call(q.p, "Renew", func() ([]delivery.Lease, error) { return q.Queue.Renew(ctx, ls) })
}

func (q watchedQueue) Ack(ctx context.Context, ls []delivery.Lease) error {
	return do(q.p, "Ack", func() error { return q.Queue.Ack(ctx, ls) })
}

func (q watchedQueue) Reschedule(ctx context.Context, again []delivery.Again) error {
	return do(q.p, "Reschedule", func() error { return q.Queue.Reschedule(ctx, again) })
}

func (q watchedQueue) WaitDelivery(ctx context.Context, max time.Duration) error {
	return do(q.p, "WaitDelivery", func() error { return q.Queue.WaitDelivery(ctx, max) })
}

func (q watchedQueue) WaitStart(ctx context.Context, max time.Duration) error {
	return do(q.p, "WaitStart", func() error { return q.Queue.WaitStart(ctx, max) })
}
