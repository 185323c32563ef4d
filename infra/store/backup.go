package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"herald/campaigns"
)

// file is the embedded database's name in the data folder.
const file = "herald.db"

// Backup writes a whole, checked copy of the embedded database in dataDir to path, while Herald runs or not. The copy is of one moment.
// It replaces no file that is there already.
func Backup(ctx context.Context, dataDir, path string) error {
	from := filepath.Join(dataDir, file)
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("there is no database in %s: set HERALD_DATA_DIR to the folder of the service", dataDir)
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s is there already: choose another name", path)
	}
	db, err := readOnly(from)
	if err != nil {
		return err
	}
	defer db.Close()
	half := path + ".half"
	_ = os.Remove(half) // of a backup that was cut off
	defer os.Remove(half)
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, half); err != nil {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	if err := os.Chmod(half, 0o600); err != nil { // it holds people's data
		return err
	}
	if err := Check(ctx, half); err != nil {
		return err
	}
	if err := syncFile(half); err != nil {
		return err
	}
	return os.Rename(half, path)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func readOnly(path string) (*sql.DB, error) {
	q := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// Check says why a file is no whole database of this Herald's or of an older one's.
func Check(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return fmt.Errorf("%s cannot be read", path)
	}
	db, err := readOnly(path)
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil || verdict != "ok" {
		return fmt.Errorf("%s is damaged, or no database", path)
	}
	var schema int64
	if err := db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version WHERE is_applied`).Scan(&schema); err != nil {
		return fmt.Errorf("%s is no backup of Herald", path)
	}
	newest, err := newestMigration()
	if err != nil {
		return err
	}
	if schema > newest {
		return fmt.Errorf("%s comes from a newer Herald (schema %d, this one knows %d): use that version or a later one", path, schema, newest)
	}
	return nil
}

// newestMigration is the number of the schema that this program makes.
func newestMigration() (int64, error) {
	known, err := knownMigrations()
	if err != nil {
		return 0, err
	}
	return slices.Max(slices.Collect(maps.Keys(known))), nil
}

// Restored says what Restore did.
type Restored struct {
	Kept    string // where the database is that was there before; empty: there was none
	Stopped int    // campaigns that were scheduled or being sent
}

// Restore puts the backup at path in the place of the embedded database in dataDir, brought up to this Herald's schema and marked. What was there
// before is kept beside it, and only force lets it be replaced. Herald must not be running on it.
func Restore(ctx context.Context, dataDir, path string, force bool, now time.Time, log *slog.Logger) (r Restored, err error) {
	if err := Check(ctx, path); err != nil {
		return r, err
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return r, err
	}
	target := filepath.Join(dataDir, file)
	_, err = os.Stat(target)
	there := err == nil
	if there && !force {
		return r, fmt.Errorf("there is a database in %s already: with -force it is set aside and replaced", dataDir)
	}
	// All that can fail is done beside the database, before it is touched.
	work, err := os.MkdirTemp(dataDir, ".restore-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(work)
	if err := copyFile(path, filepath.Join(work, file)); err != nil {
		return r, fmt.Errorf("the backup cannot be copied: %w", err)
	}
	db, err := Open(ctx, "", work, log)
	if err != nil {
		return r, err
	}
	r.Stopped, err = db.MarkRestored(ctx, now)
	if err == nil {
		// One file and nothing beside it.
		_, err = db.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return r, err
	}
	if err := syncFile(filepath.Join(work, file)); err != nil {
		return r, err
	}
	if there {
		if err := alone(ctx, target); err != nil {
			return r, err
		}
		r.Kept = target + "." + now.UTC().Format("20060102-150405") + ".bak"
		if _, err := os.Lstat(r.Kept); err == nil {
			return r, fmt.Errorf("%s is there already: move it away first", r.Kept)
		}
		if err := os.Rename(target, r.Kept); err != nil {
			return r, err
		}
	}
	// A log that a killed Herald left behind belongs to the file that went.
	for _, rest := range []string{"-wal", "-shm"} {
		if err := os.Remove(target + rest); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return r, err
		}
	}
	return r, os.Rename(filepath.Join(work, file), target)
}

// alone makes the database at path one whole file, which it can be only while nobody else has it open.
func alone(ctx context.Context, path string) error {
	q := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(0)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer db.Close()
	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode = DELETE`).Scan(&mode); err != nil {
		if strings.Contains(err.Error(), "locked") || strings.Contains(err.Error(), "busy") {
			return errors.New("this database is in use by a running Herald: stop it first")
		}
		return nil // damaged: kept as it is
	}
	if mode != "delete" {
		return errors.New("this database is in use by a running Herald: stop it first")
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// numbersLeap is by how much campaigns' and lists' numbers go on after a restore: those given after the backup, which stand in
// the links of messages that people have, must not be given again.
const numbersLeap = 1_000_000

// MarkRestored notes that the database came out of a backup and stops every campaign that was scheduled or being sent in it: it may have
// been sent after the backup, and only a person can know. stopped counts them, over all tenants.
func (db *DB) MarkRestored(ctx context.Context, now time.Time) (stopped int, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		var nums []int64
		err := eachRow(ctx, tx, `SELECT num FROM campaigns WHERE status IN ('scheduled', 'sending') OR (status = 'stopped' AND n_sending > 0) ORDER BY num`+db.forUpdate(), nil, func(rows *sql.Rows) error {
			var num int64
			err := rows.Scan(&num)
			nums = append(nums, num)
			return err
		})
		if err != nil {
			return err
		}
		for _, num := range nums {
			statements := []string{
				`UPDATE deliveries SET status = CASE status WHEN 'sending' THEN 'failed' ELSE 'cancelled' END, final = TRUE, reason = '` + string(campaigns.AfterRestore) + `' WHERE campaign = $1 AND NOT final`,
			}
			for _, table := range plansOf {
				statements = append(statements, `DELETE FROM `+table+` WHERE campaign = $1`)
			}
			for _, statement := range statements {
				if _, err := tx.ExecContext(ctx, db.q(statement), num); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET status = 'stopped', restored = TRUE, completed_at = $2, updated_at = $2, version = version + 1,
				n_cancelled = n_cancelled + n_pending + n_rescheduled, n_failed = n_failed + n_sending, n_pending = 0, n_rescheduled = 0, n_sending = 0 WHERE num = $1`), num, millis(now)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE installations SET state = 'stopped', reason = '`+string(campaigns.AfterRestore)+`', ended_at = $1, resume_at = NULL WHERE state = 'running'`), millis(now)); err != nil {
			return err
		}
		stopped = len(nums)
		// What was still to be told may have been told since; who waits stands in the tab.
		if _, err := tx.ExecContext(ctx, `DELETE FROM notices WHERE activity_id = ''`); err != nil {
			return err
		}
		// What was asked for later may have come back since the backup.
		if _, err := tx.ExecContext(ctx, `UPDATE snoozes SET state = CASE state WHEN 'sending' THEN 'failed' ELSE 'cancelled' END, reason = '`+string(campaigns.AfterRestore)+`', card_id = '' WHERE state IN ('waiting', 'sending')`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE counters SET value = value + $1`), numbersLeap); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`INSERT INTO restores (epoch, restored_at, stopped) SELECT COALESCE(MAX(epoch), 0) + 1, CAST($1 AS BIGINT), CAST($2 AS BIGINT) FROM restores`), millis(now), stopped)
		return err
	})
	return stopped, err
}

// LastRestore implements campaigns.PrivacyStore.
func (db *DB) LastRestore(ctx context.Context, tenantID string) (*campaigns.Restore, error) {
	var at int64
	err := db.read.QueryRowContext(ctx, `SELECT restored_at FROM restores ORDER BY epoch DESC LIMIT 1`).Scan(&at)
	if err != nil {
		return nil, ifNone(err, nil)
	}
	r := campaigns.Restore{At: moment(at)}
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM campaigns WHERE tenant_id = $1 AND status = 'stopped' AND restored AND completed_at = $2`), tenantID, at).Scan(&r.Stopped)
	return &r, err
}
