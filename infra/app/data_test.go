package app

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/store"
)

// Whoever has a person forgotten on the server stands in the audit log as the command line.
func TestForgetOnTheCommandLineIsNoted(t *testing.T) {
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	const tenant, zoe = "72f988bf-0000-4000-8000-000000000001", "7e0e7e0e-aaaa-4aaa-8aaa-0123456789ab"
	open := func() *store.DB {
		t.Helper()
		db, err := store.Open(t.Context(), "", dir, log)
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	if err := db.SavePeople(t.Context(), []campaigns.Person{{TenantID: tenant, ID: zoe, UPN: "zoe@x.example", DisplayName: "Zoe"}}); err != nil {
		t.Fatal(err)
	}
	db.Close()
	began := time.Now().Add(-time.Second)
	if err := forget(t.Context(), Config{DataDir: dir}, strings.ToUpper(tenant), zoe, log, io.Discard); err != nil {
		t.Fatal(err)
	}
	db = open()
	defer db.Close()
	items, _, err := db.AuditLog(t.Context(), tenant, campaigns.AuditFilter{Limit: 10})
	if err != nil || len(items) != 1 || items[0].Action != campaigns.PersonForgotten || items[0].Actor != campaigns.CommandLine || items[0].At.Before(began) || items[0].Target.ID == zoe {
		t.Errorf("%+v %v", items, err)
	}
}
