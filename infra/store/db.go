// Package store keeps Herald's truth in SQL: people, conversation references,
// campaigns, deliveries. One set of statements serves SQLite (embedded) and
// PostgreSQL; where they differ, dialect says so.
//
// It implements campaigns.Store, delivery.Ledger and conversation.Store, and
// imports no other adapter. Start reading at Open, then campaign.go and ledger.go.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // database/sql driver "sqlite"

	"herald/campaigns"
)

//go:embed migrations/*.sql
var migrations embed.FS

type dialect int

const (
	sqlite dialect = iota
	postgres
)

// DB is the store. It is safe for concurrent use.
type DB struct {
	dialect dialect
	write   *sql.DB // SQLite: one connection, since SQLite has one writer
	read    *sql.DB
	log     *slog.Logger
	inner   *sql.DB // PostgreSQL: for a transaction within another, which must not wait for a connection that one like the other holds
}

// Open connects to PostgreSQL at databaseURL, or, when that is empty, opens herald.db
// in dataDir, and brings the schema up to date. Several processes may do so at once.
func Open(ctx context.Context, databaseURL, dataDir string, log *slog.Logger) (*DB, error) {
	db, err := connect(ctx, databaseURL, dataDir, log)
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("migrate database: %w", err)
	}
	return db, nil
}

func connect(ctx context.Context, databaseURL, dataDir string, log *slog.Logger) (*DB, error) {
	db := &DB{log: log}
	var err error
	if databaseURL != "" {
		db.dialect = postgres
		config, err := pgx.ParseConfig(databaseURL)
		if err != nil { // not told: it may quote the password
			return nil, errors.New("the database address cannot be read; write it like postgres://user:password@host:5432/herald")
		}
		db.write = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(planByIndex))
		db.write.SetMaxOpenConns(16)
		db.write.SetMaxIdleConns(16)
		db.read = db.write
		db.inner = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(planByIndex))
		db.inner.SetMaxOpenConns(4)
		db.inner.SetMaxIdleConns(4)
	} else {
		path := filepath.Join(dataDir, file)
		if db.write, err = openSQLite(path, "immediate"); err != nil {
			return nil, err
		}
		db.write.SetMaxOpenConns(1)
		if db.read, err = openSQLite(path, "deferred"); err != nil {
			return nil, err
		}
		db.read.SetMaxOpenConns(max(4, runtime.NumCPU()))
	}
	if err := db.write.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

// planByIndex tells PostgreSQL's planner to walk indexes. Nobody has counted the deliveries of a campaign that was planned
// a second ago, so it guesses a handful, and would collect and sort a million of them to feed two thousand. Where it has no index
// to walk, what it must not do costs so much in its eyes that it would compile the statement first, for longer than it runs: hence no jit.
func planByIndex(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, "SET enable_bitmapscan = off; SET enable_sort = off; SET enable_seqscan = off; SET jit = off")
	return err
}

// openSQLite sets what a ledger needs: WAL, so that readers and the writer do not wait
// for each other, and FULL, so that a commit survives a power cut; and that what is deleted is gone from the file.
func openSQLite(path, txlock string) (*sql.DB, error) {
	q := url.Values{"_txlock": {txlock}, "_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)", "cache_size(-20000)"}}
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String())
}

func (db *DB) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	opts := []goose.ProviderOption{goose.WithSlog(slog.New(slog.DiscardHandler))}
	d := goose.DialectSQLite3
	if db.dialect == postgres {
		d = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	opts = append(opts, goose.WithGoMigrations(
		goose.NewGoMigration(madeInGo[0], &goose.GoFunc{RunTx: db.roomForUpdates}, nil),
		goose.NewGoMigration(madeInGo[1], &goose.GoFunc{RunTx: db.createResponses}, nil),
		goose.NewGoMigration(madeInGo[2], &goose.GoFunc{RunTx: db.auditTables}, nil),
		goose.NewGoMigration(madeInGo[3], &goose.GoFunc{RunTx: db.realTime}, nil)))
	p, err := goose.NewProvider(d, db.write, dir, opts...)
	if err != nil {
		return err
	}
	done, err := p.Up(ctx)
	// goose has no lock for SQLite. Of two processes one finds the tables there already;
	// its transaction left nothing behind, so it looks again.
	for try := 0; err != nil && db.dialect == sqlite && try < 5 && ctx.Err() == nil; try++ {
		done, err = p.Up(ctx)
	}
	if len(done) > 0 {
		db.log.InfoContext(ctx, "database migrated", "migrations", len(done))
	}
	return err
}

