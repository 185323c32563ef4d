package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// madeInGo are the migrations that are no file; see migrate.
var madeInGo = []int64{3, 12, 14, 21}

// Schema is how the database's schema stands beside this program.
type Schema struct {
	New    bool // there is no schema yet
	Behind int  // migrations that the database lacks
	Ahead  int  // migrations that this program does not know
}

// Peek opens the database that Open would open, as it is: nothing is brought up to date, and statements may fail. made says
// whether there is one at all; without, db is nil.
func Peek(ctx context.Context, databaseURL, dataDir string, log *slog.Logger) (db *DB, made bool, err error) {
	if databaseURL == "" {
		if _, err := os.Stat(filepath.Join(dataDir, "herald.db")); errors.Is(err, fs.ErrNotExist) {
			return nil, false, nil
		}
	}
	db, err = connect(ctx, databaseURL, dataDir, log)
	return db, true, err
}

// Schema compares the migrations that were made with those that this program knows.
func (db *DB) Schema(ctx context.Context) (s Schema, err error) {
	known, err := knownMigrations()
	if err != nil {
		return s, err
	}
	there := `SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'`
	if db.dialect == postgres {
		there = `SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('goose_db_version')`
	}
	var n int
	if err := db.read.QueryRowContext(ctx, there).Scan(&n); err != nil {
		return s, err
	}
	if n == 0 {
		return Schema{New: true}, nil
	}
	behind := len(known)
	err = db.each(ctx, `SELECT DISTINCT version_id FROM goose_db_version WHERE version_id > 0`, nil, func(rows *sql.Rows) error {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return err
		}
		if known[version] {
			behind--
		} else {
			s.Ahead++
		}
		return nil
	})
	s.Behind = behind
	return s, err
}

func knownMigrations() (map[int64]bool, error) {
	known := map[int64]bool{}
	for _, n := range madeInGo {
		known[n] = true
	}
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, err
		}
		known[n] = true
	}
	return known, nil
}

// Mark remembers that something happened, unless something later is remembered.
func (db *DB) Mark(ctx context.Context, tenantID, name string, at time.Time, detail string) error {
	_, err := db.write.ExecContext(ctx, db.q(`INSERT INTO marks (tenant_id, name, at, detail) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, name) DO UPDATE SET at = excluded.at, detail = excluded.detail WHERE marks.at < excluded.at`), tenantID, name, millis(at), detail)
	return err
}

// LastMark is when something last happened; the zero time: never.
func (db *DB) LastMark(ctx context.Context, tenantID, name string) (at time.Time, detail string, err error) {
	var ms int64
	err = db.read.QueryRowContext(ctx, db.q(`SELECT at, detail FROM marks WHERE tenant_id = $1 AND name = $2`), tenantID, name).Scan(&ms, &detail)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, "", nil
	}
	return moment(ms), detail, err
}

// PeopleInstalled is how many people of a tenant have the app.
func (db *DB) PeopleInstalled(ctx context.Context, tenantID string) (n int, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM conversation_references WHERE tenant_id = $1 AND state = 'installed'`), tenantID).Scan(&n)
	return n, err
}
