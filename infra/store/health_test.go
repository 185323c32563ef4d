package store_test

import (
	"log/slog"
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/store"
	"herald/infra/store/pgtest"
)

func TestSchemaOfThisVersion(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *store.DB) {
		if s := must(db.Schema(t.Context()))(t); s != (store.Schema{}) {
			t.Errorf("just migrated, and %+v", s)
		}
	})
}

func TestPeekMakesNothing(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	if db, made, err := store.Peek(t.Context(), "", t.TempDir(), quiet); db != nil || made || err != nil {
		t.Errorf("an empty folder: %v %v %v", db, made, err)
	}
	db, made, err := store.Peek(t.Context(), pgtest.Database(t), "", quiet)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	defer db.Close()
	for range 2 {
		if s := must(db.Schema(t.Context()))(t); !s.New {
			t.Errorf("an empty database: %+v", s)
		}
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *store.DB) {
		last := func(tenant, name string) (time.Time, string) {
			at, detail, err := db.LastMark(t.Context(), tenant, name)
			ok(t, err)
			return at, detail
		}
		if at, _ := last(tenant, "bot"); !at.IsZero() {
			t.Errorf("never is %v", at)
		}
		ok(t, db.Mark(t.Context(), tenant, "bot", now, "a"))
		ok(t, db.Mark(t.Context(), tenant, "bot", now.Add(-time.Hour), "older")) // another process's, written late
		if at, detail := last(tenant, "bot"); !at.Equal(now) || detail != "a" {
			t.Errorf("%v %q", at, detail)
		}
		ok(t, db.Mark(t.Context(), tenant, "bot", now.Add(time.Hour), "b"))
		if at, detail := last(tenant, "bot"); !at.Equal(now.Add(time.Hour)) || detail != "b" {
			t.Errorf("%v %q", at, detail)
		}
		for _, each := range [][2]string{{other, "bot"}, {tenant, "page"}} {
			if at, _ := last(each[0], each[1]); !at.IsZero() {
				t.Errorf("%v: %v", each, at)
			}
		}
	})
}

func TestPeopleInstalled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *store.DB) {
		for person, state := range map[string]campaigns.InstallState{"ann": campaigns.Installed, "bob": campaigns.Installed, "carl": "blocked"} {
			ok(t, db.SaveReference(t.Context(), campaigns.Reference{TenantID: tenant, PersonID: person, State: state, UpdatedAt: now}))
		}
		ok(t, db.SaveReference(t.Context(), campaigns.Reference{TenantID: other, PersonID: "dora", State: campaigns.Installed, UpdatedAt: now}))
		if n := must(db.PeopleInstalled(t.Context(), tenant))(t); n != 2 {
			t.Errorf("%d", n)
		}
	})
}
