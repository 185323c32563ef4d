package store_test

import (
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/store"
)

// What somebody does and its line are there together or not at all, and no line is ever changed or deleted.
func TestAuditLogOnlyGrows(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		actor := campaigns.Actor{TenantID: tenant, PersonID: "ann", DisplayName: "Ann"}
		ctx := campaigns.WithActor(t.Context(), actor, now)
		log := func() []campaigns.Entry {
			items, _, err := db.AuditLog(t.Context(), tenant, campaigns.AuditFilter{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			return items
		}
		list := func(id, name string) *campaigns.List {
			return &campaigns.List{TenantID: tenant, ID: id, Name: name, Version: 1, CreatedAt: now, UpdatedAt: now}
		}
		if err := db.CreateList(ctx, list("one", "Kitchen")); err != nil {
			t.Fatal(err)
		}
		code(t, db.CreateList(ctx, list("two", "kitchen")), campaigns.CodeConflict)
		if err := db.CreateList(t.Context(), list("three", "By Herald itself")); err != nil {
			t.Fatal(err)
		}
		items := log()
		if len(items) != 1 || items[0].Action != campaigns.ListCreated || items[0].Target != (campaigns.Target{Kind: "list", ID: "one", Name: "Kitchen"}) || items[0].Actor.DisplayName != "Ann" || !items[0].At.Equal(now) {
			t.Fatalf("%+v", items)
		}
		for _, statement := range []string{
			`DELETE FROM audit_log`, `UPDATE audit_log SET action = 'list.deleted'`, `UPDATE audit_log SET at = 0`, `UPDATE audit_log SET actor_name = 'Bob'`, `UPDATE audit_log SET detail = '{"x":1}'`,
		} {
			if err := store.Exec(t.Context(), db, statement); err == nil {
				t.Errorf("%s went through", statement)
			}
		}
		if after := log(); len(after) != 1 || after[0].Actor.DisplayName != "Ann" {
			t.Errorf("%+v", after)
		}
		// To forget somebody is the one change there is.
		if err := store.Exec(t.Context(), db, `UPDATE audit_log SET actor_id = '', actor_name = '', search_key = ''`); err != nil {
			t.Error(err)
		}
		// Without a log nothing is done.
		if err := store.Exec(t.Context(), db, `DROP TABLE audit_log`); err != nil {
			t.Fatal(err)
		}
		if err := db.CreateList(ctx, list("four", "Unseen")); err == nil {
			t.Error("made without a line")
		}
		if lists, _, err := db.Lists(t.Context(), tenant, campaigns.ListFilter{Limit: 10}); err != nil || len(lists) != 2 {
			t.Errorf("%d lists, %v", len(lists), err)
		}
	})
}

// A page that saves every few seconds writes one line in ten minutes, until something else happens.
func TestWritingIsOneLine(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ann := campaigns.Actor{TenantID: tenant, PersonID: "ann", DisplayName: "Ann"}
		bob := campaigns.Actor{TenantID: tenant, PersonID: "bob", DisplayName: "Bob"}
		one, two := draft(t, db, tenant, "One"), draft(t, db, tenant, "Two")
		save := func(a campaigns.Actor, c *campaigns.Campaign, after time.Duration) {
			t.Helper()
			at := now.Add(after)
			ok(t, db.UpdateDraft(campaigns.WithActor(t.Context(), a, at), c, at))
			c.Version++
		}
		lines := func(want int, why string) {
			t.Helper()
			items, _, err := db.AuditLog(t.Context(), tenant, campaigns.AuditFilter{Actions: []campaigns.Action{campaigns.CampaignChanged}, Limit: 100})
			ok(t, err)
			if len(items) != want {
				t.Errorf("%s: %d lines, want %d", why, len(items), want)
			}
		}
		save(ann, one, 0)
		save(ann, one, 3*time.Second)
		save(ann, one, 9*time.Minute)
		lines(1, "the same person")
		save(ann, two, 9*time.Minute)
		lines(2, "another campaign")
		save(ann, one, 9*time.Minute)
		lines(2, "back in the first one")
		save(ann, one, 11*time.Minute)
		lines(3, "later")
		save(bob, one, 12*time.Minute)
		lines(4, "another person")
		save(ann, one, 13*time.Minute)
		lines(5, "the first person again")
		ok(t, db.Audit(campaigns.WithActor(t.Context(), ann, now), tenant, campaigns.CampaignTried, campaigns.Target{Kind: "campaign", ID: one.ID, Name: "One"}, nil))
		save(ann, one, 14*time.Minute)
		lines(6, "something else in between")
	})
}

func TestRolesAreRemembered(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		a := campaigns.Actor{TenantID: tenant, PersonID: "ann", DisplayName: "Ann", UPN: "ann@x.example", Roles: []campaigns.Role{campaigns.RolePublisher}}
		save := func(a campaigns.Actor, at time.Time) {
			if err := db.SaveRoles(t.Context(), a, at); err != nil {
				t.Fatal(err)
			}
		}
		save(a, now)
		if got := must(db.RoleHolder(t.Context(), tenant, "ann", now))(t); !got.Can(campaigns.Approve) || got.DisplayName != "Ann" || got.TenantID != tenant {
			t.Errorf("%+v", got)
		}
		_, err := db.RoleHolder(t.Context(), tenant, "ann", now.Add(time.Minute))
		code(t, err, campaigns.CodeNotFound)
		_, err = db.RoleHolder(t.Context(), other, "ann", now)
		code(t, err, campaigns.CodeNotFound)
		a.Roles = []campaigns.Role{campaigns.RoleAuthor}
		save(a, now.Add(time.Second)) // at once: a role that was taken away counts no longer
		if got := must(db.RoleHolder(t.Context(), tenant, "ann", now))(t); got.Can(campaigns.Approve) {
			t.Errorf("%+v", got)
		}
		a.Roles = nil
		save(a, now.Add(2*time.Second))
		_, err = db.RoleHolder(t.Context(), tenant, "ann", now)
		code(t, err, campaigns.CodeNotFound)
	})
}
