package delivery

import (
	"context"
	"time"

	"herald/campaigns"
)

// Key names a campaign in the queue.
type Key = campaigns.Key

// Due is one delivery and the moment from which it may be sent.
type Due struct {
	ID int64 // which delivery, or return, it is in SQL; the payload stays there
	At time.Time
}

// Lease is the right to work on one delivery until Until. Token fences it: after
// the lease ran out and somebody else took the delivery, the old token is refused.
type Lease struct {
	Key
	ID        int64
	Token     string
	Until     time.Time // on Redis' own clock, without a skew
	Reclaimed bool      // an earlier lease ran out: that attempt may or may not have gone out
}

// Again is a delivery that is given back, to be due at At.
type Again struct {
	Lease
	At time.Time
}

// StartLease is the right to plan one campaign until Until, fenced like Lease.
type StartLease struct {
	Key
	Token string
	Until time.Time
}

// Queue is the clock of Herald: which campaign starts when, which delivery is due
// when, who works on what, and how fast each tenant may go. It holds ids and
// moments only, and everything in it can be rebuilt from SQL.
//
// All methods are safe for concurrent use by any number of processes, and all
// are idempotent: doing one twice is doing it once. "Now" is Redis' own clock
// (plus, for due moments and pauses, the skew that a controllable test clock adds), never the caller's.
// Leases run on real time: however the skew leaps, a living worker keeps what it has.
// Errors mean that Redis did not answer; the caller tries again.
type Queue interface {
	// ScheduleStart makes the campaign claimable by ClaimStart from at on.
	// Called again it moves the moment, unless the start is leased at this moment.
	ScheduleStart(ctx context.Context, k Key, at time.Time) error
	// Unschedule forgets the start, leased or not.
	Unschedule(ctx context.Context, k Key) error
	// ClaimStart leases the start that is due longest. ok is false when none is due.
	// Starts whose lease ran out are due again.
	ClaimStart(ctx context.Context) (l StartLease, ok bool, err error)
	// RenewStart prolongs the lease to its full length from now. held is false when it was lost.
	RenewStart(ctx context.Context, l StartLease) (held bool, err error)
	// AckStart ends a start whose work is recorded in SQL. A lost lease is ignored.
	AckStart(ctx context.Context, l StartLease) error

	// Feed adds deliveries to the campaign's window. Ids that wait already or are
	// leased stay as they are. The caller keeps batches ≤ 1000.
	Feed(ctx context.Context, k Key, due []Due) error
	// Pending says how many deliveries of the campaign are leased or due by until.
	Pending(ctx context.Context, k Key, until time.Time) (int, error)
	// Claim leases up to max due deliveries of one tenant under that tenant's rate:
	// in no sliding window of one second do the claims of all workers together exceed it.
	// Campaigns of a tenant are served round-robin, and so are tenants.
	// Deliveries whose lease ran out come first, with Reclaimed set.
	// An empty result is no error.
	Claim(ctx context.Context, max int) ([]Lease, error)
	// Late says that n deliveries of a tenant, claimed by ago before now, are put on the wire only now: the rate
	// counts when messages leave. Little delays change nothing; noted is false then.
	Late(ctx context.Context, tenantID string, n int, ago time.Duration) (noted bool, err error)
	// Renew prolongs leases to their full length from now and returns those still held.
	Renew(ctx context.Context, ls []Lease) ([]Lease, error)
	// Ack ends leases whose outcome is recorded in SQL. Lost leases are ignored.
	Ack(ctx context.Context, ls []Lease) error
	// Reschedule ends leases and makes their deliveries due again, each at its moment. Lost leases are ignored.
	Reschedule(ctx context.Context, again []Again) error
	// Drop forgets every waiting and leased delivery and the start of a campaign, in
	// time that does not grow with their number, and tells all processes.
	Drop(ctx context.Context, k Key) error
	// Dropped is when this process last heard of a Drop of the campaign, on its own clock; zero: not lately. It hears
	// within milliseconds, but may miss one while its connection is broken.
	Dropped(k Key) time.Time

	// Admit says for each person how long a message to their chat must wait, so that
	// the chat stays below Teams' limits whatever sends to it, and counts those that need not wait.
	Admit(ctx context.Context, tenantID string, personIDs []string) (waits []time.Duration, err error)
	// Slow halves the tenant's rate, at most once a second, and holds it there until until; from then
	// on it climbs back. A tenant without a limit is paused instead.
	Slow(ctx context.Context, tenantID string, until time.Time) error
	// Pause stops claims for a tenant until until; a shorter pause never shortens a longer one.
	Pause(ctx context.Context, tenantID string, until time.Time) error

	// WaitDelivery returns when Claim may find something: a delivery is due, a
	// tenant's rate has room again, a pause ended, a lease ran out, another process
	// fed something sooner, or max has passed. It may return early for no reason.
	// It returns ctx.Err() when ctx ends, and an error when Redis does not answer.
	WaitDelivery(ctx context.Context, max time.Duration) error
	// WaitStart is the same for ClaimStart.
	WaitStart(ctx context.Context, max time.Duration) error

	// Epoch identifies the life of the data in Redis: it changes when Redis comes
	// back empty (restart without data, FLUSHALL), so that the reconciler
	// knows that everything must be fed again. It creates the mark when there is none.
	Epoch(ctx context.Context) (string, error)

	// Now is the queue's clock: Redis TIME plus skew.
	Now(ctx context.Context) (time.Time, error)
}
