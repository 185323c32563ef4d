package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// chats remembers in whose place it was said that a message came back.
type chats struct {
	mu    sync.Mutex
	cards []string
	rang  func()
}

func (c *chats) GivenUp(_ context.Context, to campaigns.Reference, cardID string, why campaigns.Reason) {
	c.mu.Lock()
	c.cards = append(c.cards, to.PersonID+" "+cardID+" "+string(why))
	c.mu.Unlock()
	c.rang()
}

func (c *chats) CameBack(_ context.Context, to campaigns.Reference, cardID string) {
	c.mu.Lock()
	c.cards = append(c.cards, to.PersonID+" "+cardID)
	c.mu.Unlock()
	c.rang()
}

func (c *chats) said() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.cards)
}

func (c *chats) shown(_ *process, cfg *delivery.Config) { cfg.Returns = c }

// delivered sends a timed campaign to n people, all of whom have it then; it is Monday, 17:00.
func (w *world) delivered(n int) campaigns.Key {
	w.t.Helper()
	w.people(contoso, n)
	k := w.within(days(1, func(w *campaigns.Window) { w.Presence = campaigns.Regardless }), everybody)
	p := w.start()
	w.opened(k, p)
	w.goTo(at(0, 17, 0).Add(-10 * time.Minute)) // nobody's moment is missed by more than the gate forgives, or it finds another
	w.walk(k, at(1, 0, 0), p)
	w.ended(k, campaigns.Completed)
	p.end()
	w.goTo(at(0, 17, 0))
	return k
}

// postpone presses a button of a campaign's card.
func (w *world) postpone(k campaigns.Key, person, when, card string) campaigns.Postponed {
	w.t.Helper()
	ref, err := w.db.Reference(w.ctx, contoso, person)
	w.ok(err)
	p, err := w.service.Postpone(w.ctx, ref, k.CampaignID, when, card)
	w.ok(err)
	return p
}

// snooze is the state of a return, and whether it was repeated.
func (w *world) snooze(k campaigns.Key, person string, n int) (state campaigns.SnoozeState, repeated bool) {
	w.t.Helper()
	const one = ` FROM snoozes s JOIN deliveries d ON d.campaign = s.campaign AND d.seq = s.seq JOIN campaigns c ON c.num = s.campaign WHERE c.id = ? AND (d.recipient = ? OR d.recipient LIKE 'removed:%') AND s.n = ?`
	w.ok(w.scan(&state, `SELECT s.state`+one, k.CampaignID, person, n))
	w.ok(w.scan(&repeated, `SELECT s.repeated`+one, k.CampaignID, person, n))
	return state, repeated
}

func (w *world) returned(k campaigns.Key, person string, n int, ps ...*process) {
	w.t.Helper()
	w.until(fmt.Sprintf("return %d of %s", n, person), func() bool {
		poke(ps)
		state, _ := w.snooze(k, person, n)
		return state == campaigns.SnoozeReturned
	})
}

// Asked for later it comes back then, three times at most, each time once; its delivery stays as it was.
func TestComesBack(t *testing.T) {
	w := setup(t)
	k := w.delivered(2)
	ann := "p00000"
	before := w.recipients(k)[ann]
	c := &chats{rang: w.changed.Ring}
	p := w.start(c.shown)
	for n := 1; n <= campaigns.MostReturns; n++ {
		asked := w.now()
		got := w.postpone(k, ann, "hour", fmt.Sprint("card", n))
		if got.Kind != campaigns.PostponedUntil || got.Until.Sub(asked).Round(time.Second*5) != time.Hour || got.Until.Location().String() != "Europe/Paris" || got.Last != (n == campaigns.MostReturns) {
			t.Fatalf("%d: %+v", n, got)
		}
		// Pressed twice, it is asked for once.
		if again := w.postpone(k, ann, "tomorrow", "another"); !again.Until.Equal(got.Until) || again.Kind != got.Kind {
			t.Errorf("%d: %+v, then %+v", n, got, again)
		}
		if r := w.lines(k)[ann]; r.SnoozedUntil == nil || r.SnoozedUntil.Sub(got.Until).Abs() > time.Second {
			t.Errorf("%d: waits until %v", n, r.SnoozedUntil)
		}
		name := fmt.Sprint(ann, ":", n)
		w.goTo(got.Until.Add(-time.Minute))
		p.Poke()
		p.idle()
		if sends := w.teams.sends(k)[name]; sends != 0 {
			t.Errorf("%d: it came %d times before its moment", n, sends)
		}
		w.goTo(got.Until)
		w.returned(k, ann, n, p)
		w.until("the card to say so", func() bool { return len(c.said()) == n })
		if sends := w.teams.sends(k)[name]; sends != 1 {
			t.Errorf("%d: it came %d times", n, sends)
		}
		if late := w.postpone(k, ann, "", ""); late.Kind != campaigns.PostponedBack {
			t.Errorf("%d: shown now, %+v", n, late)
		}
	}
	same(t, "cards", c.said(), ann+" card1", ann+" card2", ann+" card3")
	if last := w.postpone(k, ann, "hour", ""); last.Kind != campaigns.PostponedMost {
		t.Errorf("a fourth time: %+v", last)
	}
	after := w.recipients(k)[ann]
	if after.SnoozedUntil != nil || after.Status != before.Status || after.Attempts != before.Attempts || after.Repeated || !after.SentAt.Equal(*before.SentAt) {
		t.Errorf("was %+v, is %+v", before, after)
	}
	e, err := w.db.Engagement(w.ctx, k)
	w.ok(err)
	if got := w.campaign(k); got.Status != campaigns.Completed || got.Counts != (campaigns.Counts{Total: 2, Sent: 2}) || e.Snoozed != 1 {
		t.Errorf("%+v, %+v", got.Counts, e)
	}
}

