package store_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/store"
)

// kept saves a timed campaign that n people have.
func kept(t testing.TB, db *store.DB, n int) campaigns.Key {
	t.Helper()
	k := timed(t, db, n)
	for seq := range int64(n) {
		ok(t, db.SaveReference(t.Context(), campaigns.Reference{TenantID: tenant, PersonID: fmt.Sprintf("p%d", seq+1), ConversationID: fmt.Sprintf("conv-p%d", seq+1), State: campaigns.Installed, UpdatedAt: now}))
		must(db.Record(t.Context(), []delivery.Result{result(attempt(t, db, k, seq+1), campaigns.DeliverySent)}))(t)
	}
	return k
}

func keptBy(t testing.TB, db *store.DB, k campaigns.Key, person string) campaigns.Kept {
	t.Helper()
	return must(db.Kept(t.Context(), k.TenantID, person, k.CampaignID))(t)
}

func snooze(n int, until time.Time) campaigns.Snooze {
	return campaigns.Snooze{N: n, State: campaigns.SnoozeWaiting, AskedAt: minute(0), Until: until, CardID: fmt.Sprint("card", n)}
}

func back(k campaigns.Key, seq int64, n int) []delivery.Ref {
	return []delivery.Ref{{Key: k, Seq: seq, Return: n}}
}

func TestSnooze(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := kept(t, db, 2)
		m := keptBy(t, db, k, "p1")
		if m.Seq != 1 || m.Status != campaigns.Completed || m.Window.TimeZone != "UTC" || len(m.Snoozes) > 0 {
			t.Fatalf("%+v", m)
		}
		for _, who := range []struct{ tenant, person, campaign string }{{"other", "p1", k.CampaignID}, {tenant, "p9", k.CampaignID}, {tenant, "p1", "c"}, {tenant, "p1", sending(t, db, tenant, 1).CampaignID}} {
			_, err := db.Kept(ctx, who.tenant, who.person, who.campaign)
			code(t, err, campaigns.CodeNotFound)
		}
		if !must(db.AddSnooze(ctx, m, snooze(1, minute(60))))(t) || must(db.AddSnooze(ctx, m, snooze(1, minute(90))))(t) {
			t.Error("added twice, or never")
		}
		if s := keptBy(t, db, k, "p1").Snoozes; !slices.Equal(s, []campaigns.Snooze{snooze(1, minute(60))}) {
			t.Errorf("%+v", s)
		}
		items, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		if at := items[0].SnoozedUntil; at == nil || !at.Equal(minute(60)) || items[1].SnoozedUntil != nil {
			t.Errorf("%v, %v", at, items[1].SnoozedUntil)
		}
		due := func(until time.Time) []delivery.DueReturn { return must(db.DueReturns(ctx, long, until, 10))(t) }
		if d := due(minute(60)); len(due(minute(59))) > 0 || len(d) != 1 || d[0] != (delivery.DueReturn{Ref: back(k, 1, 1)[0], At: minute(60)}) {
			t.Errorf("%+v", d)
		}
		if must(db.WakeSnooze(ctx, m, 2, now))(t) || !must(db.WakeSnooze(ctx, m, 1, minute(5)))(t) || len(due(minute(5))) != 1 {
			t.Error("not woken")
		}

		// Begun once; a mark that is not stale is another's, whose outcome alone counts.
		begin := func(stale, at time.Time, again bool) []delivery.Attempt {
			return must(db.BeginAttempts(ctx, back(k, 1, 1), map[delivery.Ref]bool{back(k, 1, 1)[0]: again}, stale, at, at))(t)
		}
		a := begin(long, minute(5), false)
		if len(a) != 1 || a[0].Number != 1 || a[0].CardID != "card1" || a[0].Person.ID != "p1" || a[0].Reference.State != campaigns.Installed || a[0].Ref != back(k, 1, 1)[0] || !a[0].DueAt.Equal(minute(5)) {
			t.Fatalf("%+v", a)
		}
		if b := begin(long, minute(5), false); len(b) > 0 || len(due(minute(99))) > 0 || must(db.WakeSnooze(ctx, m, 1, now))(t) {
			t.Errorf("begun twice: %+v", b)
		}
		_, err = db.ForgetPerson(ctx, tenant, "p1", now)
		code(t, err, campaigns.CodeConflict) // it is on the wire
		b := begin(long, minute(6), true)
		if len(b) != 1 || b[0].Number != 2 || !b[0].FirstAt.Equal(minute(5)) {
			t.Fatalf("%+v", b)
		}
		record := func(a delivery.Attempt, s campaigns.DeliveryStatus, change ...func(*delivery.Result)) int {
			r := result(a, s)
			r.ActivityID = "back"
			for _, c := range change {
				c(&r)
			}
			return len(must(db.Record(ctx, []delivery.Result{r}))(t))
		}
		if n := record(a[0], campaigns.DeliverySent); n != 0 {
			t.Error("the outcome of an attempt that another followed was taken")
		}
		if n := record(b[0], campaigns.DeliveryRescheduled); n != 1 {
			t.Error("not to be tried again")
		}
		b = begin(long, minute(7), false)
		if n := record(b[0], campaigns.DeliveryPending, func(r *delivery.Result) { r.Unmade, r.NextAt, r.Reason = true, minute(8), "" }); n != 1 || begin(long, minute(8), false)[0].Number != b[0].Number {
			t.Error("what was not put on the wire counts")
		}
		if n := record(b[0], campaigns.DeliverySent); n != 1 || record(b[0], campaigns.DeliverySent) != 0 {
			t.Error("not recorded, or twice")
		}
		if s := keptBy(t, db, k, "p1").Snoozes[0]; s.State != campaigns.SnoozeReturned || len(due(minute(99))) > 0 {
			t.Errorf("%+v", s)
		}

		// What people do with what came back counts as their delivery's, whose state and counts stay.
		if !must(db.RecordAnswer(ctx, campaigns.Reference{TenantID: tenant, PersonID: "p1", ConversationID: "conv-p1"}, "back", "{}", now))(t) {
			t.Error("an answer to what came back was not taken")
		}
		items, _, err = db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		if r := items[0]; r.Status != campaigns.DeliverySent || r.Attempts != 1 || r.Repeated || r.SnoozedUntil != nil || !r.SentAt.Equal(now.Truncate(time.Millisecond)) {
			t.Errorf("%+v", r)
		}
		counted(t, db, k)
		if e := must(db.Engagement(ctx, k))(t); e.Snoozed != 1 || e.Answered != 1 || e.Seen != 1 {
			t.Errorf("%+v", e)
		}
	})
}

