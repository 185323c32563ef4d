package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/store"
)

func TestBegin(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := draft(t, db, tenant, "One").Key()
		_, _, err := db.Begin(ctx, k, now)
		code(t, err, campaigns.CodeConflict)
		must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
		c, plan, err := db.Begin(ctx, k, now.Add(time.Second))
		ok(t, err)
		if c.Status != campaigns.Sending || !c.StartedAt.Equal(now.Add(time.Second)) || plan != (delivery.Plan{}) {
			t.Errorf("%+v %+v", c, plan)
		}
		ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "10"}, people(2), now))
		// A second planner continues; when it started does not move.
		c, plan, err = db.Begin(ctx, k, now.Add(time.Hour))
		ok(t, err)
		if !c.StartedAt.Equal(now.Add(time.Second)) || plan != (delivery.Plan{Cursor: "10"}) {
			t.Errorf("%+v %+v", c, plan)
		}
		must(db.StopCampaign(ctx, k, now))(t)
		_, _, err = db.Begin(ctx, k, now)
		code(t, err, campaigns.CodeConflict)
	})
}

func TestPlanIsWrittenOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := draft(t, db, tenant, "One").Key()
		must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
		_, _, err := db.Begin(ctx, k, now)
		ok(t, err)
		// Several planners write the same page: one of them does.
		page := people(600)
		page[1].Status, page[1].Reason = campaigns.DeliverySkipped, campaigns.NotInstalled
		page = append(page, page[0], page[1]) // somebody is named twice
		oneWins(t, together(4, func(int) error {
			return db.WritePage(ctx, k, delivery.Plan{}, delivery.Plan{Cursor: "1"}, page, now)
		}), campaigns.CodeConflict)
		if c := counted(t, db, k); c.Counts.Total != 600 || c.Counts.Pending != 599 || c.Counts.Skipped != 1 || c.Planned {
			t.Errorf("%+v", c)
		}
		// The next page names some of them again: they are left alone, numbers stay unique.
		next := append(slices.Clone(page[:3]), delivery.Planned{Recipient: "mail:new@x.example", Email: "new@x.example", Status: campaigns.DeliverySkipped, Reason: campaigns.UserNotFound, DueAt: now})
		ok(t, db.WritePage(ctx, k, delivery.Plan{Cursor: "1"}, delivery.Plan{Cursor: "2"}, next, now))
		ok(t, db.WritePage(ctx, k, delivery.Plan{Cursor: "2"}, delivery.Plan{Cursor: "2", Done: true}, nil, now))
		c := counted(t, db, k)
		if c.Counts.Total != 601 || c.Counts.Skipped != 2 || !c.Planned || c.Status != campaigns.Sending {
			t.Errorf("%+v", c)
		}
		code(t, db.WritePage(ctx, k, delivery.Plan{Cursor: "2"}, delivery.Plan{Cursor: "3"}, people(1), now), campaigns.CodeConflict)
		must(db.StopCampaign(ctx, k, now))(t)
		code(t, db.WritePage(ctx, k, delivery.Plan{Cursor: "2", Done: true}, delivery.Plan{Cursor: "3"}, people(1), now), campaigns.CodeConflict)
		counted(t, db, k)
	})
}

func TestPlanWithoutAnybodyFails(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for name, page := range map[string][]delivery.Planned{
			"nobody":       nil,
			"skipped only": {{Recipient: "p1", Status: campaigns.DeliverySkipped, Reason: campaigns.NotInstalled, DueAt: now}},
		} {
			k := draft(t, db, tenant, name).Key()
			must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
			_, plan, err := db.Begin(ctx, k, now)
			ok(t, err)
			ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, page, now.Add(time.Minute)))
			if c := counted(t, db, k); c.Status != campaigns.Failed || !c.CompletedAt.Equal(now.Add(time.Minute)) {
				t.Errorf("%s: %+v", name, c)
			}
		}
	})
}

func due(t testing.TB, db *store.DB, k campaigns.Key, stale time.Time, limit int) []int64 {
	t.Helper()
	var out []int64
	for _, d := range must(db.Due(t.Context(), k, delivery.Due{}, stale, now.Add(24*time.Hour), limit))(t) {
		out = append(out, d.ID)
	}
	return out
}

