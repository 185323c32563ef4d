package store_test

import (
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/store"
)

// inChat delivers message number seq of a campaign into a chat under an activity id.
func inChat(t testing.TB, db *store.DB, k campaigns.Key, seq int64, conversation, activity string) {
	t.Helper()
	r := result(attempt(t, db, k, seq), campaigns.DeliverySent)
	r.ConversationID, r.ActivityID = conversation, activity
	record(t, db, r)
}

func recipients(t testing.TB, db *store.DB, k campaigns.Key) []campaigns.Recipient {
	t.Helper()
	items, _, err := db.Recipients(t.Context(), k, campaigns.RecipientFilter{Limit: 100})
	ok(t, err)
	return items
}

// chat is where a person talks to the bot.
func chat(tenantID, personID, conversation string) campaigns.Reference {
	return campaigns.Reference{TenantID: tenantID, PersonID: personID, ConversationID: conversation}
}

// A read receipt names the last message seen; all before it in that chat were seen too.
func TestReadReceipts(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var ks []campaigns.Key
		for _, m := range []struct{ conversation, activity string }{
			{"a:1", "1700000000001"},
			{"a:1", "1700000000002"},
			{"a:1", "999999999999"}, // shorter, so older
			{"a:2", "1700000000001"},
			{"a:1", ""}, // Teams named no id
		} {
			k := sending(t, db, tenant, 2) // the first is p1, the second somebody else in a chat of the same name
			inChat(t, db, k, 1, m.conversation, m.activity)
			inChat(t, db, k, 2, m.conversation, m.activity)
			ks = append(ks, k)
		}
		p1 := chat(tenant, "p1", "a:1")
		ok(t, db.RecordRead(ctx, p1, "1700000000001", now.Add(time.Minute)))
		ok(t, db.RecordRead(ctx, p1, "1700000000001", now.Add(time.Hour))) // again: the first time counts
		for i, read := range []bool{true, false, true, false, false} {
			rs := recipients(t, db, ks[i])
			if r := rs[0]; (r.ReadAt != nil) != read || read && !r.ReadAt.Equal(now.Add(time.Minute)) {
				t.Errorf("message %d: read at %v", i+1, r.ReadAt)
			}
			if rs[1].ReadAt != nil {
				t.Errorf("message %d: read by somebody else", i+1)
			}
			if e := must(db.Engagement(ctx, ks[i]))(t); e.Read != map[bool]int{true: 1}[read] {
				t.Errorf("message %d: %+v", i+1, e)
			}
		}
	})
}

func TestReactions(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 2)
		inChat(t, db, k, 1, "a:1", "1700000000001")
		inChat(t, db, k, 2, "a:1", "")
		for _, c := range []struct {
			activity, reaction, want string
			reacted                  int
		}{
			{"1700000000001", "like", "like", 1},
			{"1700000000001", "heart", "heart", 1}, // the newest counts
			{"1700000000009", "sad", "heart", 1},   // not one of ours
			{"", "sad", "heart", 1},                // names nothing
			{"1700000000001", "", "", 0},           // taken away
		} {
			ok(t, db.RecordReaction(ctx, chat(tenant, "p1", "a:1"), c.activity, c.reaction))
			rs := recipients(t, db, k)
			if e := must(db.Engagement(ctx, k))(t); rs[0].Reaction != c.want || rs[1].Reaction != "" || e.Reacted != c.reacted {
				t.Errorf("after %+v: %q, %+v", c, rs[0].Reaction, e)
			}
		}
	})
}

// Whoever takes one reaction for another: Teams may tell of the removal last.
func TestRemovedReactions(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 1)
		inChat(t, db, k, 1, "a:1", "1700000000001")
		ok(t, db.RecordReaction(ctx, chat(tenant, "p1", "a:1"), "1700000000001", "heart"))
		for _, c := range []struct {
			who      campaigns.Reference
			activity string
			gone     []string
			want     string
		}{
			{chat(tenant, "p1", "a:1"), "1700000000001", []string{"like"}, "heart"},
			{chat(other, "p1", "a:1"), "1700000000001", []string{"heart"}, "heart"},
			{chat(tenant, "p1", "a:1"), "1700000000009", []string{"heart"}, "heart"},
			{chat(tenant, "p1", "a:1"), "", []string{"heart"}, "heart"},
			{chat(tenant, "p1", "a:1"), "1700000000001", []string{"like", "heart"}, ""},
		} {
			ok(t, db.RemoveReactions(ctx, c.who, c.activity, c.gone))
			if got := recipients(t, db, k)[0].Reaction; got != c.want {
				t.Errorf("after %+v: %q", c, got)
			}
		}
	})
}

func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 1)
		inChat(t, db, k, 1, "a:1", "1700000000001")
		for _, c := range []struct {
			conversation, activity string
			met                    bool
		}{{"a:1", "1700000000001", true}, {"a:1", "1700000000001", true}, {"a:2", "1700000000001", false}, {"a:1", "1", false}, {"a:1", "", false}} {
			if met := must(db.RecordAnswer(ctx, chat(tenant, "p1", c.conversation), c.activity, `{"choice":"yes"}`, now.Add(time.Minute)))(t); met != c.met {
				t.Errorf("%+v: %t", c, met)
			}
		}
		if r := recipients(t, db, k)[0]; r.AnsweredAt == nil || !r.AnsweredAt.Equal(now.Add(time.Minute)) {
			t.Errorf("%+v", r)
		}
		if e := must(db.Engagement(ctx, k))(t); e.Answered != 1 {
			t.Errorf("%+v", e)
		}
	})
}

func TestRecipientsAreFilteredAndPaged(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 25)
		inChat(t, db, k, 7, "a:7", "1")
		for _, c := range []struct {
			f    campaigns.RecipientFilter
			want int
		}{
			{campaigns.RecipientFilter{}, 25},
			{campaigns.RecipientFilter{Status: campaigns.DeliverySent}, 1},
			{campaigns.RecipientFilter{Status: campaigns.DeliveryFailed}, 0},
			{campaigns.RecipientFilter{Query: "PERSON P1"}, 11}, // p1, p10–p19
			{campaigns.RecipientFilter{Query: "p7@contoso"}, 1},
			{campaigns.RecipientFilter{Query: "p_@"}, 0}, // no wildcard
			{campaigns.RecipientFilter{Query: "p1", Status: campaigns.DeliverySent}, 0},
		} {
			for _, limit := range []int{1, 4, 25} {
				f, n, last := c.f, 0, int64(0)
				f.Limit = limit
				for {
					items, next, err := db.Recipients(ctx, k, f)
					ok(t, err)
					for _, it := range items {
						if it.Seq <= last {
							t.Errorf("%+v: %d after %d", c.f, it.Seq, last)
						}
						last = it.Seq
					}
					n += len(items)
					if f.Cursor = next; next == "" {
						break
					}
				}
				if n != c.want {
					t.Errorf("%+v by %d: %d, want %d", c.f, limit, n, c.want)
				}
			}
		}
		for _, bad := range []string{"x", "1.5", "99999999999999999999"} {
			_, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 1, Cursor: bad})
			code(t, err, campaigns.CodeInvalid)
		}
	})
}
