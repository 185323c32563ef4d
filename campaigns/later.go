package campaigns

import (
	"context"
	"hash/fnv"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/schedule"
)

// MostReturns is how many times one message may come back to a person who asked for it later.
const MostReturns = 3

// newestKept is how old the message may be that a person means who writes "not now".
const newestKept = 24 * time.Hour

// SnoozeState is where the return of a message stands.
type SnoozeState string

const (
	SnoozeWaiting   SnoozeState = "waiting"   // its moment has not come, or an attempt is to be repeated
	SnoozeSending   SnoozeState = "sending"   // an attempt is on the wire
	SnoozeReturned  SnoozeState = "returned"  // Teams accepted it
	SnoozeFailed    SnoozeState = "failed"    // given up
	SnoozeCancelled SnoozeState = "cancelled" // the campaign was stopped first, or the person wants nothing any more
)

// Snooze is one time that a person asked for a message later.
type Snooze struct {
	N       int // 1 to MostReturns
	State   SnoozeState
	AskedAt time.Time
	Until   time.Time // as the person was told; who asks to see it at once gets it sooner
	CardID  string    // activity id of what stands in its place meanwhile; empty: nobody knows
}

// Kept is a campaign's message that a person has, and that can come back.
type Kept struct {
	Key
	Seq     int64 // of the delivery
	Status  Status
	Window  Window
	Snoozes []Snooze // oldest first

	// Of a survey:
	Answered bool       // to the end, on whichever card
	Closes   *time.Time // no answers are taken from then on; nil: nobody knows when
}

// SnoozeStore keeps what people asked for later.
type SnoozeStore interface {
	// Kept finds the message that a campaign has sent to a person. CodeNotFound when there is none, or it is of a kind that does
	// not come back.
	Kept(ctx context.Context, tenantID, personID, campaignID string) (Kept, error)
	// NewestKept is the campaign whose message of such a kind reached the person last, and not before since; "" when there is none.
	// Surveys that they have answered do not count.
	NewestKept(ctx context.Context, tenantID, personID string, since time.Time) (campaignID string, err error)
	// AddSnooze notes that a message is wanted later, unless somebody was faster or the campaign was stopped meanwhile.
	AddSnooze(ctx context.Context, m Kept, s Snooze) (added bool, err error)
	// WakeSnooze has a message that waits come back now. woken is false when it does not wait any more.
	WakeSnooze(ctx context.Context, m Kept, n int, now time.Time) (woken bool, err error)
}

// MayWait says whether who gets the campaign's message may ask for it later: it goes out within a window, so nothing in it is
// urgent. A survey may until they have begun to answer it.
func (c *Campaign) MayWait() bool { return c.Timed() && mayWait(c.Format) }

func mayWait(f message.Format) bool { return f != message.Important }

// PostponedKind says what became of a wish.
type PostponedKind int

const (
	PostponedUntil    PostponedKind = iota + 1 // it comes back then
	PostponedNow                               // it is on its way
	PostponedBack                              // it is back already
	PostponedMost                              // it has come back as often as it may
	PostponedOver                              // the campaign was stopped, or its return was given up
	PostponedLate                              // the survey takes no answers any more by then
	PostponedAnswered                          // they have answered the survey
	PostponedTest                              // it is a test, of which nothing comes back
)

// Postponed is the answer to somebody who wants a message later, or now after all.
type Postponed struct {
	Kind  PostponedKind
	Until time.Time // of PostponedUntil, in the person's own time zone; of PostponedLate: until when the survey takes answers
	Now   time.Time // likewise
	Last  bool      // of PostponedUntil: it does not come back once more
}

// Postpone has a campaign's message come back to ref's person when they asked for it; empty: now. cardID is the activity of the
// card that was pressed, in whose place the answer stands. Pressed again, it tells what was decided before.
//
// CodeNotFound: they have no such message. CodeInvalid: there is no such time.
func (s *Service) Postpone(ctx context.Context, ref Reference, campaignID, when, cardID string) (Postponed, error) {
	if campaignID == message.TriedCampaign {
		return Postponed{Kind: PostponedTest}, nil
	}
	for try := 0; ; try++ {
		m, err := s.Store.Kept(ctx, ref.TenantID, ref.PersonID, campaignID)
		if err != nil {
			return Postponed{}, err
		}
		p, done, err := s.postpone(ctx, ref, m, when, cardID)
		if err != nil || done {
			return p, err
		}
		if try == moves {
			return Postponed{}, Errorf(CodeUnavailable, "busy", "This message is being moved elsewhere. Try again in a moment.")
		}
	}
}

func (s *Service) postpone(ctx context.Context, ref Reference, m Kept, when, cardID string) (p Postponed, done bool, err error) {
	var last Snooze
	if len(m.Snoozes) > 0 {
		last = m.Snoozes[len(m.Snoozes)-1]
	}
	now := s.Now()
	switch {
	case last.State == SnoozeSending:
		return Postponed{Kind: PostponedNow}, true, nil
	case m.Answered:
		return Postponed{Kind: PostponedAnswered}, true, nil
	case m.Closes != nil && !now.Before(*m.Closes):
		return Postponed{Kind: PostponedLate, Until: *m.Closes, Now: now}, true, nil
	case m.Status != Sending && m.Status != Completed:
		return Postponed{Kind: PostponedOver}, true, nil
	case when == "" && last.State == SnoozeWaiting:
		woken, err := s.Store.WakeSnooze(ctx, m, last.N, now)
		return Postponed{Kind: PostponedNow}, woken, err
	case when == "" && last.State == SnoozeReturned:
		return Postponed{Kind: PostponedBack}, true, nil
	case when == "":
		return Postponed{Kind: PostponedOver}, true, nil
	}
	zones, err := s.Store.ZonesOf(ctx, ref.TenantID, []string{ref.PersonID})
	if err != nil {
		return Postponed{}, false, err
	}
	zone := m.Window.Location(zones[ref.PersonID].Effective())
	until := func(n Snooze) Postponed {
		return Postponed{Kind: PostponedUntil, Until: n.Until.In(zone), Now: now.In(zone), Last: n.N >= MostReturns}
	}
	switch {
	case last.State == SnoozeWaiting:
		return until(last), true, nil
	case last.N >= MostReturns:
		return Postponed{Kind: PostponedMost}, true, nil
	}
	choice := schedule.Later(when)
	if !choice.Valid() {
		return Postponed{}, false, Errorf(CodeInvalid, "unknown_time", "There is no such time to come back at.")
	}
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(m.CampaignID + "/" + ref.PersonID)) // it never fails
	next := Snooze{N: last.N + 1, State: SnoozeWaiting, AskedAt: now, Until: m.Window.Later(choice, now, zone, seed.Sum64()), CardID: cardID}
	if m.Closes != nil && !next.Until.Before(*m.Closes) {
		return Postponed{Kind: PostponedLate, Until: m.Closes.In(zone), Now: now.In(zone)}, true, nil
	}
	added, err := s.Store.AddSnooze(ctx, m, next)
	return until(next), added, err
}

// Postponable is the campaign whose message a person means who wants the newest one later; "" when there is none.
func (s *Service) Postponable(ctx context.Context, ref Reference) (campaignID string, err error) {
	return s.Store.NewestKept(ctx, ref.TenantID, ref.PersonID, s.Now().Add(-newestKept))
}
