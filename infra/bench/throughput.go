package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"herald/campaigns"
)

// prepared is a campaign that is planned and waits in a store to be copied for each measurement.
type prepared struct {
	campaign campaigns.Key
	body     []byte // of one of its messages
}

// speed is what is known of one way to deliver.
type speed struct {
	perSecond, rss figure
	connections    figure             // to the sink, of a Herald
	cpu            map[string]*figure // seconds per 1000 deliveries, by process
}

var processes = []string{"worker", "sink", "PostgreSQL", "Redis"}

func newSpeed() *speed {
	s := &speed{cpu: map[string]*figure{}}
	for _, p := range processes {
		s.cpu[p] = &figure{}
	}
	return s
}

// throughput is benchmark a: deliveries per second of one worker process.
func (w *world) throughput(ctx context.Context) (string, error) {
	n := 50_000
	if w.options.short {
		n = 5_000
	}
	servers, err := w.prepareServers(ctx, n)
	if err != nil {
		return "", fmt.Errorf("plan on servers: %w", err)
	}
	alone, err := w.prepareEmbedded(ctx, n)
	if err != nil {
		return "", fmt.Errorf("plan embedded: %w", err)
	}
	best, tried, err := w.tune(ctx, servers, n/10)
	if err != nil {
		return "", fmt.Errorf("asynq: %w", err)
	}

	top, onServers, embedded, usual, four := newSpeed(), newSpeed(), newSpeed(), newSpeed(), newSpeed()
	for run := range w.options.runs { // in turn, so that a slow minute of the machine is everybody's
		for _, step := range []struct {
			what string
			into *speed
			run  func() error
		}{
			{"ceiling", top, func() error { return w.ceilingRun(ctx, servers, n, top) }},
			{serversName, onServers, func() error { return w.serversRun(ctx, servers, onServers) }},
			{embeddedName, embedded, func() error { return w.embeddedRun(ctx, alone, embedded) }},
			{"asynq", usual, func() error { return w.asynqRun(ctx, servers, n*2/5, 1, best, usual) }},
			{"four asynq servers", four, func() error {
				return w.asynqRun(ctx, servers, n*2/5, 4, tuning{best.concurrency / 4, best.connections}, four)
			}},
		} {
			if err := step.run(); err != nil {
				return "", fmt.Errorf("%s: %w", step.what, err)
			}
			progress("a: %s: %s/s", step.what, number(step.into.perSecond[run]))
		}
	}

	head := []string{"", "deliveries/s", "of the ceiling", "× asynq", "worker's peak memory, MB"}
	for _, p := range processes {
		head = append(head, p+", CPU s per 1000")
	}
	t := newTable(head...)
	for _, r := range []struct {
		name string
		s    *speed
	}{
		{"the ceiling: the same posts, no queue, no ledger", top},
		{"**Herald, " + serversName + "**", onServers},
		{"**Herald, " + embeddedName + "**", embedded},
		{"asynq + one UPDATE each, PostgreSQL + Redis", usual},
		{"the same with four asynq servers in the process", four},
	} {
		cells := []string{r.name, r.s.perSecond.String(), percent(ratio(r.s.perSecond, top.perSecond)), number(ratio(r.s.perSecond, usual.perSecond)), r.s.rss.String()}
		for _, p := range processes {
			cells = append(cells, number(r.s.cpu[p].median()))
		}
		t.row(cells...)
	}
	return fmt.Sprintf("## a) Deliveries per second\n\nOne worker process, no rate limit (`HERALD_RATE=0`), %s recipients who were planned before; from the first attempt marked in the ledger "+
		"to the campaign's end in it, all outcomes recorded. The ceiling posts the same bytes with `net/http` alone over %d connections (Herald opened %s). The asynq process has "+
		"one task per recipient enqueued before, %s of them, posts the same and writes that recipient's row, from the start of its server to the last write; of the concurrencies tried the best is shown: %s. "+
		"CPU is user and system time; Herald's includes its start.\n\nFor scale: listmonk, which keeps no ledger per recipient, reached a quarter of the ceiling on PostgreSQL in a measurement of its own, with 4.5 GB of memory for 50 000 recipients.\n\n%s",
		number(float64(n)), parallel, onServers.connections, number(float64(n*2/5)), tried, t), nil
}