// Whoever does not want to wait after all gets it at once.
func TestComesBackNow(t *testing.T) {
	w := setup(t)
	k := w.delivered(1)
	p := w.start()
	if got := w.postpone(k, "p00000", "tomorrow", "card"); got.Until.Before(at(1, 9, 0)) || got.Until.After(at(1, 9, 10)) {
		t.Errorf("%+v", got)
	}
	if got := w.postpone(k, "p00000", "", "card"); got.Kind != campaigns.PostponedNow {
		t.Errorf("%+v", got)
	}
	w.returned(k, "p00000", 1, p)
	if n := w.teams.sends(k)["p00000:1"]; n != 1 {
		t.Errorf("%d times", n)
	}
}

// What waits does not come back to who wants nothing any more, nor from a backup; nor do people get it when Teams says never. The card in its place says so, once,
// to those who can see it; after a restore nobody knows what it says.
func TestDoesNotComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world, k campaigns.Key)
		state  campaigns.SnoozeState
		said   string
	}{
		"uninstalled": {func(w *world, _ campaigns.Key) { w.set(contoso, "p00000", campaigns.Uninstalled) }, campaigns.SnoozeCancelled, ""},
		"blocked":     {func(w *world, _ campaigns.Key) { w.set(contoso, "p00000", campaigns.Blocked) }, campaigns.SnoozeFailed, ""},
		"opted out":   {func(w *world, _ campaigns.Key) { w.ok(w.db.SetOptedOut(w.ctx, contoso, "p00000", true, w.now())) }, campaigns.SnoozeCancelled, "opted_out"},
		"forgotten": {func(w *world, _ campaigns.Key) {
			_, err := w.db.ForgetPerson(w.ctx, contoso, "p00000", w.now())
			w.ok(err)
		}, campaigns.SnoozeCancelled, ""},
		"restored": {func(w *world, _ campaigns.Key) {
			_, err := w.db.MarkRestored(w.ctx, w.now())
			w.ok(err)
		}, campaigns.SnoozeCancelled, ""},
		"stopped": {func(w *world, k campaigns.Key) {
			w.exec(`UPDATE campaigns SET status = 'stopped' WHERE id = ?`, k.CampaignID)
		}, campaigns.SnoozeCancelled, "stopped"},
		"refused": {func(w *world, _ campaigns.Key) {
			w.teams.answers(func(attempt) campaigns.Outcome { return never(campaigns.Unconfirmed) })
		}, campaigns.SnoozeFailed, "unconfirmed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			k := w.delivered(1)
			got := w.postpone(k, "p00000", "hour", "card")
			c.change(w, k)
			cards := &chats{rang: w.changed.Ring}
			p, other := w.start(cards.shown), w.start(cards.shown)
			w.goTo(got.Until.Add(time.Second))
			w.until("its end", func() bool {
				poke([]*process{p, other})
				state, _ := w.snooze(k, "p00000", 1)
				return state == c.state
			})
			var said []string
			if c.said != "" {
				said = []string{"p00000 card " + c.said}
			}
			w.until("the card in its place to say so", func() bool {
				poke([]*process{p, other})
				return len(cards.said()) >= len(said)
			})
			p.idle()
			same(t, name, cards.said(), said...)
			if name == "stopped" {
				if again := w.postpone(k, "p00000", "hour", "card"); again.Kind != campaigns.PostponedOver {
					t.Errorf("asked for later again: %+v", again)
				}
			}
			if n := w.teams.sends(k)["p00000:1"]; n > 0 && name != "refused" || n > 1 {
				t.Errorf("it came %d times", n)
			}
		})
	}
}

