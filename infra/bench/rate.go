package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"syscall"
	"time"

	"herald/campaigns"
)

// allowed is the rate that benchmark d holds the workers to, per second.
const allowed = 50

// rate is benchmark d: how well several workers together keep a rate, and use it.
func (w *world) rate(ctx context.Context) (string, error) {
	seconds, counts := 15, []int{1, 2, 4}
	if w.options.short {
		seconds, counts = 5, []int{1, 4}
	}
	t := newTable("workers", "allowed/s", "most in any second", "share used")
	for _, workers := range counts {
		var most, share figure
		for range w.options.runs {
			at, err := w.paced(ctx, workers, seconds*allowed)
			if err != nil {
				return "", fmt.Errorf("%d workers: %w", workers, err)
			}
			n, from := fullest(at, time.Second)
			most.add(float64(n))
			share.add(used(at, time.Second, allowed) * 100)
			progress("d: %d workers: at most %d in a second, which began %s after the first arrival", workers, n, from.Round(time.Millisecond))
		}
		t.row(strconv.Itoa(workers), strconv.Itoa(allowed), most.String(), share.String()+" %")
	}
	return fmt.Sprintf("## d) The rate\n\nWorker processes on one PostgreSQL and one Redis send one campaign of %d seconds' worth of work at `HERALD_RATE=%d`. By the sink's clock: "+
		"the most messages that arrived in any window of one second, wherever it begins; and the share of the rate that was used: the messages that arrived in the whole seconds from the first arrival on, divided by what was allowed in them. "+
		"There is work all that time; only the last, broken second is left out. asynq and listmonk have no row: asynq has no rate per tenant, and listmonk's is per process.\n\n%s", seconds, allowed, t), nil
}

// paced has workers send to n people and returns when the messages arrived, in order.
func (w *world) paced(ctx context.Context, workers, n int) (at []int64, err error) {
	s, err := w.onNewDatabase(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := errors.Join(w.redis.empty(ctx), s.settle(ctx, w.sink.url, n), w.sink.reset(ctx, false)); err != nil {
		return nil, err
	}
	var herald *child
	for range workers {
		if herald, err = w.herald(ctx, s, allowed); err != nil {
			return nil, err
		}
		defer herald.stop(syscall.SIGTERM)
	}
	wait(ctx, time.Second)
	k, err := s.send(ctx, campaigns.Audience{All: true}, time.Now())
	if err != nil {
		return nil, err
	}
	if _, _, err := s.until(ctx, k, herald, completed); err != nil {
		return nil, err
	}
	got, err := w.sink.received(ctx, true)
	if err != nil {
		return nil, err
	}
	if got.Count != int64(n) {
		return nil, fmt.Errorf("%d recipients, and %d messages arrived", n, got.Count)
	}
	slices.Sort(got.Arrivals)
	return got.Arrivals, nil
}

// fullest is the most moments, which are sorted, in any window [t, t+width), and how long after the first moment
// the first such window begins.
func fullest(at []int64, width time.Duration) (most int, from time.Duration) {
	first := 0
	for i := range at {
		for at[i]-at[first] >= int64(width) {
			first++
		}
		if n := i - first + 1; n > most {
			most, from = n, time.Duration(at[first]-at[0])
		}
	}
	return most, from
}

// used is the share of limit per width that the moments, which are sorted, make of the whole widths that
// begin with the first of them. It exceeds 1 only when the limit was.
func used(at []int64, width time.Duration, limit int) float64 {
	if len(at) == 0 {
		return 0
	}
	whole := (at[len(at)-1] - at[0]) / int64(width)
	if whole == 0 {
		return 0
	}
	end, _ := slices.BinarySearch(at, at[0]+whole*int64(width))
	return float64(end) / float64(whole*int64(limit))
}
