package store_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/schedule"
	"herald/infra/store"
)

var window = campaigns.Window{Presence: campaigns.OnlyAvailable, Unknown: campaigns.SendUnknown, Window: schedule.Window{
	FirstDay: schedule.DayOf(now), Days: 2, TimeZone: "UTC", Hours: schedule.Hours{{{From: 0, To: 24 * 60}}, {{From: 0, To: 24 * 60}}, {{From: 0, To: 24 * 60}}, {{From: 0, To: 24 * 60}}, {{From: 0, To: 24 * 60}}, {{From: 0, To: 24 * 60}}, {{From: 0, To: 24 * 60}}},
}}

// placeAll gives the n people of a timed campaign, who are planned, their moments.
func placeAll(t testing.TB, db *store.DB, k campaigns.Key, n int) {
	t.Helper()
	ctx := t.Context()
	_, plan, err := db.Begin(ctx, k, now)
	ok(t, err)
	if plan != (delivery.Plan{Cursor: delivery.Placing + "0"}) {
		t.Fatalf("%+v", plan)
	}
	page, last, err := db.Unplaced(ctx, k, 0, n+1)
	ok(t, err)
	if len(page) != n || last != int64(n) {
		t.Fatalf("%v, last %d", page, last)
	}
	var placed []delivery.Placed
	for _, u := range page {
		placed = append(placed, delivery.Placed{Seq: u.Seq, At: minute(u.Seq), Zone: "Europe/Paris"})
	}
	ok(t, db.PlacePage(ctx, k, plan, delivery.Plan{Cursor: delivery.Placing + "end", Done: true}, placed, now))
	if c := must(db.Campaign(ctx, k))(t); !c.Planned || c.Counts != (campaigns.Counts{Total: n, Pending: n}) || !c.Timed() {
		t.Fatalf("%+v", c)
	}
}

// timed saves a timed campaign to n people who have their moments, a minute apart from a minute after now on.
func timed(t testing.TB, db *store.DB, n int) campaigns.Key {
	t.Helper()
	ctx := t.Context()
	k := draft(t, db, tenant, "Timed").Key()
	must(db.ScheduleWithin(ctx, k, 0, window, now, now))(t)
	_, plan, err := db.Begin(ctx, k, now)
	ok(t, err)
	if plan.Cursor != "" || plan.Done {
		t.Fatalf("%+v", plan)
	}
	ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, people(n), now))
	placeAll(t, db, k, n)
	return k
}

func minute(n int64) time.Time {
	return now.Add(time.Duration(n) * time.Minute).Truncate(time.Millisecond)
}

func near(t testing.TB, db *store.DB, k campaigns.Key, until time.Time) []delivery.Waiting {
	t.Helper()
	return must(db.Near(t.Context(), k, until, 100))(t)
}

