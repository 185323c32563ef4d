package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"herald/campaigns"
	"herald/campaigns/schedule"
)

const (
	// lookAhead is how long before its moment the gate looks at a delivery: shorter than the feeder's horizon, and long enough to
	// ask several times, or for another process to take over, before the moment comes.
	lookAhead = 8 * time.Second
	// missed is how late a moment may be looked at. After that Herald was away, and the person gets another one.
	missed = 15 * time.Minute
	// gateLease is how long the work of a killed gate waits for another one's. Two at once would do no harm.
	gateLease = 6 * time.Second
	// askTimeout bounds one question for presence.
	askTimeout = 5 * time.Second
)

// gate lets the deliveries of timed campaigns through when their moments come: then they are due like any other. It asks for the
// presence of whole pages just before, and finds another moment for who is absent. One gate works for each tenant over all
// processes; what each does is a compare-and-set, so that a second one could not do it again.
type gate struct {
	ledger   Ledger
	feeder   *feeder
	presence campaigns.PresenceSource // nil: nobody can tell
	now      func() time.Time
	log      *slog.Logger
	holder   string

	rounds sync.WaitGroup
	mu     sync.Mutex
	held   map[string]bool          // tenants whose lease this gate has had
	busy   map[string]bool          // tenants at which a round is under way
	again  map[string][]Key         // tenants that are to be looked at again when it has ended
	window map[Key]campaigns.Window // of the campaigns that are being sent: frozen
	silent map[string]time.Time     // until when a tenant's presence is not asked for
}

func newGate(cfg Config, f *feeder) *gate {
	return &gate{ledger: cfg.Ledger, feeder: f, presence: cfg.Presence, now: cfg.Now, log: cfg.Log, holder: uuid.NewString(),
		held: map[string]bool{}, busy: map[string]bool{}, again: map[string][]Key{}, window: map[Key]campaigns.Window{}, silent: map[string]time.Time{}}
}

// look has a round made at each tenant's timed campaigns, unless one is under way.
func (g *gate) look(ctx context.Context, open []Open) {
	byTenant := map[string][]Key{}
	g.mu.Lock()
	defer g.mu.Unlock()
	known := g.window
	g.window = map[Key]campaigns.Window{}
	for _, o := range open {
		if !o.Timed || o.Status != campaigns.Sending {
			continue
		}
		byTenant[o.TenantID] = append(byTenant[o.TenantID], o.Key)
		if w, ok := known[o.Key]; ok {
			g.window[o.Key] = w
		}
	}
	for tenant, keys := range byTenant {
		if g.busy[tenant] {
			g.again[tenant] = keys
			continue
		}
		g.busy[tenant] = true
		g.rounds.Go(func() { g.tenant(ctx, tenant, keys) })
	}
}

// tenant makes rounds until nobody asks for another one.
func (g *gate) tenant(ctx context.Context, tenant string, keys []Key) {
	for keys != nil {
		if err := g.round(ctx, keys); err != nil && ctx.Err() == nil {
			g.log.WarnContext(ctx, "moments of timed campaigns not looked at; trying again", "tenant", tenant, "err", err)
		}
		g.mu.Lock()
		if keys = g.again[tenant]; keys == nil || ctx.Err() != nil {
			keys = nil
			g.busy[tenant] = false
		}
		delete(g.again, tenant)
		g.mu.Unlock()
	}
}

func (g *gate) round(ctx context.Context, keys []Key) error {
	var errs []error
	for _, k := range keys {
		if err := g.campaign(ctx, k); err != nil { // one campaign's trouble is not the others'
			errs = append(errs, fmt.Errorf("campaign %s: %w", k.CampaignID, err))
		}
	}
	return errors.Join(errs...)
}

