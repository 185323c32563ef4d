package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// only holds the messages of the people named, until the channel is closed.
func only(gate <-chan struct{}, people ...string) func(attempt) <-chan struct{} {
	return func(a attempt) <-chan struct{} {
		for _, p := range people {
			if a.Person == p {
				return gate
			}
		}
		return nil
	}
}

// due lists the first n deliveries of a campaign as the queue takes them.
func (w *world) due(n int) []delivery.Due {
	var out []delivery.Due
	for i := range n {
		out = append(out, delivery.Due{ID: int64(i + 1), At: w.now()})
	}
	return out
}

// G2: a message recorded as sent is never sent again, though Redis was never told: the process dies
// between Record and Ack.
//
// One message stays on the wire of the dead, so that the campaign is open and the others' ids come again.
// Checked by letting beginSQLite take 'sent' rows too: they are sent again, the counts are wrong, it never ends.
func TestG2DeathBetweenRecordAndAck(t *testing.T) {
	w := setup(t)
	const people = 30
	w.people(contoso, people)
	w.teams.holds(func(a attempt) <-chan struct{} {
		if a.Person == "p00007" && a.Turn == 1 {
			return w.teams.end
		}
		return nil
	})
	k := w.send(contoso, everybody, 0)
	first := w.start(before(func(p *process, call string, n int) error {
		if call == "Ack" || call == "Reschedule" {
			return errAway // Redis never hears of it
		}
		return nil
	}))
	w.until("everybody else recorded", func() bool { return w.campaign(k).Counts.Sent == people-1 })
	first.kill()
	w.expire()
	w.start()
	w.ended(k, campaigns.Completed)
	rs, sends := w.recipients(k), w.teams.sends(k)
	for id, r := range rs {
		cut := id == "p00007"
		want := 1
		if cut {
			want = 2 // cut off, repeated once, and the report says so
		}
		if sends[id] != want || r.Attempts != want || r.Repeated != cut {
			t.Errorf("%s got it %d times: %+v", id, sends[id], r)
		}
	}
}

// G2: FLUSHALL in mid-campaign repeats nothing: neither what is recorded nor what is on the wire.
//
// Checked by letting every attempt look stale to Due and to beginSQLite: those on the wire are begun again and again, and it never ends.
func TestG2RedisComesBackEmpty(t *testing.T) {
	w := setup(t)
	const people = 60
	w.people(contoso, people)
	gate := make(chan struct{})
	w.teams.holds(only(gate, "p00003", "p00021", "p00022", "p00023"))
	k := w.send(contoso, everybody, 0)
	p := w.start()
	for _, sent := range []int{5, 20, 40} {
		w.until("some are sent", func() bool { return w.campaign(k).Counts.Sent >= sent })
		w.ok(w.rdb.FlushAll(w.ctx).Err())
	}
	compared := p.count("Due")
	w.until("SQL was compared with the empty Redis", func() bool { c := w.campaign(k).Counts; return p.count("Due") > compared && c.Pending == 0 })
	close(gate)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
}

// G2: ids of what is over, fed again by whomever, are refused.
//
// Checked as TestG2DeathBetweenRecordAndAck.
func TestG2StaleIdsAreRefused(t *testing.T) {
	w := setup(t)
	const people = 20
	w.people(contoso, people)
	gate := make(chan struct{})
	w.teams.holds(only(gate, "p00000"))
	k := w.send(contoso, everybody, 0)
	p := w.start()
	w.until("all others sent", func() bool { return w.campaign(k).Counts.Sent == people-1 })
	for range 3 {
		begun := p.count("BeginAttempts")
		w.ok(w.queue.Drop(w.ctx, k)) // forgets the lease of p00000 too
		w.ok(w.queue.Feed(w.ctx, k, w.due(people+5)))
		w.until("they were looked at", func() bool {
			n, err := w.queue.Pending(w.ctx, k, w.now().Add(time.Hour))
			w.ok(err)
			return n == 0 && p.count("BeginAttempts") > begun
		})
	}
	close(gate)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
	begun := p.count("BeginAttempts")
	w.ok(w.queue.Feed(w.ctx, k, w.due(people)))
	w.until("they were looked at", func() bool { return p.count("BeginAttempts") > begun })
	w.exactlyOnce(k, people)
}