func TestSettle(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := timed(t, db, 6)
		if due := must(db.Due(ctx, k, delivery.Due{}, long, now.AddDate(100, 0, 0), 10))(t); len(due) > 0 {
			t.Errorf("due before their moments: %v", due)
		}
		page := near(t, db, k, minute(6))
		want := delivery.Waiting{Seq: 1, PersonID: "p1", At: minute(1), Rung: schedule.Rung{Round: 1, First: minute(1)}, Zone: "Europe/Paris"}
		if len(page) != 6 || page[0] != want || len(near(t, db, k, minute(2))) != 2 {
			t.Fatalf("%+v", page)
		}
		later := schedule.Rung{Round: 1, Step: 1, First: minute(2)}
		vs := []delivery.Verdict{
			{Waiting: page[0], Found: campaigns.FoundPresent, Due: minute(1)},
			{Waiting: page[1], Found: campaigns.FoundAbsent, Reason: campaigns.Absent, Next: minute(12), To: later},
			{Waiting: page[2], Found: campaigns.FoundUnknown, Reason: campaigns.WindowOver, Over: true},
			{Waiting: page[3], Found: campaigns.FoundReplanned, Next: minute(40), To: schedule.Rung{Round: 1, First: minute(40)}},
		}
		done := must(db.Settle(ctx, k, vs, 0, now))(t)
		if done != (delivery.Settled{Released: 1, Moved: 2, Over: 1, Replanned: 1}) {
			t.Errorf("%+v", done)
		}
		// What was decided about moments that have changed counts for nothing.
		if again := must(db.Settle(ctx, k, vs, 0, now))(t); again != (delivery.Settled{}) {
			t.Errorf("twice: %+v", again)
		}
		c := must(db.Campaign(ctx, k))(t)
		if c.Counts != (campaigns.Counts{Total: 6, Pending: 4, Rescheduled: 1, Unscheduled: 1}) || c.Replanned != 1 || c.ReplannedAt == nil || !c.ReplannedAt.Equal(now.Truncate(time.Millisecond)) {
			t.Errorf("%+v, %d replanned at %v", c.Counts, c.Replanned, c.ReplannedAt)
		}
		counted(t, db, k)
		if due := must(db.Due(ctx, k, delivery.Due{}, long, minute(60), 10))(t); len(due) != 1 || due[0].ID != 1 || !due[0].At.Equal(minute(1)) {
			t.Errorf("%v", due)
		}
		items, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		for i, want := range []struct {
			status campaigns.DeliveryStatus
			reason campaigns.Reason
			next   time.Time
			found  campaigns.Found
		}{
			{campaigns.DeliveryPending, "", minute(1), campaigns.FoundPresent},
			{campaigns.DeliveryRescheduled, campaigns.Absent, minute(12), campaigns.FoundAbsent},
			{campaigns.DeliveryUnscheduled, campaigns.WindowOver, time.Time{}, campaigns.FoundUnknown},
			{campaigns.DeliveryPending, "", minute(40), campaigns.FoundReplanned},
			{campaigns.DeliveryPending, "", minute(5), ""},
		} {
			r := items[i]
			var next time.Time
			if r.NextAttemptAt != nil {
				next = *r.NextAttemptAt
			}
			if r.Status != want.status || r.Reason != want.reason || !next.Equal(want.next) || r.Checks == nil || (want.found == "") != (len(r.Checks) == 0) || want.found != "" && r.Checks[0].Found != want.found {
				t.Errorf("%d: %+v", i, r)
			}
		}
		if page, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Status: campaigns.DeliveryUnscheduled, Limit: 10}); err != nil || len(page) != 1 || len(page[0].Checks) != 1 {
			t.Errorf("%+v, error %v", page, err)
		}
		steps, next, err := db.Moments(ctx, k, 15*time.Minute)
		ok(t, err)
		planned, waiting := 0, 0
		for _, s := range steps {
			planned, waiting = planned+s.Planned, waiting+s.Waiting
		}
		if planned != 3 || waiting != 1 || !next.Equal(minute(5)) {
			t.Errorf("%+v, next %s", steps, next)
		}
		if open := must(db.OpenCampaigns(ctx))(t); len(open) != 1 || !open[0].Timed || !open[0].Planned {
			t.Errorf("%+v", open)
		}
		// The second round of the one who was absent is noted after the first.
		must(db.Settle(ctx, k, []delivery.Verdict{{Waiting: near(t, db, k, minute(12))[2], Found: campaigns.FoundAbsent, Reason: campaigns.Absent, Over: true}}, 0, now))(t)
		items, _, err = db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 2})
		ok(t, err)
		if len(items[1].Checks) != 2 || items[1].Status != campaigns.DeliveryUnscheduled {
			t.Errorf("%+v", items[1])
		}
		counted(t, db, k)
	})
}

// Only so many are let through for an hour, over all pages and gates.
func TestSettlePerHour(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		const people, most = 40, 15
		k := timed(t, db, people)
		page := near(t, db, k, minute(people))
		hour := campaigns.ClockHour(time.UTC, minute(1))
		vs := make([]delivery.Verdict, people)
		for i, p := range page {
			vs[i] = delivery.Verdict{Waiting: p, Due: p.At, Hour: hour, Full: &delivery.Verdict{Waiting: p, Found: campaigns.FoundFull, Next: minute(100), To: schedule.Rung{Round: 1, First: minute(100)}}}
		}
		var released, moved atomic.Int64
		for _, err := range together(4, func(i int) error { // each settles some of its own, and some of its neighbour's
			for _, part := range [][]delivery.Verdict{vs[i*10 : i*10+10], vs[(i+1)%4*10 : (i+1)%4*10+5]} {
				done, err := db.Settle(t.Context(), k, part, most, now)
				if err != nil {
					return err
				}
				released.Add(int64(done.Released))
				moved.Add(int64(done.Moved))
			}
			return nil
		}) {
			ok(t, err)
		}
		if released.Load() != most || moved.Load() != people-most || len(near(t, db, k, minute(99))) != 0 {
			t.Errorf("%d let through and %d moved", released.Load(), moved.Load())
		}
		counted(t, db, k)
	})
}

