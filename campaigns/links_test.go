package campaigns_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/track"
)

// shaky is the store as the links see it, which a test can switch off.
type shaky struct {
	campaigns.LinkStore
	down   atomic.Bool
	writes atomic.Int32
}

var errDown = errors.New("no answer")

func (s *shaky) NumberedCampaign(ctx context.Context, num int64) (campaigns.Key, error) {
	if s.down.Load() {
		return campaigns.Key{}, errDown
	}
	return s.LinkStore.NumberedCampaign(ctx, num)
}

func (s *shaky) Receiver(ctx context.Context, k campaigns.Key, seq int64) (campaigns.Receiver, error) {
	if s.down.Load() {
		return campaigns.Receiver{}, errDown
	}
	return s.LinkStore.Receiver(ctx, k, seq)
}

func (s *shaky) RecordClicks(ctx context.Context, clicks []campaigns.Click) ([]campaigns.Click, error) {
	s.writes.Add(1)
	if s.down.Load() {
		return clicks, errDown
	}
	return s.LinkStore.RecordClicks(ctx, clicks)
}

// linksWorld is a campaign with a plain link (0) and one that is each person's own (1), sent to ann (1) and bea (2), while the
// message to cid (3) is on the wire.
type linksWorld struct {
	*world
	*shaky
	links  *campaigns.Links
	signer *track.Signer
	key    campaigns.Key
	number uint64
}

func setupLinks(t *testing.T) *linksWorld {
	t.Helper()
	w := setup(t)
	ctx := t.Context()
	signer := track.New([]byte(strings.Repeat("k", 32)))
	w.Settings = campaigns.Settings{AssetsURL: "https://herald.example", LinkSigner: signer}
	w.met(campaigns.Installed, "ann", "bea", "cid")
	c := &campaigns.Campaign{TenantID: tenant, ID: "c1", Name: "Links", Format: message.Card, Status: campaigns.Draft, CreatedAt: start, UpdatedAt: start, Version: 1,
		Content: message.Content{Title: "x", Text: "[menu](https://menu.example/)", Buttons: []message.Button{{Title: "Vote", URL: "https://vote.example/?who=[FIRSTNAME]"}}}}
	w.ok(w.db.CreateCampaign(ctx, c))
	k := c.Key()
	_, err := w.db.ScheduleCampaign(ctx, k, 0, start, start)
	w.ok(err)
	_, plan, err := w.db.Begin(ctx, k, start)
	w.ok(err)
	var page []delivery.Planned
	for _, id := range []string{"ann", "bea", "cid"} {
		page = append(page, delivery.Planned{Recipient: id, PersonID: id, Email: id + "@x.example", DisplayName: id, Status: campaigns.DeliveryPending, DueAt: start})
	}
	w.ok(w.db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, page, start))
	lw := &linksWorld{world: w, signer: signer, key: k, shaky: &shaky{LinkStore: w.db}}
	lw.sent(1)
	lw.sent(2)
	_, err = w.db.BeginAttempts(ctx, []delivery.Ref{{Key: k, Seq: 3}}, nil, start, start, start)
	w.ok(err)
	work, err := w.db.Work(ctx, k)
	w.ok(err)
	lw.number = uint64(work.Number)
	lw.links = campaigns.NewLinks(lw.shaky, w.Settings, w.Now, slog.New(slog.DiscardHandler))
	return lw
}

func (w *linksWorld) sent(seq int64) {
	w.t.Helper()
	ref := delivery.Ref{Key: w.key, Seq: seq}
	as, err := w.db.BeginAttempts(w.t.Context(), []delivery.Ref{ref}, map[delivery.Ref]bool{ref: true}, start, start, start)
	w.ok(err)
	done, err := w.db.Record(w.t.Context(), []delivery.Result{{Ref: ref, Number: as[0].Number, Status: campaigns.DeliverySent, At: start, ActivityID: "1", ConversationID: "a"}})
	w.ok(err)
	if len(done) != 1 {
		w.t.Fatalf("message %d: its outcome was refused", seq)
	}
}

func (w *linksWorld) token(seq, link uint64) string {
	return string(w.signer.Append(nil, track.Ref{Campaign: w.number, Seq: seq, Link: link}))
}

// run runs the writer until the returned function is called.
func (w *linksWorld) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.links.Run(ctx) })
	return func() { cancel(); running.Wait() }
}

func (w *linksWorld) engagement() campaigns.Engagement {
	w.t.Helper()
	e, err := w.db.Engagement(w.t.Context(), w.key)
	w.ok(err)
	return e
}

