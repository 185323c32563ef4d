package campaigns_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
)

var (
	publisher = campaigns.Actor{TenantID: tenant, PersonID: "paula", DisplayName: "Paula", UPN: "paula@x.example", Roles: []campaigns.Role{campaigns.RolePublisher}}
	second    = campaigns.Actor{TenantID: tenant, PersonID: "peter", DisplayName: "Peter", UPN: "peter@x.example", Roles: []campaigns.Role{campaigns.RolePublisher}}
)

// starts counts what the queue is told to start.
type starts struct {
	mu sync.Mutex
	at []time.Time
}

func (q *starts) ScheduleStart(_ context.Context, _ campaigns.Key, at time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.at = append(q.at, at)
	return nil
}
func (q *starts) Unschedule(context.Context, campaigns.Key) error { return nil }
func (q *starts) Drop(context.Context, campaigns.Key) error       { return nil }

// courier writes down whom it brought what. Outcomes are those of the next attempts; then all is sent.
type courier struct {
	mu       sync.Mutex
	brought  []string
	outcomes []campaigns.Outcome
}

func (c *courier) Bring(_ context.Context, to campaigns.Reference, n campaigns.Notice) campaigns.Outcome {
	words := string(n.Kind) + " " + to.PersonID
	if n.Kind == campaigns.Tells {
		words += " " + string(n.Approval.State) + " " + n.Approval.Comment
	}
	return c.note(words)
}

func (c *courier) Amend(_ context.Context, to campaigns.Reference, n campaigns.Notice) campaigns.Outcome {
	return c.note("amend " + to.PersonID + " " + n.ActivityID + " " + string(n.Approval.State))
}

func (c *courier) note(text string) campaigns.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	text = strings.TrimSpace(text)
	if len(c.outcomes) > 0 {
		o := c.outcomes[0]
		c.outcomes = c.outcomes[1:]
		if o.Kind != campaigns.OutcomeSent {
			c.brought = append(c.brought, text+" ("+string(o.Reason)+")")
			return o
		}
	}
	c.brought = append(c.brought, text)
	return campaigns.Outcome{Kind: campaigns.OutcomeSent, ActivityID: "1"}
}

// told is what was brought since the last time, in alphabetical order.
func (c *courier) told(w *world) []string {
	w.t.Helper()
	w.ok(w.notifier(c).Work(w.t.Context()))
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.brought
	c.brought = nil
	slices.Sort(out)
	return out
}

// notifier is one that knows of nothing but what the database holds, as after a restart.
func (w *world) notifier(c campaigns.Courier) *campaigns.Notifier {
	return campaigns.NewNotifier(w.db, c, w.Now, slog.New(slog.DiscardHandler))
}

// large is a world with a limit of two people, and a draft of Author's to three.
func large(t *testing.T) (*world, *campaigns.Campaign, *starts, *courier) {
	w := setup(t)
	q, c := &starts{}, &courier{}
	w.Queue, w.Settings.ApprovalAbove = q, 2
	w.met(campaigns.Installed, "a", "b", "c", "author", "paula", "peter")
	for _, a := range []campaigns.Actor{author, publisher, second} {
		w.ok(w.Met(t.Context(), a))
	}
	return w, w.to("a@x.example", "b@x.example", "c@x.example"), q, c
}

func (w *world) to(emails ...string) *campaigns.Campaign {
	w.t.Helper()
	c, err := w.Create(w.t.Context(), author, campaigns.Input{Name: "Large", Format: message.Message, Content: message.Content{Text: "Hello"}, Audience: campaigns.Audience{Emails: emails}})
	w.ok(err)
	return c
}

