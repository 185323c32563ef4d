// Package delivery sends campaigns: from a due campaign to one outcome per recipient.
// A planner writes the recipients into the ledger (SQL), a gate lets those of timed campaigns through when their
// moments come, a feeder keeps a window of due ones in the queue (Redis), a claimer takes and marks them, senders put
// them on the wire, a recorder writes what became of them.
//
// It stands on campaigns and its leaves and declares what it needs of SQL (Ledger) and
// Redis (Queue). Start reading at Engine, then planner, claimer, sender, recorder, feeder, gate.
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
	// plansAtOnce is how many campaigns a process plans at once: one that waits for the directory, for minutes if it has many strangers,
	// keeps no other from starting.
	plansAtOnce = 4
	// handBackTimeout bounds what is said to Redis about work that could not be begun, also after the stop.
	handBackTimeout = 2 * time.Second
)

// Config is what an Engine stands on. Every field is required but Returns, Presence, Zones, Stale and Observer.
type Config struct {
	Queue     Queue
	Ledger    Ledger
	Messenger campaigns.Messenger
	Returns   Returns // nil: what stands in the place of a message that came back stays as it is
	Roster    *campaigns.Roster
	Settings  campaigns.Settings
	Presence  campaigns.PresenceSource // nil: nobody's presence is known
	Zones     *campaigns.ZoneKeeper    // nil: nobody's time zone is known
	// Lease must equal the queue's. It is how long the deliveries of a killed worker wait for another one;
	// a living worker renews its leases.
	Lease time.Duration
	// Stale is how old an attempt without an outcome is when nobody can be at it any more, though Redis has
	// forgotten who was, in real time: longer than the messenger's slowest attempt. Default: Lease.
	Stale time.Duration
	// Parallel is how many sends may be on the wire at once, 1–1000.
	Parallel int
	Now      func() time.Time
	Log      *slog.Logger
	Observer Observer
}

// Returns shows what became of a message that somebody had asked for later, on the card that stands in its place. That it may fail
// changes nothing.
type Returns interface {
	// CameBack: it came back.
	CameBack(ctx context.Context, to campaigns.Reference, cardID string)
	// GivenUp: it does not come back.
	GivenUp(ctx context.Context, to campaigns.Reference, cardID string, why campaigns.Reason)
}

// Observer hears what the engine does, for metrics. Its methods must not block.
type Observer interface {
	// Claimed: n deliveries were taken from the queue, in took.
	Claimed(n int, took time.Duration)
	// Sent: an attempt ended. took is its time on the wire, late how long after its due moment it began.
	Sent(r Result, took, late time.Duration)
	// Recorded: n outcomes were written to the ledger, in took.
	Recorded(n int, took time.Duration)
}

type nobody struct{}

func (nobody) Claimed(int, time.Duration)                {}
func (nobody) Sent(Result, time.Duration, time.Duration) {}
func (nobody) Recorded(int, time.Duration)               {}

// Engine plans and sends until it is told to stop. Any number of engines, in any
// number of processes, share the work.
type Engine struct {
	cfg      Config
	feeder   *feeder
	gate     *gate
	planner  *planner
	claimer  *claimer
	sender   *sender
	recorder *recorder
	held     *held
	cards    *placeholders
}