// G2: attempts cut off by a crash are repeated once, marked, and nobody else's. The worker that was
// thought dead comes back after all: its outcome is refused.
//
// Checked by leaving "repeated OR status = 'sending'" out of beginSet (not marked), and by leaving
// "attempts = v.number" out of recordSQLite (the late refusal overwrites).
func TestG2CutOffAttemptsAreRepeatedOnceAndMarked(t *testing.T) {
	for _, dead := range []bool{true, false} {
		t.Run(fmt.Sprintf("dead=%v", dead), func(t *testing.T) {
			w := setup(t)
			const people, cut = 30, 3
			w.people(contoso, people)
			late, again := make(chan struct{}), make(chan struct{})
			w.teams.holds(func(a attempt) <-chan struct{} {
				switch {
				case a.Person >= "p00003":
					return nil
				case a.Turn == 1:
					return late
				}
				return again
			})
			w.teams.answers(func(a attempt) campaigns.Outcome {
				if a.Turn == 1 && a.Person < "p00003" {
					return never(campaigns.BlockedByUser) // what the late ones say
				}
				return sent
			})
			k := w.send(contoso, everybody, 0)
			first := w.start(slots(people))
			w.until("the rest is sent", func() bool { return w.campaign(k).Counts.Sent == people-cut && w.teams.wire() == cut })
			if dead {
				first.kill()
			}
			w.expire()
			second := first
			if dead {
				second = w.start()
			}
			w.until("the second attempts are on the wire", func() bool { return w.teams.wire() == 2*cut })
			told := second.count("Record")
			close(late)
			w.until("the first attempts are over", func() bool { return w.teams.wire() == cut })
			if !dead {
				w.until("their outcomes were told", func() bool { return second.count("Record") > told })
			}
			close(again)
			w.ended(k, campaigns.Completed)
			rs, sends := w.recipients(k), w.teams.sends(k)
			for id, r := range rs {
				want := 1
				if id < "p00003" {
					want = 2
				}
				if r.Status != campaigns.DeliverySent || sends[id] != want || r.Attempts != want || r.Repeated != (want == 2) {
					t.Errorf("%s got it %d times: %+v", id, sends[id], r)
				}
			}
		})
	}
}

// G2: a ledger that does not answer for a while, before and after sending, loses and repeats nothing.
//
// Checked by writing each batch once only (outcomes are lost: the campaign does not end).
func TestG2LedgerFailsForAWhile(t *testing.T) {
	w := setup(t)
	const people = 50
	w.people(contoso, people)
	k := w.send(contoso, everybody, 0)
	p := w.start(before(func(_ *process, call string, n int) error {
		switch call {
		case "Record":
			if n >= 2 && n <= 5 {
				return errAway
			}
		case "BeginAttempts":
			if n == 1 || n == 3 {
				return errAway
			}
		}
		return nil
	}))
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
	if p.count("Reschedule") == 0 {
		t.Error("what could not be begun was not handed back")
	}
}

// G2: leases are kept while a message is on the wire or its outcome waits for the ledger, however
// long that takes, so that nobody else sends it. And planners keep theirs while the directory is slow.
//
// Checked by not starting renew, and hold's goroutine (waits in vain).
func TestG2LeasesAreKeptWhileTheWorkTakesLong(t *testing.T) {
	w := setup(t)
	w.people(contoso, 3)
	slow := make(chan struct{})
	w.directory.gate = slow
	gate := make(chan struct{})
	w.teams.holds(only(gate, "p00001"))
	k := w.send(contoso, everybody, 0)
	// The process renews by its own idea of the lease; the shortest makes the test quick.
	p := w.start(func(_ *process, cfg *delivery.Config) { cfg.Lease = delivery.MinLease })
	w.until("p00001 on the wire alone", func() bool { return w.campaign(k).Counts.Sent == 2 })
	renewals := p.count("RenewStart")
	w.until("the planner renews", func() bool { return p.count("RenewStart") >= renewals+2 })
	if w.campaign(k).Planned {
		t.Error("the plan is complete without the directory")
	}
	close(slow)
	w.until("the whole plan", func() bool { return w.campaign(k).Planned })
	renewed := p.count("Renew")
	w.until("the worker renews", func() bool { return p.count("Renew") >= renewed+2 })
	close(gate)
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, 3)
}

// halfway is a ledger that fails once in the middle of a batch: some attempts are marked, and the caller hears of them and of an error.
type halfway struct {
	delivery.Ledger
	failed atomic.Bool
}

func (l *halfway) BeginAttempts(ctx context.Context, refs []delivery.Ref, reclaimed map[delivery.Ref]bool, stale, begun, now time.Time) ([]delivery.Attempt, error) {
	if l.failed.Swap(true) {
		return l.Ledger.BeginAttempts(ctx, refs, reclaimed, stale, begun, now)
	}
	as, err := l.Ledger.BeginAttempts(ctx, refs[:len(refs)/2], reclaimed, stale, begun, now)
	return as, errors.Join(err, errAway)
}

// Attempts that were marked before the ledger failed at another campaign of the batch are given back: nobody waits until they
// are stale, and nobody is said to have a message twice.
//
// Checked by handing all leases back as if none was marked: the campaign does not end.
func TestBatchThatIsMarkedHalfway(t *testing.T) {
	w := setup(t)
	const people = 20
	w.people(contoso, people)
	k := w.send(contoso, everybody, 0)
	w.start(func(_ *process, cfg *delivery.Config) { cfg.Ledger = &halfway{Ledger: cfg.Ledger} })
	w.ended(k, campaigns.Completed)
	w.exactlyOnce(k, people)
}
