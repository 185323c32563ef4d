// Package storetest gives tests databases with Herald's schema and no rows, copied from one
// that is made once: the migrations would take longer than most tests.
//
// Only tests import it. Start reading at Dir.
package storetest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"herald/infra/store"
	"herald/infra/store/pgtest"
)

// Dir makes a data folder with a database, for store.Open; it goes with the test.
func Dir(t testing.TB) string {
	t.Helper()
	file, err := empty()
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), file, 0o600); err != nil {
		t.Fatalf("storetest: %v", err)
	}
	return dir
}

// Open opens an embedded database that closes with the test.
func Open(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), "", Dir(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("storetest: %v", err)
		}
	})
	return db
}

// PostgreSQL makes a database on the server that the tests of a package share, and returns
// its address; it goes with the test.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	return like(t)
}

const name = "herald.db"

var like = pgtest.Like(func(url string) error { return migrate(url, "") })

var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "herald-store-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := migrate("", dir); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, name))
})

func migrate(url, dir string) error {
	db, err := store.Open(context.Background(), url, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return db.Close()
}