// A tenant of which more is due than may be fed holds up no other.
func TestDueReturnsOfEachTenant(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := kept(t, db, 4)
		for i := range 4 {
			must(db.AddSnooze(ctx, keptBy(t, db, k, fmt.Sprint("p", i+1)), snooze(1, minute(int64(10-i)))))(t)
		}
		other := kept(t, db, 1)
		ok(t, store.Exec(ctx, db, `UPDATE campaigns SET tenant_id = 'other' WHERE id = '`+other.CampaignID+`'`))
		ok(t, store.Exec(ctx, db, `UPDATE deliveries SET tenant_id = 'other' WHERE campaign = (SELECT num FROM campaigns WHERE tenant_id = 'other')`))
		other.TenantID = "other"
		must(db.AddSnooze(ctx, keptBy(t, db, other, "p1"), snooze(1, minute(20))))(t)
		want := []delivery.DueReturn{{Ref: back(k, 4, 1)[0], At: minute(7)}, {Ref: back(k, 3, 1)[0], At: minute(8)}, {Ref: back(other, 1, 1)[0], At: minute(20)}}
		if got := must(db.DueReturns(ctx, long, minute(60), 2))(t); !slices.Equal(got, want) {
			t.Errorf("%+v", got)
		}
	})
}

// Buttons pressed at once, in two chats or by a nervous finger: one return. A stop lets none slip through.
func TestSnoozeRaces(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := kept(t, db, 1)
		m := keptBy(t, db, k, "p1")
		var added, begun atomic.Int64
		for _, err := range together(6, func(i int) error {
			ok, err := db.AddSnooze(ctx, m, snooze(1, minute(int64(i))))
			if ok {
				added.Add(1)
			}
			return err
		}) {
			ok(t, err)
		}
		for _, err := range together(6, func(int) error {
			as, err := db.BeginAttempts(ctx, back(k, 1, 1), nil, long, now, now)
			begun.Add(int64(len(as)))
			return err
		}) {
			ok(t, err)
		}
		if added.Load() != 1 || begun.Load() != 1 {
			t.Errorf("added %d, begun %d", added.Load(), begun.Load())
		}
		// One is on the wire, one waits: the stop cancels the one, and the other is not tried again.
		two := timed(t, db, 3)
		for seq := range int64(2) {
			must(db.Record(ctx, []delivery.Result{result(attempt(t, db, two, seq+1), campaigns.DeliverySent)}))(t)
			must(db.AddSnooze(ctx, keptBy(t, db, two, fmt.Sprint("p", seq+1)), snooze(1, minute(1))))(t)
		}
		a := must(db.BeginAttempts(ctx, back(two, 1, 1), nil, long, now, now))(t)
		must(db.StopCampaign(ctx, two, now))(t)
		if as := must(db.BeginAttempts(ctx, back(two, 2, 1), nil, long, now, now))(t); len(as) > 0 {
			t.Errorf("begun after the stop: %+v", as)
		}
		if rs := must(db.Record(ctx, []delivery.Result{result(a[0], campaigns.DeliveryRescheduled)}))(t); len(rs) > 0 {
			t.Errorf("to be tried again after the stop: %+v", rs)
		}
		for _, p := range []string{"p1", "p2"} {
			m := keptBy(t, db, two, p)
			if m.Status != campaigns.Stopped || m.Snoozes[0].State != campaigns.SnoozeCancelled || must(db.AddSnooze(ctx, m, snooze(2, minute(1))))(t) {
				t.Errorf("%+v", m)
			}
		}
	})
}

