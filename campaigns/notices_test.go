package campaigns_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
)

func busy(after time.Duration) campaigns.Outcome {
	return campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.Throttled, RetryAfter: after}
}

// What Teams does not take is brought later, once, by whoever looks then.
func TestNoticesAreTriedAgain(t *testing.T) {
	w, c, _, chat := large(t)
	_, err := w.Send(t.Context(), author, c.ID, 0, nil)
	w.ok(err)
	chat.outcomes = []campaigns.Outcome{busy(time.Minute), busy(time.Minute)}
	if got := chat.told(w); !slices.Equal(got, []string{"ask paula (throttled)", "ask peter (throttled)"}) {
		t.Fatalf("brought %q", got)
	}
	if got := chat.told(w); len(got) != 0 {
		t.Errorf("before its time: %q", got)
	}
	w.advance(2 * time.Minute)
	if got := chat.told(w); !slices.Equal(got, []string{"ask paula", "ask peter"}) {
		t.Errorf("brought %q", got)
	}
	w.advance(24 * time.Hour)
	if got := chat.told(w); len(got) != 0 {
		t.Errorf("twice: %q", got)
	}
}

// Six hours of a Teams that refuses are enough; a refusal for good is one.
func TestNoticesAreGivenUp(t *testing.T) {
	w, c, _, chat := large(t)
	_, err := w.Send(t.Context(), author, c.ID, 0, nil)
	w.ok(err)
	chat.outcomes = []campaigns.Outcome{{Kind: campaigns.OutcomeGone, Reason: campaigns.BlockedByUser}, busy(0)}
	tried := len(chat.told(w))
	for range 100 {
		w.advance(10 * time.Minute)
		chat.outcomes = []campaigns.Outcome{busy(0)}
		tried += len(chat.told(w))
	}
	if tried < 8 || tried > 13 {
		t.Errorf("%d attempts", tried)
	}
}

// The cards of all others lose their buttons, whatever becomes of the question; what has not left yet never does.
func TestCardsAreSettled(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(w *world, id string, version int) error
		want []string
	}{
		"approved": {func(w *world, id string, v int) error {
			_, err := w.Approve(w.t.Context(), publisher, id, v, "")
			return err
		}, []string{"amend paula 1 approved", "amend peter 1 approved", "tell author approved"}},
		"rejected": {func(w *world, id string, v int) error {
			_, err := w.Reject(w.t.Context(), publisher, id, v, "")
			return err
		}, []string{"amend paula 1 rejected", "amend peter 1 rejected", "tell author rejected"}},
		"withdrawn": {func(w *world, id string, _ int) error {
			_, err := w.Withdraw(w.t.Context(), author, id)
			return err
		}, []string{"amend paula 1 withdrawn", "amend peter 1 withdrawn"}},
		"deleted": {func(w *world, id string, _ int) error {
			return w.Delete(w.t.Context(), author, id)
		}, []string{"amend paula 1 deleted", "amend peter 1 deleted"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, c, _, chat := large(t)
			asked, err := w.Send(t.Context(), author, c.ID, 0, nil)
			w.ok(err)
			chat.told(w)
			w.ok(tc.do(w, c.ID, asked.Version))
			chat.outcomes = []campaigns.Outcome{busy(time.Minute)}
			chat.told(w)
			w.advance(2 * time.Minute)
			chat.told(w)
			w.advance(time.Hour)
			if got := chat.told(w); len(got) != 0 {
				t.Errorf("settled twice: %q", got)
			}

			again := w.to("a@x.example", "b@x.example", "c@x.example")
			asked, err = w.Send(t.Context(), author, again.ID, 0, nil)
			w.ok(err)
			w.ok(tc.do(w, again.ID, asked.Version))
			if got := chat.told(w); slices.ContainsFunc(got, func(s string) bool { return s[:4] != "tell" }) {
				t.Errorf("asked although it was over: %q", got)
			}

			third := w.to("a@x.example", "b@x.example", "c@x.example")
			asked, err = w.Send(t.Context(), author, third.ID, 0, nil)
			w.ok(err)
			chat.told(w)
			w.ok(tc.do(w, third.ID, asked.Version))
			if got := chat.told(w); !slices.Equal(got, tc.want) {
				t.Errorf("brought %q, want %q", got, tc.want)
			}
		})
	}
}

// slow decides, as somebody would in the tab, while a card is on its way.
type slow struct {
	courier
	meanwhile func()
	once      sync.Once
}

func (s *slow) Bring(ctx context.Context, to campaigns.Reference, n campaigns.Notice) campaigns.Outcome {
	s.once.Do(s.meanwhile)
	return s.courier.Bring(ctx, to, n)
}

func TestCardThatIsOnItsWayIsSettledToo(t *testing.T) {
	w, c, _, _ := large(t)
	asked, err := w.Send(t.Context(), author, c.ID, 0, nil)
	w.ok(err)
	chat := &slow{meanwhile: func() {
		_, err := w.Approve(t.Context(), publisher, c.ID, asked.Version, "")
		w.ok(err)
	}}
	if err := w.notifier(chat).Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	cards := map[string]int{}
	for _, each := range chat.brought {
		switch each {
		case "ask paula", "ask peter":
			cards[each[4:]]++
		case "amend paula 1 approved", "amend peter 1 approved":
			cards[each[6:11]]--
		}
	}
	if cards["paula"] != 0 || cards["peter"] != 0 || len(chat.brought) < 3 {
		t.Errorf("brought %q", chat.brought)
	}
}

// Many processes share the work: nobody is asked twice.
func TestNoticesComeOnce(t *testing.T) {
	w, c, _, chat := large(t)
	for range 10 {
		_, err := w.Send(t.Context(), author, w.to("a@x.example", "b@x.example", "c@x.example").ID, 0, nil)
		w.ok(err)
	}
	_ = c
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := w.notifier(chat).Work(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(chat.brought) != 20 {
		t.Errorf("%d cards for 2 people about 10 campaigns", len(chat.brought))
	}
}
