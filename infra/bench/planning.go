package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"syscall"
	"time"

	"herald/campaigns"
)

// plans are the figures of one way to make n recipients ready to be sent to.
type plans struct{ seconds, rss, redis figure }

// planning is benchmark b: an audience becomes one delivery per person.
func (w *world) planning(ctx context.Context) (string, error) {
	sizes := []int{10_000, 100_000, 1_000_000}
	if w.options.short {
		sizes = []int{1_000, 10_000}
	}
	t := newTable("recipients", "", "seconds", "recipients/s", "× asynq", "peak memory of the process, MB", "Redis grew by at most, MB", "runs")
	for _, n := range sizes {
		runs := w.options.runs
		if n >= 1_000_000 {
			runs = max(1, runs-1) // each takes minutes
		}
		alone := runs
		if n >= 1_000_000 {
			alone = 1 // SQLite's take longest
		}
		servers, embedded, asynq := &plans{}, &plans{}, &plans{}
		if err := w.plansOnServers(ctx, n, runs, servers); err != nil {
			return "", fmt.Errorf("%d on servers: %w", n, err)
		}
		if err := w.plansEmbedded(ctx, n, alone, embedded); err != nil {
			return "", fmt.Errorf("%d embedded: %w", n, err)
		}
		for range runs {
			if err := w.asynqPlan(ctx, n, asynq); err != nil {
				return "", fmt.Errorf("asynq: %w", err)
			}
		}
		for _, r := range []struct {
			name string
			p    *plans
		}{{"**Herald, " + serversName + "**", servers}, {"**Herald, " + embeddedName + "**", embedded}, {"asynq: enqueued, nothing in SQL", asynq}} {
			t.row(number(float64(n)), r.name, r.p.seconds.String(), number(float64(n)/r.p.seconds.median()), number(ratio(asynq.seconds, r.p.seconds)),
				r.p.rss.String(), r.p.redis.String(), strconv.Itoa(len(r.p.seconds)))
		}
	}
	return fmt.Sprintf("## b) Planning\n\nA campaign to all users, from the moment for which it was scheduled until the last recipient stands in the ledger, while `HERALD_RATE=1` keeps the window in Redis full. "+
		"Memory is the peak of the process since its start (VmHWM). Redis is what `used_memory` reached above what it was before the campaign, looked at every 20 ms. asynq's row is one task of eight bytes per recipient, "+
		"enqueued by %d goroutines, which leaves nothing in SQL to report from.\n\n%s", enqueuers, t), nil
}

func (w *world) plansOnServers(ctx context.Context, n, runs int, into *plans) (err error) {
	s, err := w.onNewDatabase(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.settle(ctx, w.sink.url, n); err != nil {
		return err
	}
	for range runs {
		if _, err := s.sql.ExecContext(ctx, `TRUNCATE deliveries, campaigns`); err != nil {
			return err
		}
		if err := errors.Join(w.redis.empty(ctx), w.checkpoint(ctx)); err != nil {
			return err
		}
		if err := w.planOnce(ctx, s, n, into); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) checkpoint(ctx context.Context) error {
	_, err := w.postgres.admin.ExecContext(ctx, "CHECKPOINT")
	return err
}

func (w *world) plansEmbedded(ctx context.Context, n, runs int, into *plans) (err error) {
	s, err := w.inNewFolder(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.settle(ctx, w.sink.url, n); err != nil {
		return err
	}
	for range runs {
		for _, table := range []string{"deliveries", "campaigns"} {
			if _, err := s.sql.ExecContext(ctx, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		if err := errors.Join(s.tidy(ctx), w.planOnce(ctx, s, n, into)); err != nil {
			return err
		}
	}
	return nil
}

// notice is how long before its moment a campaign is written into SQL when only there a Herald can find it:
// longer than the reconciler takes to come by.
const notice = 5 * time.Second

// planOnce has a fresh Herald plan one campaign.
func (w *world) planOnce(ctx context.Context, s *stores, n int, into *plans) error {
	h, err := w.herald(ctx, s, 1)
	if err != nil {
		return err
	}
	defer h.stop(syscall.SIGKILL)
	wait(ctx, time.Second) // until its connections stand
	before, err := w.redis.memory(ctx)
	if err != nil {
		return err
	}
	var peak func() float64
	at := time.Now()
	if s.embedded {
		at = at.Add(notice)
	} else {
		peak = w.redis.watch(ctx)
		defer peak()
	}
	k, err := s.send(ctx, campaigns.Audience{All: true}, at)
	if err != nil {
		return err
	}
	end, st, err := s.until(ctx, k, h, planned)
	if err != nil {
		return err
	}
	if st.total != int64(n) {
		return fmt.Errorf("%d of %d were planned", st.total, n)
	}
	into.seconds.add(end.Sub(at).Seconds())
	progress("b: %s, %s: %s s", s.name, number(float64(n)), number(end.Sub(at).Seconds()))
	rss, err := h.peakRSS()
	if err != nil {
		return err
	}
	into.rss.add(rss)
	if peak != nil {
		wait(ctx, time.Second) // the window is filled behind the planner
		into.redis.add(peak() - before)
	}
	h.stop(syscall.SIGTERM)
	return ctx.Err()
}

func (w *world) asynqPlan(ctx context.Context, n int, into *plans) error {
	if err := w.redis.empty(ctx); err != nil {
		return err
	}
	wait(ctx, 200*time.Millisecond)
	before, err := w.redis.memory(ctx)
	if err != nil {
		return err
	}
	peak := w.redis.watch(ctx)
	defer peak()
	m, err := measure(ctx, "asynq-enqueue", nil, "-redis", w.redis.addr, "-n", strconv.Itoa(n))
	if err != nil {
		return err
	}
	into.seconds.add(m.Seconds)
	progress("b: asynq, %s: %s s", number(float64(n)), number(m.Seconds))
	into.rss.add(m.RSS)
	into.redis.add(peak() - before)
	return w.redis.empty(ctx)
}

// wait lets d pass, or less when ctx ends, which whatever is done next then says.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