// plan lets a Herald plan a campaign to everybody while it may send almost nothing.
func (w *world) plan(ctx context.Context, s *stores, n int) (p prepared, err error) {
	if err := s.settle(ctx, w.sink.url, n); err != nil {
		return p, err
	}
	if err := w.sink.reset(ctx, false); err != nil {
		return p, err
	}
	if p.campaign, err = s.send(ctx, campaigns.Audience{All: true}, time.Now()); err != nil {
		return p, err
	}
	h, err := w.herald(ctx, s, 1)
	if err != nil {
		return p, err
	}
	defer h.stop(syscall.SIGKILL)
	if _, _, err := s.until(ctx, p.campaign, h, func(st state) bool { return st.planned && st.sent > 0 }); err != nil {
		return p, err
	}
	h.stop(syscall.SIGTERM) // records what is on the wire
	got, err := w.sink.received(ctx, false)
	p.body = got.Body
	return p, errors.Join(err, s.tidy(ctx))
}

func (w *world) prepareServers(ctx context.Context, n int) (p prepared, err error) {
	url, err := w.postgres.create(ctx, "planned", "")
	if err != nil {
		return p, err
	}
	s, err := w.onServers(ctx, url)
	if err != nil {
		return p, err
	}
	p, err = w.plan(ctx, s, n)
	return p, errors.Join(err, s.close(), w.redis.empty(ctx))
}

func (w *world) prepareEmbedded(ctx context.Context, n int) (p prepared, err error) {
	dir, err := w.folder("planned")
	if err != nil {
		return p, err
	}
	s, err := w.embedded(ctx, dir)
	if err != nil {
		return p, err
	}
	p, err = w.plan(ctx, s, n)
	return p, errors.Join(err, s.close())
}

func (w *world) serversRun(ctx context.Context, p prepared, into *speed) error {
	url, err := w.postgres.create(ctx, "run", "planned")
	if err != nil {
		return err
	}
	if err := w.redis.empty(ctx); err != nil {
		return err
	}
	s, err := w.onServers(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(w.deliver(ctx, s, p, into), s.close())
}

func (w *world) embeddedRun(ctx context.Context, p prepared, into *speed) error {
	dir, err := w.folder("run")
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(w.dir, "planned"))); err != nil {
		return err
	}
	s, err := w.embedded(ctx, dir)
	if err != nil {
		return err
	}
	return errors.Join(w.deliver(ctx, s, p, into), s.close())
}

// deliver measures a Herald that sends what a store holds.
func (w *world) deliver(ctx context.Context, s *stores, p prepared, into *speed) error {
	before, err := s.state(ctx, p.campaign)
	if err != nil {
		return err
	}
	if err := w.sink.reset(ctx, false); err != nil {
		return err
	}
	cpu := w.cpu()
	h, err := w.herald(ctx, s, 0)
	if err != nil {
		return err
	}
	defer h.stop(syscall.SIGKILL)
	end, after, err := s.until(ctx, p.campaign, h, completed)
	if err != nil {
		return err
	}
	worker, used := h.cpu(), w.cpu()
	rss, err := h.peakRSS()
	if err != nil {
		return err
	}
	// The ledger knows when the first attempt began; those from before this run are over.
	var sent, began int64
	if err := s.sql.QueryRowContext(ctx, `SELECT COUNT(*), MIN(first_at) FROM deliveries
		WHERE campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND status = 'sent' AND first_at > $3`,
		p.campaign.TenantID, p.campaign.CampaignID, h.began.UnixMilli()).Scan(&sent, &began); err != nil {
		return err
	}
	got, err := w.sink.received(ctx, false)
	if err != nil {
		return err
	}
	if sent != before.pending || got.Count != sent || after.sent != after.total {
		return fmt.Errorf("%d were pending, the ledger has %d sent and the sink %d, and the campaign ends at %+v", before.pending, sent, got.Count, after)
	}
	h.stop(syscall.SIGTERM)
	into.connections.add(float64(got.Connections - 1)) // the last one is the question's
	into.add(float64(sent), end.Sub(time.UnixMilli(began)).Seconds(), worker, rss, used, cpu, s.embedded)
	return nil
}