func TestNewestKept(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		newest := func(person string, since time.Time) string {
			t.Helper()
			return must(db.NewestKept(ctx, tenant, person, since))(t)
		}
		if id := newest("p1", long); id != "" {
			t.Errorf("of nothing, %s", id)
		}
		first, second := kept(t, db, 2), kept(t, db, 1)
		plain := sending(t, db, tenant, 1)
		must(db.Record(ctx, []delivery.Result{result(attempt(t, db, plain, 1), campaigns.DeliverySent)}))(t)
		if got := []string{newest("p1", long), newest("p2", long), newest("p1", now.Add(time.Second))}; !slices.Equal(got, []string{second.CampaignID, first.CampaignID, ""}) {
			t.Errorf("%q", got)
		}
		// What came back is the newest.
		must(db.AddSnooze(ctx, keptBy(t, db, first, "p1"), snooze(1, minute(1))))(t)
		a := must(db.BeginAttempts(ctx, back(first, 1, 1), nil, long, minute(5), minute(5)))(t)
		back := result(a[0], campaigns.DeliverySent)
		back.At = minute(5)
		must(db.Record(ctx, []delivery.Result{back}))(t)
		if id := newest("p1", minute(4)); id != first.CampaignID {
			t.Errorf("%s, not what came back", id)
		}
	})
}

