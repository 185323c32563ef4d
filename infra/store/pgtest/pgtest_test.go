package pgtest_test

import (
	"database/sql"
	"os"
	"testing"

	"herald/infra/store/pgtest"
)

// A crash breaks connections and keeps what was committed, at the same address.
func TestRestartKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	db, err := sql.Open("pgx", s.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE kept (n INT); INSERT INTO kept VALUES (7)"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO kept VALUES (8)"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(); err == nil {
			t.Error("a server that was stopped answers")
		}
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err == nil {
		t.Error("a transaction outlived the server")
	}
	var n int
	if err := db.QueryRow("SELECT SUM(n) FROM kept").Scan(&n); err != nil || n != 7 {
		t.Errorf("%d, %v", n, err)
	}
}

// Nothing of a server stays behind.
func TestServerGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var dir string
	t.Run("owner", func(t *testing.T) {
		s := pgtest.Start(t)
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		dir = s.Dir()
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}
