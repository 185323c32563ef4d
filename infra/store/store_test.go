package store_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/infra/store"
	"herald/infra/store/pgtest"
	"herald/infra/store/storetest"
)

// now is the moment at which every test begins.
var now = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

const tenant, other = "tenant-a", "tenant-b"

// each runs a test on every database that Herald works with: they must not differ.
func each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		fn(t, storetest.Open(t))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		fn(t, open(t, storetest.PostgreSQL(t), ""))
	})
}

func open(t testing.TB, url, dir string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func code(t testing.TB, err error, want campaigns.Code) {
	t.Helper()
	if got := campaigns.CodeOf(err); got != want || err == nil {
		t.Fatalf("error %v, want code %s", err, want)
	}
}

var ids atomic.Int64

// draft saves a draft of a tenant.
func draft(t testing.TB, db *store.DB, tenantID, name string) *campaigns.Campaign {
	t.Helper()
	c := &campaigns.Campaign{
		TenantID: tenantID, ID: fmt.Sprintf("c%06d", ids.Add(1)), Name: name, Format: message.Card,
		Content:  message.Content{Title: "Title", Text: "Hello [FIRSTNAME]", Buttons: []message.Button{{Title: "Go", URL: "https://x.example"}}},
		Audience: campaigns.Audience{Emails: []string{"ann@contoso.example"}}, Status: campaigns.Draft,
		CreatedAt: now, UpdatedAt: now, CreatedBy: campaigns.Author{ID: "ann", DisplayName: "Ann"}, Version: 1,
	}
	ok(t, db.CreateCampaign(t.Context(), c))
	return c
}

// sending saves a campaign that is being sent to n people, planned, numbers 1 to n.
func sending(t testing.TB, db *store.DB, tenantID string, n int) campaigns.Key {
	t.Helper()
	k := draft(t, db, tenantID, "Sending").Key()
	must(db.ScheduleCampaign(t.Context(), k, 0, now, now))(t)
	_, plan, err := db.Begin(t.Context(), k, now)
	ok(t, err)
	ok(t, db.WritePage(t.Context(), k, plan, delivery.Plan{Cursor: "end", Done: true}, people(n), now))
	return k
}

// people makes pending recipients p1 to pn, due in that order.
func people(n int) []delivery.Planned {
	var page []delivery.Planned
	for i := 1; i <= n; i++ {
		id := fmt.Sprintf("p%d", i)
		page = append(page, delivery.Planned{Recipient: id, PersonID: id, Email: id + "@contoso.example", DisplayName: "Person " + id, Status: campaigns.DeliveryPending, DueAt: now.Add(time.Duration(i) * time.Millisecond)})
	}
	return page
}

func refs(k campaigns.Key, seqs ...int64) []delivery.Ref {
	var out []delivery.Ref
	for _, s := range seqs {
		out = append(out, delivery.Ref{Key: k, Seq: s})
	}
	return out
}

// long is a moment before every attempt: nothing is stale.
var long = now.Add(-time.Hour)

// attempt begins one attempt and returns it.
func attempt(t testing.TB, db *store.DB, k campaigns.Key, seq int64) delivery.Attempt {
	t.Helper()
	as := must(db.BeginAttempts(t.Context(), refs(k, seq), nil, long, now, now))(t)
	if len(as) != 1 {
		t.Fatalf("%d attempts, want 1", len(as))
	}
	return as[0]
}

func result(a delivery.Attempt, s campaigns.DeliveryStatus) delivery.Result {
	r := delivery.Result{Ref: a.Ref, Number: a.Number, Status: s, At: now}
	switch s {
	case campaigns.DeliverySent:
		r.ActivityID, r.ConversationID = fmt.Sprintf("17000000000%02d", a.Seq), "conv-"+a.Person.ID
	case campaigns.DeliveryFailed:
		r.Reason = campaigns.BlockedByUser
	case campaigns.DeliveryRescheduled:
		r.Reason, r.NextAt = campaigns.Throttled, now.Add(time.Minute)
	}
	return r
}

func record(t testing.TB, db *store.DB, rs ...delivery.Result) []delivery.Result {
	t.Helper()
	return must(db.Record(t.Context(), rs))(t)
}

// counted returns the campaign after checking that its counters are what its deliveries say.
func counted(t testing.TB, db *store.DB, k campaigns.Key) *campaigns.Campaign {
	t.Helper()
	c := must(db.Campaign(t.Context(), k))(t)
	var real campaigns.Counts
	for cursor := ""; ; {
		items, next, err := db.Recipients(t.Context(), k, campaigns.RecipientFilter{Limit: 1000, Cursor: cursor})
		ok(t, err)
		for _, r := range items {
			real.Total++
			real.Add(r.Status, 1)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if c.Counts != real {
		t.Fatalf("counters %+v, deliveries %+v", c.Counts, real)
	}
	if sum := c.Counts.Open() + c.Counts.Sent + c.Counts.Failed + c.Counts.Skipped + c.Counts.Cancelled + c.Counts.Unscheduled; sum != c.Counts.Total {
		t.Fatalf("counts add up to %d: %+v", sum, c.Counts)
	}
	return c
}

// together runs fn n times at once and returns the errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWins checks that exactly one of errs is nil and the others have a code.
func oneWins(t testing.TB, errs []error, want campaigns.Code) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if campaigns.CodeOf(err) != want {
			t.Errorf("error %v, want code %s", err, want)
		}
	}
	if won != 1 {
		t.Errorf("%d won, want 1", won)
	}
}

func TestOpenTwiceAtOnceAndAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ok(t, db.Ping(t.Context()))
	})
	for name, url := range map[string]func(testing.TB) string{"SQLite": func(testing.TB) string { return "" }, "PostgreSQL": pgtest.Database} {
		t.Run("at once/"+name, func(t *testing.T) {
			t.Parallel()
			u, dir := url(t), t.TempDir()
			for _, err := range together(3, func(int) error {
				db, err := store.Open(t.Context(), u, dir, slog.New(slog.DiscardHandler))
				if err != nil {
					return err
				}
				return db.Close()
			}) {
				ok(t, err)
			}
			db := open(t, u, dir)
			draft(t, db, tenant, "Kept")
			again := open(t, u, dir)
			items, _, err := again.Campaigns(t.Context(), tenant, campaigns.Filter{Limit: 10})
			ok(t, err)
			if len(items) != 1 {
				t.Errorf("%d campaigns after opening again", len(items))
			}
		})
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://postgres:secret-word@127.0.0.1:1/none?connect_timeout=1", "postgres://[broken:secret-word"} {
		_, err := store.Open(t.Context(), url, "", slog.New(slog.DiscardHandler))
		if err == nil || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("error %v must be one, without the password", err)
		}
	}
}

func nothing() *slog.Logger { return slog.New(slog.DiscardHandler) }
