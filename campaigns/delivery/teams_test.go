package delivery_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"herald/campaigns"
)

// attempt is one message on the wire.
type attempt struct {
	campaigns.Key
	Person string
	Turn   int // of this person in this campaign, from 1
}

// teams takes every message. Knobs make it slow, or refuse.
type teams struct {
	rang func()
	end  chan struct{} // closed when the test is over: nothing waits any more
	once sync.Once

	mu      sync.Mutex
	answer  func(attempt) campaigns.Outcome // nil: sent
	gate    func(attempt) <-chan struct{}   // nil, or nil channel: open; else what the message waits for on the wire
	started map[campaigns.Key][]string      // people in the order of sending
	turns   map[string]int
	texts   map[string]string // the last by correlation
	onWire  int
}

var sent = campaigns.Outcome{Kind: campaigns.OutcomeSent, ActivityID: "1700000000000"}

func retry(r campaigns.Reason, after time.Duration) campaigns.Outcome {
	return campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: r, RetryAfter: after}
}

func never(r campaigns.Reason) campaigns.Outcome {
	return campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: r}
}

func (t *teams) Send(_ context.Context, ref campaigns.Reference, body []byte, correlation string) campaigns.Outcome {
	id, person, _ := strings.Cut(correlation, ":")
	a := attempt{Key: campaigns.Key{TenantID: ref.TenantID, CampaignID: id}, Person: person}
	t.mu.Lock()
	t.started[a.Key] = append(t.started[a.Key], person)
	t.turns[correlation]++
	t.texts[correlation] = string(body)
	a.Turn = t.turns[correlation]
	t.onWire++
	gate := t.gate
	t.mu.Unlock()
	t.rang()
	if gate != nil {
		if ch := gate(a); ch != nil {
			select {
			case <-ch:
			case <-t.end:
			}
		}
	}
	t.mu.Lock()
	t.onWire--
	answer := t.answer
	t.mu.Unlock()
	t.rang()
	if answer != nil {
		return answer(a)
	}
	if !strings.Contains(string(body), "Given"+person) && !strings.Contains(string(body), "Hello") {
		return never(campaigns.BadRequest)
	}
	return sent
}

func (t *teams) close() { t.once.Do(func() { close(t.end) }) }

// answers sets how Teams answers from now on.
func (t *teams) answers(fn func(attempt) campaigns.Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answer = fn
}

// holds keeps messages on the wire: those for which fn gives a channel, until it is closed.
func (t *teams) holds(fn func(attempt) <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gate = fn
}

// sends says how often each person's message was put on the wire.
func (t *teams) sends(k campaigns.Key) map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[string]int{}
	for _, p := range t.started[k] {
		out[p]++
	}
	return out
}

// text is what a person got last, without its greeting; empty: nothing.
func (t *teams) text(k campaigns.Key, person string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, text, _ := strings.Cut(t.texts[k.CampaignID+":"+person], "Hello ")
	text, _, _ = strings.Cut(text, `"`)
	return text
}

// order is who got the campaign, in the order of sending.
func (t *teams) order(k campaigns.Key) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.started[k])
}

func (t *teams) total(k campaigns.Key) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.started[k])
}

func (t *teams) wire() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.onWire
}

// directory is a tenant's people beside those that the store knows already.
type directory struct {
	mu    sync.Mutex
	found map[string]campaigns.Person // by address
	err   error                       // of everything
	gate  <-chan struct{}             // what a walk waits for
	asked int
}

func (d *directory) FindByEmail(_ context.Context, _, email string) (campaigns.Person, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if d.err != nil {
		return campaigns.Person{}, d.err
	}
	if p, ok := maps.Clone(d.found)[strings.ToLower(email)]; ok {
		return p, nil
	}
	return campaigns.Person{}, campaigns.Errorf(campaigns.CodeNotFound, "user_not_found", "nobody")
}

func (d *directory) SearchPeople(context.Context, string, string, int) ([]campaigns.Person, error) {
	return nil, nil
}

func (d *directory) EachPage(ctx context.Context, _, _ string, _ func(campaigns.DirectoryPage) error) (string, error) {
	d.mu.Lock()
	gate, err := d.gate, d.err
	d.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return "token", err
}