func reasonOf(err error) string {
	var e *campaigns.Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

func TestLargeCampaignWaitsForASecondPerson(t *testing.T) {
	w, c, q, chat := large(t)
	ctx := t.Context()
	if small, err := w.Send(ctx, author, w.to("a@x.example", "b@x.example").ID, 0, nil); err != nil || small.Status != campaigns.Scheduled {
		t.Fatalf("two people are not too many: %+v %v", small, err)
	}
	at := start.Add(24 * time.Hour)
	asked, err := w.Send(ctx, author, c.ID, c.Version, &at)
	w.ok(err)
	if asked.Status != campaigns.Draft || asked.Approval == nil || asked.Approval.State != campaigns.Waiting || asked.Approval.Recipients != 3 || len(q.at) != 1 {
		t.Fatalf("%+v, approval %+v, starts %v", asked, asked.Approval, q.at)
	}
	if got := chat.told(w); !slices.Equal(got, []string{"ask paula", "ask peter"}) {
		t.Errorf("brought %q", got)
	}
	// It is frozen, and nobody sends it alone.
	if _, err := w.Update(ctx, author, c.ID, asked.Version, campaigns.Input{Name: "New"}); reasonOf(err) != "waits_for_approval" {
		t.Errorf("changed while it waits: %v", err)
	}
	for _, a := range []campaigns.Actor{author, publisher} {
		if _, err := w.Send(ctx, a, c.ID, 0, nil); reasonOf(err) != "waits_for_approval" {
			t.Errorf("sent while it waits: %v", err)
		}
	}
	if _, err := w.Approve(ctx, author, c.ID, asked.Version, ""); reasonOf(err) != "role_too_small" {
		t.Errorf("an author approved: %v", err)
	}
	promoted := author
	promoted.Roles = []campaigns.Role{campaigns.RoleAdmin}
	if _, err := w.Approve(ctx, promoted, c.ID, asked.Version, ""); reasonOf(err) != "own_request" {
		t.Errorf("who asked approved: %v", err)
	}
	done, err := w.Approve(ctx, publisher, c.ID, asked.Version, " Go ")
	w.ok(err)
	if done.Status != campaigns.Scheduled || !done.SendAt.Equal(at) || done.Approval.State != campaigns.Approved || done.Approval.By.ID != "paula" || !q.at[1].Equal(at) {
		t.Errorf("%+v %+v %v", done, done.Approval, q.at)
	}
	if got := chat.told(w); !slices.Equal(got, []string{"amend paula 1 approved", "amend peter 1 approved", "tell author approved Go"}) {
		t.Errorf("brought %q", got)
	}
	// Taken back, it needs approval again.
	back, err := w.Unschedule(ctx, author, c.ID)
	w.ok(err)
	if again, err := w.Send(ctx, author, c.ID, back.Version, nil); err != nil || back.Approval != nil || again.Status != campaigns.Draft || again.Approval.State != campaigns.Waiting {
		t.Errorf("%+v %v", again, err)
	}
}

func TestRejectedAndWithdrawnDraftsCanBeChanged(t *testing.T) {
	w, c, q, chat := large(t)
	ctx := t.Context()
	asked, err := w.Send(ctx, author, c.ID, c.Version, nil)
	w.ok(err)
	back, err := w.Withdraw(ctx, author, c.ID)
	w.ok(err)
	in := campaigns.Input{Name: "New", Format: message.Message, Content: message.Content{Text: "Other"}, Audience: c.Audience}
	changed, err := w.Update(ctx, author, c.ID, back.Version, in)
	w.ok(err)
	again, err := w.Send(ctx, author, c.ID, changed.Version, nil)
	w.ok(err)
	// The card of the first request is still in the chat.
	if _, err := w.DecideInChat(ctx, tenant, "paula", c.ID, asked.Version, true, ""); campaigns.CodeOf(err) != campaigns.CodeStale {
		t.Errorf("an older version was approved: %v", err)
	}
	if _, err := w.DecideInChat(ctx, tenant, "author", c.ID, again.Version, true, ""); campaigns.CodeOf(err) != campaigns.CodeForbidden {
		t.Errorf("an author decided in the chat: %v", err)
	}
	if _, err := w.DecideInChat(ctx, tenant, "a", c.ID, again.Version, true, ""); reasonOf(err) != "role_unknown" {
		t.Errorf("somebody without a role decided in the chat: %v", err)
	}
	if _, err := w.Reject(ctx, publisher, c.ID, again.Version, strings.Repeat("x", campaigns.MaxComment+1)); reasonOf(err) != "comment_too_long" {
		t.Errorf("a long comment: %v", err)
	}
	rejected, err := w.DecideInChat(ctx, tenant, "paula", c.ID, again.Version, false, "Shorter")
	w.ok(err)
	if rejected.Status != campaigns.Draft || rejected.Approval.State != campaigns.Rejected || len(q.at) != 0 {
		t.Errorf("%+v, starts %v", rejected.Approval, q.at)
	}
	if got := chat.told(w); !slices.Contains(got, "tell author rejected Shorter") {
		t.Errorf("brought %q", got)
	}
	if _, err := w.Approve(ctx, second, c.ID, rejected.Version, ""); reasonOf(err) != "already_decided" {
		t.Errorf("approved after it was rejected: %v", err)
	}
	if _, err := w.Update(ctx, author, c.ID, rejected.Version, in); err != nil {
		t.Errorf("a rejected draft cannot be changed: %v", err)
	}
	// A role counts in the chat for a while after its owner was seen.
	newest, err := w.Get(ctx, author, c.ID)
	w.ok(err)
	last, err := w.Send(ctx, author, c.ID, newest.Version, nil)
	w.ok(err)
	w.advance(campaigns.ChatRoleAge + time.Minute)
	if _, err := w.DecideInChat(ctx, tenant, "paula", c.ID, last.Version, true, ""); reasonOf(err) != "role_unknown" {
		t.Errorf("a role counted for ever: %v", err)
	}
	// Whoever has lost it is nobody from the moment when their token says so.
	w.ok(w.Met(ctx, publisher))
	gone := publisher
	gone.Roles = []campaigns.Role{campaigns.RoleAnalyst}
	w.ok(w.Met(ctx, gone))
	if _, err := w.DecideInChat(ctx, tenant, "paula", c.ID, last.Version, true, ""); reasonOf(err) != "role_too_small" {
		t.Errorf("a role that was lost: %v", err)
	}
}

func TestApprovalForAMomentThatHasPassedSendsNothing(t *testing.T) {
	w, c, q, _ := large(t)
	at := start.Add(time.Hour)
	asked, err := w.Send(t.Context(), author, c.ID, c.Version, &at)
	w.ok(err)
	w.advance(2 * time.Hour)
	if _, err := w.Approve(t.Context(), publisher, c.ID, asked.Version, ""); reasonOf(err) != "send_in_past" || len(q.at) != 0 {
		t.Errorf("%v, starts %v", err, q.at)
	}
}

// Of decisions at the same moment, and of a decision and a withdrawal, one counts.
func TestOneDecisionCounts(t *testing.T) {
	for _, race := range []struct {
		name string
		with func(w *world, id string, version int) error
	}{
		{"approved", func(w *world, id string, v int) error {
			_, err := w.Approve(w.t.Context(), second, id, v, "")
			return err
		}},
		{"rejected", func(w *world, id string, v int) error {
			_, err := w.Reject(w.t.Context(), second, id, v, "")
			return err
		}},
		{"withdrawn", func(w *world, id string, _ int) error { _, err := w.Withdraw(w.t.Context(), author, id); return err }},
		{"deleted", func(w *world, id string, _ int) error { return w.Delete(w.t.Context(), publisher, id) }},
	} {
		t.Run(race.name, func(t *testing.T) {
			w, _, q, _ := large(t)
			for round := range 20 {
				q.at = nil
				c := w.to("a@x.example", "b@x.example", "c@x.example")
				asked, err := w.Send(t.Context(), author, c.ID, 0, nil)
				w.ok(err)
				var first, other error
				var both sync.WaitGroup
				both.Go(func() { _, first = w.Approve(t.Context(), publisher, c.ID, asked.Version, "") })
				both.Go(func() { other = race.with(w, c.ID, asked.Version) })
				both.Wait()
				if race.name == "deleted" { // a scheduled campaign may be deleted: then both count
					if other != nil {
						t.Fatalf("round %d: not deleted: %v", round, other)
					}
					continue
				}
				if (first == nil) == (other == nil) {
					t.Fatalf("round %d: %v and %v", round, first, other)
				}
				approved := first == nil || race.name == "approved"
				if got, err := w.Get(t.Context(), author, c.ID); err != nil || (got.Status == campaigns.Scheduled) != approved || (len(q.at) == 1) != approved {
					t.Fatalf("round %d: %+v, starts %v, %v", round, got, q.at, err)
				}
			}
		})
	}
}