func TestDueIsInDueOrder(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := draft(t, db, tenant, "One").Key()
		must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
		_, plan, err := db.Begin(ctx, k, now)
		ok(t, err)
		page := people(6)
		page[0].DueAt, page[3].DueAt, page[4].DueAt = now.Add(time.Hour), now.Add(-time.Hour), now.Add(-time.Hour)
		page[5].Status, page[5].Reason = campaigns.DeliverySkipped, campaigns.NotInstalled
		ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Done: true}, page, now))
		is := func(got []int64, want ...int64) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("due %v, want %v", got, want)
			}
		}
		is(due(t, db, k, long, 10), 4, 5, 2, 3, 1)
		is(due(t, db, k, long, 2), 4, 5)
		if d := must(db.Due(ctx, k, delivery.Due{}, long, now, 10))(t); len(d) != 2 || !d[0].At.Equal(now.Add(-time.Hour)) {
			t.Errorf("due at %s", d[0].At)
		}
		a := attempt(t, db, k, 4)
		is(due(t, db, k, long, 10), 5, 2, 3, 1)                         // somebody is at it
		is(due(t, db, k, now, 10), 5, 2, 3, 1)                          // still: begun at, not before
		is(due(t, db, k, now.Add(time.Millisecond), 10), 4, 5, 2, 3, 1) // nobody is any more
		record(t, db, result(a, campaigns.DeliveryRescheduled))
		is(due(t, db, k, long, 10), 5, 2, 3, 4, 1) // in a minute
		record(t, db, result(attempt(t, db, k, 5), campaigns.DeliverySent))
		is(due(t, db, k, long, 10), 2, 3, 4, 1)
		must(db.StopCampaign(ctx, k, now))(t)
		is(due(t, db, k, now.Add(time.Hour), 10))
	})
}

func TestAttemptKnowsPersonAndConversation(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		p := person(tenant, "p1")
		ok(t, db.SavePeople(ctx, []campaigns.Person{p}))
		ref := campaigns.Reference{TenantID: tenant, PersonID: "p1", UserID: "29:p1", BotID: "28:bot", ConversationID: "a:1", ServiceURL: "https://smba.example/emea/", Locale: "fr-FR", State: campaigns.Installed, UpdatedAt: now}
		ok(t, db.SaveReference(ctx, ref))
		k := sending(t, db, tenant, 2)
		as := must(db.BeginAttempts(ctx, refs(k, 1, 2, 2, 99), nil, long, now, now))(t)
		if len(as) != 2 {
			t.Fatalf("%d attempts", len(as))
		}
		slices.SortFunc(as, func(a, b delivery.Attempt) int { return int(a.Seq - b.Seq) })
		if as[0].Person != p || as[0].Reference != ref || as[0].Number != 1 || !as[0].FirstAt.Equal(now) {
			t.Errorf("%+v", as[0])
		}
		// Nobody in the tables: name and address are those of the plan.
		if q := as[1].Person; q.ID != "p2" || q.DisplayName != "Person p2" || q.Address() != "p2@contoso.example" || as[1].Reference.State != "" || as[1].Reference.ConversationID != "" {
			t.Errorf("%+v", as[1])
		}
	})
}

func TestAttemptsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 4)
		none := func(what string, got []delivery.Attempt, err error) {
			t.Helper()
			if err != nil || len(got) != 0 {
				t.Errorf("%s: %v %v", what, got, err)
			}
		}
		begin := func(k campaigns.Key, seq int64) ([]delivery.Attempt, error) {
			return db.BeginAttempts(ctx, refs(k, seq), nil, long, now, now)
		}
		got, err := db.BeginAttempts(ctx, nil, nil, long, now, now)
		none("no refs", got, err)
		record(t, db, result(attempt(t, db, k, 1), campaigns.DeliverySent))
		got, err = begin(k, 1)
		none("sent", got, err)
		record(t, db, result(attempt(t, db, k, 2), campaigns.DeliveryFailed))
		got, err = begin(k, 2)
		none("failed", got, err)
		attempt(t, db, k, 3)
		got, err = begin(k, 3)
		none("in other hands", got, err)
		must(db.StopCampaign(ctx, k, now))(t)
		got, err = begin(k, 4)
		none("stopped", got, err)
		waiting := draft(t, db, tenant, "Waiting").Key()
		got, err = begin(waiting, 1)
		none("draft", got, err)
		got, err = begin(campaigns.Key{TenantID: tenant, CampaignID: "nothing"}, 1)
		none("unknown", got, err)
	})
}

