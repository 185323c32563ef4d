package store_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/store"
)

func TestZones(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		here := func(id string) campaigns.Person {
			return campaigns.Person{TenantID: tenant, ID: id, DisplayName: id, Mail: id + "@contoso.example"}
		}
		there := here("ann")
		there.TenantID = other
		ok(t, db.SavePeople(ctx, []campaigns.Person{here("ann"), here("bob"), here("cem"), here("dee"), there}))
		ok(t, db.SaveClientZone(ctx, tenant, "ann", "Europe/Paris"))
		ok(t, db.SaveClientZone(ctx, tenant, "bob", "Asia/Kolkata"))
		ok(t, db.SaveClientZone(ctx, tenant, "nobody", "Asia/Kolkata"))
		ok(t, db.SaveMailboxZones(ctx, tenant, map[string]string{"bob": "Europe/London", "cem": "", "nobody": "Europe/Rome"}, now))
		ok(t, db.SaveMailboxZones(ctx, tenant, nil, now))
		ok(t, db.SavePeople(ctx, []campaigns.Person{here("ann"), here("bob")})) // the directory says nothing of zones

		want := map[string]campaigns.Zones{
			"ann": {Client: "Europe/Paris"}, "bob": {Client: "Asia/Kolkata", Mailbox: "Europe/London", MailboxAt: now}, "cem": {MailboxAt: now}, "dee": {},
		}
		if got := must(db.ZonesOf(ctx, tenant, []string{"ann", "bob", "cem", "dee", "nobody"}))(t); !maps.Equal(got, want) {
			t.Errorf("%+v", got)
		}
		if got := must(db.ZonesOf(ctx, other, []string{"ann", "bob"}))(t); !maps.Equal(got, map[string]campaigns.Zones{"ann": {}}) {
			t.Errorf("another tenant's: %+v", got)
		}
		if got := must(db.ZonesOf(ctx, tenant, nil))(t); len(got) != 0 {
			t.Errorf("%+v", got)
		}

		// Of those with the app, by the zone that counts.
		for _, id := range []string{"ann", "bob", "cem"} {
			ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: id, ConversationID: "a:" + id, State: campaigns.Installed, UpdatedAt: now}))
		}
		if got := must(db.ZoneCounts(ctx, tenant))(t); !maps.Equal(got, map[string]int{"Europe/Paris": 1, "Europe/London": 1, "": 1}) {
			t.Errorf("%v", got)
		}
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "cem", State: campaigns.Uninstalled, UpdatedAt: now}))
		ok(t, db.ApplyDirectoryPage(ctx, tenant, 3, campaigns.DirectoryPage{Removed: []string{"ann"}}))
		if got := must(db.ZoneCounts(ctx, tenant))(t); !maps.Equal(got, map[string]int{"Europe/London": 1}) {
			t.Errorf("%v", got)
		}

		// A mailbox that is gone is remembered as none, with the moment.
		ok(t, db.SaveMailboxZones(ctx, tenant, map[string]string{"bob": ""}, now.Add(time.Hour)))
		if got := must(db.ZonesOf(ctx, tenant, []string{"bob"}))(t)["bob"]; got != (campaigns.Zones{Client: "Asia/Kolkata", MailboxAt: now.Add(time.Hour)}) {
			t.Errorf("%+v", got)
		}
	})
}

// Activities come by the thousand, and zones change with a journey.
func TestClientZoneIsWrittenOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ok(t, db.SavePeople(ctx, []campaigns.Person{{TenantID: tenant, ID: "ann", DisplayName: "Ann"}}))
		ok(t, db.SaveClientZone(ctx, tenant, "ann", "Europe/Paris"))
		if strings.HasSuffix(t.Name(), "PostgreSQL") {
			ok(t, store.Exec(ctx, db, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'written'; END $$`))
			ok(t, store.Exec(ctx, db, `CREATE TRIGGER frozen BEFORE UPDATE ON people FOR EACH STATEMENT EXECUTE FUNCTION refuse()`))
		} else {
			ok(t, store.Exec(ctx, db, `CREATE TRIGGER frozen BEFORE UPDATE ON people BEGIN SELECT RAISE(ABORT, 'written'); END`))
		}
		ok(t, db.SaveClientZone(ctx, tenant, "ann", "Europe/Paris"))
		if err := db.SaveClientZone(ctx, tenant, "ann", "Europe/Rome"); err == nil || !strings.Contains(err.Error(), "written") {
			t.Errorf("the test would see nothing: error %v", err)
		}
	})
}