// campaign looks at everybody whose moment is near, a page at a time.
func (g *gate) campaign(ctx context.Context, k Key) error {
	w, err := g.windowOf(ctx, k)
	if campaigns.CodeOf(err) == campaigns.CodeNotFound || campaigns.CodeOf(err) == campaigns.CodeConflict {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		page, err := g.ledger.Near(ctx, k, g.now().Add(lookAhead), campaigns.MaxPresences)
		if err != nil || len(page) == 0 {
			return err
		}
		// Only now: most of the time there is nobody, and a lease is a write.
		held, err := g.hold(ctx, k.TenantID)
		if err != nil || !held {
			return err
		}
		vs := g.judge(ctx, k, w, page)
		if len(vs) == 0 { // nobody can tell yet, and there is time left to ask again
			return nil
		}
		done, err := g.ledger.Settle(ctx, k, vs, w.PerHour, g.now())
		if err != nil {
			return err
		}
		if done.Released > 0 {
			g.feeder.released(k)
		}
		if done.Replanned > 0 {
			g.log.WarnContext(ctx, "Herald did not run at these people's moments; they got others", "tenant", k.TenantID, "campaign", k.CampaignID, "people", done.Replanned)
		}
		if len(vs) < len(page) || len(page) < campaigns.MaxPresences {
			return nil
		}
	}
	return ctx.Err()
}

// hold takes a tenant's lease or prolongs it. Leases run on real time: a clock that leaps ends none.
func (g *gate) hold(ctx context.Context, tenant string) (held bool, err error) {
	now := time.Now()
	if held, err = g.ledger.Lease(ctx, "gate:"+tenant, g.holder, now, now.Add(gateLease)); err == nil && held {
		g.mu.Lock()
		g.held[tenant] = true
		g.mu.Unlock()
	}
	return held, err
}

// end waits for the rounds under way and lets another process go on at once.
func (g *gate) end(ctx context.Context) {
	g.rounds.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handBackTimeout)
	defer cancel()
	for tenant := range g.held {
		now := time.Now()
		if _, err := g.ledger.Lease(ctx, "gate:"+tenant, g.holder, now, now.Add(-time.Millisecond)); err != nil {
			g.log.WarnContext(ctx, "lease not handed back; it runs out", "tenant", tenant, "err", err)
		}
	}
}

func (g *gate) windowOf(ctx context.Context, k Key) (campaigns.Window, error) {
	g.mu.Lock()
	w, known := g.window[k]
	g.mu.Unlock()
	if known {
		return w, nil
	}
	w, err := g.ledger.Window(ctx, k)
	if err == nil {
		g.mu.Lock()
		g.window[k] = w
		g.mu.Unlock()
	}
	return w, err
}

// judge decides about a page. Those of whom nobody can tell just now, and whose moment is still to come, are left out.
func (g *gate) judge(ctx context.Context, k Key, w campaigns.Window, page []Waiting) []Verdict {
	now := g.now()
	vs := make([]Verdict, 0, len(page))
	var asked []Waiting
	for _, p := range page {
		switch {
		case p.PersonID == "":
			vs = append(vs, Verdict{Waiting: p})
		case p.At.Before(now.Add(-missed)), p.At.Before(now) && !w.Reaches(w.Location(p.Zone), now):
			vs = append(vs, replan(w, p, now))
		case w.Presence == campaigns.Regardless:
			vs = append(vs, release(w, p, now, ""))
		default:
			asked = append(asked, p)
		}
	}
	if len(asked) == 0 {
		return vs
	}
	found, lasting, err := g.ask(ctx, k.TenantID, asked)
	if err != nil {
		g.log.InfoContext(ctx, "presence not known", "tenant", k.TenantID, "campaign", k.CampaignID, "people", len(asked), "rule", w.Unknown, "err", err)
	}
	now = g.now()
	for _, p := range asked {
		presence := found[p.PersonID]
		switch {
		case presence == campaigns.PresenceUnknown && err != nil && !lasting && p.At.After(now):
			continue
		case presence == campaigns.PresenceUnknown && w.Unknown == campaigns.SendUnknown:
			vs = append(vs, release(w, p, now, campaigns.FoundUnknown))
		case presence == campaigns.PresenceUnknown:
			vs = append(vs, next(w, p, campaigns.FoundUnknown, campaigns.UnknownPresence))
		case w.Presence.Lets(presence):
			vs = append(vs, release(w, p, now, campaigns.FoundPresent))
		default:
			vs = append(vs, next(w, p, campaigns.FoundAbsent, campaigns.Absent))
		}
	}
	return vs
}

