package store

import (
	"context"
	"database/sql"
	"fmt"

	"herald/campaigns"
)

// Rows counts what is left in a table, over all tenants.
func (db *DB) Rows(ctx context.Context, table string) (n int, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
	return n, err
}

// EachColumn names every column of every table.
func (db *DB) EachColumn(ctx context.Context, fn func(table, column string)) error {
	statement := `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	if db.dialect == postgres {
		statement = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`
	}
	return db.each(ctx, statement, nil, func(rows *sql.Rows) error {
		var table, column string
		err := rows.Scan(&table, &column)
		if err == nil {
			fn(table, column)
		}
		return err
	})
}

// EachText shows every value of every column of every table as a text.
func (db *DB) EachText(ctx context.Context, fn func(table, column, value string)) error {
	type place struct{ table, column string }
	var places []place
	if err := db.EachColumn(ctx, func(table, column string) { places = append(places, place{table, column}) }); err != nil {
		return err
	}
	for _, p := range places {
		err := db.each(ctx, fmt.Sprintf(`SELECT COALESCE(CAST(%s AS TEXT), '') FROM %s`, p.column, p.table), nil, func(rows *sql.Rows) error {
			var value string
			err := rows.Scan(&value)
			if err == nil {
				fn(p.table, p.column, value)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("%s.%s: %w", p.table, p.column, err)
		}
	}
	return nil
}

// Exec does what no statement of Herald's does.
func Exec(ctx context.Context, db *DB, statement string) error {
	_, err := db.write.ExecContext(ctx, statement)
	return err
}

// RealTime makes migration 21 anew, on a database whose notices have no held_until.
func RealTime(ctx context.Context, db *DB) error {
	return db.tx(ctx, func(tx *sql.Tx) error { return db.realTime(ctx, tx) })
}

// Overtake makes a change while fn waits for the campaign's row, and so has begun before it. On SQLite, where nothing is
// written beside a transaction, before fn.
func Overtake(ctx context.Context, db *DB, k campaigns.Key, change string, fn func() error) error {
	if db.dialect == sqlite {
		if err := Exec(ctx, db, change); err != nil {
			return err
		}
		return fn()
	}
	done := make(chan error, 1)
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, _, err := db.lockCampaign(ctx, tx, k); err != nil {
			return err
		}
		go func() { done <- fn() }()
		for waits := false; !waits; {
			if err := db.inner.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits); err != nil {
				return err
			}
		}
		_, err := db.inner.ExecContext(ctx, change)
		return err
	})
	if err != nil {
		return err
	}
	return <-done
}