func TestWhereLinksLead(t *testing.T) {
	w := setupLinks(t)
	for name, c := range map[string]struct {
		token, target string
		code          campaigns.Code
	}{
		"plain":            {w.token(1, 0), "https://menu.example/", ""},
		"ann's own":        {w.token(1, 1), "https://vote.example/?who=Givenann", ""},
		"bea's own":        {w.token(2, 1), "https://vote.example/?who=Givenbea", ""},
		"no such link":     {w.token(1, 2), "", campaigns.CodeGone},
		"no such person":   {w.token(9, 1), "", campaigns.CodeGone},
		"no such campaign": {string(w.signer.Append(nil, track.Ref{Campaign: 1 << 40, Seq: 1})), "", campaigns.CodeGone},
		"too large":        {string(w.signer.Append(nil, track.Ref{Campaign: 1 << 63, Seq: 1})), "", campaigns.CodeNotFound},
		"another's key":    {string(track.New(make([]byte, 32)).Append(nil, track.Ref{Campaign: w.number, Seq: 1})), "", campaigns.CodeNotFound},
		"nonsense":         {"https://evil.example", "", campaigns.CodeNotFound},
	} {
		_, target, err := w.links.Target(t.Context(), c.token)
		if target != c.target || campaigns.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %q, %v", name, target, err)
		}
	}
}

// While the database is away, links that are known still lead on; what cannot be known is not guessed.
func TestLinksOutliveTheDatabase(t *testing.T) {
	w := setupLinks(t)
	ctx := t.Context()
	w.down.Store(true)
	if _, target, err := w.links.Target(ctx, w.token(1, 0)); err == nil || campaigns.CodeOf(err) != "" {
		t.Errorf("never seen: %q, %v", target, err)
	}
	w.down.Store(false)
	_, _, err := w.links.Target(ctx, w.token(1, 0))
	w.ok(err)
	w.down.Store(true)
	ref, target, err := w.links.Target(ctx, w.token(2, 0))
	if err != nil || target != "https://menu.example/" {
		t.Errorf("known: %q, %v", target, err)
	}
	if _, target, err := w.links.Target(ctx, w.token(2, 1)); err == nil {
		t.Errorf("another's address: %q", target)
	}
	// What is clicked meanwhile is counted afterwards.
	stop := w.run()
	w.links.Count(ref)
	for w.writes.Load() == 0 { // it tries, in vain
		w.links.Count(ref)
	}
	w.down.Store(false)
	stop()
	if e := w.engagement(); e.ClickedRecipients != 1 || e.Clicks < 1 {
		t.Errorf("%+v", e)
	}
}

func TestDeletedCampaignsLinksLeadNowhere(t *testing.T) {
	w := setupLinks(t)
	ctx := t.Context()
	_, _, err := w.links.Target(ctx, w.token(1, 0))
	w.ok(err)
	_, err = w.db.StopCampaign(ctx, w.key, start)
	w.ok(err)
	w.ok(w.db.DeleteCampaign(ctx, w.key, start))
	for range 2 {
		if _, target, err := w.links.Target(ctx, w.token(1, 0)); campaigns.CodeOf(err) != campaigns.CodeGone {
			t.Errorf("%q, %v", target, err)
		}
	}
}

// Many clicks at once are one recipient each, and none is lost; those that come before the outcome of the message wait for it.
func TestClicksAreGathered(t *testing.T) {
	w := setupLinks(t)
	stop := w.run()
	var people sync.WaitGroup
	const each = 200
	for seq := uint64(1); seq <= 3; seq++ {
		for range 4 {
			people.Go(func() {
				for i := range uint64(each / 4) {
					w.links.Count(track.Ref{Campaign: w.number, Seq: seq, Link: i % 2})
				}
			})
		}
	}
	people.Wait()
	for w.engagement().Clicks < 2*each {
		w.links.Count(track.Ref{Campaign: 1 << 40}) // somebody else's
	}
	if e := w.engagement(); e.ClickedRecipients != 2 || e.Clicks != 2*each {
		t.Errorf("before the outcome: %+v", e)
	}
	w.sent(3)
	stop()
	if e := w.engagement(); e.ClickedRecipients != 3 || e.Clicks != 3*each {
		t.Errorf("%+v", e)
	}
	links, err := w.Links(t.Context(), author, w.key.CampaignID)
	w.ok(err)
	if len(links) != 2 || links[0].Recipients != 3 || links[0].Clicks != 3*each/2 || links[1].Text != "Vote" || links[1].URL != "https://vote.example/?who=[FIRSTNAME]" {
		t.Errorf("%+v", links)
	}
	// The writer gathers: far fewer writes than clicks.
	if n := w.writes.Load(); n > 100 {
		t.Errorf("%d writes for %d clicks", n, 3*each)
	}
}