// New makes an engine; Run starts it.
func New(cfg Config) (*Engine, error) {
	if cfg.Parallel < 1 || cfg.Parallel > 1000 {
		return nil, fmt.Errorf("delivery: Parallel is %d; it must be 1–1000", cfg.Parallel)
	}
	if cfg.Lease < MinLease {
		return nil, fmt.Errorf("delivery: Lease is %s; it must be at least %s", cfg.Lease, MinLease)
	}
	if cfg.Stale == 0 {
		cfg.Stale = cfg.Lease
	}
	if cfg.Observer == nil {
		cfg.Observer = nobody{}
	}
	f := &feeder{queue: cfg.Queue, ledger: cfg.Ledger, stale: cfg.Stale, now: cfg.Now, log: cfg.Log, fed: map[Key]Due{}, whole: map[Key]bool{}, hungry: map[Key]bool{}, wake: make(chan struct{}, 1), poke: make(chan struct{}, 1)}
	g := newGate(cfg, f)
	cards := &placeholders{ledger: cfg.Ledger, returns: cfg.Returns, log: cfg.Log}
	f.opened = func(ctx context.Context, open []Open) {
		g.look(ctx, open)
		cards.look(ctx)
	}
	h := &held{queue: cfg.Queue, lease: cfg.Lease, log: cfg.Log, leases: map[Ref]Lease{}}
	stock := newStock(cfg.Parallel)
	results := make(chan finished, recordMost)
	return &Engine{
		cfg:      cfg,
		feeder:   f,
		gate:     g,
		planner:  &planner{queue: cfg.Queue, ledger: cfg.Ledger, roster: cfg.Roster, zones: cfg.Zones, feeder: f, above: cfg.Settings.ApprovalAbove, lease: cfg.Lease, now: cfg.Now, log: cfg.Log},
		claimer:  &claimer{queue: cfg.Queue, ledger: cfg.Ledger, held: h, stock: stock, results: results, lease: cfg.Lease, stale: cfg.Stale, now: cfg.Now, log: cfg.Log, observer: cfg.Observer, slots: make(chan struct{}, marking), trouble: make(chan error, 1)},
		sender:   &sender{queue: cfg.Queue, ledger: cfg.Ledger, messenger: cfg.Messenger, returns: cfg.Returns, settings: cfg.Settings, stock: stock, results: results, lease: cfg.Lease, now: cfg.Now, log: cfg.Log, observer: cfg.Observer, templates: map[Key]*template{}, outages: outages{tenants: map[string]*outage{}}},
		recorder: &recorder{queue: cfg.Queue, ledger: cfg.Ledger, feeder: f, held: h, stock: stock, results: results, lease: cfg.Lease, now: cfg.Now, log: cfg.Log, observer: cfg.Observer},
		held:     h,
		cards:    cards,
	}, nil
}

// Run works until ctx ends, then finishes what is on the wire, gives back what is not, records both
// and returns.
func (e *Engine) Run(ctx context.Context) {
	var loops, senders, recorder, renewer sync.WaitGroup
	recording, recorded := context.WithCancel(context.WithoutCancel(ctx))
	renewer.Go(func() { e.held.renew(recording) })
	recorder.Go(func() { e.recorder.run(ctx) })
	for range e.cfg.Parallel {
		senders.Go(func() { e.sender.run(ctx) })
	}
	loops.Go(func() { e.feeder.run(ctx) })
	loops.Go(func() { e.plans(ctx) })
	loops.Go(func() { e.claims(ctx) })
	loops.Wait()
	e.gate.end(ctx)
	e.cards.looks.Wait()
	e.claimer.marks.Wait()
	close(e.claimer.stock.jobs)
	senders.Wait()
	close(e.recorder.results)
	recorder.Wait()
	recorded()
	renewer.Wait()
}

// Poke has SQL and Redis compared, and the moments of timed campaigns looked at, now: time has leapt.
func (e *Engine) Poke() {
	select {
	case e.feeder.poke <- struct{}{}:
	default: // it will be
	}
}

// plans claims starts, and returns when the plans under way have ended with ctx.
func (e *Engine) plans(ctx context.Context) {
	var planning sync.WaitGroup
	defer planning.Wait()
	places := make(chan struct{}, plansAtOnce)
	for ctx.Err() == nil {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		l, ok, err := e.cfg.Queue.ClaimStart(ctx)
		if err != nil || !ok {
			<-places
			e.rest(ctx, err, e.cfg.Queue.WaitStart)
			continue
		}
		planning.Go(func() {
			defer func() { <-places }()
			if err := e.planner.run(ctx, l); err != nil {
				e.cfg.Log.WarnContext(ctx, "planning interrupted; the reconciler has it continued", "tenant", l.TenantID, "campaign", l.CampaignID, "err", err)
				e.handBack(ctx, l)
			}
		})
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

// claims takes deliveries whenever the senders' stock is low.
func (e *Engine) claims(ctx context.Context) {
	for ctx.Err() == nil {
		n := e.claimer.stock.wanted(ctx)
		if n == 0 {
			return
		}
		some, err := e.claimer.claim(ctx, n)
		if err == nil && some {
			continue
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
