package queue_test

import (
	"slices"
	"testing"
	"time"

	"herald/campaigns/delivery"
	"herald/infra/queue"
)

// Claim and acknowledge in batches of 50, fed as a feeder does, without a rate.
func BenchmarkClaimAck(b *testing.B) {
	for _, s := range servers() {
		b.Run(s.name, func(b *testing.B) {
			w := setup(b, s, queue.Options{})
			due := make([]delivery.Due, 1000)
			var fed int64
			at := w.now().Add(-time.Hour)
			done := 0
			for b.Loop() {
				ls, err := w.Claim(w.ctx, 50)
				w.ok(err)
				if len(ls) == 0 {
					for i := range due {
						fed++
						due[i] = delivery.Due{ID: fed, At: at}
					}
					w.ok(w.Feed(w.ctx, a, due))
				}
				w.ok(w.Ack(w.ctx, ls))
				done += len(ls)
			}
			b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "deliveries/s")
		})
	}
}

// Feed of 1000 ids into a window that others drop behind it.
func BenchmarkFeed(b *testing.B) {
	for _, s := range servers() {
		b.Run(s.name, func(b *testing.B) {
			w := setup(b, s, queue.Options{})
			due := make([]delivery.Due, 1000)
			at := w.now().Add(time.Hour)
			var fed int64
			for b.Loop() {
				for i := range due {
					fed++
					due[i] = delivery.Due{ID: fed, At: at}
				}
				w.ok(w.Feed(w.ctx, a, due))
				if fed%5000 == 0 {
					w.ok(w.Drop(w.ctx, a))
				}
			}
			b.ReportMetric(float64(fed)/b.Elapsed().Seconds(), "deliveries/s")
		})
	}
}

// Drop of a campaign with 100 000 waiting: until Redis answers; the memory is freed behind it.
func BenchmarkDrop(b *testing.B) {
	w := setup(b, servers()[1], queue.Options{})
	due := make([]delivery.Due, 100_000)
	for i := range due {
		due[i] = delivery.Due{ID: int64(i), At: w.now().Add(time.Hour)}
	}
	var took time.Duration
	n := 0
	for b.Loop() {
		w.ok(w.Feed(w.ctx, a, due))
		begin := time.Now()
		w.ok(w.Drop(w.ctx, a))
		took += time.Since(begin)
		n++
	}
	b.ReportMetric(float64(took.Microseconds())/1000/float64(n), "ms/drop")
	b.ReportMetric(0, "ns/op") // mostly feeding
}

// From the moment a start is due to the moment it is claimed by somebody who waits.
func BenchmarkLateness(b *testing.B) {
	for _, s := range servers() {
		b.Run(s.name, func(b *testing.B) {
			w := setup(b, s, queue.Options{})
			var late []time.Duration
			for b.Loop() {
				at := w.now().Add(20 * time.Millisecond)
				w.ok(w.ScheduleStart(w.ctx, a, at))
				for {
					l, ok, err := w.ClaimStart(w.ctx)
					w.ok(err)
					if ok {
						late = append(late, l.Until.Add(-lease).Sub(at))
						w.ok(w.AckStart(w.ctx, l))
						break
					}
					w.ok(w.Wait(w.ctx, time.Hour))
				}
			}
			slices.Sort(late)
			b.ReportMetric(float64(late[len(late)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(0, "ns/op") // mostly waiting
		})
	}
}

// Share of a rate of 50 that waiting workers use, and the fullest second.
func BenchmarkRate(b *testing.B) {
	for _, workers := range []int{1, 2, 4} {
		b.Run(string(rune('0'+workers)), func(b *testing.B) {
			w := setup(b, servers()[1], queue.Options{Rate: 50})
			for b.Loop() {
				w.feed(a, 0, upTo(501)...)
				at := w.drain(workers, 501)
				b.ReportMetric(100*used(at, 50), "%used")
				b.ReportMetric(float64(fullest(at)), "fullest-second")
				w.ok(w.Drop(w.ctx, a))
			}
		})
	}
}

// What a window of 5000 costs in Redis.
func BenchmarkMemory(b *testing.B) {
	w := setup(b, servers()[1], queue.Options{})
	for b.Loop() {
		w.feed(a, 0, upTo(5000)...)
		for range 10 {
			w.claim(50)
		}
		var bytes int64
		keys, err := w.rdb.Keys(w.ctx, "*").Result()
		w.ok(err)
		for _, k := range keys {
			n, err := w.rdb.MemoryUsage(w.ctx, k, 0).Result()
			w.ok(err)
			bytes += n
		}
		b.ReportMetric(float64(bytes)/5000, "B/delivery")
		w.ok(w.Drop(w.ctx, a))
	}
}
