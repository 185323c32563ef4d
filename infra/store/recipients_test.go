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

// The timeline has what the counters have, by the second, whoever writes it.
func TestPaceAddsUp(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 40)
		from, to, err := db.PaceSpan(ctx, k)
		ok(t, err)
		if !from.IsZero() || !to.IsZero() {
			t.Errorf("nothing left, and it is from %s to %s", from, to)
		}
		var rs []delivery.Result
		for seq := int64(1); seq <= 40; seq++ {
			status := campaigns.DeliverySent
			switch {
			case seq%10 == 0:
				status = campaigns.DeliveryFailed
			case seq%10 == 1:
				status = campaigns.DeliveryRescheduled // not over: not in it
			}
			r := result(attempt(t, db, k, seq), status)
			if status == campaigns.DeliverySent {
				r.At = now.Add(time.Duration(seq) * 100 * time.Millisecond) // seconds 0 to 3
			}
			rs = append(rs, r)
		}
		// Several workers record at once, and one of them twice.
		for _, err := range together(4, func(i int) error {
			_, err := db.Record(ctx, rs[i*10:i*10+10])
			return err
		}) {
			ok(t, err)
		}
		record(t, db, rs[:10]...)
		from, to, err = db.PaceSpan(ctx, k)
		ok(t, err)
		if !from.Equal(now) || !to.Equal(now.Add(3*time.Second)) {
			t.Errorf("from %s to %s", from, to)
		}
		is := func(step time.Duration, to time.Time, want ...campaigns.PaceBucket) {
			t.Helper()
			if got := must(db.Pace(ctx, k, from, to, step))(t); !slices.Equal(got, want) {
				t.Errorf("steps of %s: %+v, want %+v", step, got, want)
			}
		}
		// A failure stands at its attempt, which was now.
		is(time.Second, to, campaigns.PaceBucket{At: now, Sent: 8, Failed: 4}, campaigns.PaceBucket{At: now.Add(time.Second), Sent: 8}, campaigns.PaceBucket{At: now.Add(2 * time.Second), Sent: 8}, campaigns.PaceBucket{At: now.Add(3 * time.Second), Sent: 8})
		is(5*time.Second, to, campaigns.PaceBucket{At: now, Sent: 32, Failed: 4})
		is(time.Second, from, campaigns.PaceBucket{At: now, Sent: 8, Failed: 4})
		if c := counted(t, db, k); c.Counts.Sent != 32 || c.Counts.Failed != 4 {
			t.Errorf("%+v", c.Counts)
		}
		must(db.StopCampaign(ctx, k, now))(t)
		ok(t, db.DeleteCampaign(ctx, k, now))
		if from, _, err = db.PaceSpan(ctx, k); err != nil || !from.IsZero() {
			t.Errorf("deleted, and it began at %s; %v", from, err)
		}
	})
}

// mixed is a campaign of which p1 was sent to, p2 and p4 failed, p3 waits, p5 does not exist and p6 is excluded by nothing but a missing app.
func mixed(t *testing.T, db *store.DB) campaigns.Key {
	t.Helper()
	ctx := t.Context()
	k := draft(t, db, tenant, "Mixed").Key()
	must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
	_, plan, err := db.Begin(ctx, k, now)
	ok(t, err)
	page := append(people(4),
		delivery.Planned{Recipient: "mail:ÉLODIE@x.example", Email: "Élodie@x.example", Status: campaigns.DeliverySkipped, Reason: campaigns.UserNotFound, DueAt: now},
		delivery.Planned{Recipient: "p6", PersonID: "p6", Email: "P6@contoso.example", DisplayName: "Person p6", Status: campaigns.DeliverySkipped, Reason: campaigns.NotInstalled, DueAt: now})
	page[4].Recipient = campaigns.UnknownRecipient(page[4].Email)
	ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, page, now))
	record(t, db, result(attempt(t, db, k, 1), campaigns.DeliverySent), result(attempt(t, db, k, 2), campaigns.DeliveryFailed), result(attempt(t, db, k, 4), campaigns.DeliveryFailed))
	return k
}

func TestRecipientsAreFoundAndCounted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		k := mixed(t, db)
		for name, c := range map[string]struct {
			f    campaigns.RecipientFilter
			want []int64
		}{
			"all":                    {campaigns.RecipientFilter{}, []int64{1, 2, 3, 4, 5, 6}},
			"by status":              {campaigns.RecipientFilter{Status: campaigns.DeliverySkipped}, []int64{5, 6}},
			"by reason":              {campaigns.RecipientFilter{Reason: campaigns.BlockedByUser}, []int64{2, 4}},
			"by status and reason":   {campaigns.RecipientFilter{Status: campaigns.DeliverySkipped, Reason: campaigns.NotInstalled}, []int64{6}},
			"by reason of others":    {campaigns.RecipientFilter{Status: campaigns.DeliverySent, Reason: campaigns.NotInstalled}, nil},
			"by a reason nobody has": {campaigns.RecipientFilter{Reason: "bad weather"}, nil},
			"by reason and name":     {campaigns.RecipientFilter{Reason: campaigns.BlockedByUser, Query: "PERSON P4"}, []int64{4}},
			"by percent sign":        {campaigns.RecipientFilter{Query: "%"}, nil},
			"by accents":             {campaigns.RecipientFilter{Query: "éLO"}, []int64{5}},
		} {
			f := c.f
			var got []int64
			for f.Limit = 1; ; { // a page each, so that pages must fit together
				items, next, err := db.Recipients(t.Context(), k, f)
				ok(t, err)
				for _, r := range items {
					got = append(got, r.Seq)
				}
				if f.Cursor = next; next == "" {
					break
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
			if n := must(db.CountRecipients(t.Context(), k, c.f, 100))(t); n != len(c.want) {
				t.Errorf("%s: counted %d, want %d", name, n, len(c.want))
			}
		}
		if n := must(db.CountRecipients(t.Context(), k, campaigns.RecipientFilter{}, 4))(t); n != 4 {
			t.Errorf("counted %d, want no more than 4", n)
		}
		if n := must(db.CountRecipients(t.Context(), campaigns.Key{TenantID: other, CampaignID: k.CampaignID}, campaigns.RecipientFilter{}, 4))(t); n != 0 {
			t.Errorf("another tenant counts %d", n)
		}
	})
}

