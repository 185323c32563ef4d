package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"herald/campaigns"
)

// ahead is how long before its moment a campaign is scheduled through the queue.
const ahead = 500 * time.Millisecond

// late is the lateness of many messages, in ms.
type late struct {
	samples       int
	p50, p99, max figure
}

func (l *late) add(ms []float64) {
	slices.Sort(ms)
	l.samples += len(ms)
	l.p50.add(quantile(ms, 0.5))
	l.p99.add(quantile(ms, 0.99))
	l.max.add(ms[len(ms)-1])
}

// lateness is benchmark c: from the moment for which a campaign was scheduled to the arrival of its message.
func (w *world) lateness(ctx context.Context) (string, error) {
	n, apart, tasks := 200, 60*time.Millisecond, 40
	if w.options.short {
		n, tasks = 50, 20
	}
	servers, embedded, asynq := &late{}, &late{}, &late{}
	for range w.options.runs {
		if err := w.lateOnServers(ctx, n, apart, servers); err != nil {
			return "", fmt.Errorf("%s: %w", serversName, err)
		}
		if err := w.lateEmbedded(ctx, n, apart, embedded); err != nil {
			return "", fmt.Errorf("%s: %w", embeddedName, err)
		}
	}
	if err := w.lateAsynq(ctx, tasks, 250*time.Millisecond, asynq); err != nil {
		return "", fmt.Errorf("asynq: %w", err)
	}
	t := newTable("", "p50, ms", "p99, ms", "worst, ms", "messages")
	for _, r := range []struct {
		name string
		l    *late
	}{{"**Herald, " + serversName + "**", servers}, {"**Herald, " + embeddedName + "**", embedded}, {"asynq ProcessIn, its own settings", asynq}} {
		t.row(r.name, r.l.p50.String(), r.l.p99.String(), r.l.max.String(), strconv.Itoa(r.l.samples))
	}
	return fmt.Sprintf("## c) Lateness of the first message\n\nCampaigns to one person each, %d a run, about %d ms apart, on an idle Herald (`HERALD_RATE=50`): from the moment for which a campaign was scheduled to the arrival of its message at the sink, "+
		"with planning, claim, the mark in the ledger and the post between them. On servers they are scheduled %d ms ahead through the queue; embedded ones lie in SQLite before the process starts. "+
		"Each percentile is taken per run.\n\n%s", n, apart.Milliseconds(), ahead.Milliseconds(), t), nil
}

// moments are n of them about apart, from on. They fall on whole milliseconds, as send_at does.
func moments(from time.Time, n int, apart time.Duration) []time.Time {
	at := make([]time.Time, n)
	for i := range at {
		jitter := time.Duration(rand.Int64N(int64(apart)))
		at[i] = from.Add(time.Duration(i)*apart + jitter/2).Truncate(time.Millisecond)
	}
	return at
}

func (w *world) lateOnServers(ctx context.Context, n int, apart time.Duration, into *late) (err error) {
	s, err := w.onNewDatabase(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := errors.Join(w.redis.empty(ctx), s.settle(ctx, w.sink.url, n), w.sink.reset(ctx, true)); err != nil {
		return err
	}
	h, err := w.herald(ctx, s, 50)
	if err != nil {
		return err
	}
	defer h.stop(syscall.SIGTERM)
	wait(ctx, time.Second)
	due := map[string]time.Time{}
	for i, at := range moments(time.Now().Add(2*ahead), n, apart) {
		wait(ctx, time.Until(at.Add(-ahead)))
		k, err := s.send(ctx, campaigns.Audience{Emails: []string{address(i + 1)}}, at)
		if err != nil {
			return err
		}
		due[k.CampaignID] = at
	}
	return w.arrivals(ctx, due, into)
}

func (w *world) lateEmbedded(ctx context.Context, n int, apart time.Duration, into *late) (err error) {
	s, err := w.inNewFolder(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := errors.Join(s.settle(ctx, w.sink.url, n), w.sink.reset(ctx, true)); err != nil {
		return err
	}
	// All are there before the process starts: somebody else who writes into SQLite would hold Herald up.
	due := map[string]time.Time{}
	for i, at := range moments(time.Now().Add(notice+5*time.Second), n, apart) {
		k, err := s.send(ctx, campaigns.Audience{Emails: []string{address(i + 1)}}, at)
		if err != nil {
			return err
		}
		due[k.CampaignID] = at
	}
	h, err := w.herald(ctx, s, 50)
	if err != nil {
		return err
	}
	defer h.stop(syscall.SIGTERM)
	return w.arrivals(ctx, due, into)
}

// arrivals waits until every campaign's message is there, and compares.
func (w *world) arrivals(ctx context.Context, due map[string]time.Time, into *late) error {
	var last time.Time
	for _, at := range due {
		if at.After(last) {
			last = at
		}
	}
	wait(ctx, time.Until(last))
	for range 300 {
		got, err := w.sink.received(ctx, false)
		if err != nil {
			return err
		}
		if got.Count < int64(len(due)) {
			wait(ctx, 100*time.Millisecond)
			continue
		}
		var ms []float64
		for id, moment := range got.ByID {
			campaign, _, _ := strings.Cut(id, ":")
			at, ok := due[campaign]
			if !ok {
				return fmt.Errorf("the sink got a message of campaign %q, which is none of these", campaign)
			}
			ms = append(ms, float64(time.Unix(0, moment).Sub(at).Microseconds())/1000)
		}
		if len(ms) != len(due) {
			return fmt.Errorf("%d of %d campaigns arrived", len(ms), len(due))
		}
		into.add(ms)
		progress("c: p50 %s ms", number(into.p50[len(into.p50)-1]))
		return nil
	}
	return errors.New("messages are missing 30 s after the last moment")
}

func (w *world) lateAsynq(ctx context.Context, n int, apart time.Duration, into *late) error {
	if err := errors.Join(w.redis.empty(ctx), w.sink.reset(ctx, true)); err != nil {
		return err
	}
	m, err := measure(ctx, "asynq-later", nil, "-redis", w.redis.addr, "-url", w.sink.url, "-n", strconv.Itoa(n), "-apart", apart.String())
	if err != nil {
		return err
	}
	due := map[string]time.Time{}
	for id, at := range m.Due {
		due[id] = time.Unix(0, at)
	}
	return w.arrivals(ctx, due, into)
}