// cpu is what the shared processes have used until now.
func (w *world) cpu() map[string]float64 {
	return map[string]float64{"sink": w.sink.cpu(), "PostgreSQL": w.postgres.cpu(), "Redis": w.redis.cpu()}
}

func (s *speed) add(n, seconds, worker, rss float64, after, before map[string]float64, apart bool) {
	s.perSecond.add(n / seconds)
	s.rss.add(rss)
	s.cpu["worker"].add(worker / n * 1000)
	for p, used := range after {
		if apart && p != "sink" {
			continue // not part of it; what they use meanwhile is their own
		}
		s.cpu[p].add((used - before[p]) / n * 1000)
	}
}

func (w *world) ceilingRun(ctx context.Context, p prepared, n int, into *speed) error {
	before := w.cpu()
	m, err := measure(ctx, "ceiling", p.body, "-url", w.sink.url, "-n", strconv.Itoa(n))
	if err != nil {
		return err
	}
	into.add(float64(n), m.Seconds, m.CPU, m.RSS, w.cpu(), before, true)
	return nil
}

// tuning of an asynq server.
type tuning struct{ concurrency, connections int }

func (t tuning) String() string {
	return fmt.Sprintf("%d with %d connections", t.concurrency, t.connections)
}

// tune finds the tuning with which asynq is fastest here.
func (w *world) tune(ctx context.Context, p prepared, n int) (best tuning, tried string, err error) {
	fastest, all := 0.0, []string{}
	for _, t := range []tuning{{16, 16}, {32, 16}, {32, 32}, {64, 16}, {64, 64}, {128, 32}} {
		s := newSpeed()
		if err := w.asynqRun(ctx, p, n, 1, t, s); err != nil {
			return best, "", err
		}
		if v := s.perSecond.median(); v > fastest {
			best, fastest = t, v
		}
		progress("a: asynq with a concurrency of %s: %s/s", t, s.perSecond)
		all = append(all, t.String())
	}
	return best, fmt.Sprintf("%s to PostgreSQL (tried: %s)", best, strings.Join(all, ", ")), nil
}

func (w *world) asynqRun(ctx context.Context, p prepared, n, servers int, t tuning, into *speed) error {
	url, err := w.postgres.create(ctx, "run", "planned")
	if err != nil {
		return err
	}
	if err := w.redis.empty(ctx); err != nil {
		return err
	}
	if _, err := measure(ctx, "asynq-enqueue", nil, "-redis", w.redis.addr, "-n", strconv.Itoa(n)); err != nil {
		return err
	}
	if err := w.sink.reset(ctx, false); err != nil {
		return err
	}
	before := w.cpu()
	m, err := measure(ctx, "asynq-serve", p.body, "-redis", w.redis.addr, "-database", url, "-url", w.sink.url, "-campaign", p.campaign.CampaignID, "-n", strconv.Itoa(n),
		"-servers", strconv.Itoa(servers), "-concurrency", strconv.Itoa(max(1, t.concurrency)), "-connections", strconv.Itoa(t.connections))
	if err != nil {
		return err
	}
	after := w.cpu()
	got, err := w.sink.received(ctx, false)
	if err != nil {
		return err
	}
	if got.Count != int64(n) {
		return fmt.Errorf("asynq was given %d and the sink got %d", n, got.Count)
	}
	into.add(float64(n), m.Seconds, m.CPU, m.RSS, after, before, false)
	return w.redis.empty(ctx)
}
