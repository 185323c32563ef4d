package store_test

import (
	"bytes"
	"log/slog"
	"maps"
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/store"
	"herald/infra/store/pgtest"
)

// number is what stands in a campaign's tokens.
func campaignNumber(t testing.TB, db *store.DB, k campaigns.Key) int64 {
	t.Helper()
	return must(db.Work(t.Context(), k))(t).Number
}

// clicked records clicks on messages that have arrived.
func clicked(t testing.TB, db *store.DB, clicks ...campaigns.Click) {
	t.Helper()
	if early := must(db.RecordClicks(t.Context(), clicks))(t); len(early) > 0 {
		t.Errorf("%+v were early", early)
	}
}

func TestClicksAreCountedOncePerPerson(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k, another := sending(t, db, tenant, 5), sending(t, db, other, 5)
		num := campaignNumber(t, db, k)
		if n := campaignNumber(t, db, another); n == num {
			t.Fatalf("two campaigns have the number %d", n)
		}
		click := func(seq, link int64, n int, after time.Duration) campaigns.Click {
			return campaigns.Click{Campaign: num, Seq: seq, Link: link, N: n, At: now.Add(after)}
		}
		clicked(t, db)
		for seq := int64(1); seq <= 2; seq++ {
			inChat(t, db, k, seq, "a:1", "1700000000001")
		}
		clicked(t, db,
			click(1, 0, 1, 2*time.Minute), click(1, 0, 1, time.Minute), click(1, 3, 2, 3*time.Minute), // one person, in one batch
			click(2, 3, 1, time.Minute),
			click(99, 0, 1, time.Minute),                                       // nobody
			campaigns.Click{Campaign: 1 << 40, Seq: 1, Link: 0, N: 1, At: now}) // no campaign
		clicked(t, db, click(1, 0, 1, time.Hour)) // later again

		if e := must(db.Engagement(ctx, k))(t); e != (campaigns.Engagement{Seen: 2, ClickedRecipients: 2, Clicks: 6}) {
			t.Errorf("%+v", e)
		}
		links := must(db.LinkClicks(ctx, k))(t)
		if want := map[int64]campaigns.LinkCount{0: {Recipients: 1, Clicks: 3}, 3: {Recipients: 2, Clicks: 3}}; !maps.Equal(links, want) {
			t.Errorf("%+v, want %+v", links, want)
		}
		rs := recipients(t, db, k)
		if r := rs[0]; r.Clicks != 5 || r.ClickedAt == nil || !r.ClickedAt.Equal(now.Add(time.Minute)) {
			t.Errorf("%+v", r)
		}
		if r := rs[2]; r.Clicks != 0 || r.ClickedAt != nil {
			t.Errorf("%+v", r)
		}
		// The other tenant's campaign, and this one for the other tenant, know nothing of it.
		for _, k := range []campaigns.Key{another, {TenantID: other, CampaignID: k.CampaignID}} {
			if e := must(db.Engagement(ctx, k))(t); e != (campaigns.Engagement{}) {
				t.Errorf("%+v: %+v", k, e)
			}
			if links := must(db.LinkClicks(ctx, k))(t); len(links) > 0 {
				t.Errorf("%+v: %+v", k, links)
			}
		}
		counted(t, db, k)
	})
}

// Whoever did anything at all has seen the message, and is counted once.
func TestSeenIsWhoeverDidAnything(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 5)
		for seq := int64(1); seq <= 5; seq++ {
			inChat(t, db, k, seq, "a:1", "1700000000001")
		}
		ok(t, db.RecordRead(ctx, chat(tenant, "p1", "a:1"), "1700000000001", now))
		ok(t, db.RecordReaction(ctx, chat(tenant, "p1", "a:1"), "1700000000001", "like"))
		ok(t, db.RecordReaction(ctx, chat(tenant, "p2", "a:1"), "1700000000001", "like"))
		must(db.RecordAnswer(ctx, chat(tenant, "p3", "a:1"), "1700000000001", "{}", now))(t)
		clicked(t, db, campaigns.Click{Campaign: campaignNumber(t, db, k), Seq: 4, Link: 0, N: 1, At: now})
		if e := must(db.Engagement(ctx, k))(t); e != (campaigns.Engagement{Seen: 4, ClickedRecipients: 1, Clicks: 1, Read: 1, Reacted: 2, Answered: 1}) {
			t.Errorf("%+v", e)
		}
	})
}

