package store_test

import (
	"fmt"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/store"
)

// sendTo sends a campaign to one person.
func sendTo(t testing.TB, db *store.DB, p campaigns.Person) campaigns.Key {
	t.Helper()
	ctx := t.Context()
	k := draft(t, db, tenant, "Sent").Key()
	must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
	_, plan, err := db.Begin(ctx, k, now)
	ok(t, err)
	ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, []delivery.Planned{{Recipient: p.ID, PersonID: p.ID, Email: p.Address(), DisplayName: p.DisplayName, Status: campaigns.DeliveryPending, DueAt: now}}, now))
	must(db.BeginAttempts(ctx, refs(k, 1), nil, long, now, now))(t)
	must(db.Record(ctx, []delivery.Result{{Ref: refs(k, 1)[0], Number: 1, Status: campaigns.DeliverySent, At: now, ActivityID: "1", ConversationID: "a:" + p.ID}}))(t)
	return k
}

func TestRetention(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		done, running := traces(t, db)
		before := totals(t, db, done, running)
		clock := now.AddDate(0, 0, 29)
		janitor := campaigns.NewJanitor(db, 30, func() time.Time { return clock }, nothing())
		if n := must(janitor.Clean(ctx))(t); n != 0 {
			t.Errorf("%d campaigns cleaned too early", n)
		}
		clock = now.AddDate(0, 0, 31)
		other := time.Now()
		if held := must(db.Lease(ctx, "janitor", "another process", other, other.Add(time.Hour)))(t); !held {
			t.Fatal("no lease")
		}
		if n := must(janitor.Clean(ctx))(t); n != 0 {
			t.Errorf("%d campaigns cleaned beside another process", n)
		}
		clock = clock.Add(2 * time.Hour)
		if n := must(janitor.Clean(ctx))(t); n != 0 {
			t.Errorf("%d campaigns cleaned beside another process, after the clock leapt", n)
		}
		must(db.Lease(ctx, "janitor", "another process", other, other.Add(-time.Millisecond)))(t) // it is done
		if n := must(janitor.Clean(ctx))(t); n != 1 {
			t.Errorf("%d campaigns cleaned, want the one that is over", n)
		}
		if n := must(janitor.Clean(ctx))(t); n != 0 {
			t.Errorf("%d campaigns cleaned again", n)
		}
		if after := totals(t, db, done, running); after != before {
			t.Errorf("totals were\n%s\nand are\n%s", before, after)
		}
		c := must(db.Campaign(ctx, done))(t)
		if c.PeopleRemovedAt == nil || !c.PeopleRemovedAt.Equal(clock) || c.PeopleKeptDays != 30 || len(c.Audience.Emails) != 0 {
			t.Errorf("%+v", c)
		}
		items, _, err := db.Recipients(ctx, done, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		for _, r := range items {
			if !r.Removed() || r.DisplayName != "" || r.Status != campaigns.DeliverySent {
				t.Errorf("%+v", r)
			}
		}
		items, _, err = db.Recipients(ctx, running, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		if len(items) != 2 || items[0].Removed() {
			t.Errorf("a running campaign was touched: %+v", items)
		}
		for id, want := range map[string]string{"i0": "2 0 1 1 -1", "i1": "2 2 0 0 0"} { // the one that is over keeps its counts alone
			i := must(db.Installation(ctx, tenant, id))(t)
			if got := fmt.Sprint(i.Total, i.Pending, i.Installed, i.Failed, i.Waiting); got != want {
				t.Errorf("installation %s: %s, want %s", id, got, want)
			}
			targets, _, err := db.Targets(ctx, tenant, id, campaigns.InstallTargetFilter{Limit: 9})
			if ok(t, err); (len(targets) == 0) != (id == "i0") {
				t.Errorf("installation %s has %+v", id, targets)
			}
		}
	})
}

// Small batches, each of which another process may go on from.
func TestRetentionInBatches(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 7)
		must(db.StopCampaign(ctx, k, now))(t)
		var last int64
		for _, want := range []int64{3, 6, 7, 0} {
			var err error
			last, err = db.RemovePeople(ctx, k, last, 3, 1, now)
			ok(t, err)
			if last != want {
				t.Fatalf("batch ends at %d, want %d", last, want)
			}
			left := 0
			ok(t, db.EachText(ctx, func(table, column, value string) {
				if table == "deliveries" && column == "email" && value != "" {
					left++
				}
			}))
			if want > 0 && left != 7-int(want) {
				t.Errorf("%d people left after the batch that ends at %d", left, want)
			}
			if removed := must(db.Campaign(ctx, k))(t).PeopleRemovedAt != nil; removed != (want == 0) {
				t.Errorf("marked %v after %d", removed, want)
			}
		}
	})
}