func unsaved(id, name string) *campaigns.List {
	return &campaigns.List{TenantID: tenant, ID: id, Name: name, CreatedAt: now, UpdatedAt: now, Version: 1}
}

// A list made of recipients is one like any other: people are found, values are there, and more can be added.
func TestListOfRecipients(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		p := person(tenant, "p6")
		p.Mail, p.UPN = "P6@contoso.example", "p6@contoso.example"
		ok(t, db.SavePeople(ctx, []campaigns.Person{p}))
		k := mixed(t, db)
		l := unsaved("l1", "Not reached")
		ok(t, db.ListRecipients(ctx, k, campaigns.RecipientFilter{Status: campaigns.DeliverySkipped}, l))
		if l.Members != 2 {
			t.Errorf("%d members", l.Members)
		}
		got := must(db.List(ctx, l.Key()))(t)
		if got.Name != "Not reached" || got.Members != 2 {
			t.Errorf("%+v", got)
		}
		items, _, err := db.Members(ctx, l.Key(), campaigns.MemberFilter{Limit: 10})
		ok(t, err)
		if len(items) != 2 || items[0].Email != "Élodie@x.example" || items[0].State != campaigns.MemberUnknown || items[1].PersonID != "p6" || items[1].State != campaigns.MemberNotInstalled {
			t.Errorf("%+v", items)
		}
		// Its addresses are known in lower case, and numbers go on after the last one.
		for _, email := range []string{"éLODIE@x.example", "p6@CONTOSO.example"} {
			code(t, db.AddMember(ctx, l.Key(), 1, &campaigns.Member{Email: email}, now), campaigns.CodeConflict)
		}
		m := &campaigns.Member{Email: "new@x.example"}
		ok(t, db.AddMember(ctx, l.Key(), 1, m, now))
		if m.ID != "7" {
			t.Errorf("the new member has number %s", m.ID)
		}

		code(t, db.ListRecipients(ctx, k, campaigns.RecipientFilter{}, unsaved("l2", "NOT reached")), campaigns.CodeConflict)
		code(t, db.ListRecipients(ctx, k, campaigns.RecipientFilter{Query: "nobody has this name"}, unsaved("l3", "Nobody")), campaigns.CodeInvalid)
		code(t, db.ListRecipients(ctx, campaigns.Key{TenantID: other, CampaignID: k.CampaignID}, campaigns.RecipientFilter{}, unsaved("l4", "Others")), campaigns.CodeInvalid)
		// What could not be made left nothing behind.
		if items, _, err := db.Lists(ctx, tenant, campaigns.ListFilter{Limit: 10}); err != nil || len(items) != 1 {
			t.Errorf("%d lists, %v", len(items), err)
		}
	})
}

// Values of the campaign's list go into the new one.
func TestListOfRecipientsKeepsValues(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		source := unsaved("source", "Source")
		source.Columns = []campaigns.Column{{Name: "AMOUNT", Label: "Amount", Type: campaigns.NumberColumn}}
		ok(t, db.CreateList(ctx, source))
		ok(t, db.AddMember(ctx, source.Key(), 1, &campaigns.Member{Email: "ann@x.example", FirstName: "Ann", Values: map[string]string{"AMOUNT": "12"}}, now))
		c := draft(t, db, tenant, "Bills")
		c.Audience = campaigns.Audience{ListIDs: []string{"source"}}
		ok(t, db.UpdateDraft(ctx, c, now))
		must(db.ScheduleCampaign(ctx, c.Key(), 0, now, now))(t)
		_, plan, err := db.Begin(ctx, c.Key(), now)
		ok(t, err)
		ok(t, db.PlanList(ctx, c.Key(), plan, delivery.Plan{Cursor: "end", Done: true}, delivery.MemberSpan{List: "source", UpTo: 1}, now))
		l := unsaved("copy", "Copy")
		l.Columns = source.Columns
		ok(t, db.ListRecipients(ctx, c.Key(), campaigns.RecipientFilter{Reason: campaigns.UserNotFound}, l))
		items, _, err := db.Members(ctx, l.Key(), campaigns.MemberFilter{Limit: 10})
		ok(t, err)
		if len(items) != 1 || items[0].FirstName != "Ann" || fmt.Sprint(items[0].Values) != "map[AMOUNT:12]" {
			t.Errorf("%+v", items)
		}
	})
}
