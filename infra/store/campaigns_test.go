package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/infra/store"
)

func TestCampaignIsKeptAsItIs(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		c := draft(t, db, tenant, "Été 🎉 100% _x_")
		c.Content.Card = []byte(`{"type":"AdaptiveCard","body":[]}`)
		ok(t, db.UpdateDraft(t.Context(), c, now.Add(time.Minute)))
		got := must(db.Campaign(t.Context(), c.Key()))(t)
		want := *c
		want.Version, want.UpdatedAt = 2, now.Add(time.Minute)
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("got  %+v\nwant %+v", *got, want)
		}
		for _, q := range []string{"ÉTÉ", "100%", "_X_", "🎉"} {
			items, _, err := db.Campaigns(t.Context(), tenant, campaigns.Filter{Query: q, Limit: 10})
			if err != nil || len(items) != 1 {
				t.Errorf("search for %q: %d, %v", q, len(items), err)
			}
		}
		for _, q := range []string{"100_", "x%", `\`} {
			if items, _, err := db.Campaigns(t.Context(), tenant, campaigns.Filter{Query: q, Limit: 10}); err != nil || len(items) != 0 {
				t.Errorf("search for %q: %d, %v", q, len(items), err)
			}
		}
	})
}

func TestUpdateIsCompareAndSet(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		c := draft(t, db, tenant, "One")
		oneWins(t, together(6, func(i int) error {
			mine := *c
			mine.Name = fmt.Sprint("Writer ", i)
			return db.UpdateDraft(t.Context(), &mine, now)
		}), campaigns.CodeConflict)
		if got := must(db.Campaign(t.Context(), c.Key()))(t); got.Version != 2 || got.Name == "One" {
			t.Errorf("version %d, name %q", got.Version, got.Name)
		}
		must(db.ScheduleCampaign(t.Context(), c.Key(), 2, now, now))(t)
		c.Version = 3
		code(t, db.UpdateDraft(t.Context(), c, now), campaigns.CodeConflict)
	})
}

func TestScheduleHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		k := draft(t, db, tenant, "One").Key()
		_, err := db.ScheduleCampaign(t.Context(), k, 7, now, now)
		code(t, err, campaigns.CodeConflict)
		oneWins(t, together(6, func(int) error {
			_, err := db.ScheduleCampaign(t.Context(), k, 1, now.Add(time.Hour), now)
			return err
		}), campaigns.CodeConflict)
		c := must(db.Campaign(t.Context(), k))(t)
		if c.Status != campaigns.Scheduled || c.SendAt == nil || !c.SendAt.Equal(now.Add(time.Hour)) || c.Version != 2 {
			t.Errorf("%+v", c)
		}
		_, _, err = db.Begin(t.Context(), k, now.Add(time.Hour-time.Millisecond))
		code(t, err, campaigns.CodeConflict) // never before its time
		oneWins(t, together(6, func(int) error {
			_, err := db.UnscheduleCampaign(t.Context(), k, now)
			return err
		}), campaigns.CodeConflict)
		c = must(db.Campaign(t.Context(), k))(t)
		if c.Status != campaigns.Draft || c.SendAt != nil || c.Timing.At == nil || !c.Timing.At.Equal(now.Add(time.Hour)) {
			t.Errorf("%+v", c)
		}
		// Taken back when its time had come: there is no moment to keep.
		must(db.ScheduleCampaign(t.Context(), k, 0, now.Add(2*time.Hour), now))(t)
		if c = must(db.UnscheduleCampaign(t.Context(), k, now.Add(2*time.Hour)))(t); c.Timing.At == nil || !c.Timing.At.Equal(now.Add(time.Hour)) {
			t.Errorf("%+v", c)
		}
	})
}

// Taking back races with the start: one of them has it.
func TestUnscheduleOrBegin(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for range 10 {
			k := draft(t, db, tenant, "One").Key()
			must(db.ScheduleCampaign(t.Context(), k, 0, now, now))(t)
			oneWins(t, together(2, func(i int) error {
				if i == 0 {
					_, err := db.UnscheduleCampaign(t.Context(), k, now)
					return err
				}
				_, _, err := db.Begin(t.Context(), k, now)
				return err
			}), campaigns.CodeConflict)
		}
	})
}

func TestStopHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		k := sending(t, db, tenant, 5)
		oneWins(t, together(6, func(int) error {
			_, err := db.StopCampaign(t.Context(), k, now)
			return err
		}), campaigns.CodeConflict)
		if c := counted(t, db, k); c.Status != campaigns.Stopped || c.Counts.Cancelled != 5 || c.CompletedAt == nil {
			t.Errorf("%+v", c)
		}
	})
}

func TestDelete(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		running := sending(t, db, tenant, 2)
		code(t, db.DeleteCampaign(t.Context(), running, now), campaigns.CodeConflict)
		must(db.StopCampaign(t.Context(), running, now))(t)
		oneWins(t, together(4, func(int) error { return db.DeleteCampaign(t.Context(), running, now) }), campaigns.CodeNotFound)
		items, _, err := db.Recipients(t.Context(), running, campaigns.RecipientFilter{Limit: 10})
		if err != nil || len(items) != 0 {
			t.Errorf("%d deliveries stay behind, %v", len(items), err)
		}
	})
}

func TestPagesOfCampaignsAreStable(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var newest *campaigns.Campaign
		for i := range 11 { // the same moment for all: the id decides
			newest = draft(t, db, tenant, fmt.Sprint("Campaign ", i))
		}
		seen := map[string]bool{}
		f := campaigns.Filter{Limit: 3, Statuses: []campaigns.Status{campaigns.Draft, campaigns.Failed}}
		for page := 0; ; page++ {
			items, next, err := db.Campaigns(t.Context(), tenant, f)
			ok(t, err)
			if page == 0 && items[0].ID != newest.ID {
				t.Errorf("first is %s, want %s", items[0].ID, newest.ID)
			}
			for _, c := range items {
				if seen[c.ID] {
					t.Errorf("%s is there twice", c.ID)
				}
				seen[c.ID] = true
			}
			// Others write and delete meanwhile; what was there stays in its place.
			n := *draft(t, db, tenant, "New")
			n.Name = "Newer"
			ok(t, db.UpdateDraft(t.Context(), &n, now.Add(time.Hour)))
			if len(items) > 0 {
				ok(t, db.DeleteCampaign(t.Context(), items[len(items)-1].Key(), now)) // the cursor's own
			}
			if f.Cursor = next; next == "" {
				break
			}
			if page > 20 {
				t.Fatal("no end")
			}
		}
		if len(seen) < 11 {
			t.Errorf("%d of 11 seen", len(seen))
		}
		for _, bad := range []string{"x", "1", "x_y", "_", "e30", "bnVsbA", "W10"} {
			_, _, err := db.Campaigns(t.Context(), tenant, campaigns.Filter{Limit: 3, Cursor: bad})
			code(t, err, campaigns.CodeInvalid)
		}
	})
}

// In every order each campaign is met once, whatever others write meanwhile, and a cursor is of its order alone.
func TestCampaignsInEveryOrder(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var all []campaigns.Key
		for i := range 20 {
			k := draft(t, db, tenant, fmt.Sprintf("%c %d", 'A'+(i*7)%5, i%3)).Key()
			at := now.Add(time.Duration(i%4) * time.Hour)
			if i%5 > 0 {
				must(db.ScheduleCampaign(t.Context(), k, 0, at.Add(-48*time.Hour), at))(t)
			}
			if i%5 > 1 {
				_, plan, err := db.Begin(t.Context(), k, at)
				ok(t, err)
				ok(t, db.WritePage(t.Context(), k, plan, delivery.Plan{Cursor: "end", Done: true}, people(i%5-2), at))
			}
			if i%5 == 4 {
				must(db.StopCampaign(t.Context(), k, at.Add(time.Duration(20-i)*time.Minute)))(t)
			}
			all = append(all, k)
		}
		shown := func(c *campaigns.Campaign) string {
			at := c.UpdatedAt
			switch {
			case c.Status == campaigns.Scheduled:
				at = *c.SendAt
			case c.Status == campaigns.Sending, c.Status == campaigns.Completed:
				at = *c.StartedAt
			case c.CompletedAt != nil:
				at = *c.CompletedAt
			}
			return at.Format(time.RFC3339)
		}
		keys := map[campaigns.Sort]func(*campaigns.Campaign) string{
			"":                  func(c *campaigns.Campaign) string { return c.UpdatedAt.Format(time.RFC3339) },
			campaigns.ByUpdated: func(c *campaigns.Campaign) string { return c.UpdatedAt.Format(time.RFC3339) },
			campaigns.ByName:    func(c *campaigns.Campaign) string { return c.Name },
			campaigns.ByWhen:    shown,
		}
		statuses := map[campaigns.Status]int{}
		for sort, key := range keys {
			for _, ascending := range []bool{false, true} {
				f := campaigns.Filter{Limit: 3, Sort: sort, Ascending: ascending}
				seen := map[string]bool{}
				last := ""
				for {
					items, next, err := db.Campaigns(t.Context(), tenant, f)
					ok(t, err)
					for _, c := range items {
						if seen[c.ID] {
							t.Errorf("%s %v: %s is there twice", sort, ascending, c.ID)
						}
						seen[c.ID] = true
						statuses[c.Status]++
						if at := key(c); last != "" && at != last && (at > last) != ascending {
							t.Errorf("%s %v: %s behind %s", sort, ascending, at, last)
						}
						last = key(c)
					}
					if next == "" {
						break
					}
					for other := range keys {
						if other != sort && other != "" && sort != "" {
							_, _, err := db.Campaigns(t.Context(), tenant, campaigns.Filter{Limit: 3, Sort: other, Ascending: ascending, Cursor: next})
							code(t, err, campaigns.CodeInvalid)
						}
					}
					_, _, err = db.Campaigns(t.Context(), tenant, campaigns.Filter{Limit: 3, Sort: sort, Ascending: !ascending, Cursor: next})
					code(t, err, campaigns.CodeInvalid)
					f.Cursor = next
				}
				if len(seen) != len(all) {
					t.Errorf("%s %v: %d of %d seen", sort, ascending, len(seen), len(all))
				}
			}
		}
		if len(statuses) < 5 {
			t.Errorf("the statuses %v do not show the orders", statuses)
		}
	})
}

func TestCampaignsAreNarrowed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		add := func(tenantID, name string, format message.Format, author campaigns.Author, after time.Duration) {
			c := draft(t, db, tenant, "unused")
			ok(t, db.DeleteCampaign(t.Context(), c.Key(), now))
			c.TenantID, c.Name, c.Format, c.CreatedBy, c.CreatedAt = tenantID, name, format, author, now.Add(after)
			ok(t, db.CreateCampaign(t.Context(), c))
		}
		ann, bob := campaigns.Author{ID: "ann", DisplayName: "Ann"}, campaigns.Author{ID: "bob", DisplayName: "bob"}
		add(tenant, "One idea", message.Idea, ann, 0)
		add(tenant, "One card", message.Card, bob, 0)
		add(tenant, "Two ideas", message.Idea, bob, 0)
		add(tenant, "Married", message.Message, campaigns.Author{ID: "ann", DisplayName: "Zoe"}, time.Hour)
		add(other, "Theirs", message.Idea, campaigns.Author{ID: "fay", DisplayName: "Fay"}, 0)
		for _, c := range []struct {
			f    campaigns.Filter
			want string
		}{
			{campaigns.Filter{Formats: []message.Format{message.Idea}}, "[One idea Two ideas]"},
			{campaigns.Filter{Formats: []message.Format{message.Card, message.Message}}, "[Married One card]"},
			{campaigns.Filter{Author: "bob"}, "[One card Two ideas]"},
			{campaigns.Filter{Author: "fay"}, "[]"},
			{campaigns.Filter{Author: "bob", Formats: []message.Format{message.Idea}, Query: "two"}, "[Two ideas]"},
			{campaigns.Filter{Author: "bob", Query: "idea", Statuses: []campaigns.Status{campaigns.Completed}}, "[]"},
		} {
			c.f.Sort, c.f.Ascending, c.f.Limit = campaigns.ByName, true, 10
			items, _, err := db.Campaigns(t.Context(), tenant, c.f)
			ok(t, err)
			names := []string{}
			for _, each := range items {
				names = append(names, each.Name)
			}
			if got := fmt.Sprint(names); got != c.want {
				t.Errorf("%+v: %s, want %s", c.f, got, c.want)
			}
			if n := must(db.CountByStatus(t.Context(), tenant, c.f))(t)[campaigns.Draft]; len(c.f.Statuses) == 0 && n != len(items) {
				t.Errorf("%+v: counted %d of %d", c.f, n, len(items))
			}
		}
		if n := must(db.CountByStatus(t.Context(), tenant, campaigns.Filter{Author: "bob", Query: "idea", Statuses: []campaigns.Status{campaigns.Completed}}))(t); n[campaigns.Draft] != 1 {
			t.Errorf("the counts follow the statuses: %v", n)
		}
		if got := must(db.Authors(t.Context(), tenant))(t); fmt.Sprint(got) != "[{bob bob} {ann Zoe}]" {
			t.Errorf("%v", got)
		}
	})
}

func TestCountByStatus(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		draft(t, db, tenant, "A")
		draft(t, db, tenant, "B")
		sending(t, db, tenant, 1)
		draft(t, db, other, "C")
		if got := must(db.CountByStatus(t.Context(), tenant, campaigns.Filter{}))(t); got[campaigns.Draft] != 2 || got[campaigns.Sending] != 1 || len(got) != 2 {
			t.Errorf("%v", got)
		}
	})
}

// Every method takes a tenant, and with the wrong one there is nothing to see or change.
func TestTenantsDoNotMeet(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		mine := draft(t, db, tenant, "Mine")
		running := sending(t, db, tenant, 3)
		ok(t, db.SavePeople(ctx, []campaigns.Person{{TenantID: tenant, ID: "p1", Mail: "p1@x.example", DisplayName: "P"}}))
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "p1", ConversationID: "conv", State: campaigns.Installed, UpdatedAt: now}))
		a := attempt(t, db, running, 1)
		record(t, db, result(a, campaigns.DeliverySent))
		before := counted(t, db, running)

		theirs := func(k campaigns.Key) campaigns.Key { return campaigns.Key{TenantID: other, CampaignID: k.CampaignID} }
		wrong := theirs(running)
		for name, err := range map[string]error{
			"Campaign":           second(db.Campaign(ctx, wrong)),
			"DeleteCampaign":     db.DeleteCampaign(ctx, theirs(mine.Key()), now),
			"ScheduleCampaign":   second(db.ScheduleCampaign(ctx, theirs(mine.Key()), 0, now, now)),
			"UnscheduleCampaign": second(db.UnscheduleCampaign(ctx, wrong, now)),
			"StopCampaign":       second(db.StopCampaign(ctx, wrong, now)),
			"Begin":              third(db.Begin(ctx, wrong, now)),
			"Work":               second(db.Work(ctx, wrong)),
			"FindPerson":         second(db.FindPerson(ctx, other, "p1@x.example")),
			"FindByID":           second(db.FindByID(ctx, other, "p1")),
			"Reference":          second(db.Reference(ctx, other, "p1")),
		} {
			if campaigns.CodeOf(err) != campaigns.CodeNotFound {
				t.Errorf("%s: %v, want not_found", name, err)
			}
		}
		stranger := *mine
		stranger.TenantID, stranger.Name = other, "Stolen"
		code(t, db.UpdateDraft(ctx, &stranger, now), campaigns.CodeConflict)
		code(t, db.WritePage(ctx, wrong, delivery.Plan{Cursor: "end"}, delivery.Plan{Done: true}, people(1), now), campaigns.CodeConflict)

		if items, _, err := db.Campaigns(ctx, other, campaigns.Filter{Limit: 10}); err != nil || len(items) != 0 {
			t.Errorf("campaigns %v, %v", items, err)
		}
		if items, _, err := db.Recipients(ctx, wrong, campaigns.RecipientFilter{Limit: 10}); err != nil || len(items) != 0 {
			t.Errorf("recipients %v, %v", items, err)
		}
		if got := must(db.CountByStatus(ctx, other, campaigns.Filter{}))(t); len(got) != 0 {
			t.Errorf("totals %v", got)
		}
		if got := must(db.Reasons(ctx, wrong))(t); len(got) != 0 {
			t.Errorf("reasons %v", got)
		}
		if got := must(db.Engagement(ctx, wrong))(t); got != (campaigns.Engagement{}) {
			t.Errorf("engagement %v", got)
		}
		if got := must(db.Due(ctx, wrong, delivery.Due{}, long, now.Add(time.Hour), 10))(t); len(got) != 0 {
			t.Errorf("due %v", got)
		}
		code(t, plan(db, wrong, delivery.Plan{}, "", 10), campaigns.CodeConflict)
		if got := must(db.ReachAll(ctx, other))(t); got.Total != 0 {
			t.Errorf("reach %v", got)
		}
		if got := must(db.ReachPeople(ctx, other, []string{"p1@x.example"}))(t); len(got) != 0 {
			t.Errorf("reach %v", got)
		}
		if got := must(db.NotReachable(ctx, other, 10))(t); len(got) != 0 {
			t.Errorf("not reachable %v", got)
		}
		if got := must(db.BeginAttempts(ctx, refs(wrong, 1, 2, 3), nil, long, now, now))(t); len(got) != 0 {
			t.Errorf("attempts %v", got)
		}
		forged := result(a, campaigns.DeliveryFailed)
		forged.TenantID = other
		if got := record(t, db, forged); len(got) != 0 {
			t.Errorf("recorded %v", got)
		}
		ok(t, db.RecordRead(ctx, chat(other, "p1", "conv-p1"), "9999999999999", now))
		ok(t, db.RecordReaction(ctx, chat(other, "p1", "conv-p1"), "1700000000001", "like"))
		if met := must(db.RecordAnswer(ctx, chat(other, "p1", "conv-p1"), "1700000000001", "{}", now))(t); met {
			t.Error("answered somebody else's message")
		}
		if first := must(db.ClaimWelcome(ctx, other, "p1"))(t); first {
			t.Error("welcomed somebody else's person")
		}
		ok(t, db.ApplyDirectoryPage(ctx, other, 1, campaigns.DirectoryPage{Removed: []string{"p1"}}))
		ok(t, db.FinishDirectorySync(ctx, other, campaigns.SyncState{Token: "x", Walk: 9, SyncedAt: now}, true))

		if after := counted(t, db, running); !reflect.DeepEqual(before, after) {
			t.Errorf("before %+v\nafter  %+v", before, after)
		}
		if got := must(db.Engagement(ctx, running))(t); got != (campaigns.Engagement{}) {
			t.Errorf("engagement %v", got)
		}
		must(db.FindPerson(ctx, tenant, "p1@x.example"))(t)
		if st := must(db.DirectorySync(ctx, tenant))(t); st != (campaigns.SyncState{}) {
			t.Errorf("sync %v", st)
		}
	})
}

func second[A any](_ A, err error) error        { return err }
func third[A, B any](_ A, _ B, err error) error { return err }

func TestBacklog(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		want := func(want store.Backlog) {
			t.Helper()
			if got := must(db.Backlog(ctx))(t); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		}
		draft(t, db, tenant, "Draft")
		want(store.Backlog{Campaigns: map[campaigns.Status]int{}})
		waiting := draft(t, db, other, "Waiting").Key()
		must(db.ScheduleCampaign(ctx, waiting, 0, now.Add(time.Hour), now))(t)
		stopped := sending(t, db, tenant, 3)
		must(db.BeginAttempts(ctx, refs(stopped, 1), nil, long, now, now))(t)
		must(db.StopCampaign(ctx, stopped, now))(t)
		over := sending(t, db, tenant, 1)
		must(db.StopCampaign(ctx, over, now))(t)
		running := sending(t, db, tenant, 5)
		sending(t, db, other, 2)
		as := must(db.BeginAttempts(ctx, refs(running, 1, 2, 3), nil, long, now, now))(t)
		must(db.Record(ctx, []delivery.Result{
			{Ref: as[0].Ref, Number: 1, Status: campaigns.DeliverySent, At: now},
			{Ref: as[1].Ref, Number: 1, Status: campaigns.DeliveryRescheduled, Reason: campaigns.Throttled, At: now, NextAt: now.Add(time.Minute)},
		}))(t)
		want(store.Backlog{Campaigns: map[campaigns.Status]int{campaigns.Scheduled: 1, campaigns.Sending: 2, campaigns.Stopped: 1}, Pending: 4, Sending: 2, Rescheduled: 1})
	})
}

func TestWorkAndOpenCampaigns(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		draft(t, db, tenant, "Draft")
		waiting := draft(t, db, other, "Waiting").Key()
		must(db.ScheduleCampaign(t.Context(), waiting, 0, now.Add(time.Hour), now))(t)
		running := sending(t, db, tenant, 1)
		want := []delivery.Open{
			{Key: running, Status: campaigns.Sending, SendAt: now, Planned: true},
			{Key: waiting, Status: campaigns.Scheduled, SendAt: now.Add(time.Hour)},
		}
		if got := must(db.OpenCampaigns(t.Context()))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if w := must(db.Work(t.Context(), running))(t); w.Format != message.Card || w.Content.Title != "Title" {
			t.Errorf("%+v", w)
		}
	})
}