func TestCutOffAttemptsAreTakenOverAndMarked(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 3)
		old := attempt(t, db, k, 1)
		attempt(t, db, k, 2)
		// The queue says that 1's lease ran out; 2 is merely old; 3 never began.
		later := now.Add(time.Minute)
		as := must(db.BeginAttempts(ctx, refs(k, 1, 2, 3), map[delivery.Ref]bool{refs(k, 1)[0]: true, refs(k, 3)[0]: true}, now, later, later))(t)
		if len(as) != 2 {
			t.Fatalf("%d attempts: %+v", len(as), as)
		}
		as2 := must(db.BeginAttempts(ctx, refs(k, 2), nil, later, later.Add(time.Second), later.Add(time.Second)))(t)
		if len(as2) != 1 || as2[0].Number != 2 || !as2[0].FirstAt.Equal(now) {
			t.Fatalf("stale: %+v", as2)
		}
		// The worker that was thought dead comes back: its outcome is refused.
		if got := record(t, db, result(old, campaigns.DeliveryFailed)); len(got) != 0 {
			t.Errorf("a fenced outcome counts: %+v", got)
		}
		for _, a := range append(as, as2...) {
			if got := record(t, db, result(a, campaigns.DeliverySent)); len(got) != 1 {
				t.Errorf("%+v is not accepted", a)
			}
		}
		items, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		for i, want := range []struct {
			attempts int
			repeated bool
		}{{2, true}, {2, true}, {1, false}} {
			if items[i].Attempts != want.attempts || items[i].Repeated != want.repeated || items[i].Status != campaigns.DeliverySent {
				t.Errorf("recipient %d: %+v", i+1, items[i])
			}
		}
		if c := counted(t, db, k); c.Status != campaigns.Completed {
			t.Errorf("%+v", c)
		}
	})
}

func TestRecord(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k, second := sending(t, db, tenant, 4), sending(t, db, other, 1)
		var rs []delivery.Result
		for i, s := range []campaigns.DeliveryStatus{campaigns.DeliverySent, campaigns.DeliveryFailed, campaigns.DeliveryRescheduled} {
			rs = append(rs, result(attempt(t, db, k, int64(i+1)), s))
		}
		rs[2].Repeated = true
		ref := campaigns.Reference{TenantID: tenant, PersonID: "p2", State: campaigns.Blocked, UpdatedAt: now}
		rs[1].Reference = &ref
		rs = append(rs, result(attempt(t, db, second, 1), campaigns.DeliverySent))
		stray := rs[0]
		stray.Number = 7
		if got := record(t, db, append(rs, stray)...); len(got) != 4 || slices.ContainsFunc(got, func(r delivery.Result) bool { return r.Number == 7 }) {
			t.Errorf("accepted %+v", got)
		}
		if got := record(t, db, rs...); len(got) != 0 {
			t.Errorf("accepted twice: %+v", got)
		}
		if got := must(db.Reference(ctx, tenant, "p2"))(t); got.State != campaigns.Blocked {
			t.Errorf("%+v", got)
		}
		c := counted(t, db, k)
		if want := (campaigns.Counts{Total: 4, Pending: 1, Sent: 1, Failed: 1, Rescheduled: 1}); c.Counts != want || c.Status != campaigns.Sending {
			t.Errorf("%+v", c)
		}
		if c := counted(t, db, second); c.Status != campaigns.Completed || !c.CompletedAt.Equal(now) {
			t.Errorf("%+v", c)
		}
		items, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		if r := items[0]; r.SentAt == nil || !r.SentAt.Equal(now) || r.Reason != "" || r.NextAttemptAt != nil {
			t.Errorf("%+v", r)
		}
		if r := items[1]; r.SentAt != nil || r.Reason != campaigns.BlockedByUser {
			t.Errorf("%+v", r)
		}
		if r := items[2]; r.NextAttemptAt == nil || !r.NextAttemptAt.Equal(now.Add(time.Minute)) || r.Reason != campaigns.Throttled || !r.Repeated {
			t.Errorf("%+v", r)
		}
		if got := fmt.Sprint(must(db.Reasons(ctx, k))(t)); got != "[{blocked_by_user 1} {throttled 1}]" {
			t.Errorf("reasons %s", got)
		}
		// The rest arrives, and the campaign is completed.
		record(t, db, result(attempt(t, db, k, 3), campaigns.DeliverySent), result(attempt(t, db, k, 4), campaigns.DeliverySent))
		if c := counted(t, db, k); c.Status != campaigns.Completed || c.Counts.Sent != 3 {
			t.Errorf("%+v", c)
		}
	})
}

func TestRecordAfterStop(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		k := sending(t, db, tenant, 4)
		sent, again := attempt(t, db, k, 1), attempt(t, db, k, 2)
		record(t, db, result(attempt(t, db, k, 4), campaigns.DeliveryRescheduled))
		must(db.StopCampaign(t.Context(), k, now))(t)
		if c := counted(t, db, k); c.Counts.Sending != 2 || c.Counts.Cancelled != 2 {
			t.Errorf("%+v", c)
		}
		// What was on the wire is told as it is; what would be tried again is cancelled.
		got := record(t, db, result(sent, campaigns.DeliverySent), result(again, campaigns.DeliveryRescheduled))
		if len(got) != 1 || got[0].Seq != 1 {
			t.Errorf("accepted %+v", got)
		}
		if c := counted(t, db, k); c.Status != campaigns.Stopped || c.Counts.Sent != 1 || c.Counts.Cancelled != 3 || c.Counts.Open() != 0 {
			t.Errorf("%+v", c)
		}
	})
}