// Processes that write clicks while the campaign is being sent lose none, and hold nobody up for good.
func TestClicksAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		const people, writers, rounds = 20, 8, 5
		k := sending(t, db, tenant, people)
		num := campaignNumber(t, db, k)
		for _, err := range together(writers+1, func(i int) error {
			if i == writers { // the engine
				for seq := int64(1); seq <= people; seq++ {
					inChat(t, db, k, seq, "a:1", "1700000000001")
				}
				return nil
			}
			for range rounds {
				var batch []campaigns.Click
				for p := range int64(people) { // each writer in another order
					batch = append(batch, campaigns.Click{Campaign: num, Seq: 1 + (p*7+int64(i))%people, Link: p % 2, N: 1, At: now})
				}
				for len(batch) > 0 {
					var err error
					if batch, err = db.RecordClicks(t.Context(), batch); err != nil {
						return err
					}
				}
			}
			return nil
		}) {
			ok(t, err)
		}
		if e := must(db.Engagement(t.Context(), k))(t); e.ClickedRecipients != people || e.Clicks != people*writers*rounds {
			t.Errorf("%+v", e)
		}
		sum := 0
		for _, n := range must(db.LinkClicks(t.Context(), k))(t) {
			sum += n.Clicks
		}
		if sum != people*writers*rounds {
			t.Errorf("the links have %d clicks", sum)
		}
		if c := counted(t, db, k); c.Counts.Sent != people {
			t.Errorf("%+v", c.Counts)
		}
	})
}

// A quick person clicks before the outcome of their message is written. The outcome must not get lost over it: the message would be
// sent again.
func TestEarlyClicksWait(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		k := sending(t, db, tenant, 2)
		num := campaignNumber(t, db, k)
		clicks := []campaigns.Click{{Campaign: num, Seq: 1, Link: 0, N: 2, At: now}, {Campaign: num, Seq: 2, Link: 0, N: 1, At: now}}
		inChat(t, db, k, 2, "a:2", "1700000000001")
		a := attempt(t, db, k, 1)
		early := must(db.RecordClicks(t.Context(), clicks))(t)
		if len(early) != 1 || early[0] != clicks[0] {
			t.Fatalf("early: %+v", early)
		}
		if e := must(db.Engagement(t.Context(), k))(t); e.Clicks != 1 {
			t.Errorf("%+v", e)
		}
		if done := record(t, db, result(a, campaigns.DeliverySent)); len(done) != 1 {
			t.Errorf("%d outcomes were accepted", len(done))
		}
		clicked(t, db, early...)
		if e := must(db.Engagement(t.Context(), k))(t); e.Clicks != 3 || e.ClickedRecipients != 2 {
			t.Errorf("%+v", e)
		}
	})
}

// A campaign that is deleted takes its clicks along, also those that come at the same moment.
func TestDeletedCampaignsHaveNoClicks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 1)
		inChat(t, db, k, 1, "a:1", "1700000000001")
		num := campaignNumber(t, db, k)
		clicks := []campaigns.Click{{Campaign: num, Seq: 1, Link: 0, N: 1, At: now}}
		clicked(t, db, clicks...)
		if got := must(db.NumberedCampaign(ctx, num))(t); got != k {
			t.Errorf("number %d is %+v", num, got)
		}
		for _, err := range together(6, func(i int) error {
			if i == 3 {
				return db.DeleteCampaign(ctx, k, now)
			}
			_, err := db.RecordClicks(ctx, clicks)
			return err
		}) {
			ok(t, err)
		}
		clicked(t, db, clicks...)
		_, err := db.NumberedCampaign(ctx, num)
		code(t, err, campaigns.CodeNotFound)
		if n := must(db.Rows(ctx, "link_clicks"))(t); n != 0 {
			t.Errorf("%d rows of clicks are left", n)
		}
	})
}