// realTime lets leases run on time that no sandbox's clock moves. What was noted by one that was moved, days ahead, is as if noted now.
func (db *DB) realTime(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `ALTER TABLE notices ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0`); err != nil {
		return err
	}
	now := time.Now()
	for _, statement := range []string{
		`UPDATE leases SET until = $1 WHERE until > $2`,
		`UPDATE deliveries SET attempted_at = $1 WHERE NOT final AND status = 'sending' AND attempted_at > $2`,
	} {
		if _, err := tx.ExecContext(ctx, db.q(statement), millis(now), millis(now.Add(time.Hour))); err != nil {
			return err
		}
	}
	return nil
}

// roomForUpdates lets PostgreSQL keep half of each page of deliveries free: the two updates of an attempt
// find their place in it and touch no index. SQLite updates in place.
func (db *DB) roomForUpdates(ctx context.Context, tx *sql.Tx) error {
	if db.dialect != postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, `ALTER TABLE deliveries SET (fillfactor = 50)`)
	return err
}

// Close ends all connections.
func (db *DB) Close() error {
	err := db.write.Close()
	if db.read != nil && db.read != db.write {
		err = errors.Join(err, db.read.Close())
	}
	if db.inner != nil {
		err = errors.Join(err, db.inner.Close())
	}
	return err
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.read.PingContext(ctx) }

var numbered = regexp.MustCompile(`\$(\d+)`)

// q turns a statement with $1, $2, … into the dialect's form.
func (db *DB) q(statement string) string {
	if db.dialect == sqlite {
		return numbered.ReplaceAllString(statement, "?$1")
	}
	return statement
}

// forUpdate locks rows that a transaction is about to change. SQLite's transactions
// are exclusive from their begin (_txlock=immediate) and need nothing.
func (db *DB) forUpdate() string { return db.locking(" FOR UPDATE") }

// forShare keeps rows as they are until a transaction ends, and lets others do so too.
func (db *DB) forShare() string { return db.locking(" FOR SHARE") }

func (db *DB) locking(clause string) string {
	if db.dialect == postgres {
		return clause
	}
	return ""
}

// tx runs fn in a writing transaction, and again when PostgreSQL had to break a deadlock.
func (db *DB) tx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return db.txOn(ctx, db.write, fn)
}

func (db *DB) txOn(ctx context.Context, pool *sql.DB, fn func(tx *sql.Tx) error) error {
	for try := 1; ; try++ {
		err := once(ctx, pool, fn)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001") && try < 5 {
			continue
		}
		return err
	}
}

func once(ctx context.Context, pool *sql.DB, fn func(tx *sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit this does nothing
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func momentPtr(n sql.NullInt64) *time.Time {
	if !n.Valid {
		return nil
	}
	t := moment(n.Int64)
	return &t
}

// contains makes a LIKE pattern for "somewhere in the text"; statements that use it say ESCAPE '\'.
func contains(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(q)) + "%"
}

// placeholders writes n groups of width numbered parameters, "($1,$2),($3,$4)", beginning at from.
func placeholders(n, width, from int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range width {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "$%d", from+i*width+j)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// affected is how many rows a statement changed.
func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// changedOne puts otherwise in the place of a change that met no row.
func changedOne(res sql.Result, err, otherwise error) error {
	n, err := affected(res, err)
	if err == nil && n == 0 {
		return otherwise
	}
	return err
}

// ifNone puts another error, or none, in the place of one that says that there is no such row.
func ifNone(err, instead error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return instead
	}
	return err
}

func errNotFound(what string) error {
	return campaigns.Errorf(campaigns.CodeNotFound, "not_found", "There is no such %s.", what)
}

func errConflict(what string) error {
	return campaigns.Errorf(campaigns.CodeConflict, "conflict", "The %s is not in a state that allows this.", what)
}