// Gates at work while the author stops the campaign and people opt out: counts add up, and nobody is left waiting.
func TestSettleWhilePeopleLeave(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		const people = 30
		k := timed(t, db, people)
		for i := range people {
			ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: fmt.Sprintf("p%d", i+1), State: campaigns.Installed, UpdatedAt: now}))
		}
		for _, err := range together(4, func(i int) error {
			for n := range 10 {
				switch i {
				case 0:
					if err := db.SetOptedOut(ctx, tenant, fmt.Sprintf("p%d", 1+n*3), true, now); err != nil {
						return err
					}
				default:
					page, err := db.Near(ctx, k, minute(int64(3*n)), 100)
					if err != nil {
						return err
					}
					var vs []delivery.Verdict
					for _, p := range page {
						v := delivery.Verdict{Waiting: p, Found: campaigns.FoundAbsent, Reason: campaigns.Absent, Next: p.At.Add(time.Hour), To: p.Rung}
						if p.Seq%2 == 0 {
							v = delivery.Verdict{Waiting: p, Found: campaigns.FoundPresent, Due: p.At}
						}
						if p.PersonID == "" {
							v = delivery.Verdict{Waiting: p}
						}
						vs = append(vs, v)
					}
					if _, err := db.Settle(ctx, k, vs, 0, now); err != nil {
						return err
					}
				}
			}
			return nil
		}) {
			ok(t, err)
		}
		counted(t, db, k)
		c := must(db.StopCampaign(ctx, k, now))(t)
		if c.Counts.Skipped+c.Counts.Cancelled != people || c.Counts.Skipped == 0 {
			t.Errorf("%+v", c.Counts)
		}
		if left := rowsOf(t, db, "timed_deliveries"); left != 0 {
			t.Errorf("%d still wait", left)
		}
		if done := must(db.Settle(ctx, k, []delivery.Verdict{{Waiting: delivery.Waiting{Seq: 1, At: minute(1)}, Due: minute(1)}}, 0, now))(t); done != (delivery.Settled{}) {
			t.Errorf("after the stop: %+v", done)
		}
	})
}

// What an older Herald ended beside this one, without knowing the moments, is dropped when its moment comes.
func TestSettleDropsWhatHasEnded(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := timed(t, db, 2)
		ok(t, store.Exec(ctx, db, `UPDATE deliveries SET status = 'skipped', final = TRUE, reason = 'opted_out' WHERE seq = 1`))
		ok(t, store.Exec(ctx, db, `UPDATE campaigns SET n_pending = 1, n_skipped = 1`))
		page := near(t, db, k, minute(1))
		if len(page) != 1 || page[0].PersonID != "" {
			t.Fatalf("%+v", page)
		}
		must(db.Settle(ctx, k, []delivery.Verdict{{Waiting: page[0]}}, 0, now))(t)
		if left := rowsOf(t, db, "timed_deliveries"); left != 1 {
			t.Errorf("%d wait", left)
		}
		counted(t, db, k)
	})
}