// Forgotten, aged, restored, opted out, deleted: nothing comes back, and nothing tells of anybody's day.
func TestSnoozesOfPeopleWhoLeave(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := kept(t, db, 6)
		for i := range 6 {
			must(db.AddSnooze(ctx, keptBy(t, db, k, fmt.Sprint("p", i+1)), snooze(1, minute(60))))(t)
		}
		waiting := func(want ...int64) {
			t.Helper()
			var got []int64
			for _, d := range must(db.DueReturns(ctx, long, minute(99), 100))(t) {
				got = append(got, d.Seq)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%d wait, want %d", got, want)
			}
		}
		waiting(1, 2, 3, 4, 5, 6)
		if d := must(db.PersonData(ctx, tenant, "p1", now))(t).Deliveries; len(d) != 1 || len(d[0].Snoozes) != 1 || d[0].Snoozes[0].State != campaigns.SnoozeWaiting || !d[0].Snoozes[0].Until.Equal(minute(60)) || !d[0].Snoozes[0].AskedAt.Equal(minute(0)) {
			t.Errorf("%+v", d)
		}
		must(db.ForgetPerson(ctx, tenant, "p1", now))(t)
		waiting(2, 3, 4, 5, 6)
		ok(t, db.SetOptedOut(ctx, tenant, "p2", true, now))
		waiting(3, 4, 5, 6)
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "p3", State: campaigns.Uninstalled, UpdatedAt: now.Add(-time.Minute)}))
		waiting(3, 4, 5, 6) // what is older than what is known changes nothing
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "p3", State: campaigns.Uninstalled, UpdatedAt: now.Add(time.Minute)}))
		waiting(4, 5, 6)
		if f := everywhere(t, db, "card1"); len(f) != 5 {
			t.Errorf("cards of others than p1: %q", f)
		}
		for last := int64(-1); last != 0; {
			var err error
			last, err = db.RemovePeople(ctx, k, max(last, 0), 2, 30, now)
			ok(t, err)
			if last == 4 {
				waiting(5, 6)
			}
		}
		waiting()
		if f := everywhere(t, db, "card1"); len(f) > 0 {
			t.Error(f)
		}
		if e := must(db.Engagement(ctx, k))(t); e.Snoozed != 6 {
			t.Errorf("%d asked for it later", e.Snoozed)
		}
		ok(t, db.DeleteCampaign(ctx, k, now))
		if n := rowsOf(t, db, "snoozes"); n != 0 {
			t.Errorf("%d are left", n)
		}
		k = kept(t, db, 6)
		m := keptBy(t, db, k, "p5")
		must(db.AddSnooze(ctx, m, snooze(1, minute(60))))(t)
		must(db.MarkRestored(ctx, now))(t)
		waiting()
		if s := keptBy(t, db, k, "p5").Snoozes; s[0].State != campaigns.SnoozeCancelled {
			t.Errorf("%+v", s)
		}
	})
}

// A card that promises what does not come any more is taken once, from whoever looks first, and only where it can be seen.
func TestTakeGivenUp(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := kept(t, db, 4)
		for i := range 4 {
			m := keptBy(t, db, k, fmt.Sprintf("p%d", i+1))
			if !must(db.AddSnooze(ctx, m, snooze(1, minute(60))))(t) {
				t.Fatal("not added")
			}
		}
		if given := must(db.TakeGivenUp(ctx, 10))(t); len(given) > 0 {
			t.Errorf("of those that wait: %+v", given)
		}
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "p1", ConversationID: "conv-p1", ServiceURL: "https://smba", Locale: "fr-FR", State: campaigns.Installed, UpdatedAt: minute(1)}))
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "p4", ConversationID: "conv-p4", State: campaigns.Blocked, UpdatedAt: minute(1)}))
		ok(t, db.SetOptedOut(ctx, tenant, "p1", true, minute(2)))
		_ = must(db.BeginAttempts(ctx, append(back(k, 2, 1), back(k, 4, 1)...), nil, long, now, minute(60)))(t)
		for _, seq := range []int64{2, 4} {
			_ = must(db.Record(ctx, []delivery.Result{{Ref: back(k, seq, 1)[0], Number: 1, Status: campaigns.DeliveryFailed, Reason: campaigns.ClosedSurvey, At: minute(60)}}))(t)
		}
		want := delivery.GivenUp{To: campaigns.Reference{TenantID: tenant, PersonID: "p1", ConversationID: "conv-p1", ServiceURL: "https://smba", Locale: "fr-FR", State: campaigns.Installed}, CardID: "card1", Why: campaigns.OptedOut}
		if given := must(db.TakeGivenUp(ctx, 1))(t); len(given) != 1 || given[0] != want {
			t.Errorf("%+v", given)
		}
		var taken atomic.Int64
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				given, err := db.TakeGivenUp(ctx, 10)
				if err != nil {
					t.Error(err)
				}
				for _, g := range given {
					if g.To.PersonID != "p2" || g.Why != campaigns.ClosedSurvey {
						t.Errorf("%+v", g)
					}
				}
				taken.Add(int64(len(given)))
			})
		}
		both.Wait()
		if n := taken.Load(); n != 1 {
			t.Errorf("%d taken", n)
		}
		if s := keptBy(t, db, k, "p3").Snoozes; len(s) != 1 || s[0].CardID != "card1" {
			t.Errorf("who still waits: %+v", s)
		}
	})
}