// ask asks for a page's presence. lasting says that asking again in a moment helps nothing.
func (g *gate) ask(ctx context.Context, tenant string, page []Waiting) (found map[string]campaigns.Presence, lasting bool, err error) {
	if g.presence == nil {
		return nil, true, nil
	}
	g.mu.Lock()
	silent := g.silent[tenant]
	g.mu.Unlock()
	if g.now().Before(silent) {
		return nil, false, campaigns.Errorf(campaigns.CodeThrottled, "", "Graph asked to wait until %s", silent.Format(time.TimeOnly))
	}
	ids := make([]string, len(page))
	for i, p := range page {
		ids[i] = p.PersonID
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	found, err = g.presence.Presences(ctx, tenant, ids)
	if wait := campaigns.RetryAfterOf(err); wait > 0 {
		g.mu.Lock()
		g.silent[tenant] = g.now().Add(wait)
		g.mu.Unlock()
	}
	return found, campaigns.CodeOf(err) == campaigns.CodeForbidden, err
}

// release lets somebody through at their moment, unless the hour is full: then they get a moment in the next one.
func release(w campaigns.Window, p Waiting, now time.Time, found campaigns.Found) Verdict {
	v := Verdict{Waiting: p, Found: found, Due: p.At}
	if now.After(v.Due) {
		v.Due = now
	}
	if w.PerHour == 0 {
		return v
	}
	v.Hour = campaigns.ClockHour(w.Location(""), v.Due)
	full := Verdict{Waiting: p, Found: campaigns.FoundFull}
	left := w.Open(w.Location(p.Zone)).After(v.Hour.Add(time.Hour))
	if left.Empty() {
		full.Over, full.Reason = true, campaigns.WindowOver
	} else {
		open := left.Intervals()[0]
		end := campaigns.ClockHour(w.Location(""), open.From).Add(time.Hour)
		if open.To.Before(end) {
			end = open.To
		}
		full.Next = somewhen(open.From, end.Sub(open.From))
		full.To = schedule.Rung{Round: p.Rung.Round, First: full.Next}
	}
	v.Full = &full
	return v
}

// next finds the next rung for somebody who was absent.
func next(w campaigns.Window, p Waiting, found campaigns.Found, reason campaigns.Reason) Verdict {
	v := Verdict{Waiting: p, Found: found, Reason: reason}
	at, to, why := w.Next(w.Location(p.Zone), p.Rung, p.At)
	switch why {
	case schedule.NotEnded:
		v.Next, v.To = at, to
	case schedule.WindowOver:
		v.Over, v.Reason = true, campaigns.WindowOver
	default:
		v.Over = true
	}
	return v
}

// replan finds another moment for somebody at whose nobody looked.
func replan(w campaigns.Window, p Waiting, now time.Time) Verdict {
	left := w.Open(w.Location(p.Zone)).After(now)
	if left.Empty() {
		return Verdict{Waiting: p, Over: true, Reason: campaigns.WindowOver}
	}
	at := left.At(time.Duration(rand.Int64N(int64(left.Total()))).Truncate(time.Millisecond))
	return Verdict{Waiting: p, Found: campaigns.FoundReplanned, Next: at, To: schedule.Rung{Round: p.Rung.Round, First: at}}
}

// somewhen is a random moment from from on and within d, in whole milliseconds.
func somewhen(from time.Time, d time.Duration) time.Time {
	return from.Add(time.Duration(rand.Int64N(max(1, int64(d/time.Millisecond)))) * time.Millisecond)
}