func TestReceiverOfALink(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ok(t, db.SavePeople(ctx, []campaigns.Person{{TenantID: tenant, ID: "p1", UPN: "p1@contoso.example", GivenName: "Pia", Surname: "One", DisplayName: "Pia One"}, {TenantID: other, ID: "p2", GivenName: "Foreign", UPN: "x@x"}}))
		k := sending(t, db, tenant, 2)
		if r := must(db.Receiver(ctx, k, 1))(t); r.Person.GivenName != "Pia" || r.Person.Surname != "One" || r.Person.ID != "p1" {
			t.Errorf("%+v", r)
		}
		// Nobody whom the directory knows: what the delivery copied.
		if r := must(db.Receiver(ctx, k, 2))(t); r.Person.GivenName != "" || r.Person.DisplayName != "Person p2" || r.Person.Address() != "p2@contoso.example" {
			t.Errorf("%+v", r)
		}
		for _, seq := range []int64{0, 3} {
			_, err := db.Receiver(ctx, k, seq)
			code(t, err, campaigns.CodeNotFound)
		}
		_, err := db.Receiver(ctx, campaigns.Key{TenantID: other, CampaignID: k.CampaignID}, 1)
		code(t, err, campaigns.CodeNotFound)
	})
}

// Processes that start at the same moment sign with one key, and with the same one next year.
func TestSecretIsMadeOnce(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"SQLite": func(testing.TB) string { return "" }, "PostgreSQL": pgtest.Database} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, dir := url(t), t.TempDir()
			db := open(t, u, dir)
			keys := make([][]byte, 6)
			for _, err := range together(len(keys), func(i int) error {
				db, err := store.Open(t.Context(), u, dir, slog.New(slog.DiscardHandler))
				if err != nil {
					return err
				}
				if keys[i], err = db.Secret(t.Context(), "links"); err != nil {
					return err
				}
				return db.Close()
			}) {
				ok(t, err)
			}
			for _, key := range keys {
				if len(key) != 32 || bytes.Equal(key, make([]byte, 32)) || !bytes.Equal(key, keys[0]) {
					t.Errorf("keys %x", keys)
				}
			}
			if key := must(db.Secret(t.Context(), "others"))(t); bytes.Equal(key, keys[0]) {
				t.Error("two secrets are one")
			}
		})
	}
}

// When the clicks of one campaign cannot be written, those of another are, once: only the others are to be tried again.
func TestClicksThatCannotBeWritten(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		good, bad := sending(t, db, tenant, 1), sending(t, db, tenant, 1)
		for _, k := range []campaigns.Key{good, bad} {
			inChat(t, db, k, 1, "a:1", "1700000000001")
		}
		ok(t, store.Exec(ctx, db, `CREATE UNIQUE INDEX trouble ON link_clicks (first_at)`))
		batch := []campaigns.Click{{Campaign: campaignNumber(t, db, good), Seq: 1, N: 1, At: now}}
		for link := range int64(2) { // at one moment
			batch = append(batch, campaigns.Click{Campaign: campaignNumber(t, db, bad), Seq: 1, Link: link, N: 1, At: now.Add(time.Second)})
		}
		left, err := db.RecordClicks(ctx, batch)
		if err == nil || len(left) != 2 || left[0].Campaign != batch[1].Campaign || left[1].Campaign != batch[1].Campaign {
			t.Fatalf("%+v are left, error %v", left, err)
		}
		ok(t, store.Exec(ctx, db, `DROP INDEX trouble`))
		clicked(t, db, left...)
		for k, want := range map[campaigns.Key]int{good: 1, bad: 2} {
			if e := must(db.Engagement(ctx, k))(t); e.Clicks != want {
				t.Errorf("%d clicks, want %d", e.Clicks, want)
			}
		}
	})
}