// Teams asks to wait: it is tried again, and comes once.
func TestComesBackAfterARefusal(t *testing.T) {
	w := setup(t)
	k := w.delivered(1)
	w.teams.answers(func(a attempt) campaigns.Outcome {
		if a.Turn == 1 {
			return retry(campaigns.Throttled, time.Minute)
		}
		return sent
	})
	got := w.postpone(k, "p00000", "hour", "card")
	p := w.start()
	w.goTo(got.Until)
	w.until("a refusal", func() bool { poke([]*process{p}); return w.teams.sends(k)["p00000:1"] == 1 && w.teams.wire() == 0 })
	w.until("it to be recorded", func() bool { state, _ := w.snooze(k, "p00000", 1); return state == campaigns.SnoozeWaiting })
	w.advance(2 * time.Minute)
	w.returned(k, "p00000", 1, p)
	if n := w.teams.sends(k)["p00000:1"]; n != 2 {
		t.Errorf("%d attempts", n)
	}
}

// A crowd comes back at the same moment, through two processes, each once.
func TestACrowdComesBackOnce(t *testing.T) {
	w := setup(t)
	const people = 40
	k := w.delivered(people)
	var until time.Time
	for i := range people {
		until = w.postpone(k, fmt.Sprintf("p%05d", i), "hour", "card").Until
	}
	one, two := w.start(), w.start()
	w.goTo(until.Add(time.Minute))
	for i := range people {
		w.returned(k, fmt.Sprintf("p%05d", i), 1, one, two)
	}
	for i := range people {
		person := fmt.Sprintf("p%05d", i)
		if _, repeated := w.snooze(k, person, 1); repeated || w.teams.sends(k)[person+":1"] != 1 {
			t.Errorf("%s got it %d times, repeated %v", person, w.teams.sends(k)[person+":1"], repeated)
		}
	}
	w.exactlyOnceBefore(k, people)
}

// exactlyOnceBefore says that whatever came back, everybody's delivery is what it was.
func (w *world) exactlyOnceBefore(k campaigns.Key, n int) {
	w.t.Helper()
	rs := w.recipients(k)
	for id, r := range rs {
		if r.Status != campaigns.DeliverySent || r.Attempts != 1 || r.Repeated || w.teams.sends(k)[id] != 1 {
			w.t.Errorf("%s: %+v", id, r)
		}
	}
	if len(rs) != n {
		w.t.Errorf("%d recipients", len(rs))
	}
}

// G1 for returns: a process is killed in the middle; another one brings it, and it comes twice only if that is marked.
func TestReturnIsKilled(t *testing.T) {
	for _, c := range []struct {
		call, when string
		doubt      bool // it may have been on the wire
	}{{"Feed", "after", false}, {"Claim", "after", false}, {"BeginAttempts", "before", false}, {"BeginAttempts", "after", true}, {"Record", "before", true}, {"Record", "after", false}} {
		t.Run(c.when+" "+c.call, func(t *testing.T) {
			w := setup(t)
			k := w.delivered(1)
			got := w.postpone(k, "p00000", "hour", "card")
			killed := make(chan struct{})
			kill := func(p *process, name string) {
				if name == c.call && !p.gone() {
					p.kill()
					close(killed)
				}
			}
			first := w.start(before(func(p *process, name string, _ int) error {
				if c.when == "before" {
					kill(p, name)
				}
				return nil
			}), after(func(p *process, name string, _ int) {
				if c.when == "after" {
					kill(p, name)
				}
			}))
			w.goTo(got.Until)
			w.until("the kill", func() bool {
				poke([]*process{first})
				return first.gone()
			})
			w.wait("the kill", killed)
			w.wait("its end", first.done)
			w.expire()
			second := w.start()
			w.returned(k, "p00000", 1, second)
			_, repeated := w.snooze(k, "p00000", 1)
			n := w.teams.sends(k)["p00000:1"]
			if n < 1 || n > 1 && !repeated || !c.doubt && (n != 1 || repeated) {
				t.Errorf("it came %d times, repeated %v", n, repeated)
			}
			w.exactlyOnceBefore(k, 1)
		})
	}
}