// Taken back, restored, deleted, aged, forgotten: nothing is left that tells of people's moments.
func TestTimedLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		absent := func(k campaigns.Key) {
			var vs []delivery.Verdict
			for _, p := range near(t, db, k, minute(10)) {
				vs = append(vs, delivery.Verdict{Waiting: p, Found: campaigns.FoundAbsent, Reason: campaigns.Absent, Next: p.At.Add(time.Hour), To: p.Rung})
			}
			must(db.Settle(ctx, k, vs, 0, now))(t)
		}
		left := func(want ...int) {
			t.Helper()
			if got := []int{rowsOf(t, db, "timed_deliveries"), rowsOf(t, db, "delivery_checks")}; !slices.Equal(got, want) {
				t.Errorf("%d moments and looks are left, want %d", got, want)
			}
		}
		k := timed(t, db, 3)
		absent(k)
		left(3, 3)
		d := must(db.PersonData(ctx, tenant, "p1", now))(t).Deliveries
		if len(d) != 1 || len(d[0].Checks) != 1 || d[0].Checks[0].Found != campaigns.FoundAbsent || d[0].NextAt == nil || !d[0].NextAt.Equal(minute(61)) {
			t.Errorf("%+v", d)
		}
		must(db.ForgetPerson(ctx, tenant, "p1", now))(t)
		left(2, 2)
		must(db.StopCampaign(ctx, k, now))(t)
		left(0, 2)
		for last := int64(-1); last != 0; {
			var err error
			last, err = db.RemovePeople(ctx, k, max(last, 0), 2, 30, now)
			ok(t, err)
		}
		left(0, 0)
		k = timed(t, db, 3)
		absent(k)
		must(db.MarkRestored(ctx, now))(t)
		left(0, 3)
		counted(t, db, k)
		ok(t, db.DeleteCampaign(ctx, k, now))
		left(0, 0)

		k = draft(t, db, tenant, "Taken back").Key()
		must(db.ScheduleWithin(ctx, k, 0, window, now.Add(time.Hour), now))(t)
		c := must(db.UnscheduleCampaign(ctx, k, now))(t)
		if c.Timing.Window == nil || c.Timing.At != nil || c.Timed() || c.Timing.Window.Days != 2 {
			t.Errorf("%+v", c.Timing)
		}
		// Sent at once after all: it is like any other then.
		c = must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
		_, plan, err := db.Begin(ctx, k, now)
		ok(t, err)
		ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, people(1), now))
		if due := must(db.Due(ctx, k, delivery.Due{}, long, minute(1), 10))(t); c.Timed() || c.Timing.Window != nil || len(due) != 1 {
			t.Errorf("%+v, due %v", c.Timing, due)
		}
	})
}

// An older Herald beside this one takes a timed campaign back, which drops its window, and sends it at once: it is like any other then.
func TestTimedTakenBackByAnOlderHerald(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := draft(t, db, tenant, "Taken back").Key()
		must(db.ScheduleWithin(ctx, k, 0, window, now, now))(t)
		ok(t, store.Exec(ctx, db, `UPDATE campaigns SET timing = '{}'`))
		_, plan, err := db.Begin(ctx, k, now)
		ok(t, err)
		ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, people(1), now))
		if c := must(db.Campaign(ctx, k))(t); !c.Planned || len(must(db.Due(ctx, k, delivery.Due{}, long, minute(1), 10))(t)) != 1 {
			t.Errorf("%+v", c)
		}
	})
}

func rowsOf(t testing.TB, db *store.DB, table string) (n int) {
	t.Helper()
	return must(db.Rows(t.Context(), table))(t)
}

