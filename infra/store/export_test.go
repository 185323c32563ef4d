package store

import "context"

// Rows counts what is left in a table, over all tenants.
func (db *DB) Rows(ctx context.Context, table string) (n int, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
	return n, err
}

// Exec does what no statement of Herald's does.
func Exec(ctx context.Context, db *DB, statement string) error {
	_, err := db.write.ExecContext(ctx, statement)
	return err
}