// Who is let through keeps their place until they have an outcome: when their hours are over before it can leave, they wait for the gate again, with
// their round and their zone.
func TestPutOff(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := timed(t, db, 4)
		page := near(t, db, k, minute(4))
		round2 := schedule.Rung{Round: 2, First: minute(4)}
		_ = must(db.Settle(ctx, k, []delivery.Verdict{{Waiting: page[3], Found: campaigns.FoundAbsent, Next: minute(5), To: round2}}, 0, now))(t)
		page[3] = near(t, db, k, minute(5))[3]
		var vs []delivery.Verdict
		var refs []delivery.Ref
		for _, p := range page {
			vs = append(vs, delivery.Verdict{Waiting: p, Found: campaigns.FoundPresent, Due: p.At})
			refs = append(refs, delivery.Ref{Key: k, Seq: p.Seq})
		}
		if done := must(db.Settle(ctx, k, vs, 0, now))(t); done.Released != 4 {
			t.Fatalf("%+v", done)
		}
		if left := near(t, db, k, now.AddDate(99, 0, 0)); len(left) > 0 {
			t.Errorf("to be looked at: %+v", left)
		}
		if steps, next, err := db.Moments(ctx, k, time.Hour); err != nil || len(steps) > 0 || !next.IsZero() {
			t.Errorf("to come: %+v, next %s, error %v", steps, next, err)
		}
		began := must(db.BeginAttempts(ctx, refs, nil, long, now, now))(t)
		if len(began) != 4 {
			t.Fatalf("%+v", began)
		}
		for _, a := range began {
			if a.Zone != "Europe/Paris" {
				t.Errorf("%d: zone %q", a.Seq, a.Zone)
			}
		}
		off := func(seq int64, s campaigns.DeliveryStatus, r campaigns.Reason, unmade bool) delivery.Result {
			return delivery.Result{Ref: delivery.Ref{Key: k, Seq: seq}, Number: 1, Status: s, Reason: r, NextAt: minute(900), At: minute(6), Unmade: unmade, PutOff: true, Zone: "Europe/Paris"}
		}
		rs := []delivery.Result{
			{Ref: delivery.Ref{Key: k, Seq: 1}, Number: 1, Status: campaigns.DeliverySent, At: minute(6)},
			off(2, campaigns.DeliveryRescheduled, campaigns.Throttled, false),
			{Ref: delivery.Ref{Key: k, Seq: 3}, Number: 1, Status: campaigns.DeliveryUnscheduled, Reason: campaigns.WindowOver, At: minute(6), Unmade: true},
			off(4, campaigns.DeliveryPending, "", true),
		}
		for range 2 { // the second time nothing is accepted, and nothing is done
			_ = must(db.Record(ctx, rs))(t)
		}
		c := must(db.Campaign(ctx, k))(t)
		if c.Counts != (campaigns.Counts{Total: 4, Sent: 1, Rescheduled: 1, Pending: 1, Unscheduled: 1}) || c.Status != campaigns.Sending {
			t.Errorf("%s, %+v", c.Status, c.Counts)
		}
		counted(t, db, k)
		if due := must(db.Due(ctx, k, delivery.Due{}, long, minute(10_000), 10))(t); len(due) > 0 {
			t.Errorf("due although they are put off: %+v", due)
		}
		again := near(t, db, k, minute(900))
		if len(again) != 2 || again[0].Seq != 2 || again[1].Seq != 4 || again[0].Zone != "Europe/Paris" || again[0].Rung != (schedule.Rung{Round: 1, First: minute(900)}) || again[1].Rung != (schedule.Rung{Round: 2, First: minute(900)}) {
			t.Errorf("%+v", again)
		}
		items, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		for i, want := range []int{1, 2, 1, 3} {
			if n := len(items[i].Checks); n != want {
				t.Errorf("%d: %+v", i+1, items[i].Checks)
			}
		}
		if last := items[3]; last.Checks[2] != (campaigns.Check{At: minute(6), Found: campaigns.FoundClosed}) || last.Attempts != 0 || !last.NextAttemptAt.Equal(minute(900)) || items[1].Attempts != 1 {
			t.Errorf("%+v", items)
		}

		// Once let through they can be sent to like anybody, and then no place is left.
		vs = nil
		for _, p := range again {
			vs = append(vs, delivery.Verdict{Waiting: p, Due: p.At})
		}
		_ = must(db.Settle(ctx, k, vs, 0, minute(900)))(t)
		for _, a := range must(db.BeginAttempts(ctx, []delivery.Ref{refs[1], refs[3]}, nil, long, now, minute(900)))(t) {
			// Patience with a delivery begins with the first attempt that was made.
			if want := map[int64]time.Time{2: now.Truncate(time.Millisecond), 4: minute(900)}[a.Seq]; !a.FirstAt.Equal(want) {
				t.Errorf("%d: tried since %s, want %s", a.Seq, a.FirstAt, want)
			}
			_ = must(db.Record(ctx, []delivery.Result{{Ref: a.Ref, Number: a.Number, Status: campaigns.DeliverySent, At: minute(901)}}))(t)
		}
		if c := must(db.Campaign(ctx, k))(t); c.Status != campaigns.Completed || c.Counts.Sent != 3 {
			t.Errorf("%s, %+v", c.Status, c.Counts)
		}
		if n := rowsOf(t, db, "timed_deliveries"); n != 0 {
			t.Errorf("%d places are kept", n)
		}
	})
}

// What is to be put off in a campaign that was stopped meanwhile is cancelled.
func TestPutOffOfAStoppedCampaign(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := timed(t, db, 1)
		_ = must(db.Settle(ctx, k, []delivery.Verdict{{Waiting: near(t, db, k, minute(1))[0], Due: minute(1)}}, 0, now))(t)
		a := must(db.BeginAttempts(ctx, []delivery.Ref{{Key: k, Seq: 1}}, nil, long, now, now))(t)[0]
		_ = must(db.StopCampaign(ctx, k, now))(t)
		if done := must(db.Record(ctx, []delivery.Result{{Ref: a.Ref, Number: 1, Status: campaigns.DeliveryPending, NextAt: minute(900), At: minute(2), Unmade: true, PutOff: true}}))(t); len(done) > 0 {
			t.Errorf("accepted: %+v", done)
		}
		if c := must(db.Campaign(ctx, k))(t); c.Counts.Cancelled != 1 || rowsOf(t, db, "timed_deliveries") != 0 {
			t.Errorf("%+v", c.Counts)
		}
	})
}
